//! Who somebody is elsewhere: providers that people log in at, and issuers of signed tokens.

mod github;
mod issuer;
mod provider;
mod sign_in;
mod web_client;

pub(crate) use issuer::{Issuer, IssuerError, LEEWAY};
pub(crate) use provider::{Provider, providers};
pub use provider::{ProviderKind, ProviderSettings};
pub use sign_in::{ExternalIdentity, ProviderInfo, SignIn, SignInError, SignInPurpose};
pub(crate) use web_client::WebClient;
