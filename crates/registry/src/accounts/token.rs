use std::{fmt, str::FromStr};

use model::Sha256;
use rand::Rng;
use sha2::Digest as _;

const PREFIX: &str = "pgi_";
const RANDOM_CHARACTERS: usize = 32;
const CHECKSUM_CHARACTERS: usize = 6;
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// What a program shows to act for an account: `pgi_`, 32 random letters and digits (190 bits), and a checksum of six.
///
/// The checksum is the CRC-32 of all that stands before it, in base 62: a mistyped token is told from an unknown one
/// without a look into the database, and scanners for leaked secrets find no false ones.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

/// The text is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidToken {
    /// It does not look like one at all.
    #[error("it is not a token of this registry: those begin with pgi_ and have 42 characters")]
    Form,
    /// It looks like one, but some character is wrong or missing.
    #[error("its checksum is wrong: a part of it was lost or mistyped")]
    Checksum,
}

impl Token {
    /// A new token.
    pub fn generate(random: &mut impl Rng) -> Self {
        let mut text = PREFIX.to_owned();
        while text.len() < PREFIX.len() + RANDOM_CHARACTERS {
            // The largest multiple of 62 below 256, so that every character is as likely as any other.
            let byte = random.next_u32().to_le_bytes()[0];
            if byte < 248 {
                text.push(char::from(ALPHABET[usize::from(byte % 62)]));
            }
        }
        text.push_str(&checksum(&text));
        Self(text)
    }

    /// The token itself. Whoever has it can act with it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored of it.
    pub(crate) fn hash(&self) -> Sha256 {
        Sha256::from_bytes(sha2::Sha256::digest(self.0.as_bytes()).into())
    }
}

fn checksum(text: &str) -> String {
    let mut rest = crc32fast::hash(text.as_bytes());
    let mut digits = [b'0'; CHECKSUM_CHARACTERS];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[(rest % 62) as usize];
        rest /= 62;
    }
    digits.iter().copied().map(char::from).collect()
}

impl FromStr for Token {
    type Err = InvalidToken;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let length = PREFIX.len() + RANDOM_CHARACTERS + CHECKSUM_CHARACTERS;
        let rest = text.strip_prefix(PREFIX).ok_or(InvalidToken::Form)?;
        if !rest.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(InvalidToken::Form);
        }
        if text.len() != length {
            return Err(InvalidToken::Checksum);
        }
        let (body, sum) = text.split_at(length - CHECKSUM_CHARACTERS);
        if checksum(body) == sum { Ok(Self(text.to_owned())) } else { Err(InvalidToken::Checksum) }
    }
}

// Never the secret: what is printed for debugging ends up in logs.
impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_generated_is_read() {
        let token = Token::generate(&mut rand::rng());
        assert_eq!(token.reveal().len(), 42);
        assert_eq!(token.reveal().parse(), Ok(token.clone()));
        assert_ne!(Token::generate(&mut rand::rng()), token);
        assert!(!format!("{token:?}").contains(&token.reveal()[4..]));
    }

    #[test]
    fn tells_mistyped_from_foreign() {
        let token = Token::generate(&mut rand::rng());
        let mistyped = |at: usize| {
            let mut bytes = token.reveal().as_bytes().to_vec();
            bytes[at] = if bytes[at] == b'a' { b'b' } else { b'a' };
            String::from_utf8(bytes).expect("ASCII").parse::<Token>()
        };
        for at in 4..42 {
            assert_eq!(mistyped(at), Err(InvalidToken::Checksum), "{at}");
        }
        assert_eq!(token.reveal()[..41].parse::<Token>(), Err(InvalidToken::Checksum));
        for text in ["", "secret", "ghp_0123456789", "pgi_ü"] {
            assert_eq!(text.parse::<Token>(), Err(InvalidToken::Form), "{text}");
        }
    }
}
