//! Connections and the schema.

use std::time::Duration;

use sqlx::{
    PgPool,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::{RegistryError, error::is_unavailable};

static MIGRATOR: Migrator = sqlx::migrate!("../../migrations");

/// Why the schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The database cannot be reached now.
    #[error("the database cannot be reached")]
    Unavailable(#[source] sqlx::Error),
    /// The database is older than what is supported.
    #[error("the database runs PostgreSQL {0}; 15 or later is needed")]
    TooOld(i32),
    /// A migration failed, or the database has one that this program does not know.
    #[error("the schema of the database could not be brought up to date")]
    Migration(#[from] sqlx::migrate::MigrateError),
}

/// A pool that connects when it is first used; asking it while the database is away fails after two seconds.
pub fn connect_lazily(options: PgConnectOptions, max_connections: u32) -> PgPool {
    PgPoolOptions::new()
        .max_connections(max_connections)
        .acquire_timeout(Duration::from_secs(2))
        .test_before_acquire(true)
        .connect_lazy_with(options.application_name("pginstall"))
}

/// Brings the schema up to date. Several processes may do so at once; one works, the others wait.
pub async fn migrate(pool: &PgPool) -> Result<(), MigrateError> {
    let version = sqlx::query_scalar!(r#"select current_setting('server_version_num')::int as "version!""#)
        .fetch_one(pool)
        .await
        .map_err(MigrateError::Unavailable)?;
    if version < 150_000 {
        return Err(MigrateError::TooOld(version / 10_000));
    }
    let mut connection = pool.acquire().await.map_err(MigrateError::Unavailable)?;
    // The lock that keeps others from doing the same belongs to the connection: after an error it would stay with the pool.
    connection.close_on_drop();
    MIGRATOR.run_direct(None, &mut *connection, false).await.map_err(|error| match error {
        sqlx::migrate::MigrateError::Execute(error) if is_unavailable(&error) => MigrateError::Unavailable(error),
        error => MigrateError::Migration(error),
    })
}

/// Whether the newest migration of this program was applied.
pub(crate) async fn is_current(pool: &PgPool) -> Result<bool, RegistryError> {
    let newest = MIGRATOR.iter().map(|migration| migration.version).max().unwrap_or_default();
    let found = sqlx::query_scalar!(
        r#"select exists (select from _sqlx_migrations where success and version = $1) as "found!""#,
        newest
    )
    .fetch_one(pool)
    .await?;
    Ok(found)
}
