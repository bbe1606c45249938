//! What is derived from the tables and follows the event log.
//!
//! A projection that has fallen behind catches up from its cursor. One that is rebuilt reads the newest event first and the
//! tables after it: what comes in between is in its rows already, and once more when it follows the log.

pub(crate) mod listings;

use sqlx::PgPool;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{EventId, Registry, RegistryError, database};

/// Keeps the shared projections, and the banners that this node knows, up to date whenever `latest` moves, until `stop`. Shows in
/// `projected` how far they are.
///
/// Any number of nodes may do so at once.
pub async fn run_projections(
    registry: Registry,
    mut latest: watch::Receiver<EventId>,
    projected: watch::Sender<EventId>,
    stop: CancellationToken,
) {
    let pool = registry.pool().clone();
    let mut is_current = false;
    loop {
        // Not while the schema is being brought up to date: each would wait for tables that the other has locked.
        is_current = is_current || database::is_current(&pool).await.unwrap_or(false);
        if is_current {
            match follow(&registry, &pool).await {
                Ok(cursor) => {
                    projected.send_if_modified(|known| std::mem::replace(known, cursor) != cursor);
                }
                Err(error) => tracing::debug!(%error, "projections wait for the database"),
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            // Also without news: another node may have been at work.
            changed = latest.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(std::time::Duration::from_secs(1)) => {}
        }
    }
}

/// Lists first, and what stands above pages before anybody is told how far they are.
async fn follow(registry: &Registry, pool: &PgPool) -> Result<EventId, RegistryError> {
    let cursor = listings::catch_up(pool).await?;
    registry.load_banners().await?;
    Ok(cursor)
}

impl Registry {
    /// Brings all shared projections up to the newest event.
    pub async fn project(&self) -> Result<EventId, RegistryError> {
        listings::catch_up(&self.pool).await
    }

    /// Builds all shared projections again from the tables.
    pub async fn rebuild(&self) -> Result<EventId, RegistryError> {
        listings::rebuild(&self.pool).await
    }
}
