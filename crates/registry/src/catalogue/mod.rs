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
use sqlx::{Postgres, Transaction};

use crate::{
    EventId, Registry,
    accounts::ClientInfo,
    staff::{Reason, Staff, StaffError, StaffEvent},
};

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
