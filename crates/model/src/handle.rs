use std::{fmt, str::FromStr};

use crate::{Folded, text::textual};

/// The public name of a principal (account, organisation, CI identity, `system`): `[A-Za-z0-9][A-Za-z0-9_-]{0,38}`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Handle(String);

/// The text is no handle.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a handle has 1 to 39 letters from A to Z, digits, '_' and '-', and begins with a letter or digit")]
pub struct InvalidHandle;

impl Handle {
    /// The handle as it is compared.
    pub fn folded(&self) -> Folded {
        Folded::of(&self.0)
    }

    /// The handle as it was chosen.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Handle {
    type Err = InvalidHandle;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let starts_well = text.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric());
        if starts_well && text.len() <= 39 && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidHandle)
        }
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

textual!(Handle);
