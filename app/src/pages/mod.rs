//! One file per page.

mod home;
mod not_found;
mod package;
mod search;

pub(crate) use home::HomePage;
pub(crate) use not_found::NotFoundPage;
pub(crate) use package::{PackagePage, ReleasePage};
pub(crate) use search::{BrowsePage, CategoryPage, SearchPage};
