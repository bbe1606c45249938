//! Puts together what is published of an extension or module that was found.

use std::{collections::BTreeMap, fs};

use formats::manifest::{FileKind, LoadableLibrary, Manifest, ManifestFile};
use model::{FullName, LoadKind, PackageName, Platform, Sha256, Source};
use sha2::Digest as _;

use super::{
    Installation,
    contrib::{self, Contrib},
    discover::Candidate,
};
use crate::publish::{
    Artifact, ArtifactFile, ArtifactKind, ArtifactLibrary, Authority, Extension, Facts, Module, Publication, Settings,
};

/// A publication and the content of its archive.
pub(super) struct Prepared {
    pub(super) publication: Publication,
    pub(super) files: Vec<(String, Vec<u8>)>,
    pub(super) manifest: Manifest,
}

/// Reads the files of a candidate; an error is a reason for people.
pub(super) fn prepare(
    actor: i64,
    name: PackageName,
    full_name: FullName,
    installation: &Installation,
    candidate: &Candidate,
) -> Result<Prepared, String> {
    let known = contrib::contrib(&candidate.name);
    let mut files = Vec::new();
    for (path, file) in &candidate.files {
        let content = fs::read(file).map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
        files.push((path.clone(), content));
    }
    let contents = files.iter().map(|(path, content)| ArtifactFile {
        path: path.clone(),
        kind: FileKind::of_path(path).as_str(),
        size_bytes: i64::try_from(content.len()).unwrap_or(i64::MAX),
        sha256: Sha256::from_bytes(sha2::Sha256::digest(content).into()),
    });
    let modules = modules(known, candidate);
    let platform = if candidate.libraries.is_empty() { Platform::Any } else { installation.platform.clone() };
    let publication = Publication {
        authority: Authority::System(actor),
        name,
        full_name,
        kind: candidate.kind,
        version: candidate.version.clone(),
        settings: settings(known, candidate),
        facts: Facts {
            licence: known.map(|_| "PostgreSQL".to_owned()),
            extensions: extensions(candidate)?,
            modules: modules.clone(),
            ..Facts::default()
        },
        artifact: Artifact {
            kind: ArtifactKind::Binary,
            postgres_major: Some(installation.major),
            platform,
            postgres_version: Some(installation.version.clone()),
            distribution: candidate.distribution.clone(),
            files: contents.collect(),
            libraries: candidate
                .libraries
                .iter()
                .map(|(library, facts)| ArtifactLibrary { path: format!("{library}.so"), facts: facts.clone() })
                .collect(),
        },
    };
    let manifest = manifest(&publication, installation, candidate, &modules);
    Ok(Prepared { publication, files, manifest })
}

fn settings(known: Option<&Contrib>, candidate: &Candidate) -> Settings {
    let Some(known) = known else {
        let comment = candidate.control.as_ref().and_then(|control| control.comment.clone());
        return Settings { summary: comment.filter(|comment| !comment.trim().is_empty()), ..Settings::default() };
    };
    Settings {
        summary: Some(known.sentence.to_owned()),
        categories: known.categories.iter().filter_map(|slug| slug.parse().ok()).collect(),
        tags: known.tags.iter().map(|tag| (*tag).to_owned()).collect(),
        links: known
            .documentation
            .map(|page| ("documentation", format!("https://www.postgresql.org/docs/current/{page}.html")))
            .into_iter()
            .collect(),
    }
}

fn extensions(candidate: &Candidate) -> Result<Vec<Extension>, String> {
    let Some(control) = &candidate.control else { return Ok(Vec::new()) };
    let name = candidate.name.parse().map_err(|error| format!("{error}"))?;
    let version = control.default_version.as_deref().map(str::parse).transpose().map_err(|error| format!("{error}"))?;
    Ok(vec![Extension {
        name,
        version,
        comment: control.comment.clone(),
        requires: control.requires.clone(),
        trusted: control.trusted,
        superuser: control.superuser,
        relocatable: control.relocatable,
        schema: control.schema.clone(),
        control_file: control_file(candidate),
    }])
}

fn control_file(candidate: &Candidate) -> Option<String> {
    let path = candidate.files.get(&format!("extension/{}.control", candidate.name))?;
    fs::read_to_string(path).ok().filter(|text| !text.contains('\0'))
}

fn modules(known: Option<&Contrib>, candidate: &Candidate) -> Vec<Module> {
    let load = known.and_then(|known| known.load.as_ref());
    candidate
        .libraries
        .keys()
        .map(|library| Module {
            library: library.clone(),
            load_kind: load.map_or(LoadKind::Unknown, |load| load.kind),
            load_source: if load.is_some() { Source::Declared } else { Source::Inferred },
            without_preload: load.and_then(|load| load.without_preload).map(str::to_owned),
            restart_on_install: load.map(|load| load.kind == LoadKind::SharedPreloadRequired),
            restart_on_upgrade: load.map(|load| load.restart_on_upgrade),
            usage: load.iter().flat_map(|load| load.usage).map(|line| (*line).to_owned()).collect(),
            preload_priority: None,
        })
        .collect()
}

fn manifest(
    publication: &Publication,
    installation: &Installation,
    candidate: &Candidate,
    modules: &[Module],
) -> Manifest {
    let preloaded: Vec<LoadableLibrary> = modules
        .iter()
        .filter(|module| matches!(module.load_kind, LoadKind::SharedPreloadRequired | LoadKind::SharedPreloadOptional))
        .map(|module| LoadableLibrary {
            library_name: module.library.clone(),
            requires_restart: module.load_kind == LoadKind::SharedPreloadRequired,
            priority: formats::manifest::last_priority(),
        })
        .collect();
    let requires = candidate.control.as_ref().map(|control| control.requires.clone()).unwrap_or_default();
    let files: BTreeMap<String, ManifestFile> =
        candidate.files.keys().map(|path| (path.clone(), ManifestFile { kind: FileKind::of_path(path) })).collect();
    Manifest {
        name: publication.name.to_string(),
        extension_name: candidate.control.as_ref().map(|_| candidate.name.clone()),
        dependencies: None,
        extension_dependencies: (!requires.is_empty()).then_some(requires),
        version: publication.version.to_string(),
        manifest_version: 2,
        sys: "linux".to_owned(),
        // Where nothing is compiled, the architecture of the machine it was taken from: readers want one.
        architecture: installation.platform.arch().map(model::Arch::as_str).unwrap_or_default().to_owned(),
        files,
        configurations: None,
        loadable_libraries: (!preloaded.is_empty()).then_some(preloaded),
        pg_version: installation.major.number(),
    }
}
