use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use registry::{AuthenticationError, InvalidScope, IssueError, PublishError, ReceiveError, RegistryError, StoreError};

use crate::server_error;

/// Why the façade says no: a text, as clients print it.
#[derive(Debug)]
pub(super) enum TrunkError {
    /// The registry says no.
    Registry(RegistryError),
    /// The store says no.
    Store(StoreError),
    /// Nobody is known by the token.
    Authentication(AuthenticationError),
    /// The upload is refused.
    Publish(Box<PublishError>),
    /// No new token.
    Issue(IssueError),
    /// The part of the path that says where to install.
    Scope(InvalidScope),
    /// A request that cannot be read.
    Request(StatusCode, String),
    /// A version that is not there, or has no file of the kind that is asked for.
    Version,
}

impl From<RegistryError> for TrunkError {
    fn from(error: RegistryError) -> Self {
        Self::Registry(error)
    }
}

impl From<StoreError> for TrunkError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<AuthenticationError> for TrunkError {
    fn from(error: AuthenticationError) -> Self {
        match error {
            AuthenticationError::Registry(error) => Self::Registry(error),
            error => Self::Authentication(error),
        }
    }
}

impl From<PublishError> for TrunkError {
    fn from(error: PublishError) -> Self {
        match error {
            PublishError::Registry(error) => Self::Registry(error),
            PublishError::Store(error) | PublishError::Receive(ReceiveError::Store(error)) => Self::Store(error),
            error => Self::Publish(Box::new(error)),
        }
    }
}

impl From<ReceiveError> for TrunkError {
    fn from(error: ReceiveError) -> Self {
        PublishError::from(error).into()
    }
}

impl From<IssueError> for TrunkError {
    fn from(error: IssueError) -> Self {
        match error {
            IssueError::Registry(error) => Self::Registry(error),
            error => Self::Issue(error),
        }
    }
}

/// How to show a token, for those who did not.
const HOW_TO_SHOW_A_TOKEN: &str = "add the header \"Authorization: Bearer <token>\" to the request (curl -H), or set TRUNK_API_TOKEN for the trunk command";

impl TrunkError {
    fn answer(&self) -> (StatusCode, String) {
        match self {
            Self::Registry(RegistryError::NotFound) => {
                (StatusCode::NOT_FOUND, "No extension with the given name was found".to_owned())
            }
            Self::Registry(error) => (server_error::status(error), error.to_string()),
            Self::Store(StoreError::Full) => (StatusCode::INSUFFICIENT_STORAGE, StoreError::Full.to_string()),
            Self::Store(error @ StoreError::Busy(_)) => (StatusCode::SERVICE_UNAVAILABLE, error.to_string()),
            Self::Store(error) => {
                tracing::error!(%error, "the object store cannot be used");
                (
                    StatusCode::SERVICE_UNAVAILABLE,
                    "the files cannot be read or written now; try again in a moment".to_owned(),
                )
            }
            Self::Authentication(error @ AuthenticationError::Missing) => {
                (StatusCode::UNAUTHORIZED, format!("authorization error: {error}: {HOW_TO_SHOW_A_TOKEN}"))
            }
            Self::Authentication(error) => (StatusCode::UNAUTHORIZED, format!("authorization error: {error}")),
            Self::Publish(error) => (server_error::publish_status(error), format!("not published: {error}")),
            Self::Issue(error) => (StatusCode::BAD_REQUEST, error.to_string()),
            Self::Scope(error) => (StatusCode::NOT_FOUND, error.to_string()),
            Self::Request(status, text) => (*status, text.clone()),
            Self::Version => (StatusCode::NOT_FOUND, "Version not found".to_owned()),
        }
    }
}

impl IntoResponse for TrunkError {
    fn into_response(self) -> Response {
        let (status, text) = self.answer();
        let mut response = (status, text).into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        if let Self::Publish(error) = &self
            && let PublishError::Limited(limited) = **error
        {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(limited.after.as_secs()));
        }
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
