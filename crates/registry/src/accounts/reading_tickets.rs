//! What lets a client fetch files that it was told of, where it shows its token for the list of them only.

use time::Duration;

use super::{AccountRef, secret::LinkSecret};
use crate::{Registry, RegistryError};

/// How long files can be fetched after their list.
const LIFETIME: Duration = Duration::minutes(15);

impl Registry {
    /// A secret that reads files for a quarter of an hour, and does nothing else.
    pub async fn reading_ticket(&self, account: AccountRef) -> Result<String, RegistryError> {
        let (secret, now) = (LinkSecret::generate(), self.clock.now());
        sqlx::query!("delete from reading_tickets where expires_at <= $1", now).execute(&self.pool).await?;
        sqlx::query!(
            "insert into reading_tickets (hash, principal_id, expires_at) values ($1, $2, $3)",
            secret.hash() as _,
            account.principal(),
            now + LIFETIME,
        )
        .execute(&self.pool)
        .await?;
        Ok(secret.reveal().to_owned())
    }

    /// Whether the secret of somebody who may still read is good.
    pub async fn reads_with(&self, ticket: &str) -> Result<bool, RegistryError> {
        let is_good = sqlx::query_scalar!(
            r#"select exists (
                select from reading_tickets as t
                join accounts as a using (principal_id)
                where t.hash = $1
                    and t.expires_at > $2
                    and a.locked_at is null
            ) as "is_good!""#,
            LinkSecret::hash_of(ticket) as _,
            self.clock.now(),
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(is_good)
    }
}
