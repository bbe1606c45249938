//! The words of pginstall: names, versions, platforms, categories and the types that cross the wire.
//!
//! Everything here is parsed once and then known to be right: fields are private, and serde and sqlx go through
//! the same constructor as everybody else. The crate does no input or output and compiles to WebAssembly.

mod addresses;
mod text;

mod arch;
mod banner_tone;
mod category_slug;
mod control_version;
mod digest;
mod email;
mod extension_name;
mod flag;
mod full_name;
mod handle;
mod libc;
mod load;
mod name_pattern;
mod package_kind;
mod package_mark;
mod package_name;
mod platform;
mod postgres_major;
mod release_state;
mod report_kind;
mod role;
mod source;
mod staff_role;
mod token_action;
mod verdict;
mod version;
mod visibility;
pub mod wire;

pub use addresses::{artifact_path, source_path};
pub use arch::Arch;
pub use banner_tone::BannerTone;
pub use category_slug::{CategorySlug, InvalidCategorySlug};
pub use control_version::{ControlVersion, InvalidControlVersion};
pub use digest::{InvalidSha256, Sha256};
pub use email::{Email, InvalidEmail};
pub use extension_name::{ExtensionName, InvalidExtensionName};
pub use flag::Flag;
pub use full_name::{FullName, InvalidFullName};
pub use handle::{Handle, InvalidHandle};
pub use libc::Libc;
pub use load::LoadKind;
pub use name_pattern::{InvalidNamePattern, NamePattern};
pub use package_kind::PackageKind;
pub use package_mark::PackageMark;
pub use package_name::{InvalidPackageName, PackageName};
pub use platform::{InvalidPlatform, Platform};
pub use postgres_major::{InvalidPostgresMajor, PostgresMajor};
pub use release_state::ReleaseState;
pub use report_kind::ReportKind;
pub use role::Role;
pub use source::Source;
pub use staff_role::StaffRole;
pub use text::{Folded, UnknownWord, is_unseen};
pub use token_action::TokenAction;
pub use verdict::Verdict;
pub use version::{InvalidVersion, Version};
pub use visibility::Visibility;
