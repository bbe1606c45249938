//! Pieces that several pages share.

mod breadcrumbs;
mod code_block;
mod error_page;
mod footer;
mod header;
mod icon;
mod package_rows;
mod search_field;
mod wordmark;

pub(crate) use breadcrumbs::Breadcrumbs;
pub(crate) use code_block::CodeBlock;
pub(crate) use error_page::ErrorPage;
pub(crate) use footer::Footer;
pub(crate) use header::Header;
pub(crate) use icon::{Icon, category_icon};
pub(crate) use package_rows::PackageRows;
pub(crate) use search_field::SearchField;
pub(crate) use wordmark::Wordmark;
