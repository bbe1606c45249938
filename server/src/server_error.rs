//! Logs a failure once, at the boundary; what is shown never names a cause.

use axum::http::StatusCode;
use registry::RegistryError;

/// The status of an error, and its cause in the log.
pub(crate) fn status(error: &RegistryError) -> StatusCode {
    match error {
        RegistryError::NotFound => StatusCode::NOT_FOUND,
        RegistryError::Ambiguous { .. } => StatusCode::CONFLICT,
        RegistryError::Unavailable(cause) => {
            tracing::warn!(%cause, "the registry is unavailable");
            StatusCode::SERVICE_UNAVAILABLE
        }
        RegistryError::Internal(cause) => {
            tracing::error!(%cause, "a request failed");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}
