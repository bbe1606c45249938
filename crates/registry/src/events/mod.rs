//! The event log: the spine that every projection follows.

mod activity;
mod append;
mod follow;
mod list;
mod staff;
mod verify;

pub use activity::{Activity, ActivityOf};
pub(crate) use append::{Event, append, append_with_details};
pub use follow::follow_events;
pub use list::{EventContent, EventQuery, LoggedEvent};
pub use staff::{StaffEventQuery, StaffEventRow};
pub use verify::BrokenChain;
pub(crate) use verify::verify;

/// The id of an event: gapless, and in the order in which events became visible. 0 is before all events.
pub type EventId = i64;
