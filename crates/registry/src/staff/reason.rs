use std::fmt;

use crate::publish::tidy_text;

/// Characters of a reason, at least and at most.
const SHORTEST: usize = 10;
const LONGEST: usize = 1000;

/// Why somebody of the staff does something: one paragraph that others can understand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason(String);

/// What was typed is no reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("say why, in {SHORTEST} to {LONGEST} characters")]
pub struct InvalidReason;

impl Reason {
    /// Takes what was typed; line breaks and control characters become spaces.
    pub fn new(text: &str) -> Result<Self, InvalidReason> {
        let text = tidy_text(Some(text)).ok_or(InvalidReason)?;
        if (SHORTEST..=LONGEST).contains(&text.chars().count()) { Ok(Self(text)) } else { Err(InvalidReason) }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_a_paragraph_of_some_length() {
        for text in ["", "   ", "because", "\0\n\t", &"x".repeat(1001)] {
            assert_eq!(Reason::new(text), Err(InvalidReason), "{text:?}");
        }
        let reason = Reason::new("  It <b>does</b>\nharm.\u{7} ").expect("a reason");
        assert_eq!(reason.as_str(), "It <b>does</b> harm.");
    }
}
