use std::{fmt, str::FromStr};

use crate::text::{is_unseen, textual};

/// An address of e-mail: at most 254 bytes, with one `@` between two parts without spaces, control characters, characters that
/// cannot be seen, and those that would have to be quoted.
///
/// Whether anybody reads what is sent there only a message can tell. Compared without regard to case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email(String);

/// The text is no address of e-mail.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an e-mail address is something like name@example.org, with at most 254 characters")]
pub struct InvalidEmail;

impl Email {
    /// The address as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = InvalidEmail;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (local, domain) = text.split_once('@').ok_or(InvalidEmail)?;
        let is_plain = |part: &str| {
            !part.is_empty()
                && !part.contains(|letter: char| {
                    "@<>()[]\\,;:\"".contains(letter) || letter.is_whitespace() || is_unseen(letter)
                })
        };
        let is_domain = !domain.starts_with('.') && !domain.ends_with('.') && !domain.contains("..");
        if text.len() <= 254 && is_plain(local) && is_plain(domain) && is_domain {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidEmail)
        }
    }
}

impl fmt::Display for Email {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

textual!(Email);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_addresses_from_other_texts() {
        for good in ["a@b", "first.last+tag@example.org", "ünï@exämple.org"] {
            assert!(good.parse::<Email>().is_ok(), "{good}");
        }
        let long = format!("{}@example.org", "a".repeat(250));
        for bad in [
            "",
            "a",
            "@b",
            "a@",
            "a@b@c",
            "a b@c",
            "a@b\n",
            "a@.b",
            "a@b..c",
            "a@b.",
            "<a>@b",
            "a,b@c",
            "a\u{200b}@b",
            "\"a\"@b",
            &long,
        ] {
            assert_eq!(bad.parse::<Email>(), Err(InvalidEmail), "{bad}");
        }
    }
}
