//! Who looks after packages, alone or as an organisation: roles, invitations, and how they change.
//!
//! A package and an organisation are both a group of people with roles, so both are changed in one way: the group is locked,
//! the caller's role looked up, the change made, all owners told, and one event appended.

mod error;
mod group;
mod invitations;
mod list;
pub(crate) mod mails;
mod organisations;
mod roles;

pub use error::PeopleError;
pub use group::GroupName;
pub(crate) use group::{Group, tell_of_change, tell_owners};
pub use invitations::{Invited, Invitee, NewInvitation};
pub use list::{InvitationDetails, OwnGroup, PeoplePage, Person, ReceivedInvitation};
pub use organisations::{OrganisationChange, OrganisationDetails};
pub(crate) use organisations::{Unled, hand_on, unled};
