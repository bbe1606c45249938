//! Answers about addresses that are none, and about methods that they have not, as the façade they belong to speaks.

use axum::{
    extract::MatchedPath,
    http::{StatusCode, Uri},
    response::{IntoResponse as _, Response},
};

use crate::api::{self, ApiError};

/// How the clients of an address are spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Pages, for people.
    Web,
    /// Problems in JSON.
    Api,
    /// Trunk's plain texts.
    Trunk,
}

impl Dialect {
    pub(crate) fn of(path: &str) -> Self {
        let is_below =
            |root: &str| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if ["/api/v1/trunk-projects", "/extensions", "/for", "/token", "/categories/all"].into_iter().any(is_below) {
            Self::Trunk
        } else if is_below("/api") {
            Self::Api
        } else {
            Self::Web
        }
    }
}

/// There is nothing at the address; none where a page says so.
pub(crate) fn unknown_address(uri: &Uri) -> Option<Response> {
    match Dialect::of(uri.path()) {
        Dialect::Web => None,
        Dialect::Api => Some(ApiError::Address.into_response()),
        Dialect::Trunk => Some((StatusCode::NOT_FOUND, "There is nothing at this address").into_response()),
    }
}

/// There is something at the address, for other methods; which ones the header `Allow` says.
pub(crate) async fn method_not_allowed(route: Option<MatchedPath>, uri: Uri) -> Response {
    // What answers for all addresses below it that are none.
    if route.is_some_and(|route| route.as_str() == "/api" || route.as_str() == "/api/{*path}") {
        return unknown(uri).await;
    }
    match Dialect::of(uri.path()) {
        Dialect::Api => api::method_not_allowed().into_response(),
        Dialect::Web | Dialect::Trunk => {
            (StatusCode::METHOD_NOT_ALLOWED, "This address is for other methods").into_response()
        }
    }
}

/// Every address below `/api` that is none.
pub(crate) async fn unknown(uri: Uri) -> Response {
    unknown_address(&uri).unwrap_or_else(|| ApiError::Address.into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_whom_an_address_is_for() {
        for (path, dialect) in [
            ("/api/v1/trunk-projects/a/b/c", Dialect::Trunk),
            ("/api/v1/trunk-projectsx", Dialect::Api),
            ("/for/pg16/nothing", Dialect::Trunk),
            ("/forum", Dialect::Web),
            ("/api", Dialect::Api),
            ("/packages", Dialect::Web),
        ] {
            assert_eq!(Dialect::of(path), dialect, "{path}");
        }
    }
}
