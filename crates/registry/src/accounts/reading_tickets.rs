//! What lets a client fetch files that it was told of, where it shows its token for the list of them only.

use time::Duration;

use super::{Caller, secret::LinkSecret};
use crate::{Registry, RegistryError};

/// How long files can be fetched after their list, at most and at least.
const LIFETIME: Duration = Duration::minutes(15);
const SHORTEST: Duration = Duration::minutes(5);

/// The secrets that a node has given lately, by whom they are for.
pub(crate) fn lately_given() -> moka::sync::Cache<i64, String> {
    let lifetime = (LIFETIME - SHORTEST).unsigned_abs();
    moka::sync::Cache::builder().max_capacity(100_000).time_to_live(lifetime).build()
}

impl Registry {
    /// A secret that reads files for five to fifteen minutes, and does nothing else: the same for all that somebody asks meanwhile.
    pub async fn reading_ticket(&self, caller: &Caller) -> Result<String, RegistryError> {
        if let Some(known) = self.reading_tickets.get(&caller.principal()) {
            return Ok(known);
        }
        let (secret, now) = (LinkSecret::generate(), self.clock.now());
        sqlx::query!("delete from reading_tickets where expires_at <= $1", now).execute(&self.pool).await?;
        sqlx::query!(
            "insert into reading_tickets (hash, principal_id, expires_at) values ($1, $2, $3)",
            secret.hash() as _,
            caller.principal(),
            now + LIFETIME,
        )
        .execute(&self.pool)
        .await?;
        self.reading_tickets.insert(caller.principal(), secret.reveal().to_owned());
        Ok(secret.reveal().to_owned())
    }

    /// Whether the secret of somebody who may still read is good.
    pub async fn reads_with(&self, ticket: &str) -> Result<bool, RegistryError> {
        let is_good = sqlx::query_scalar!(
            r#"select exists (
                select from reading_tickets as t
                join principals as p using (principal_id)
                left join accounts as a using (principal_id)
                where t.hash = $1
                    and t.expires_at > $2
                    and (p.kind = 'ci' or a.principal_id is not null and a.locked_at is null)
            ) as "is_good!""#,
            LinkSecret::hash_of(ticket) as _,
            self.clock.now(),
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(is_good)
    }
}
