//! Accounts, the people who log in to them, and the tokens that act for them.

mod account_ref;
mod audit;
mod authenticate;
mod authenticator;
mod client;
mod create;
mod delete;
mod devices;
mod domains;
mod factors;
mod idempotency;
mod identities;
mod limits;
mod links;
mod log_in;
mod logged_in;
pub(crate) mod mails;
mod passkeys;
mod password;
mod profile;
mod proof;
mod reading_tickets;
mod recovery_codes;
mod register;
mod rights;
mod second_step;
mod secret;
mod sessions;
mod system;
mod token;
mod tokens;

use url::Url;

use crate::{ProviderSettings, WorkflowIssuer};

pub use account_ref::AccountRef;
pub(crate) use audit::{Act, note};
pub(crate) use authenticate::CallingPublisher;
pub use authenticate::{AuthenticationError, Caller};
pub use authenticator::{AuthenticatorError, AuthenticatorSetup};
pub use client::ClientInfo;
pub use create::CreateAccountError;
pub(crate) use create::{insert_principal, retire_handle};
pub use delete::{DeleteError, DeletionImpact};
pub use domains::{DomainLookup, NoNameServer};
pub(crate) use factors::remove_factors;
pub use factors::{Factors, SecondFactorRule};
pub use idempotency::{KeptAnswer, KeyError, is_idempotency_key};
pub use identities::{IdentityDetails, IdentityError, NewcomerError};
pub use limits::Limited;
pub(crate) use limits::Limits;
pub use log_in::{ChangeError, LogInError};
pub use logged_in::{HalfWay, LogInStep, LoggedIn};
pub(crate) use mails::address;
pub(crate) use passkeys::relying_party;
pub use passkeys::{NewPasskeyChallenge, PasskeyAnswer, PasskeyChallenge, PasskeyDetails, PasskeyError};
pub use password::{Password, PasswordCost, PasswordError, Passwords, WeakPassword};
pub(crate) use profile::web_address;
pub use profile::{AccountDetails, OwnedPackage, Profile, ProfileChange, ProfileError};
pub use proof::{Evidence, ProveError, Proved};
pub(crate) use reading_tickets::lately_given;
pub use recovery_codes::RecoveryError;
pub(crate) use register::is_reserved_handle;
pub use register::{ConfirmError, Confirmed, RegisterError, Registration};
pub(crate) use rights::{has_rights, is_owner};
pub use second_step::SecondFactor;
pub(crate) use secret::LinkSecret;
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
    /// Who may publish only with a second factor.
    pub second_factor_rule: SecondFactorRule,
    /// Where else people have accounts that log them in here.
    pub providers: Vec<ProviderSettings>,
    /// Whose workflows can be trusted.
    pub workflow_issuers: Vec<WorkflowIssuer>,
}
