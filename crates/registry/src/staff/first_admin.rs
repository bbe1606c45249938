//! How somebody becomes the first admin: by a link on the console.

use model::StaffRole;
use serde_json::json;
use time::Duration;
use url::Url;

use super::{StaffError, lock_staff};
use crate::{
    EventId, Registry, RegistryError,
    accounts::{ClientInfo, LinkSecret, Proved, address},
    events::{self, Event},
};

/// How long a link is good.
const LIFETIME: Duration = Duration::hours(24);

/// A link that makes whoever opens it an admin.
#[derive(Debug)]
pub struct AdminLink {
    /// Where it leads.
    pub address: Url,
}

impl Registry {
    /// Makes a link for the first admin; none where there is an admin already. For whoever sees the console.
    pub async fn link_for_first_admin(&self) -> Result<Option<AdminLink>, RegistryError> {
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        let has_admin = sqlx::query_scalar!(
            r#"select exists (select from accounts where staff_role = 'admin' and locked_at is null) as "has!""#
        )
        .fetch_one(&mut *transaction)
        .await?;
        if has_admin {
            return Ok(None);
        }
        let secret = LinkSecret::generate();
        sqlx::query!("delete from admin_links where expires_at <= $1", now).execute(&mut *transaction).await?;
        sqlx::query!(
            "insert into admin_links (hash, created_at, expires_at)
            values ($1, $2, $3)",
            secret.hash() as _,
            now,
            now + LIFETIME,
        )
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        let mut address = address(&self.public_url, "/settings/admin-link");
        address.query_pairs_mut().append_pair("token", secret.reveal());
        Ok(Some(AdminLink { address }))
    }

    /// Makes somebody the first admin by such a link. It is good once, and only as long as there is none.
    pub async fn become_first_admin(
        &self,
        proved: &Proved,
        secret: &str,
        client: &ClientInfo,
    ) -> Result<EventId, StaffError> {
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        // Two who open two links at once come one after the other.
        lock_staff(&mut transaction).await?;
        let taken = sqlx::query!(
            "delete from admin_links
            where hash = $1
                and expires_at > $2
                and not exists (select from accounts where staff_role = 'admin' and locked_at is null)",
            LinkSecret::hash_of(secret) as _,
            now,
        )
        .execute(&mut *transaction)
        .await?;
        if taken.rows_affected() == 0 {
            return Err(StaffError::Decided);
        }
        if !proved.visitor().is_verified() {
            return Err(StaffError::Unverified(proved.handle().clone()));
        }
        let principal = proved.principal();
        sqlx::query!("update accounts set staff_role = 'admin' where principal_id = $1", principal)
            .execute(&mut *transaction)
            .await?;
        sqlx::query!("delete from admin_links").execute(&mut *transaction).await?;
        let details = json!({ "first": true, "role": StaffRole::Admin });
        crate::accounts::note(&mut transaction, principal, crate::accounts::Act::StaffActed, client, details, now)
            .await?;
        let subject = format!("principal:{principal}");
        let payload = json!({ "principal": principal, "role": StaffRole::Admin, "by": "the link on the console" });
        let event = Event { kind: "staff.changed", actor: principal, subject: &subject, payload, happened_at: now };
        let event = events::append(&mut transaction, event).await?;
        transaction.commit().await?;
        Ok(event)
    }
}
