//! What the owners of a package say of it, beside what its releases say of themselves.

mod change;
mod error;
mod lifecycle;
mod read;

pub use change::PackageChange;
pub use error::PackageSettingsError;
pub use lifecycle::Deprecation;
pub use read::PackageSettings;

use model::PackageName;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    Registry, RegistryError,
    people::{Group, mails::package_changed, tell_owners},
};

/// Tells all owners of a package what one of them has changed.
async fn tell_package_owners(
    registry: &Registry,
    transaction: &mut PgConnection,
    group: &Group,
    name: &PackageName,
    what: &str,
    now: OffsetDateTime,
) -> Result<(), RegistryError> {
    tell_owners(registry, transaction, group, |to| package_changed(&registry.public_url, to, name, what), now).await
}
