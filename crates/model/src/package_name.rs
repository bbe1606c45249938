use std::{fmt, str::FromStr};

use crate::{Folded, text::textual};

/// The short name of a package: `[A-Za-z][A-Za-z0-9_-]{1,62}`.
///
/// Compared by [`PackageName::folded`]; shown as it was first published.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageName(String);

/// Why a text is no package name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPackageName {
    /// Fewer than two or more than 63 characters.
    #[error("a package name has 2 to 63 characters, this one has {0}")]
    Length(usize),
    /// The first character is not a letter from A to Z.
    #[error("a package name begins with a letter from A to Z")]
    Start,
    /// A character outside letters, digits, `_` and `-`.
    #[error("a package name has letters from A to Z, digits, '_' and '-' only, not {0:?}")]
    Character(char),
}

impl PackageName {
    /// The name as it is compared.
    pub fn folded(&self) -> Folded {
        Folded::of(&self.0)
    }

    /// The name as it was published.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PackageName {
    type Err = InvalidPackageName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let length = text.chars().count();
        if !(2..=63).contains(&length) {
            return Err(InvalidPackageName::Length(length));
        }
        if !text.starts_with(|first: char| first.is_ascii_alphabetic()) {
            return Err(InvalidPackageName::Start);
        }
        match text.chars().find(|letter| !letter.is_ascii_alphanumeric() && !matches!(letter, '_' | '-')) {
            Some(letter) => Err(InvalidPackageName::Character(letter)),
            None => Ok(Self(text.to_owned())),
        }
    }
}

impl fmt::Display for PackageName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

textual!(PackageName);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_real_names_and_keeps_their_spelling() {
        for name in ["lo", "pg_trgm", "uuid-ossp", "pgTAP", &"a".repeat(63)] {
            assert_eq!(name.parse::<PackageName>().map(|name| name.to_string()), Ok(name.to_owned()));
        }
    }

    #[test]
    fn says_what_is_wrong() {
        let error = |text: &str| text.parse::<PackageName>().expect_err("invalid");
        assert_eq!(error(""), InvalidPackageName::Length(0));
        assert_eq!(error("x"), InvalidPackageName::Length(1));
        assert_eq!(error(&"a".repeat(64)), InvalidPackageName::Length(64));
        assert_eq!(error("_int"), InvalidPackageName::Start);
        assert_eq!(error("9p"), InvalidPackageName::Start);
        assert_eq!(error("a/b"), InvalidPackageName::Character('/'));
        assert_eq!(error("naïve"), InvalidPackageName::Character('ï'));
    }

    #[test]
    fn folds_case_and_hyphens() {
        let folded = |text: &str| text.parse::<PackageName>().map(|name| name.folded().to_string());
        assert_eq!(folded("UUID-ossp"), Ok("uuid_ossp".to_owned()));
    }
}
