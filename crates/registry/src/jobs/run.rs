use std::{error::Error, time::Duration};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::queue::{self, Job, JobKind};
use crate::{EventId, Registry, database, mail, readmes};

/// How long nobody looks for jobs when nothing happens.
const INTERVAL: Duration = Duration::from_millis(500);

impl Registry {
    /// Does what there is to do, of each kind one job after the other, until `stop`. Any number of nodes may do so at once.
    ///
    /// What asks for a job mostly appends an event, so `latest` wakes; it also looks twice a second.
    pub async fn run_jobs(&self, latest: watch::Receiver<EventId>, stop: CancellationToken) {
        // A mail server that does not answer holds up mail alone.
        let kinds = JobKind::ALL.iter().map(|kind| self.run_jobs_of(*kind, latest.clone(), stop.clone()));
        futures::future::join_all(kinds).await;
    }

    async fn run_jobs_of(&self, kind: JobKind, mut latest: watch::Receiver<EventId>, stop: CancellationToken) {
        let mut is_current = false;
        loop {
            is_current = is_current || database::is_current(&self.pool).await.unwrap_or(false);
            if is_current {
                self.do_due_jobs(kind, &stop).await;
            }
            tokio::select! {
                () = stop.cancelled() => return,
                changed = latest.changed() => if changed.is_err() { return },
                () = tokio::time::sleep(INTERVAL) => {}
            }
        }
    }

    async fn do_due_jobs(&self, kind: JobKind, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            match queue::take(&self.pool, kind, self.clock.now()).await {
                Ok(Some(job)) => self.attempt(&job).await,
                Ok(None) => return,
                Err(error) => {
                    tracing::debug!(%error, "jobs wait for the database");
                    return;
                }
            }
        }
    }

    async fn attempt(&self, job: &Job) {
        let result: Result<(), Box<dyn Error + Send + Sync>> = match job.kind {
            JobKind::RenderReadme => readmes::render_readme(self, job).await.map_err(Into::into),
            JobKind::SendMail => mail::deliver(self, job).await.map_err(Into::into),
        };
        let Err(error) = result else { return };
        let reason = with_causes(error.as_ref());
        tracing::warn!(kind = job.kind.as_str(), key = job.key, reason, "a job failed");
        // Where even that cannot be written, the lease runs out.
        let _ = queue::postpone(&self.pool, job, &reason, self.clock.now()).await;
    }
}

/// An error and what caused it, in one line.
fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
