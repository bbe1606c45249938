//! Accounts, the people who log in to them, and the tokens that act for them.

mod audit;
mod authenticate;
mod client;
mod create;
mod idempotency;
mod limits;
mod links;
mod log_in;
mod mails;
mod password;
mod profile;
mod register;
mod rights;
mod secret;
mod sessions;
mod system;
mod token;
mod tokens;

use url::Url;

pub use authenticate::{AuthenticationError, Caller};
pub use client::ClientInfo;
pub use create::CreateAccountError;
pub use idempotency::{KeptAnswer, KeyError, is_idempotency_key};
pub use limits::Limited;
pub(crate) use limits::Limits;
pub use log_in::{ChangeError, LogInError, LoggedIn};
pub use password::{Password, PasswordCost, PasswordError, Passwords, WeakPassword};
pub use profile::{AccountDetails, OwnedPackage, Profile, ProfileChange, ProfileError, PublishedRelease};
pub use register::{ConfirmError, Confirmed, RegisterError, Registration};
pub(crate) use rights::has_rights;
pub use sessions::{SessionData, SessionDetails, SessionKey, Visitor};
pub(crate) use system::system_principal;
pub use token::{InvalidToken, Token};
pub use tokens::{IssueError, IssuedToken, NewToken, RevokeError, TokenDetails, TokenState};

/// What accounts need to know of this registry.
#[derive(Clone, Debug)]
pub struct AccountSettings {
    /// Where people reach it: links in mails lead there.
    pub public_url: Url,
    /// How passwords are kept.
    pub passwords: Passwords,
}
