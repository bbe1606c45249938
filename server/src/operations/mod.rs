//! For those who run the server.

mod health;
mod metrics;

pub(crate) use health::{alive, ready};
pub(crate) use metrics::{Metrics, RequestMetrics, show};
