//! Removes objects that belong to nothing. Whoever removes one holds the lease on it, as whoever puts one does.

use model::Sha256;
use time::{Duration, OffsetDateTime};

use crate::{Registry, RegistryError, check::store_error};

/// How long somebody who removes an object has for it.
const LEASE: Duration = Duration::hours(1);

impl Registry {
    /// Removes what uploads that did not end have left, once their lease has ended; returns how many objects.
    pub async fn remove_leftovers(&self, now: OffsetDateTime) -> Result<u64, RegistryError> {
        let rows = sqlx::query_scalar!(
            r#"update objects
            set state = 'removing', lease_until = $1
            where state in ('arriving', 'removing')
                and lease_until < $2
            returning sha256 as "sha256: Sha256""#,
            now + LEASE,
            now,
        )
        .fetch_all(&self.pool)
        .await?;
        for sha256 in &rows {
            self.remove_leased(*sha256).await?;
        }
        Ok(rows.len() as u64)
    }

    async fn remove_leased(&self, sha256: Sha256) -> Result<(), RegistryError> {
        self.store.remove(sha256).await.map_err(store_error)?;
        sqlx::query!("delete from objects where sha256 = $1 and state = 'removing'", sha256 as _)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}
