//! Pages of those who look after packages and organisations.

mod availability;
mod claim;
mod description;
mod frames;
mod invitations;
mod organisations;
mod packages;
mod releases;
mod roles;

pub(crate) use availability::AvailabilityPage;
pub(crate) use claim::ClaimPage;
pub(crate) use description::DescriptionPage;
pub(crate) use invitations::InvitationsPage;
pub(crate) use organisations::{OrganisationProfilePage, OrganisationsPage};
pub(crate) use packages::PackagesPage;
pub(crate) use releases::ReleasesPage;
pub(crate) use roles::{OrganisationPeoplePage, PackagePeoplePage};
