use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use model::wire::Problem;
use registry::{RegistryError, StoreError};

use crate::server_error;

/// Why the API says no, as `application/problem+json` (RFC 9457).
#[derive(Debug)]
pub(crate) enum ApiError {
    /// The registry says no.
    Registry(RegistryError),
    /// The store says no.
    Store(StoreError),
    /// A query parameter or a part of the path that cannot be read.
    Parameter { name: &'static str, reason: String },
    /// No such address.
    Address,
}

impl From<RegistryError> for ApiError {
    fn from(error: RegistryError) -> Self {
        Self::Registry(error)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl ApiError {
    fn problem(self) -> Problem {
        let (status, code, title, detail) = match &self {
            Self::Registry(error) => {
                let (title, detail) = match error {
                    RegistryError::NotFound => ("Not found", "There is no such package, release or file here."),
                    RegistryError::Ambiguous { .. } => (
                        "Ambiguous name",
                        "Several packages have this short name, and none of them is what the name alone means.",
                    ),
                    RegistryError::Unavailable(_) => {
                        ("Unavailable", "The registry cannot reach its database now. Try again in a moment.")
                    }
                    RegistryError::Internal(_) => {
                        ("Internal error", "Something went wrong here. It was logged; trying again may help.")
                    }
                };
                (server_error::status(error), error.code(), title, detail.to_owned())
            }
            Self::Store(error) => {
                tracing::error!(%error, "a file cannot be served");
                (
                    StatusCode::SERVICE_UNAVAILABLE,
                    "store-unavailable",
                    "Unavailable",
                    "The file cannot be read now. Try again in a moment.".to_owned(),
                )
            }
            Self::Parameter { name, reason } => (
                StatusCode::BAD_REQUEST,
                "invalid-parameter",
                "Invalid parameter",
                format!("The parameter {name:?} cannot be used: {reason}."),
            ),
            Self::Address => (
                StatusCode::NOT_FOUND,
                "no-such-address",
                "Not found",
                "There is nothing at this address; /api/v1/openapi.json lists what there is.".to_owned(),
            ),
        };
        let candidates = match self {
            Self::Registry(RegistryError::Ambiguous { candidates }) => candidates,
            _ => Vec::new(),
        };
        Problem {
            r#type: format!("urn:pginstall:problem:{code}"),
            title: title.to_owned(),
            status: status.as_u16(),
            code: code.to_owned(),
            detail,
            candidates,
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let problem = self.problem();
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, axum::Json(problem)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}

/// Every address below `/api` that is none.
pub(crate) async fn unknown() -> ApiError {
    ApiError::Address
}
