//! The `pginstall` server: façades over the registry, configuration and wiring. It holds no rules of its own.

mod api;
mod artifact_download;
mod command_line;
mod commands;
mod config;
mod dialect;
mod front;
mod operations;
mod page_cache;
mod request_context;
mod router;
mod routes;
mod server_error;
mod state;
mod telemetry;
mod trunk;
mod uploads;
mod web;

pub use command_line::run;
pub use config::HttpConfig;
pub use front::Front;
pub use router::{application, service};
pub use routes::{Access, Route};
pub use state::AppState;
pub use web::Assets;
