use std::{fmt, str::FromStr};

use crate::text::textual;

/// The stable key of a category in URLs, archives and APIs: lower-case letters and `_`, for example `change_data_capture`.
///
/// Which categories exist, and their names, sentences and order, is data in the database.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CategorySlug(String);

/// The text cannot be the slug of a category.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a category's key has 2 to 40 lower-case letters and '_'")]
pub struct InvalidCategorySlug;

impl CategorySlug {
    /// The slug as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CategorySlug {
    type Err = InvalidCategorySlug;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        if allowed && (2..=40).contains(&text.len()) { Ok(Self(text.to_owned())) } else { Err(InvalidCategorySlug) }
    }
}

impl fmt::Display for CategorySlug {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

textual!(CategorySlug);
