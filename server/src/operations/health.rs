use axum::{extract::State, http::StatusCode};
use registry::Registry;

/// The process answers.
pub(crate) async fn alive() -> &'static str {
    "ok\n"
}

/// The process can do its work: the database answers and has this program's schema.
pub(crate) async fn ready(State(registry): State<Registry>) -> (StatusCode, &'static str) {
    match registry.is_ready().await {
        Ok(true) => (StatusCode::OK, "ready\n"),
        Ok(false) => (StatusCode::SERVICE_UNAVAILABLE, "the schema of the database is not up to date\n"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n"),
    }
}
