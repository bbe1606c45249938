//! Keeps the server running.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use tokio::{process::Child, time::Instant};
use tokio_util::sync::CancellationToken;

use super::{PATIENCE, PrivatePostgresError, cluster::Cluster};

const GLANCE: Duration = Duration::from_millis(100);

/// Watches one server: a child of ours, or one that survived the process that started it.
#[derive(Debug)]
pub(super) struct Supervisor {
    cluster: Cluster,
    child: Option<Child>,
}

impl Supervisor {
    /// Makes sure that the server runs and answers.
    pub(super) async fn start(cluster: Cluster) -> Result<Self, PrivatePostgresError> {
        let mut supervisor = Self { cluster, child: None };
        if supervisor.cluster.answers().await {
            tracing::info!("adopted the private PostgreSQL that was already running");
            return Ok(supervisor);
        }
        supervisor.bring_up().await?;
        Ok(supervisor)
    }

    /// A supervisor for a server that runs already.
    pub(super) fn of_running(cluster: Cluster) -> Self {
        Self { cluster, child: None }
    }

    /// Starts the server, again if need be, until it answers. Recovery after a crash may take as long as it takes.
    async fn bring_up(&mut self) -> Result<(), PrivatePostgresError> {
        let mut patience = Instant::now() + PATIENCE;
        let mut next_attempt = Instant::now();
        while !self.cluster.answers().await {
            if self.child_runs() {
                patience = Instant::now() + PATIENCE;
            } else if Instant::now() > patience {
                return Err(self.cluster.start_error());
            } else if Instant::now() >= next_attempt {
                // It ends at once while processes of a killed server still hold its memory: try again, not too fast.
                self.child = Some(self.cluster.spawn()?);
                next_attempt = Instant::now() + Duration::from_millis(500);
                patience = patience.min(Instant::now() + Duration::from_secs(20));
            }
            tokio::time::sleep(GLANCE).await;
        }
        Ok(())
    }

    fn child_runs(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    fn runs(&mut self) -> bool {
        match &mut self.child {
            Some(child) => matches!(child.try_wait(), Ok(None)),
            None => self.cluster.postmaster().is_some_and(|process| test_kill_process(process).is_ok()),
        }
    }

    /// Restarts the server whenever it is gone, until `stop`.
    pub(super) async fn run(&mut self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            if !self.runs() {
                tracing::error!("the private PostgreSQL is gone; starting it again");
                self.child = None;
                tokio::select! {
                    () = stop.cancelled() => return,
                    result = self.bring_up() => match result {
                        Ok(()) => tracing::info!("the private PostgreSQL runs again"),
                        Err(error) => tracing::error!(%error, "the private PostgreSQL could not be started again"),
                    },
                }
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(GLANCE) => {}
            }
        }
    }

    /// Stops the server: at once for its clients, without loss.
    pub(super) async fn stop(mut self) {
        let process = self.child.as_ref().and_then(Child::id).and_then(|id| Pid::from_raw(id.cast_signed()));
        let Some(process) = process.or_else(|| self.cluster.postmaster()) else { return };
        let _ = kill_process(process, Signal::INT);
        let patience = Instant::now() + PATIENCE;
        while self.runs() && Instant::now() < patience {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        if self.runs() {
            tracing::warn!("the private PostgreSQL does not stop; leaving it to recovery");
            let _ = kill_process(process, Signal::QUIT);
        }
    }
}
