//! One file per page.

mod about;
mod accounts;
mod activity;
mod admin;
mod docs;
mod home;
mod not_found;
mod package;
mod people;
mod publish;
mod report;
mod search;
mod transparency;

pub(crate) use about::AboutPage;
pub(crate) use accounts::{
    AdminLinkPage, AuthenticatorPage, ConfirmPage, DeletePage, DeletedPage, ForgotPasswordPage, LoginPage,
    PublishingPage, RecoveryCodesPage, RegisterIdentityPage, RegisterPage, ResetPasswordPage, SecondFactorPage,
    SecurityPage, SessionsPage, SettingsPage, TokensPage, UserPage, VerifyEmailPage,
};
pub(crate) use activity::{ActivityPage, PackageActivityPage, UserActivityPage};
pub(crate) use admin::{
    AdminAccountPage, AdminAccountsPage, AdminBannersPage, AdminCasePage, AdminCategoriesPage, AdminCategoryPage,
    AdminFlagsPage, AdminLogPage, AdminNamesPage, AdminOperationsPage, AdminPackagePage, AdminPackagesPage, AdminPage,
    AdminReportsPage, AdminTagsPage,
};
pub(crate) use docs::{DocsPage, DocumentPage, PoliciesPage, PolicyPage};
pub(crate) use home::HomePage;
pub(crate) use not_found::NotFoundPage;
pub(crate) use package::PackagePage;
pub(crate) use people::{
    AvailabilityPage, ClaimPage, DescriptionPage, InvitationsPage, OrganisationPeoplePage, OrganisationProfilePage,
    OrganisationsPage, PackagePeoplePage, PackagesPage, ReleasesPage,
};
pub(crate) use publish::PublishPage;
pub use publish::{PublishForm, PublishOutcome};
pub(crate) use report::{ConfirmReportPage, ReportPage};
pub(crate) use search::{BrowsePage, CategoryPage, SearchPage, TagPage};
pub(crate) use transparency::TransparencyPage;
