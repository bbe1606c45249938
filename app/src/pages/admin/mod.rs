//! Pages of those who keep the registry in order. For everybody else they are not there.

mod account;
mod accounts;
mod banners;
mod case;
mod categories;
mod dashboard;
mod flags;
mod frame;
mod log;
mod names;
mod operations;
mod packages;
mod queue;
mod tags;

pub(crate) use account::AdminAccountPage;
pub(crate) use accounts::AdminAccountsPage;
pub(crate) use banners::AdminBannersPage;
pub(crate) use case::AdminCasePage;
pub(crate) use categories::{AdminCategoriesPage, AdminCategoryPage};
pub(crate) use dashboard::AdminPage;
pub(crate) use flags::AdminFlagsPage;
pub(crate) use log::AdminLogPage;
pub(crate) use names::AdminNamesPage;
pub(crate) use operations::AdminOperationsPage;
pub(crate) use packages::{AdminPackagePage, AdminPackagesPage};
pub(crate) use queue::AdminReportsPage;
pub(crate) use tags::AdminTagsPage;
