//! `/api/v1/trunk-projects`: what `trunk install` reads.

use axum::{
    Json,
    extract::{Path, RawQuery, State},
};
use formats::manifest::{Configuration, LoadableLibrary};
use model::{Arch, Folded, PostgresMajor, Sha256};
use registry::{Offer, ProjectExtension, ProjectQuery, ProjectRelease, offers};
use serde::Serialize;

use super::{archives::Addresses, error::TrunkError, path::TrunkPath};
use crate::state::AppState;

/// A release of a project. Lists that are missing are null.
#[derive(Debug, Serialize)]
pub(super) struct Project {
    name: String,
    description: String,
    documentation_link: Option<String>,
    repository_link: String,
    version: String,
    postgres_versions: Option<Vec<PostgresMajor>>,
    extensions: Vec<Extension>,
    downloads: Option<Vec<Download>>,
    /// Not Trunk's: this element is the current release once more, under a version that comes last where versions are compared
    /// number by number.
    #[serde(skip_serializing_if = "Option::is_none")]
    current_version: Option<String>,
}

#[derive(Debug, Serialize)]
struct Extension {
    #[serde(rename = "extension_name")]
    name: String,
    version: String,
    trunk_project_name: String,
    dependencies_extension_names: Option<Vec<String>>,
    loadable_libraries: Option<Vec<LoadableLibrary>>,
    configurations: Option<Vec<Configuration>>,
    control_file: Option<ControlFile>,
}

#[derive(Debug, Serialize)]
struct ControlFile {
    absent: bool,
    content: Option<String>,
}

#[derive(Debug, Serialize)]
struct Download {
    link: String,
    pg_version: PostgresMajor,
    platform: &'static str,
    sha256: Sha256,
}

/// The latest version of every project, or the versions of the project that provides an extension.
pub(super) async fn list(
    State(state): State<AppState>,
    Path(path): Path<TrunkPath>,
    RawQuery(query): RawQuery,
    addresses: Addresses,
) -> Result<Json<Vec<Project>>, TrunkError> {
    let scope = path.scope()?;
    let extension = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .find(|(key, _)| key == "extension-name")
        .map(|(_, name)| name.into_owned());
    let asked = extension.as_deref().map_or(ProjectQuery::All, |name| ProjectQuery::Providing(Folded::of(name)));
    let releases = state.registry.project_releases(&asked).await?;
    let view = View { addresses, root: path.root(), name: None, extension: extension.as_deref() };
    let projects = releases.chunk_by(|left, right| left.name == right.name).flat_map(|releases| {
        let offers = offers(releases, &scope);
        if extension.is_none() {
            return offers.current.map(|current| view.project(&offers.releases[current])).into_iter().collect();
        }
        // Clients take the last of them, whatever they run on.
        let last = offers.for_comparing_clients.iter().map(|offer| view.project(offer));
        offers
            .current
            .map(|current| view.project(&offers.releases[current]))
            .into_iter()
            .chain(last)
            .collect::<Vec<_>>()
    });
    Ok(Json(projects.collect()))
}

/// All versions of a project; none where there is no such project.
pub(super) async fn show(
    State(state): State<AppState>,
    Path(path): Path<TrunkPath>,
    addresses: Addresses,
) -> Result<Json<Vec<Project>>, TrunkError> {
    let scope = path.scope()?;
    let releases = state.registry.project_releases(&ProjectQuery::Of(path.folded_name())).await?;
    let view = View { addresses, root: path.root(), name: Some(path.name_text()), extension: None };
    let offers = offers(&releases, &scope);
    let last = offers.for_comparing_clients.iter();
    Ok(Json(offers.releases.iter().chain(last).map(|offer| view.project(offer)).collect()))
}

/// One version of a project; none where there is no such version.
pub(super) async fn show_version(
    State(state): State<AppState>,
    Path(path): Path<TrunkPath>,
    addresses: Addresses,
) -> Result<Json<Vec<Project>>, TrunkError> {
    let scope = path.scope()?;
    let releases = state.registry.project_releases(&ProjectQuery::Of(path.folded_name())).await?;
    let view = View { addresses, root: path.root(), name: Some(path.name_text()), extension: None };
    let offers = offers(&releases, &scope);
    let is_asked = |offer: &&Offer<'_>| Some(offer.release.version.to_string().as_str()) == path.version_text();
    Ok(Json(offers.releases.iter().filter(is_asked).map(|offer| view.project(offer)).collect()))
}

/// How releases are shown to somebody.
struct View<'request> {
    addresses: Addresses,
    root: String,
    /// The name of the project as it was asked for: clients compare it with the answer.
    name: Option<&'request str>,
    /// That of the extension, likewise.
    extension: Option<&'request str>,
}

impl View<'_> {
    fn project(&self, offer: &Offer<'_>) -> Project {
        let release = offer.release;
        let name = self.name.map_or_else(|| release.name.to_string(), str::to_owned);
        let mut majors: Vec<PostgresMajor> = offer.files.iter().map(|file| file.postgres_major).collect();
        majors.dedup();
        let link = |kind: &str| release.links.get(kind).cloned();
        let version = release.version.to_string();
        let downloads: Vec<Download> = offer
            .files
            .iter()
            .map(|file| Download {
                link: self.addresses.of(&self.root, release, file),
                pg_version: file.postgres_major,
                platform: platform(file.arch),
                sha256: file.sha256,
            })
            .collect();
        Project {
            extensions: self.extensions(release, &name),
            name,
            description: release.summary.clone().unwrap_or_default(),
            documentation_link: link("documentation"),
            repository_link: link("repository").or_else(|| link("homepage")).unwrap_or_default(),
            current_version: offer.is_current_for_all.then(|| version.clone()),
            version: if offer.is_current_for_all { LAST_VERSION.to_owned() } else { version },
            postgres_versions: some(majors),
            downloads: some(downloads),
        }
    }

    fn extensions(&self, release: &ProjectRelease, project: &str) -> Vec<Extension> {
        let shown = |name: String, version: String, requires: &[String], control_file: ControlFile| Extension {
            name,
            version,
            trunk_project_name: project.to_owned(),
            dependencies_extension_names: some(requires.iter().chain(&release.depends_on).cloned().collect()),
            loadable_libraries: some(release.libraries.clone()),
            configurations: some(release.settings.clone()),
            control_file: Some(control_file),
        };
        if release.extensions.is_empty() {
            let absent = ControlFile { absent: true, content: None };
            return vec![shown(project.to_owned(), release.version.to_string(), &[], absent)];
        }
        let of_release = release.extensions.iter().map(|extension| {
            let content = extension.control_file.clone();
            let version = extension.version.clone().unwrap_or_default();
            shown(self.spelled(extension), version, &extension.requires, ControlFile { absent: false, content })
        });
        of_release.collect()
    }

    fn spelled(&self, extension: &ProjectExtension) -> String {
        match self.extension.filter(|asked| Folded::of(asked) == Folded::of(&extension.name)) {
            Some(asked) => asked.to_owned(),
            None => extension.name.clone(),
        }
    }
}

/// A semantic version whose first number is the largest that clients can compare.
const LAST_VERSION: &str = "2147483647.0.0+current";

fn platform(arch: Arch) -> &'static str {
    match arch {
        Arch::X86_64 => "linux/amd64",
        Arch::Aarch64 => "linux/arm64",
        Arch::X86 => "linux/386",
        Arch::Arm => "linux/arm",
        Arch::Ppc64le => "linux/ppc64le",
        Arch::Riscv64 => "linux/riscv64",
        Arch::S390x => "linux/s390x",
        Arch::Loongarch64 => "linux/loong64",
    }
}

fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}
