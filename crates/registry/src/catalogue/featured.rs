//! What the home page shows first.

use model::StaffRole;
use serde_json::json;

use super::packages::held;
use crate::{
    EventId, Listing, Registry, RegistryError,
    accounts::ClientInfo,
    staff::{Reason, Staff, StaffError, StaffEvent},
};

/// Packages that are featured at most.
const MOST: i64 = 12;

impl Registry {
    /// The packages that are featured, the last chosen first.
    pub async fn featured(&self) -> Result<Vec<Listing>, RegistryError> {
        let packages = sqlx::query_scalar!(
            "select package_id
            from featured
            join listings using (package_id)
            where is_default
            order by featured_at desc, package_id desc"
        )
        .fetch_all(&self.pool)
        .await?;
        self.listings_of(&packages).await
    }

    /// Features a package, or no longer. Nobody features what they look after.
    pub async fn feature(
        &self,
        staff: &Staff,
        package: i64,
        is_featured: bool,
        reason: &Reason,
        client: &ClientInfo,
    ) -> Result<EventId, StaffError> {
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        staff.check(&mut transaction, StaffRole::Admin).await?;
        let package = held(&mut transaction, package).await?;
        let changed = if is_featured {
            self.check_interest(&mut transaction, staff, Some(package.id), None).await?;
            if !package.is_default || !package.is_public || package.is_quarantined {
                return Err(StaffError::NotForEverybody(package.full_name));
            }
            // Two at once would both count eleven.
            sqlx::query!("select pg_advisory_xact_lock(hashtextextended('featured', 0))")
                .execute(&mut *transaction)
                .await?;
            let count = sqlx::query_scalar!(r#"select count(*) as "count!" from featured"#)
                .fetch_one(&mut *transaction)
                .await?;
            if count >= MOST {
                return Err(StaffError::Full(MOST));
            }
            sqlx::query!(
                "insert into featured (package_id, featured_at) values ($1, $2) on conflict do nothing",
                package.id,
                now
            )
            .execute(&mut *transaction)
            .await?
        } else {
            sqlx::query!("delete from featured where package_id = $1", package.id).execute(&mut *transaction).await?
        };
        if changed.rows_affected() == 0 {
            return Err(StaffError::Unchanged);
        }
        let event = StaffEvent {
            kind: if is_featured { "package.featured" } else { "package.unfeatured" },
            subject: &format!("package:{}", package.full_name),
            payload: json!({ "package": package.id, "name": package.name }),
            reason,
            is_public_reason: true,
        };
        let event = staff.act(&mut transaction, event, client, now).await?;
        transaction.commit().await?;
        Ok(event)
    }
}
