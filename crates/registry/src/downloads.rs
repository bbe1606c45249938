//! Counts downloads in memory and adds them to the database once a second.

use std::{
    collections::HashMap,
    mem,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sqlx::PgPool;
use time::Date;
use tokio_util::sync::CancellationToken;

use crate::{Clock, RegistryError};

const INTERVAL: Duration = Duration::from_secs(1);

/// Counts of completed downloads on their way to the database. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct DownloadCounter(Arc<Mutex<HashMap<(Date, i64), i64>>>);

impl DownloadCounter {
    /// Counts one download of an artifact.
    pub fn count(&self, clock: &Clock, artifact: i64) {
        self.add(clock.now().date(), artifact, 1);
    }

    fn add(&self, day: Date, artifact: i64, count: i64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry((day, artifact)).or_default() += count;
    }

    /// Adds the counts to the database every second, and once more at `stop`.
    pub async fn run(&self, pool: &PgPool, stop: CancellationToken) {
        while !stop.is_cancelled() {
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(INTERVAL) => {}
            }
            if let Err(error) = self.flush(pool).await {
                tracing::debug!(%error, "downloads stay in memory for now");
            }
        }
    }

    /// Adds the counts to the database; on failure they stay for the next time.
    pub async fn flush(&self, pool: &PgPool) -> Result<(), RegistryError> {
        let counts = mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        if counts.is_empty() {
            return Ok(());
        }
        let written = sqlx::query!(
            "insert into downloads (day, artifact_id, count)
            select * from unnest($1::date[], $2::bigint[], $3::bigint[])
            on conflict (day, artifact_id) do update
            set count = downloads.count + excluded.count",
            &counts.keys().map(|(day, _)| *day).collect::<Vec<_>>(),
            &counts.keys().map(|(_, artifact)| *artifact).collect::<Vec<_>>(),
            &counts.values().copied().collect::<Vec<_>>(),
        )
        .execute(pool)
        .await;
        if let Err(error) = written {
            for ((day, artifact), count) in counts {
                self.add(day, artifact, count);
            }
            return Err(error.into());
        }
        Ok(())
    }
}
