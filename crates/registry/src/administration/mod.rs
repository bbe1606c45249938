//! What admins do with the registry as a whole.

mod flags;
mod names;
mod operations;

pub use flags::FlagState;
pub(crate) use flags::paused;
pub use names::ReservedName;
pub use operations::{DeliveredMail, FailedJob};
