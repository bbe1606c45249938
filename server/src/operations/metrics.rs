use std::{sync::Arc, time::Duration};

use axum::{
    extract::State,
    http::{Method, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry as PrometheusRegistry,
};

use crate::state::AppState;

/// What is measured, for Prometheus.
#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    registry: Arc<PrometheusRegistry>,
    requests: Family<RequestLabels, Counter>,
    durations: Family<RouteLabels, Histogram>,
    pub(crate) cache_hits: Counter,
    pub(crate) cache_misses: Counter,
    pub(crate) downloads: Counter,
    connections: Gauge,
    idle_connections: Gauge,
    newest_event: Gauge,
    shown_event: Gauge,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: String,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: String,
}

/// Seconds; a cached page takes well under a millisecond.
const BUCKETS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = PrometheusRegistry::with_prefix("pginstall");
        let requests = Family::<RequestLabels, Counter>::default();
        registry.register("http_requests", "Requests answered", requests.clone());
        let durations = Family::<RouteLabels, Histogram>::new_with_constructor(|| Histogram::new(BUCKETS));
        registry.register("http_request_duration_seconds", "Time until the head of the response", durations.clone());
        let counters = [(); 3].map(|()| Counter::default());
        let [cache_hits, cache_misses, downloads] = counters;
        registry.register("page_cache_hits", "Requests answered from the page cache", cache_hits.clone());
        registry.register("page_cache_misses", "Requests that the page cache had no answer for", cache_misses.clone());
        registry.register("downloads", "Completed downloads", downloads.clone());
        let gauges = [(); 4].map(|()| Gauge::default());
        let [connections, idle_connections, newest_event, shown_event] = gauges;
        registry.register("database_connections", "Open connections to the database", connections.clone());
        registry.register("database_idle_connections", "Open connections that wait for work", idle_connections.clone());
        registry.register("newest_event", "Id of the newest event this node knows of", newest_event.clone());
        registry.register("shown_event", "Id of the event up to which pages are complete", shown_event.clone());
        Self {
            registry: Arc::new(registry),
            requests,
            durations,
            cache_hits,
            cache_misses,
            downloads,
            connections,
            idle_connections,
            newest_event,
            shown_event,
        }
    }
}

impl Metrics {
    /// Where requests of a route with an answer are counted.
    pub(crate) fn of(&self, method: &Method, route: &str, status: StatusCode) -> RequestMetrics {
        let method = if *method == Method::GET || *method == Method::HEAD || *method == Method::POST {
            method.as_str()
        } else {
            "other"
        };
        let labels = RequestLabels { method: method.to_owned(), route: route.to_owned(), status: status.as_u16() };
        RequestMetrics {
            count: self.requests.get_or_create_owned(&labels),
            durations: self.durations.get_or_create_owned(&RouteLabels { route: route.to_owned() }),
        }
    }
}

/// Counts the requests of one kind. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct RequestMetrics {
    count: Counter,
    durations: Histogram,
}

impl RequestMetrics {
    pub(crate) fn observe(&self, elapsed: Duration) {
        self.count.inc();
        self.durations.observe(elapsed.as_secs_f64());
    }
}

/// The page for Prometheus.
pub(crate) async fn show(State(state): State<AppState>) -> Response {
    let metrics = &state.metrics;
    let pool = state.registry.pool();
    metrics.connections.set(pool.size().into());
    metrics.idle_connections.set(i64::try_from(pool.num_idle()).unwrap_or(i64::MAX));
    metrics.newest_event.set(*state.latest.borrow());
    metrics.shown_event.set(*state.shown.borrow());
    let mut text = String::new();
    if encode(&mut text, &metrics.registry).is_err() {
        tracing::error!("metrics cannot be written");
    }
    ([(CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text).into_response()
}
