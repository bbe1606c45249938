//! Pages of those who keep the registry in order. For everybody else they are not there.

mod account;
mod accounts;
mod case;
mod dashboard;
mod flags;
mod frame;
mod names;
mod operations;
mod queue;

pub(crate) use account::AdminAccountPage;
pub(crate) use accounts::AdminAccountsPage;
pub(crate) use case::AdminCasePage;
pub(crate) use dashboard::AdminPage;
pub(crate) use flags::AdminFlagsPage;
pub(crate) use names::AdminNamesPage;
pub(crate) use operations::AdminOperationsPage;
pub(crate) use queue::AdminReportsPage;
