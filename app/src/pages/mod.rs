//! One file per page.

mod about;
mod accounts;
mod docs;
mod home;
mod not_found;
mod package;
mod people;
mod publish;
mod search;

pub(crate) use about::AboutPage;
pub(crate) use accounts::{
    AuthenticatorPage, ConfirmPage, DeletePage, DeletedPage, ForgotPasswordPage, LoginPage, PublishingPage,
    RecoveryCodesPage, RegisterIdentityPage, RegisterPage, ResetPasswordPage, SecondFactorPage, SecurityPage,
    SessionsPage, SettingsPage, TokensPage, UserPage, VerifyEmailPage,
};
pub(crate) use docs::{DocsPage, DocumentPage};
pub(crate) use home::HomePage;
pub(crate) use not_found::NotFoundPage;
pub(crate) use package::PackagePage;
pub(crate) use people::{
    AvailabilityPage, DescriptionPage, InvitationsPage, OrganisationPeoplePage, OrganisationProfilePage,
    OrganisationsPage, PackagePeoplePage, PackagesPage, ReleasesPage,
};
pub(crate) use publish::PublishPage;
pub use publish::{PublishForm, PublishOutcome};
pub(crate) use search::{BrowsePage, CategoryPage, SearchPage, TagPage};
