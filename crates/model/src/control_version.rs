use std::{fmt, str::FromStr};

use crate::text::textual;

/// The version of an extension as its control file states it, under the rule of PostgreSQL's `check_valid_version_name`.
///
/// Any text that is not empty, has no `--`, no `-` at either end and no directory separator. Compared for equality only;
/// which version follows which is said by update paths.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ControlVersion(String);

/// Why a text is no version of an extension.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidControlVersion {
    /// Nothing at all.
    #[error("an extension version is not empty")]
    Empty,
    /// Two hyphens separate versions in script names.
    #[error("an extension version has no \"--\"")]
    DoubleHyphen,
    /// A hyphen at an end would run into that separator.
    #[error("an extension version neither begins nor ends with \"-\"")]
    HyphenAtEnd,
    /// It would leave the extension directory.
    #[error("an extension version has no directory separator")]
    Separator,
}

impl ControlVersion {
    /// The version as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ControlVersion {
    type Err = InvalidControlVersion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() {
            Err(InvalidControlVersion::Empty)
        } else if text.contains("--") {
            Err(InvalidControlVersion::DoubleHyphen)
        } else if text.starts_with('-') || text.ends_with('-') {
            Err(InvalidControlVersion::HyphenAtEnd)
        } else if text.contains(['/', '\\']) {
            Err(InvalidControlVersion::Separator)
        } else {
            Ok(Self(text.to_owned()))
        }
    }
}

impl fmt::Display for ControlVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

textual!(ControlVersion);
