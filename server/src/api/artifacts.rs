use axum::{
    extract::{Path, RawQuery, State},
    http::HeaderMap,
    response::Response,
};
use model::{Platform, Sha256, wire};
use registry::RegistryError;

use super::{
    ApiError,
    asker::Reader,
    parameters::{self, Query},
};
use crate::{artifact_download, state::AppState};

/// The source of a release.
#[utoipa::path(
    get,
    path = "/api/v1/packages/{name}/{version}/source",
    operation_id = "downloadSource",
    params(("name" = String, Path, description = "The short name"), ("version" = String, Path, description = "A version")),
    responses(
        (status = 200, content_type = "application/zip", description = "The file"),
        (status = 206, content_type = "application/zip", description = "The range that was asked for"),
        (status = 302, description = "The way to the file in the object store, good for five minutes"),
        (status = 304, description = "It is what If-None-Match names"),
        (status = 404, body = wire::Problem),
        (status = 416, description = "The range is outside the file"),
    )
)]
pub(super) async fn download_source(
    State(state): State<AppState>,
    Path((name, version)): Path<(String, String)>,
    Reader(viewer): Reader,
    method: axum::http::Method,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (name, version) = (parameters::package_name(&name)?, parameters::version(&version)?);
    let artifact = state.registry.source(viewer, &name, &version).await?;
    Ok(artifact_download::respond(&state, artifact, &method, &headers).await?)
}

/// A file of a release: the newest build for a major and platform, or the one with a digest.
#[utoipa::path(
    get,
    path = "/api/v1/packages/{name}/{version}/artifacts/{pg}/{platform}",
    operation_id = "downloadArtifact",
    params(
        ("name" = String, Path, description = "The short name"),
        ("version" = String, Path, description = "A version"),
        ("pg" = String, Path, description = "A major of PostgreSQL, or any"),
        ("platform" = String, Path, description = "A platform such as debian-12-x86_64-gnu, or any"),
        ("sha256" = Option<String>, Query, description = "The digest of one of several builds"),
    ),
    responses(
        (status = 200, content_type = "application/gzip", description = "The file"),
        (status = 206, content_type = "application/gzip", description = "The range that was asked for"),
        (status = 302, description = "The way to the file in the object store, good for five minutes"),
        (status = 304, description = "It is what If-None-Match names"),
        (status = 404, body = wire::Problem),
        (status = 416, description = "The range is outside the file"),
    )
)]
pub(super) async fn download(
    State(state): State<AppState>,
    Path((name, version, major, platform)): Path<(String, String, String, String)>,
    RawQuery(query): RawQuery,
    Reader(viewer): Reader,
    method: axum::http::Method,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (name, version) = (parameters::package_name(&name)?, parameters::version(&version)?);
    let major = parameters::postgres(&major)?;
    let platform: Platform = platform.parse().map_err(|_| RegistryError::NotFound)?;
    let sha256 = Query::read(query.as_deref()).get::<Sha256>("sha256")?;
    let artifact = state.registry.artifact(viewer, &name, &version, major, &platform, sha256).await?;
    Ok(artifact_download::respond(&state, artifact, &method, &headers).await?)
}
