//! What admins do with the catalogue: categories, tags, what is featured, which package a short name means, and banners.

mod banners;
mod categories;
mod featured;
mod names;
mod packages;
mod tags;

pub use banners::{Banner, BannerRow, Banners, NewBanner};
pub(crate) use categories::meant_categories;
pub use categories::{CategoryChange, NewCategory};
pub use packages::{CataloguePackage, PackageInOrder};
pub use tags::TagRow;
pub(crate) use tags::{ForbiddenTag, meant_tags};

use serde_json::Value;
use sqlx::{PgConnection, Postgres, Transaction};

use crate::{
    EventId, Registry, RegistryError,
    accounts::ClientInfo,
    staff::{Reason, Staff, StaffError, StaffEvent},
};

/// One change of categories or tags at a time, until the transaction ends, and nobody uses them meanwhile. Before any row is held.
async fn lock_catalogue(transaction: &mut PgConnection) -> Result<(), RegistryError> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended('catalogue', 0))").execute(transaction).await?;
    Ok(())
}

/// Categories and tags stay what they are until the transaction ends: for whoever gives them to a package. Before the package is
/// held.
pub(crate) async fn keep_catalogue(transaction: &mut PgConnection) -> Result<(), RegistryError> {
    sqlx::query!("select pg_advisory_xact_lock_shared(hashtextextended('catalogue', 0))").execute(transaction).await?;
    Ok(())
}

impl Registry {
    /// Ends the transaction of an act that is about the catalogue as a whole.
    async fn finish(
        &self,
        mut transaction: Transaction<'_, Postgres>,
        staff: &Staff,
        kind: &str,
        payload: Value,
        reason: &Reason,
        client: &ClientInfo,
    ) -> Result<EventId, StaffError> {
        let event = StaffEvent { kind, subject: "registry", payload, reason, is_public_reason: true };
        let event = staff.act(&mut transaction, event, client, self.clock.now()).await?;
        transaction.commit().await?;
        Ok(event)
    }
}
