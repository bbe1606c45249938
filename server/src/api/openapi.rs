use axum::{
    http::header::CONTENT_TYPE,
    response::{IntoResponse as _, Response},
};
use utoipa::OpenApi;

use super::{artifacts, categories, packages, search};

/// The API in its own words.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "pginstall",
        description = "The registry of PostgreSQL extensions. Errors are application/problem+json; lists continue with `after`; \
                       responses have an ETag.",
        license(name = "PostgreSQL")
    ),
    paths(
        packages::list,
        packages::show,
        packages::show_release,
        artifacts::download,
        categories::list,
        search::search,
        search::suggest,
        show,
    )
)]
pub(super) struct Document;

/// This document.
#[utoipa::path(
    get,
    path = "/api/v1/openapi.json",
    operation_id = "showOpenApi",
    responses((status = 200, content_type = "application/json", description = "OpenAPI 3.1"))
)]
pub(super) async fn show() -> Response {
    let json = Document::openapi().to_pretty_json().unwrap_or_else(|_| "{}".to_owned());
    ([(CONTENT_TYPE, "application/json")], json).into_response()
}
