//! People who keep the registry in order: who they are, and what they do with accounts.

mod accounts;
mod error;
mod first_admin;
mod health;
mod held;
mod member;
mod overview;
mod reason;
mod roles;

pub use accounts::{AccountPage, AccountRow};
pub use error::StaffError;
pub use first_admin::AdminLink;
pub use health::Health;
pub(crate) use held::{has_other_admin, lock_staff};
pub(crate) use member::StaffEvent;
pub use member::{Staff, StaffReader};
pub use overview::StaffOverview;
pub use reason::{InvalidReason, Reason};
