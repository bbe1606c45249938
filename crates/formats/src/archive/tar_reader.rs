//! The entries of a tar, one after the other, in as little memory as the limits say.
//!
//! Source: POSIX.1-2017, `pax`, "ustar Interchange Format"; GNU tar's manual, "Basic Tar Format".

use std::io::{self, Read};

use tar::Header;

use super::{
    error::ArchiveError,
    gzip::{self, Gzip},
    limits::Limits,
    path::check_path,
    pax::PaxHeader,
};
use crate::quoted::quoted;

const BLOCK: usize = 512;
/// Zeros that may follow the two blocks of the end: tar fills up its last record.
const RECORD: usize = 20 * BLOCK;
/// Bytes of a PAX header. Access rights and labels are in there too.
const PAX_BYTES: u64 = 64 << 10;

/// A file or a directory.
#[derive(Debug)]
pub(super) struct Member {
    /// Its path.
    pub(super) path: String,
    /// Whether it is a directory.
    pub(super) is_directory: bool,
    /// Its size in bytes.
    pub(super) size_bytes: u64,
}

/// Goes from entry to entry; reading from it reads the content of the entry that was returned last.
pub(super) struct TarReader<'a, R> {
    gzip: Gzip<'a, R>,
    limits: &'a Limits,
    entries: usize,
    /// Bytes of the current file that were not read yet.
    left: u64,
    /// Bytes behind the current file up to the next block.
    padding: usize,
}

/// What the headers in front of an entry say of it.
#[derive(Default)]
struct Extended {
    path: Option<Vec<u8>>,
    has_pax: bool,
    size: Option<u64>,
    has_link_path: bool,
    is_sparse: bool,
}

impl<'a, R: Read> TarReader<'a, R> {
    pub(super) fn new(input: R, limits: &'a Limits) -> Result<Self, ArchiveError> {
        Ok(Self { gzip: Gzip::new(input, limits)?, limits, entries: 0, left: 0, padding: 0 })
    }

    /// Why the tar could not be read to where it was asked for, whatever was made of that.
    pub(super) fn into_failure(self) -> Option<ArchiveError> {
        self.gzip.into_failure()
    }

    /// The next file or directory; none behind the last, once all is known to end there.
    pub(super) fn next(&mut self) -> Result<Option<Member>, ArchiveError> {
        io::copy(self, &mut io::sink()).map_err(ArchiveError::Unreadable)?;
        self.skip_padding()?;
        let mut extended = Extended::default();
        let mut is_first = self.entries == 0;
        loop {
            let block = self.read_block(std::mem::take(&mut is_first))?;
            if block == [0; BLOCK] {
                if extended.path.is_some() || extended.has_pax {
                    return Err(ArchiveError::ExtendedHeader("no entry follows it"));
                }
                return self.check_end().map(|()| None);
            }
            let header = Header::from_byte_slice(&block);
            if octal(&block[148..156]) != Some(checksum(&block)) {
                return Err(ArchiveError::unreadable("the checksum of a header is wrong"));
            }
            let size = number(&block[124..136]).ok_or_else(|| ArchiveError::Size(quoted(&header.path_bytes())))?;
            match block[156] {
                b'L' => self.read_long_name(size, &mut extended)?,
                b'K' => return Err(ArchiveError::Link(quoted(&header.path_bytes()))),
                b'x' => self.read_pax(size, &mut extended)?,
                b'g' => {
                    self.count_entry()?;
                    let records = self.read_small(size, PAX_BYTES, ArchiveError::ExtendedHeader("it is too large"))?;
                    let global = PaxHeader::parse(&records);
                    // Programs disagree whether it applies to all that follows.
                    if !global.ok_or(ArchiveError::ExtendedHeader("it is malformed"))?.is_empty() {
                        return Err(ArchiveError::ExtendedHeader("a global one names an entry"));
                    }
                }
                kind => {
                    self.count_entry()?;
                    return self.member(kind, size, &header.path_bytes(), &extended).map(Some);
                }
            }
        }
    }

    fn read_block(&mut self, is_first: bool) -> Result<[u8; BLOCK], ArchiveError> {
        let mut block = [0; BLOCK];
        let whole = self.gzip.read_exact(&mut block);
        if is_first && gzip::is_beginning(&block) {
            return Err(ArchiveError::CompressedTwice);
        }
        whole.map_err(ArchiveError::Unreadable)?;
        Ok(block)
    }

    fn member(&mut self, kind: u8, size_bytes: u64, name: &[u8], extended: &Extended) -> Result<Member, ArchiveError> {
        let name = extended.path.as_deref().unwrap_or(name);
        let is_directory = match kind {
            b'0' | 0 => false,
            b'5' => true,
            b'1' | b'2' => return Err(ArchiveError::Link(quoted(name))),
            b'3' | b'4' => return Err(ArchiveError::Device(quoted(name))),
            b'6' => return Err(ArchiveError::Pipe(quoted(name))),
            b'S' => return Err(ArchiveError::Sparse(quoted(name))),
            _ => return Err(ArchiveError::Kind(quoted(name))),
        };
        if extended.is_sparse {
            return Err(ArchiveError::Sparse(quoted(name)));
        }
        if extended.has_link_path {
            return Err(ArchiveError::Link(quoted(name)));
        }
        // Programs disagree whether a directory has content. Any size that is allowed fits into the header.
        if extended.size.is_some_and(|size| size != size_bytes) || is_directory && size_bytes > 0 {
            return Err(ArchiveError::Size(quoted(name)));
        }
        let path = if is_directory && matches!(name, b"." | b"./") {
            String::new()
        } else {
            check_path(name, is_directory, self.limits)?
        };
        self.begin(size_bytes);
        Ok(Member { path, is_directory, size_bytes })
    }

    fn count_entry(&mut self) -> Result<(), ArchiveError> {
        if self.entries == self.limits.entries {
            return Err(ArchiveError::TooMany(self.limits.entries));
        }
        self.entries += 1;
        Ok(())
    }

    fn begin(&mut self, size: u64) {
        self.left = size;
        let [low, high, ..] = size.to_le_bytes();
        self.padding = usize::from(u16::from_le_bytes([low, high])).wrapping_neg() % BLOCK;
    }

    fn skip_padding(&mut self) -> Result<(), ArchiveError> {
        let mut block = [0; BLOCK];
        let padding = std::mem::take(&mut self.padding);
        self.gzip.read_exact(&mut block[..padding]).map_err(ArchiveError::Unreadable)
    }

    /// The content of a header's block, if it has no more than `most` bytes.
    fn read_small(&mut self, size: u64, most: u64, otherwise: ArchiveError) -> Result<Vec<u8>, ArchiveError> {
        if size > most {
            return Err(otherwise);
        }
        self.begin(size);
        let mut content = Vec::new();
        self.read_to_end(&mut content).map_err(ArchiveError::Unreadable)?;
        self.skip_padding()?;
        Ok(content)
    }

    /// GNU's header in front of an entry with a long path.
    fn read_long_name(&mut self, size: u64, extended: &mut Extended) -> Result<(), ArchiveError> {
        // A zero ends it.
        let most = self.limits.path_bytes as u64 + 1;
        let mut name = self.read_small(size, most, ArchiveError::LongPath(self.limits.path_bytes))?;
        if name.last() == Some(&0) {
            name.pop();
        }
        if extended.path.replace(name).is_some() {
            return Err(ArchiveError::ExtendedHeader("it names an entry twice"));
        }
        Ok(())
    }

    /// PAX's header in front of an entry.
    fn read_pax(&mut self, size: u64, extended: &mut Extended) -> Result<(), ArchiveError> {
        let records = self.read_small(size, PAX_BYTES, ArchiveError::ExtendedHeader("it is too large"))?;
        let header = PaxHeader::parse(&records).ok_or(ArchiveError::ExtendedHeader("it is malformed"))?;
        if std::mem::replace(&mut extended.has_pax, true) {
            return Err(ArchiveError::ExtendedHeader("there are two for one entry"));
        }
        if let Some(path) = header.path
            && extended.path.replace(path.to_vec()).is_some()
        {
            return Err(ArchiveError::ExtendedHeader("it names an entry twice"));
        }
        extended.size = header.size;
        extended.has_link_path = header.has_link_path;
        extended.is_sparse = header.is_sparse;
        Ok(())
    }

    /// Behind the first block of zeros: a second, the rest of a record, and nothing else.
    fn check_end(&mut self) -> Result<(), ArchiveError> {
        let mut block = [0; BLOCK];
        self.gzip.read_exact(&mut block).map_err(ArchiveError::Unreadable)?;
        let mut filled = 0;
        loop {
            if block.iter().any(|byte| *byte != 0) || filled > RECORD {
                return Err(ArchiveError::TrailingData);
            }
            match self.gzip.read(&mut block) {
                Ok(0) => return self.gzip.check_end(),
                Ok(count) => {
                    filled += count;
                    block[count..].fill(0);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(ArchiveError::Unreadable(error)),
            }
        }
    }
}

impl<R: Read> Read for TarReader<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).map_or(buffer.len(), |left| left.min(buffer.len()));
        if most == 0 {
            return Ok(0);
        }
        let count = self.gzip.read(&mut buffer[..most])?;
        if count == 0 {
            return Err(self.gzip.fail(ArchiveError::unreadable("it ends within a file")));
        }
        self.left -= count as u64;
        Ok(count)
    }
}

/// The sum of a header's bytes, with blanks where the sum itself stands.
fn checksum(block: &[u8; BLOCK]) -> u64 {
    let sum = |bytes: &[u8]| bytes.iter().copied().map(u64::from).sum::<u64>();
    sum(&block[..148]) + 8 * u64::from(b' ') + sum(&block[156..])
}

/// A number in octal digits, with blanks before it, and a blank or zero and anything behind it.
fn octal(field: &[u8]) -> Option<u64> {
    let start = field.iter().position(|byte| *byte != b' ')?;
    let digits = &field[start..];
    let end = digits.iter().position(|byte| matches!(byte, b' ' | 0)).unwrap_or(digits.len());
    if end == 0 || !digits[..end].iter().all(|digit| matches!(digit, b'0'..=b'7')) {
        return None;
    }
    // At most twelve digits, which are 36 bits.
    Some(digits[..end].iter().fold(0, |number, digit| number << 3 | u64::from(digit - b'0')))
}

/// A number in octal digits, or in binary as GNU writes what does not fit.
fn number(field: &[u8]) -> Option<u64> {
    match field {
        // Some programs read the last eight bytes, others all.
        [0x80, 0, 0, 0, low @ ..] => low.try_into().ok().map(u64::from_be_bytes),
        [first, ..] if first & 0x80 != 0 => None,
        _ => octal(field),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers_of_headers() {
        assert_eq!(number(b"00000000017\0"), Some(15));
        assert_eq!(number(b"        17 \0"), Some(15));
        assert_eq!(number(b"777777777777"), Some((1 << 36) - 1));
        assert_eq!(number(b"\x80\0\0\0\0\0\0\x01\0\0\0\0"), Some(1 << 32));
        for field in [
            b"\x80\0\0\x01\0\0\0\0\0\0\0\0",
            b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
            b"+0000000017\0",
            b"00000000018\0",
            b"            ",
            b"\0\0\0\0\0\0\0\0\0\0\0\0",
        ] {
            assert_eq!(number(field), None, "{}", field.escape_ascii());
        }
    }
}
