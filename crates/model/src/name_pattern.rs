use std::{fmt, str::FromStr};

use crate::{Folded, PackageName, text::textual};

/// Which packages something holds for: a name, the beginning of names with a `*` behind it, or `*` for all.
///
/// Compared as names are: `pg-*` and `PG_*` mean the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NamePattern(String);

/// The text is no pattern of names.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a pattern is the name of a package, the beginning of names with a '*' behind it, or '*' alone")]
pub struct InvalidNamePattern;

impl NamePattern {
    /// The pattern that every name matches.
    pub fn all() -> Self {
        Self("*".to_owned())
    }

    /// Whether the name matches.
    pub fn matches(&self, name: &PackageName) -> bool {
        match self.0.strip_suffix('*') {
            Some(beginning) => name.folded().as_str().starts_with(Folded::of(beginning).as_str()),
            None => Folded::of(&self.0) == name.folded(),
        }
    }

    /// Whether every name that matches `other` matches this one too.
    pub fn includes(&self, other: &Self) -> bool {
        let (own, others) = (Folded::of(&self.0), Folded::of(&other.0));
        match own.as_str().strip_suffix('*') {
            Some(beginning) => others.as_str().trim_end_matches('*').starts_with(beginning),
            None => own == others,
        }
    }
}

impl FromStr for NamePattern {
    type Err = InvalidNamePattern;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = text.strip_suffix('*').unwrap_or(text);
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let begins_well = name.bytes().next().is_none_or(|first| first.is_ascii_alphabetic());
        if !text.is_empty() && name.len() <= 63 && begins_well && name.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidNamePattern)
        }
    }
}

impl fmt::Display for NamePattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

textual!(NamePattern);

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> NamePattern {
        text.parse().expect("a pattern")
    }

    #[test]
    fn matches_names() {
        let name: PackageName = "pg-Cron".parse().expect("a name");
        for (text, matches) in
            [("*", true), ("pg_*", true), ("PG-cron", true), ("pg_cron*", true), ("pg", false), ("pg_crons*", false)]
        {
            assert_eq!(pattern(text).matches(&name), matches, "{text}");
        }
    }

    #[test]
    fn includes_what_is_narrower() {
        for (wide, narrow, includes) in [
            ("*", "*", true),
            ("*", "a", true),
            ("a*", "*", false),
            ("a_*", "A-b", true),
            ("a_*", "a-b*", true),
            ("a_b*", "a*", false),
            ("ab", "ab", true),
            ("ab", "ab*", false),
        ] {
            assert_eq!(pattern(wide).includes(&pattern(narrow)), includes, "{wide} {narrow}");
        }
    }

    #[test]
    fn refuses_other_texts() {
        for text in ["", "**", "a*b", "a b", "1*", "é*"] {
            assert_eq!(text.parse::<NamePattern>(), Err(InvalidNamePattern), "{text}");
        }
    }
}
