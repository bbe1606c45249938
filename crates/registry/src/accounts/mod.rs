//! Accounts and the tokens that act for them.

mod authenticate;
mod create;
mod idempotency;
mod rights;
mod system;
mod token;
mod tokens;

pub use authenticate::{AuthenticationError, Caller};
pub use create::CreateAccountError;
pub use idempotency::{KeptAnswer, KeyError, is_idempotency_key};
pub(crate) use rights::has_rights;
pub(crate) use system::system_principal;
pub use token::{InvalidToken, Token};
pub use tokens::{IssueError, IssuedToken, NewToken};
