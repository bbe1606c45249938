//! The rows of `objects`: who may touch which bytes when.

use sqlx::{PgConnection, PgPool};
use time::{Duration, OffsetDateTime};

use super::{Store, StoreError};
use crate::{RegistryError, publish::PublishError, spool::Spooled};

/// How long an upload may take from its arrival in the store to the end of its transaction.
const LEASE: Duration = Duration::hours(1);

impl Store {
    /// Brings a spooled file under its final key, leased until its transaction calls [`claim`].
    ///
    /// Without that call the object is left over, and removed once the lease has ended.
    pub(crate) async fn receive(
        &self,
        pool: &PgPool,
        spooled: Spooled,
        now: OffsetDateTime,
    ) -> Result<(), PublishError> {
        let sha256 = spooled.sha256;
        let size = i64::try_from(spooled.size_bytes).unwrap_or(i64::MAX);
        let state = sqlx::query_scalar!(
            r#"insert into objects (sha256, size_bytes, state, lease_until, created_at, sha512, sha1)
            values ($1, $2, 'arriving', $3, $4, $5, $6)
            on conflict (sha256) do update
            set lease_until = greatest(objects.lease_until, excluded.lease_until)
            returning state"#,
            sha256 as _,
            size,
            now + LEASE,
            now,
            spooled.others.sha512.as_slice(),
            spooled.others.sha1.as_slice(),
        )
        .fetch_one(pool)
        .await
        .map_err(RegistryError::from)?;
        match state.as_str() {
            "removing" => Err(StoreError::Busy(sha256).into()),
            "stored" if self.size(sha256).await? == Some(spooled.size_bytes) => Ok(()),
            _ => Ok(self.put(spooled).await?),
        }
    }
}

/// Makes a received object permanent; part of the transaction that refers to it.
pub(crate) async fn claim(transaction: &mut PgConnection, sha256: model::Sha256) -> Result<(), PublishError> {
    let claimed = sqlx::query!(
        "update objects
        set state = 'stored', lease_until = null
        where sha256 = $1
            and state in ('arriving', 'stored')",
        sha256 as _,
    )
    .execute(transaction)
    .await
    .map_err(RegistryError::from)?;
    if claimed.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Busy(sha256).into()) }
}
