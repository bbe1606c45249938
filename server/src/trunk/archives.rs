//! The files themselves: by links that end in `.tar.gz`, and where older clients look for a link.

use axum::{
    extract::{Path, State},
    http::{HeaderMap, Method},
    response::Response,
};
use model::PostgresMajor;
use registry::{ProjectFile, ProjectQuery, ProjectRelease, offers};

use super::{error::TrunkError, path::TrunkPath};
use crate::{artifact_download, state::AppState};

/// The major that clients mean who do not name one.
const LEGACY_MAJOR: i64 = 15;

/// The absolute address of a file.
pub(super) fn address(state: &AppState, root: &str, release: &ProjectRelease, file: &ProjectFile) -> String {
    let base = state.http.public_url.as_str().trim_end_matches('/');
    format!("{base}{root}/extensions/{}/{}/archives/{}", release.name, file.version, file.file_name)
}

/// Sends a file.
pub(super) async fn download(
    State(state): State<AppState>,
    Path(path): Path<TrunkPath>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, TrunkError> {
    let artifact = state.registry.artifact_by_file_name(&path.package_name()?, &path.version()?, path.file()).await?;
    Ok(artifact_download::respond(&state, artifact, &method, &headers).await?)
}

/// The address of the file of a version for PostgreSQL 15, or for the scope's: a text and nothing else.
pub(super) async fn link(State(state): State<AppState>, Path(path): Path<TrunkPath>) -> Result<String, TrunkError> {
    let scope = path.scope()?;
    let mut releases = state.registry.project_releases(&ProjectQuery::Of(path.folded_name())).await?;
    if releases.is_empty() {
        releases = state.registry.project_releases(&ProjectQuery::Providing(path.folded_name())).await?;
    }
    if releases.is_empty() {
        return Err(registry::RegistryError::NotFound.into());
    }
    let major = scope.postgres_major.or(PostgresMajor::try_from(LEGACY_MAJOR).ok()).ok_or(TrunkError::Version)?;
    let offers = offers(&releases, &scope);
    let has_file = |file: &&&ProjectFile| file.postgres_major == major;
    let found = match path.version_text() {
        Some("latest") => offers.current_for(major),
        version => offers.releases.iter().find(|offer| Some(offer.release.version.to_string().as_str()) == version),
    };
    let offer = found.ok_or(TrunkError::Version)?;
    let file = offer.files.iter().find(has_file).ok_or(TrunkError::Version)?;
    Ok(address(&state, &path.root(), offer.release, file))
}
