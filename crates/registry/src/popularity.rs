//! Downloads of the last thirty days, kept in memory by each node: for rows, for the order of results.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use sqlx::PgPool;
use tokio_util::sync::CancellationToken;

use crate::{Clock, RegistryError};

/// How often the counts are read again.
const INTERVAL: Duration = Duration::from_mins(1);

/// Parts of the thirty days, of six days each.
const PARTS: usize = 5;

/// Completed downloads of a package in the last thirty days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecentDownloads {
    /// In each part of six days, the oldest first.
    pub parts: [i64; PARTS],
}

impl RecentDownloads {
    /// In all thirty days.
    pub fn total(&self) -> i64 {
        self.parts.iter().sum()
    }
}

type Counts = HashMap<i64, RecentDownloads>;

/// The counts that this node knows. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Popularity(Arc<RwLock<Arc<Counts>>>);

impl Popularity {
    /// Those of one package.
    pub fn of(&self, package: i64) -> RecentDownloads {
        self.all().get(&package).copied().unwrap_or_default()
    }

    /// Those of all packages that were downloaded.
    pub(crate) fn all(&self) -> Arc<Counts> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The packages that were downloaded most, `limit` at most.
    pub(crate) fn most(&self, limit: usize) -> Vec<i64> {
        let all = self.all();
        let mut packages: Vec<(i64, i64)> = all.iter().map(|(package, counts)| (-counts.total(), *package)).collect();
        packages.sort_unstable();
        packages.into_iter().take(limit).map(|(_, package)| package).collect()
    }

    /// Reads the counts of public packages again.
    pub async fn refresh(&self, pool: &PgPool, clock: &Clock) -> Result<(), RegistryError> {
        let today = clock.now().date();
        let rows = sqlx::query!(
            r#"select
                r.package_id,
                ($1 - d.day) / 6 as "part!",
                sum(d.count)::bigint as "count!"
            from downloads as d
            join artifacts as a using (artifact_id)
            join releases as r using (release_id)
            where d.day > $1 - 30
                and d.day <= $1
            group by r.package_id, ($1 - d.day) / 6"#,
            today,
        )
        .fetch_all(pool)
        .await?;
        let mut counts = Counts::new();
        for row in rows {
            let part = usize::try_from(row.part).unwrap_or(PARTS).min(PARTS - 1);
            counts.entry(row.package_id).or_default().parts[PARTS - 1 - part] += row.count;
        }
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(counts);
        Ok(())
    }

    /// Reads the counts every minute until `stop`; every second until it succeeded once.
    pub async fn run(&self, pool: &PgPool, clock: &Clock, stop: CancellationToken) {
        loop {
            let pause = match self.refresh(pool, clock).await {
                Ok(()) => INTERVAL,
                Err(error) => {
                    tracing::debug!(%error, "the counts of downloads stay as they are");
                    Duration::from_secs(1)
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }
}
