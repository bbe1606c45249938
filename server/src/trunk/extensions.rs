//! The older routes, which dashboards and scripts read.

use std::collections::BTreeSet;

use axum::{
    Json,
    extract::{Path, State},
};
use formats::manifest::LoadableLibrary;
use registry::{ProjectQuery, ProjectRelease, RegistryError, Viewer, offers};
use serde::Serialize;
use time::{OffsetDateTime, macros::format_description};

use super::{categories::FEATURED, error::TrunkError, path::TrunkPath};
use crate::state::AppState;

/// A project as lists show it. Dates have microseconds and an offset.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListedExtension {
    categories: Vec<Option<String>>,
    created_at: String,
    description: Option<String>,
    documentation: Option<String>,
    homepage: Option<String>,
    latest_version: String,
    license: Option<String>,
    name: String,
    owners: Option<Vec<Owner>>,
    repository: Option<String>,
    updated_at: String,
}

/// An owner; both are the handle.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Owner {
    user_id: String,
    user_name: String,
}

/// A version of a project with all that is known of it.
#[derive(Debug, Serialize)]
pub(super) struct DetailedExtension {
    name: String,
    extension_name: Option<String>,
    version: String,
    #[serde(rename = "createdAt")]
    created_at: String,
    #[serde(rename = "updatedAt")]
    updated_at: String,
    description: Option<String>,
    homepage: Option<String>,
    documentation: Option<String>,
    repository: Option<String>,
    license: Option<String>,
    owners: Option<Vec<Owner>>,
    publisher: String,
    system_dependencies: Option<serde_json::Value>,
    categories: Vec<Option<String>>,
    libraries: Option<Vec<LoadableLibrary>>,
}

/// Every project with its latest version, by name.
pub(super) async fn list(
    State(state): State<AppState>,
    Path(path): Path<TrunkPath>,
) -> Result<Json<Vec<ListedExtension>>, TrunkError> {
    let scope = path.scope()?;
    let releases = state.registry.project_releases(&ProjectQuery::All).await?;
    let listed = releases.chunk_by(|left, right| left.name == right.name).filter_map(|releases| {
        let offers = offers(releases, &scope);
        let release = offers.releases.get(offers.current?)?.release;
        let link = |kind: &str| release.links.get(kind).cloned();
        Some(ListedExtension {
            categories: categories(release),
            created_at: with_offset(release.created_at),
            description: release.summary.clone(),
            documentation: link("documentation"),
            homepage: link("homepage"),
            latest_version: release.version.to_string(),
            license: release.licence.clone(),
            name: release.name.to_string(),
            owners: owners(release),
            repository: link("repository"),
            updated_at: with_offset(release.updated_at),
        })
    });
    Ok(Json(listed.collect()))
}

/// All versions of a project, or one of them.
pub(super) async fn show(
    State(state): State<AppState>,
    Path(path): Path<TrunkPath>,
) -> Result<Json<Vec<DetailedExtension>>, TrunkError> {
    let scope = path.scope()?;
    let releases = state.registry.project_releases(&ProjectQuery::Of(path.folded_name())).await?;
    if releases.is_empty() {
        return Err(RegistryError::NotFound.into());
    }
    let is_asked = |version: &str| path.version_text().is_none_or(|asked| asked == version);
    let offers = offers(&releases, &scope);
    let shown =
        offers.releases.iter().map(|offer| offer.release).filter(|release| is_asked(&release.version.to_string()));
    Ok(Json(shown.map(|release| detailed(release, path.name_text())).collect()))
}

fn detailed(release: &ProjectRelease, name: &str) -> DetailedExtension {
    let link = |kind: &str| release.links.get(kind).cloned();
    DetailedExtension {
        name: name.to_owned(),
        extension_name: release.extensions.first().map(|extension| extension.name.clone()),
        version: release.version.to_string(),
        created_at: displayed(release.published_at),
        updated_at: displayed(release.updated_at),
        description: release.summary.clone(),
        homepage: link("homepage"),
        documentation: link("documentation"),
        repository: link("repository"),
        license: release.licence.clone(),
        owners: owners(release),
        publisher: release.published_by.to_string(),
        system_dependencies: release.system_dependencies.clone(),
        categories: categories(release),
        libraries: (!release.libraries.is_empty()).then(|| release.libraries.clone()),
    }
}

/// The libraries that some current release wants preloaded.
pub(super) async fn libraries(
    State(state): State<AppState>,
    Path(path): Path<TrunkPath>,
) -> Result<Json<BTreeSet<String>>, TrunkError> {
    let scope = path.scope()?;
    let releases = state.registry.project_releases(&ProjectQuery::All).await?;
    let mut names = BTreeSet::new();
    for releases in releases.chunk_by(|left, right| left.name == right.name) {
        let offers = offers(releases, &scope);
        let current = offers.current.and_then(|place| offers.releases.get(place));
        names.extend(
            current.iter().flat_map(|offer| &offer.release.libraries).map(|library| library.library_name.clone()),
        );
    }
    Ok(Json(names))
}

/// The README of the current release, as it was written.
pub(super) async fn readme(State(state): State<AppState>, Path(path): Path<TrunkPath>) -> Result<String, TrunkError> {
    Ok(state.registry.readme(Viewer::Anonymous, &path.package_name()?, None).await?.text)
}

/// Nothing is fetched from elsewhere: the README came with the archive. Only says whether the package is there.
pub(super) async fn renew_readme(State(state): State<AppState>, Path(path): Path<TrunkPath>) -> Result<(), TrunkError> {
    path.package_name()?;
    let releases = state.registry.project_releases(&ProjectQuery::Of(path.folded_name())).await?;
    if releases.is_empty() { Err(RegistryError::NotFound.into()) } else { Ok(()) }
}

/// Names of categories, with what is featured as the first of them; one null where there is none.
fn categories(release: &ProjectRelease) -> Vec<Option<String>> {
    let featured = release.is_featured.then(|| FEATURED.to_owned());
    let names: Vec<_> =
        featured.into_iter().chain(release.categories.iter().map(|(_, name)| name.clone())).map(Some).collect();
    if names.is_empty() { vec![None] } else { names }
}

fn owners(release: &ProjectRelease) -> Option<Vec<Owner>> {
    let owners: Vec<Owner> = release
        .owners
        .iter()
        .map(|handle| Owner { user_id: handle.to_string(), user_name: handle.to_string() })
        .collect();
    (!owners.is_empty()).then_some(owners)
}

fn with_offset(moment: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]+00:00");
    moment.to_offset(time::UtcOffset::UTC).format(format).unwrap_or_default()
}

fn displayed(moment: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second].[subsecond digits:6] UTC");
    moment.to_offset(time::UtcOffset::UTC).format(format).unwrap_or_default()
}
