use std::{
    cmp::Ordering,
    fmt::{self, Write as _},
    str::FromStr,
};

use crate::text::textual;

/// The version of a release: SemVer 2.0.0 without build metadata.
///
/// Ordered by SemVer precedence; without build metadata equal precedence means equal text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Version(semver::Version);

/// Why a text is no version of a release.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidVersion {
    /// Not SemVer.
    #[error("{0:?} is not a semantic version such as 1.2.3 or 1.2.3-rc.1")]
    NotSemantic(String),
    /// Build metadata takes no part in precedence, so two such versions could not be told apart.
    #[error("{0:?} has build metadata (the part after '+'), which a release version may not have")]
    BuildMetadata(String),
    /// Longer than 128 characters.
    #[error("a version has at most 128 characters")]
    TooLong,
    /// Neither SemVer nor one or two numbers that could be padded to it.
    #[error("{0:?} cannot be read as a semantic version: it needs one to three numbers without leading zeros")]
    NotPaddable(String),
}

impl Version {
    /// Reads the version of an installed extension, filling up one or two numbers: `1.6` becomes `1.6.0`.
    ///
    /// `1.06` is refused: it is another control version than `1.6` and must not become the same release.
    pub fn padded(text: &str) -> Result<Self, InvalidVersion> {
        let numbers = |part: &str| {
            !part.is_empty()
                && part.bytes().all(|byte| byte.is_ascii_digit())
                && (part == "0" || !part.starts_with('0'))
                && part.parse::<u64>().is_ok()
        };
        let parts: Vec<&str> = text.split('.').collect();
        match parts.len() {
            1 if parts.iter().copied().all(numbers) => format!("{text}.0.0").parse(),
            2 if parts.iter().copied().all(numbers) => format!("{text}.0").parse(),
            _ => text.parse().map_err(|_| InvalidVersion::NotPaddable(text.to_owned())),
        }
    }

    /// Whether this is a pre-release such as `1.0.0-rc.1`.
    pub fn is_prerelease(&self) -> bool {
        !self.0.pre.is_empty()
    }

    /// A text whose byte order is SemVer precedence, for `order by … collate "C"`.
    ///
    /// Numbers are written with their length in front; a release sorts behind its pre-releases.
    pub fn sort_key(&self) -> String {
        let number = |digits: &str| format!("{:02}{digits}", digits.len());
        let mut key = [self.0.major, self.0.minor, self.0.patch].map(|part| number(&part.to_string())).join(".");
        if self.0.pre.is_empty() {
            key.push('~');
        } else {
            for identifier in self.0.pre.split('.') {
                if identifier.bytes().all(|byte| byte.is_ascii_digit()) {
                    // At most 128 digits, see `InvalidVersion::TooLong`: three places hold the length.
                    let _ = write!(key, "!0{:03}{identifier}", identifier.len());
                } else {
                    let _ = write!(key, "!1{identifier}");
                }
            }
        }
        key
    }
}

impl FromStr for Version {
    type Err = InvalidVersion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > 128 {
            return Err(InvalidVersion::TooLong);
        }
        let version = semver::Version::parse(text).map_err(|_| InvalidVersion::NotSemantic(text.to_owned()))?;
        if version.build.is_empty() { Ok(Self(version)) } else { Err(InvalidVersion::BuildMetadata(text.to_owned())) }
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp_precedence(&other.0)
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

textual!(Version);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn padded(text: &str) -> Result<String, InvalidVersion> {
        Version::padded(text).map(|version| version.to_string())
    }

    #[test]
    fn pads_numbers_only() {
        assert_eq!(padded("1"), Ok("1.0.0".to_owned()));
        assert_eq!(padded("1.6"), Ok("1.6.0".to_owned()));
        assert_eq!(padded("15.18"), Ok("15.18.0".to_owned()));
        assert_eq!(padded("1.6.2"), Ok("1.6.2".to_owned()));
        assert_eq!(padded("1.6.2-rc.1"), Ok("1.6.2-rc.1".to_owned()));
        for text in ["", "1.06", "01", "1.6b", "1.", ".1", "1.2.3.4", "latest", "1.6+x", "99999999999999999999"] {
            assert_eq!(padded(text), Err(InvalidVersion::NotPaddable(text.to_owned())), "{text}");
        }
    }

    #[test]
    fn refuses_build_metadata() {
        assert_eq!("1.0.0+1".parse::<Version>(), Err(InvalidVersion::BuildMetadata("1.0.0+1".to_owned())));
    }

    fn any_version() -> impl Strategy<Value = Version> {
        let identifier = prop_oneof!["0|[1-9][0-9]{0,25}", "[0-9]{0,2}[a-zA-Z-][0-9a-zA-Z-]{0,3}"];
        (0..120_u64, 0..120_u64, prop_oneof![Just(u64::MAX), 0..120_u64], prop::collection::vec(identifier, 0..4))
            .prop_map(|(major, minor, patch, pre)| {
                let pre = if pre.is_empty() { String::new() } else { format!("-{}", pre.join(".")) };
                format!("{major}.{minor}.{patch}{pre}").parse().expect("a valid version")
            })
    }

    proptest! {
        #[test]
        fn sort_key_has_the_order_of_precedence(left in any_version(), right in any_version()) {
            prop_assert_eq!(left.sort_key().as_bytes().cmp(right.sort_key().as_bytes()), left.cmp(&right));
        }

        #[test]
        fn text_survives(version in any_version()) {
            prop_assert_eq!(version.to_string().parse::<Version>(), Ok(version));
        }
    }
}
