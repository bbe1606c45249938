use std::fmt;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use model::Sha256;
use sha2::Digest as _;

/// What stands in a link that is good once: 256 random bits as 43 letters. Whoever has it has read the mail.
#[derive(Clone)]
pub(crate) struct LinkSecret(String);

impl LinkSecret {
    pub(crate) fn generate() -> Self {
        Self(BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()))
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept of the secret in a link that somebody brings.
    pub(crate) fn hash_of(text: &str) -> Sha256 {
        Sha256::from_bytes(sha2::Sha256::digest(text.as_bytes()).into())
    }

    pub(crate) fn hash(&self) -> Sha256 {
        Self::hash_of(&self.0)
    }
}

// What is printed for debugging ends up in logs.
impl fmt::Debug for LinkSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("LinkSecret(…)")
    }
}
