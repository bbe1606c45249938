use std::{fmt, str::FromStr};

use crate::{Folded, text::textual};

/// A name for `CREATE EXTENSION`, under the rule of PostgreSQL's `check_valid_extension_name`.
///
/// Not empty, no `--`, no `-` at either end, no directory separator; at most 63 bytes, since it is stored as a `name`;
/// no control characters, since no file system and no page would show them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExtensionName(String);

/// Why a text is no extension name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidExtensionName {
    /// Nothing at all.
    #[error("an extension name is not empty")]
    Empty,
    /// More than 63 bytes.
    #[error("an extension name has at most 63 bytes, this one has {0}")]
    TooLong(usize),
    /// Two hyphens separate name and version in script names.
    #[error("an extension name has no \"--\"")]
    DoubleHyphen,
    /// A hyphen at an end would run into that separator.
    #[error("an extension name neither begins nor ends with \"-\"")]
    HyphenAtEnd,
    /// It would leave the extension directory.
    #[error("an extension name has no directory separator")]
    Separator,
    /// Not printable.
    #[error("an extension name has no control characters")]
    Control,
}

impl ExtensionName {
    /// The name as it is compared.
    pub fn folded(&self) -> Folded {
        Folded::of(&self.0)
    }

    /// The name as PostgreSQL knows it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as it is written in SQL: quoted where PostgreSQL needs it.
    pub fn quoted(&self) -> String {
        let plain = self.0.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
            && self.0.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        if plain { self.0.clone() } else { format!("\"{}\"", self.0.replace('"', "\"\"")) }
    }
}

impl FromStr for ExtensionName {
    type Err = InvalidExtensionName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() {
            Err(InvalidExtensionName::Empty)
        } else if text.len() > 63 {
            Err(InvalidExtensionName::TooLong(text.len()))
        } else if text.contains("--") {
            Err(InvalidExtensionName::DoubleHyphen)
        } else if text.starts_with('-') || text.ends_with('-') {
            Err(InvalidExtensionName::HyphenAtEnd)
        } else if text.contains(['/', '\\']) {
            Err(InvalidExtensionName::Separator)
        } else if text.contains(char::is_control) {
            Err(InvalidExtensionName::Control)
        } else {
            Ok(Self(text.to_owned()))
        }
    }
}

impl fmt::Display for ExtensionName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

textual!(ExtensionName);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_postgres() {
        for name in ["x", "uuid-ossp", "hstore", "pg 2", "Ünïcode", "a.b"] {
            assert!(name.parse::<ExtensionName>().is_ok(), "{name}");
        }
        let error = |text: &str| text.parse::<ExtensionName>().expect_err("invalid");
        assert_eq!(error(""), InvalidExtensionName::Empty);
        assert_eq!(error(&"a".repeat(64)), InvalidExtensionName::TooLong(64));
        assert_eq!(error("a--b"), InvalidExtensionName::DoubleHyphen);
        assert_eq!(error("a-"), InvalidExtensionName::HyphenAtEnd);
        assert_eq!(error("-a"), InvalidExtensionName::HyphenAtEnd);
        assert_eq!(error("../a"), InvalidExtensionName::Separator);
        assert_eq!(error("a\nb"), InvalidExtensionName::Control);
    }

    #[test]
    fn is_quoted_where_sql_needs_it() {
        let quoted = |text: &str| text.parse::<ExtensionName>().map(|name| name.quoted());
        assert_eq!(quoted("pg_trgm"), Ok("pg_trgm".to_owned()));
        assert_eq!(quoted("uuid-ossp"), Ok("\"uuid-ossp\"".to_owned()));
        assert_eq!(quoted("say\"hi"), Ok("\"say\"\"hi\"".to_owned()));
    }
}
