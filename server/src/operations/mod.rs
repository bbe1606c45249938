//! For those who run the server.

mod health;
mod metrics;

pub(crate) use health::{alive, ready};
pub use metrics::Metrics;
pub(crate) use metrics::show;
