//! Logs a failure once, at the boundary; what is shown never names a cause.

use axum::http::StatusCode;
use registry::{PublishError, ReceiveError, RegistryError, StoreError};

/// The status of an error, and its cause in the log.
pub(crate) fn status(error: &RegistryError) -> StatusCode {
    match error {
        RegistryError::NotFound => StatusCode::NOT_FOUND,
        RegistryError::Ambiguous { .. } => StatusCode::CONFLICT,
        RegistryError::ReadOnly => StatusCode::SERVICE_UNAVAILABLE,
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

/// The status of an upload that is refused.
pub(crate) fn publish_status(error: &PublishError) -> StatusCode {
    match error {
        PublishError::Faults(_) | PublishError::UnknownCategory(_) => StatusCode::UNPROCESSABLE_ENTITY,
        PublishError::TokenScope { .. }
        | PublishError::SecondFactor
        | PublishError::PublishersOnly(_)
        | PublishError::AccountGone
        | PublishError::Archived(_)
        | PublishError::NotYours(_)
        | PublishError::Unowned(_)
        | PublishError::Reserved { .. } => StatusCode::FORBIDDEN,
        PublishError::NameTaken { .. }
        | PublishError::Owned(_)
        | PublishError::ExtensionTaken { .. }
        | PublishError::Exists { .. }
        | PublishError::Deleted(_)
        | PublishError::HeldBack(_)
        | PublishError::Quarantined(_) => StatusCode::CONFLICT,
        PublishError::Paused(_) => StatusCode::SERVICE_UNAVAILABLE,
        PublishError::Limited(_) => StatusCode::TOO_MANY_REQUESTS,
        PublishError::Receive(ReceiveError::TooLarge { .. }) => StatusCode::PAYLOAD_TOO_LARGE,
        PublishError::Receive(ReceiveError::Store(error)) | PublishError::Store(error) => store_status(error),
        PublishError::Registry(error) => status(error),
    }
}

/// The status of a failure of the store, and its cause in the log.
pub(crate) fn store_status(error: &StoreError) -> StatusCode {
    tracing::error!(%error, "the object store cannot be used");
    match error {
        StoreError::Full => StatusCode::INSUFFICIENT_STORAGE,
        StoreError::Missing(_) | StoreError::Busy(_) | StoreError::Io(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// What is said of it: never the cause.
pub(crate) const fn store_sentence(error: &StoreError) -> &'static str {
    match error {
        StoreError::Full => "The registry has no space left for files. Those who run it have to make some.",
        _ => "Files cannot be read or written now. Try again in a moment.",
    }
}
