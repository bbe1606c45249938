//! Pieces that several pages share.

mod activity_rows;
mod banner;
mod breadcrumbs;
mod code_block;
mod error_page;
mod field;
mod footer;
mod header;
mod icon;
mod logo;
mod package_rows;
mod page_head;
mod sparkline;
mod structured_data;

pub(crate) use activity_rows::ActivityRows;
pub use activity_rows::activity_words;
pub(crate) use banner::{BannerLine, Banners};
pub(crate) use breadcrumbs::Breadcrumbs;
pub(crate) use code_block::CodeBlock;
pub(crate) use error_page::ErrorPage;
pub(crate) use field::{Checkbox, Field, FieldProblem, FormNotice, PasswordField, Select, TextArea};
pub(crate) use footer::Footer;
pub(crate) use header::Header;
pub(crate) use icon::{Icon, category_icon};
pub(crate) use logo::Logo;
pub(crate) use package_rows::PackageRows;
pub(crate) use page_head::PageHead;
pub(crate) use sparkline::Sparkline;
pub use structured_data::STRUCTURED_DATA_HASH;
pub(crate) use structured_data::StructuredData;
