use std::{fmt, str::FromStr};

use crate::{PackageName, text::textual};

/// The identity of a package: `host/path`, for example `github.com/dim/prefix`.
///
/// The host is a lower-case DNS name; the path is one or more segments of letters, digits, `.`, `_`, `-`, and its last
/// segment need not be the short name. Compared without regard to case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FullName(String);

/// Why a text is no full name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFullName {
    /// No `/` between host and path.
    #[error("a full name is a host, '/' and a path")]
    NoPath,
    /// More than 255 bytes.
    #[error("a full name has at most 255 bytes")]
    TooLong,
    /// The part before the first `/` is no lower-case host name.
    #[error("{0:?} is not a lower-case host name")]
    Host(String),
    /// A segment of the path that is empty, `.`, `..`, or has other characters than letters, digits, `.`, `_`, `-`.
    #[error("{0:?} is not a path segment of letters, digits, '.', '_' and '-'")]
    Segment(String),
}

impl FullName {
    /// The full name of a package that is published here without one: this instance's host and its short name.
    pub fn local(host: &str, name: &PackageName) -> Result<Self, InvalidFullName> {
        format!("{}/{name}", host.to_ascii_lowercase()).parse()
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for FullName {
    type Err = InvalidFullName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > 255 {
            return Err(InvalidFullName::TooLong);
        }
        let (host, path) = text.split_once('/').ok_or(InvalidFullName::NoPath)?;
        let label = |label: &str| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        };
        if !host.split('.').all(label) {
            return Err(InvalidFullName::Host(host.to_owned()));
        }
        let segment = |segment: &&str| {
            !matches!(*segment, "" | "." | "..")
                && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
        };
        match path.split('/').find(|text| !segment(text)) {
            Some(text) => Err(InvalidFullName::Segment(text.to_owned())),
            None => Ok(Self(text.to_owned())),
        }
    }
}

impl fmt::Display for FullName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

textual!(FullName);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_a_host_and_a_path() {
        for name in ["localhost/hstore", "github.com/dim/prefix", "a-b.example/x.y/Z_1"] {
            assert!(name.parse::<FullName>().is_ok(), "{name}");
        }
        for name in ["hstore", "/x", "Host/x", "-a.example/x", "a..b/x", "h/", "h/../x", "h/a//b", "h/a b", "h:80/x"] {
            assert!(name.parse::<FullName>().is_err(), "{name}");
        }
    }
}
