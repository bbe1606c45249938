//! Accounts and the tokens that act for them.

mod authenticate;
mod create;
mod token;
mod tokens;

pub use authenticate::{AuthenticationError, Caller};
pub use create::CreateAccountError;
pub use token::{InvalidToken, Token};
pub use tokens::{IssueError, IssuedToken, NewToken};
