//! The records of a PAX header: `LENGTH KEY=VALUE`, each on a line of its own.
//!
//! Source: POSIX.1-2017, `pax`, "pax Extended Header".

/// What a PAX header says that matters here; of times, owners and comments nothing.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct PaxHeader<'a> {
    /// The path, instead of the one in the header.
    pub(super) path: Option<&'a [u8]>,
    /// The size in bytes, instead of the one in the header.
    pub(super) size: Option<u64>,
    /// Whether it names the target of a link.
    pub(super) has_link_path: bool,
    /// Whether it describes holes (`GNU.sparse.*`).
    pub(super) is_sparse: bool,
}

impl<'a> PaxHeader<'a> {
    /// Reads all records; none if one is malformed, or one that matters is there twice.
    pub(super) fn parse(mut records: &'a [u8]) -> Option<Self> {
        let mut header = Self::default();
        while !records.is_empty() {
            let space = records.iter().take(20).position(|byte| *byte == b' ')?;
            let length = usize::try_from(decimal(&records[..space])?).ok()?;
            let record = records.get(space + 1..length)?.strip_suffix(b"\n")?;
            let equals = record.iter().position(|byte| *byte == b'=')?;
            let (key, value) = (&record[..equals], &record[equals + 1..]);
            let is_again = match key {
                b"path" => header.path.replace(value).is_some(),
                b"size" => header.size.replace(decimal(value)?).is_some(),
                b"linkpath" => std::mem::replace(&mut header.has_link_path, true),
                _ => {
                    header.is_sparse |= key.starts_with(b"GNU.sparse.");
                    false
                }
            };
            if is_again {
                return None;
            }
            records = &records[length..];
        }
        Some(header)
    }

    /// Whether nothing was said that matters.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A number of decimal digits and nothing else.
fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::archive::test_support::pax_record;

    #[test]
    fn reads_what_matters() {
        let records = [
            pax_record("mtime", "1700000000.123456789"),
            pax_record("path", "ä=\n b"),
            pax_record("size", "7"),
            pax_record("comment", &"x".repeat(100)),
        ]
        .concat();
        let expected = PaxHeader { path: Some("ä=\n b".as_bytes()), size: Some(7), ..PaxHeader::default() };
        assert_eq!(PaxHeader::parse(&records), Some(expected));
        let holes = pax_record("GNU.sparse.major", "1");
        assert_eq!(PaxHeader::parse(&holes), Some(PaxHeader { is_sparse: true, ..PaxHeader::default() }));
        let link = pax_record("linkpath", "x");
        assert_eq!(PaxHeader::parse(&link), Some(PaxHeader { has_link_path: true, ..PaxHeader::default() }));
        assert!(PaxHeader::parse(&pax_record("mtime", "1")).is_some_and(|header| header.is_empty()));
    }

    #[test]
    fn refuses_what_is_malformed_or_said_twice() {
        for records in [
            &b"10 path=ab"[..],
            b"10 path=ab\n",
            b"12 path=ab\n",
            b"path=ab\n",
            b" path=ab\n",
            b"+12 path=ab\n",
            b"7 path\n",
            b"11 size=-1\n",
            b"8 size=\n",
            b"1 path=ab\n",
            b"99999999999999999999999 path=a\n",
            b"11 path=ab\n11 path=ab\n",
        ] {
            assert_eq!(PaxHeader::parse(records), None, "{}", records.escape_ascii());
        }
    }

    proptest! {
        #[test]
        fn never_panics(records in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = PaxHeader::parse(&records);
        }

        #[test]
        fn never_panics_near_the_syntax(records in "([0-9]{1,2} (path|size|GNU.sparse.x)=[0-9a-z]{0,3}\n){0,3}") {
            let _ = PaxHeader::parse(records.as_bytes());
        }
    }
}
