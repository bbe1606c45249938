//! Pages of those who keep the registry in order. For everybody else they are not there.

mod account;
mod accounts;
mod case;
mod dashboard;
mod frame;
mod queue;

pub(crate) use account::AdminAccountPage;
pub(crate) use accounts::AdminAccountsPage;
pub(crate) use case::AdminCasePage;
pub(crate) use dashboard::AdminPage;
pub(crate) use queue::AdminReportsPage;
