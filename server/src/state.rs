use std::{sync::Arc, time::Duration};

use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use registry::{Clock, DownloadCounter, EventId, Registry, SearchIndex};
use tokio::sync::{Semaphore, watch};

use crate::{config::HttpConfig, operations::Metrics, web::Assets};

/// How long somebody who changed something waits until this node knows.
const LONGEST_WAIT: Duration = Duration::from_secs(2);
/// Requests that wait at the end of the log at a time.
const MOST_WAITERS: usize = 200;

/// What handlers work with. Built once; tests use the same.
#[derive(Clone, Debug, FromRef)]
pub struct AppState {
    /// The domain.
    pub registry: Registry,
    /// The browser files.
    pub assets: Arc<Assets>,
    /// What Leptos wants to know.
    pub leptos_options: LeptosOptions,
    /// How this server is reached.
    pub http: Arc<HttpConfig>,
    /// What is measured.
    pub(crate) metrics: Metrics,
    /// Downloads on their way to the database.
    pub downloads: DownloadCounter,
    /// The search index of this node; none where it cannot have one.
    pub search: Option<SearchIndex>,
    /// The time.
    pub clock: Clock,
    /// Places for those who wait at the end of the log.
    #[from_ref(skip)]
    pub(crate) log_waiters: Arc<Semaphore>,
    /// Up to which event pages are complete: every projection and the search index have followed so far.
    #[from_ref(skip)]
    pub shown: watch::Receiver<EventId>,
    /// The newest event this node knows of.
    #[from_ref(skip)]
    pub latest: watch::Receiver<EventId>,
}

impl AppState {
    /// Puts the state together.
    pub fn new(
        registry: Registry,
        assets: Assets,
        http: HttpConfig,
        search: Option<SearchIndex>,
        clock: Clock,
        latest: watch::Receiver<EventId>,
        shown: watch::Receiver<EventId>,
    ) -> Self {
        let leptos_options = LeptosOptions::builder()
            .output_name("pginstall")
            .site_root(http.site_root.to_string_lossy().into_owned())
            .site_pkg_dir(assets.directory())
            .site_addr(http.listen)
            .build();
        Self {
            registry,
            assets: Arc::new(assets),
            leptos_options,
            http: Arc::new(http),
            metrics: Metrics::default(),
            downloads: DownloadCounter::default(),
            search,
            clock,
            log_waiters: Arc::new(Semaphore::new(MOST_WAITERS)),
            shown,
            latest,
        }
    }

    /// Waits until pages show an event; a moment at most.
    pub(crate) async fn until_shown(&self, event: Option<EventId>) {
        let Some(event) = event else { return };
        let mut shown = self.shown.clone();
        let _ = tokio::time::timeout(LONGEST_WAIT, shown.wait_for(|shown| *shown >= event)).await;
        self.until_known(Some(event)).await;
    }

    /// Waits until this node knows of an event, so that what it answers next is not older; a moment at most.
    pub(crate) async fn until_known(&self, event: Option<EventId>) {
        let Some(event) = event else { return };
        let mut latest = self.latest.clone();
        let known = latest.wait_for(|latest| *latest >= event);
        // Other nodes need a moment too: whoever waits longer finds what there is.
        let _ = tokio::time::timeout(LONGEST_WAIT, known).await;
    }
}
