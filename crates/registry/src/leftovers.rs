//! Removes objects that belong to nothing. Whoever removes one holds the lease on it, as whoever puts one does.

use futures::TryStreamExt as _;
use model::Sha256;
use sqlx::PgPool;
use time::{Duration, OffsetDateTime};

use crate::{Registry, RegistryError, check::store_error};

/// How old an object is at least that a repair removes.
const AGE: Duration = Duration::days(1);

/// How long somebody who removes an object has for it.
const LEASE: Duration = Duration::hours(1);

/// What a repair did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RepairReport {
    /// Objects that were removed.
    pub removed: u64,
    /// Their bytes.
    pub removed_bytes: u64,
    /// Objects that belong to nothing and were left alone: too young, or on their way in.
    pub kept: u64,
}

/// Why nothing was repaired.
#[derive(Debug, thiserror::Error)]
pub enum RepairError {
    /// The database refers to nothing that is in the store: it may be another registry's.
    #[error(
        "the database knows no file, and the store has objects; nothing was removed. See that the database and the store belong together"
    )]
    NotItsStore,
    /// The database or the store cannot be used.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

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

    /// Removes every object of the store that nothing refers to, that was written more than a day ago, and that nobody
    /// has leased: what is left where rows and objects went separate ways, as after a restored backup.
    pub async fn remove_unreferenced(&self, now: OffsetDateTime) -> Result<RepairReport, RepairError> {
        let mut report = RepairReport::default();
        let mut objects = self.store.list();
        let knows_files = knows_files(&self.pool).await?;
        while let Some(object) = objects.try_next().await.map_err(store_error)? {
            if !knows_files {
                return Err(RepairError::NotItsStore);
            }
            if is_referenced(&self.pool, object.sha256).await? {
                continue;
            }
            let size = i64::try_from(object.size_bytes).unwrap_or(i64::MAX);
            if object.written_at > now - AGE || !lease_for_removal(&self.pool, object.sha256, size, now).await? {
                report.kept += 1;
                continue;
            }
            self.remove_leased(object.sha256).await?;
            report.removed += 1;
            report.removed_bytes += object.size_bytes;
        }
        Ok(report)
    }

    async fn remove_leased(&self, sha256: Sha256) -> Result<(), RegistryError> {
        self.store.remove(sha256).await.map_err(store_error)?;
        sqlx::query!("delete from objects where sha256 = $1 and state = 'removing'", sha256 as _)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

async fn knows_files(pool: &PgPool) -> Result<bool, RegistryError> {
    Ok(sqlx::query_scalar!(r#"select exists (select from artifacts where object_state is not null) as "known!""#)
        .fetch_one(pool)
        .await?)
}

async fn is_referenced(pool: &PgPool, sha256: Sha256) -> Result<bool, RegistryError> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select from artifacts where sha256 = $1 and object_state is not null)
            or exists (select from artifact_variants where sha256 = $1 and object_state is not null) as "referenced!""#,
        sha256 as _,
    )
    .fetch_one(pool)
    .await?)
}

/// Takes the lease on an object to remove it, unless somebody else has one. What a file refers to cannot be leased: the
/// foreign key on its state refuses that.
async fn lease_for_removal(
    pool: &PgPool,
    sha256: Sha256,
    size: i64,
    now: OffsetDateTime,
) -> Result<bool, RegistryError> {
    let leased = sqlx::query!(
        "insert into objects (sha256, size_bytes, state, lease_until, created_at)
        values ($1, $2, 'removing', $3, $4)
        on conflict (sha256) do update
        set state = 'removing', lease_until = excluded.lease_until
        where coalesce(objects.lease_until, '-infinity') < $4",
        sha256 as _,
        size,
        now + LEASE,
        now,
    )
    .execute(pool)
    .await;
    match leased {
        Ok(leased) => Ok(leased.rows_affected() == 1),
        // A publication has claimed it since it was looked at.
        Err(sqlx::Error::Database(error)) if error.is_foreign_key_violation() => Ok(false),
        Err(error) => Err(error.into()),
    }
}
