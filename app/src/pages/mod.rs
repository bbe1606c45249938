//! One file per page.

mod browse;
mod category;
mod home;
mod not_found;
mod package;

pub(crate) use browse::BrowsePage;
pub(crate) use category::CategoryPage;
pub(crate) use home::HomePage;
pub(crate) use not_found::NotFoundPage;
pub(crate) use package::{PackagePage, ReleasePage};
