//! What the owners of a package say of it, beside what its releases say of themselves.

mod change;
mod error;
mod lifecycle;
mod read;

pub use change::PackageChange;
pub use error::PackageSettingsError;
pub use lifecycle::Deprecation;
pub use read::PackageSettings;
