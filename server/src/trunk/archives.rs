//! The files themselves: by links that end in `.tar.gz`, and where older clients look for a link.

use axum::{
    extract::{FromRequestParts, Path, State},
    http::{HeaderMap, Method, request::Parts},
    response::Response,
};
use model::PostgresMajor;
use registry::{ProjectFile, ProjectQuery, ProjectRelease, offers};

use super::{error::TrunkError, path::TrunkPath};
use crate::{artifact_download, state::AppState, web::KnownByToken};

/// The major that clients mean who do not name one.
const LEGACY_MAJOR: i64 = 15;

/// Where files of the registry are fetched, by whoever asks for their addresses.
#[derive(Clone, Debug)]
pub(super) struct Addresses {
    base: String,
}

/// Clients fetch files without the token that they have shown for a list. Where that is asked for, there is something else in the
/// address of a file, in the place of a user: it is good for files and for some minutes.
impl FromRequestParts<AppState> for Addresses {
    type Rejection = TrunkError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, TrunkError> {
        let mut base = state.http.public_url.clone();
        if let Some(KnownByToken(caller)) = parts.extensions.get() {
            let ticket = state.registry.reading_ticket(caller).await?;
            // Only an address without a host has no place for it.
            let _ = base.set_username(&ticket);
        }
        Ok(Self { base: base.as_str().trim_end_matches('/').to_owned() })
    }
}

impl Addresses {
    /// The absolute address of a file.
    pub(super) fn of(&self, root: &str, release: &ProjectRelease, file: &ProjectFile) -> String {
        let base = &self.base;
        format!("{base}{root}/extensions/{}/{}/archives/{}", release.name, file.version, file.file_name)
    }
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
pub(super) async fn link(
    State(state): State<AppState>,
    Path(path): Path<TrunkPath>,
    addresses: Addresses,
) -> Result<String, TrunkError> {
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
    Ok(addresses.of(&path.root(), offer.release, file))
}
