//! Decides from an archive and what was said about it what would be published, and everything that speaks against it.

use std::collections::BTreeSet;

use formats::{
    control_file::ControlFile,
    library::{self, Capability, LibraryFacts},
    manifest::{FileKind, LoadableLibrary},
    scripts::VersionGraph,
    trunk_command::{TrunkControl, check_dependency_order, check_manifest_dependencies, misread_lines},
};
use model::{ExtensionName, Folded, LoadKind, PackageKind, Platform, PostgresMajor, Source};

use super::{
    Artifact, ArtifactKind, ArtifactLibrary, Extension, Facts, Module, Setting, UploadFinding, UploadRequest,
    inspect::Inspection,
    metadata::{shortened, tidy_text},
};

/// Settings of a release.
const MOST_SETTINGS: usize = 200;

/// What would be published.
#[derive(Debug)]
pub(super) struct Assessed {
    pub(super) kind: PackageKind,
    pub(super) facts: Facts,
    pub(super) artifact: Artifact,
}

/// Looks at everything, so that all that is wrong is said at once. Complete only where no finding is an error.
pub(super) fn assess(
    request: &UploadRequest,
    inspection: Inspection,
    findings: &mut Vec<UploadFinding>,
) -> Option<Assessed> {
    compare_manifest(request, &inspection, findings);
    check_for_trunk(&inspection, findings);
    let libraries = libraries(&inspection, findings);
    let platform = platform(request, &inspection, &libraries, findings);
    let major = major(request, &inspection, &libraries, findings);
    let extensions = extensions(request, &inspection, major, findings);
    if inspection.controls.is_empty() && inspection.libraries.is_empty() {
        findings.push(UploadFinding::error(
            "archive-empty",
            "the archive has neither a control file nor a library, so there is nothing to install",
        ));
    }
    let declared = declared_libraries(request, &inspection);
    let modules = modules(&inspection, &libraries, declared, findings);
    let metadata = &request.metadata;
    let manifest = &inspection.manifest;
    let depends_on = dependencies(request, &inspection, &extensions, findings);
    let settings = if metadata.settings.is_empty() {
        manifest.configurations.clone().unwrap_or_default()
    } else {
        metadata.settings.clone()
    };
    if settings.len() > MOST_SETTINGS {
        findings.push(UploadFinding::error(
            "too-many-settings",
            format_args!("there are {} settings; {MOST_SETTINGS} are taken", settings.len()),
        ));
    }
    let mut names = BTreeSet::new();
    let settings = settings
        .into_iter()
        .filter(|setting| !setting.configuration_name.is_empty() && names.insert(setting.configuration_name.clone()))
        .map(|setting| Setting {
            name: setting.configuration_name,
            is_required: setting.is_required,
            recommended_value: setting.recommended_default_value,
        })
        .collect::<Vec<_>>();
    let system_dependencies = if metadata.system_dependencies.is_empty() {
        manifest.dependencies.clone().unwrap_or_default()
    } else {
        metadata.system_dependencies.clone()
    };
    let texts = settings
        .iter()
        .flat_map(|setting: &Setting| [Some(&setting.name), setting.recommended_value.as_ref()])
        .flatten()
        .chain(system_dependencies.iter().flat_map(|(manager, packages)| std::iter::once(manager).chain(packages)));
    if texts.into_iter().any(|text| text.contains('\0')) {
        findings.push(UploadFinding::error("text-with-nul", "a setting or a dependency has a NUL character in it"));
    }
    let readme = inspection.readme.or_else(|| metadata.sent_readme(findings));
    Some(Assessed {
        kind: if extensions.is_empty() { PackageKind::Module } else { PackageKind::Extension },
        facts: Facts {
            licence: tidy_text(metadata.licence.as_deref()),
            extensions,
            modules,
            settings,
            depends_on,
            system_dependencies,
            readme,
        },
        artifact: Artifact {
            kind: ArtifactKind::Binary,
            postgres_major: major.ok()?,
            platform: platform?,
            postgres_version: None,
            distribution: None,
            files: inspection.files,
            libraries: libraries.into_iter().map(|(path, facts)| ArtifactLibrary { path, facts }).collect(),
        },
    })
}

fn compare_manifest(request: &UploadRequest, inspection: &Inspection, findings: &mut Vec<UploadFinding>) {
    let manifest = &inspection.manifest;
    if Folded::of(&manifest.name) != request.name.folded() {
        findings.push(UploadFinding::error(
            "name-disagrees",
            format_args!(
                "manifest.json in the archive is of {:?}, the upload is of {}",
                shortened(&manifest.name),
                request.name
            ),
        ));
    }
    if manifest.version != request.version.to_string() {
        findings.push(UploadFinding::error(
            "version-disagrees",
            format_args!(
                "manifest.json in the archive is of version {:?}, the upload is of {}",
                shortened(&manifest.version),
                request.version
            ),
        ));
    }
    if manifest.sys != "linux" {
        findings.push(UploadFinding::error(
            "system-unknown",
            format_args!("the archive is for {:?}; archives for linux are taken", shortened(&manifest.sys)),
        ));
    }
    // Installers go by the kind in the manifest, everything here by the path.
    for (path, file) in manifest.files.iter().filter(|(path, file)| FileKind::of_path(path) != file.kind).take(3) {
        findings.push(UploadFinding::error(
            "file-kind-disagrees",
            format_args!("manifest.json says that {:?} is a {}", shortened(path), file.kind.as_str()),
        ));
    }
    let listed = |path: &str| manifest.files.contains_key(path);
    for path in inspection.files.iter().map(|file| file.path.as_str()).filter(|path| !listed(path)).take(3) {
        findings.push(UploadFinding::warning(
            "file-not-listed",
            format_args!("{:?} is in the archive but not in manifest.json, so nobody installs it", shortened(path)),
        ));
    }
}

/// What the `trunk` command, which cannot be changed any more, makes of the archive.
fn check_for_trunk(inspection: &Inspection, findings: &mut Vec<UploadFinding>) {
    let mut controls: Vec<(&str, Vec<String>)> = Vec::new();
    for (name, path, text) in &inspection.controls {
        let read = TrunkControl::read(text).unwrap_or_default();
        controls.push((name, read.requires));
        if name.contains("--") {
            continue;
        }
        // Where PostgreSQL cannot read it either, that is said elsewhere.
        for line in misread_lines(text).unwrap_or_default() {
            findings.push(UploadFinding::warning(line.code(), format_args!("{:?}: {line}", shortened(path))));
        }
    }
    if let Err(error) = check_dependency_order(&controls) {
        findings.push(UploadFinding::error(error.code(), &error));
    }
    let provided = controls.iter().map(|(name, _)| *name);
    let dependencies = inspection.manifest.extension_dependencies.as_deref().unwrap_or_default();
    if let Err(error) = check_manifest_dependencies(provided, dependencies) {
        findings.push(UploadFinding::error(error.code(), &error));
    }
}

/// The libraries that could be read.
fn libraries(inspection: &Inspection, findings: &mut Vec<UploadFinding>) -> Vec<(String, LibraryFacts)> {
    let mut libraries = Vec::new();
    for (path, read) in &inspection.libraries {
        match read {
            Some(Ok(facts)) => libraries.push((path.clone(), facts.clone())),
            Some(Err(error)) => findings
                .push(UploadFinding::error("library-unreadable", format_args!("{:?} is {error}", shortened(path)))),
            None => findings.push(UploadFinding::warning(
                "library-not-read",
                format_args!("{:?} is too large to be looked at; what it needs is unknown", shortened(path)),
            )),
        }
    }
    libraries
}

fn platform(
    request: &UploadRequest,
    inspection: &Inspection,
    libraries: &[(String, LibraryFacts)],
    findings: &mut Vec<UploadFinding>,
) -> Option<Platform> {
    let target = request.target.as_ref().map(|target| &target.platform);
    if inspection.libraries.is_empty() {
        return match target {
            // Whoever names a platform for files that run everywhere may have a reason: other scripts.
            Some(target) => Some(target.clone()),
            None => Some(Platform::Any),
        };
    }
    let declared = inspection.manifest.architecture.as_str();
    // Archives of the first version say x86 whatever they hold.
    let declared = if inspection.manifest.manifest_version == 1 { None } else { Some(declared) };
    let arch = libraries.first().map(|(_, facts)| facts.arch).or_else(|| declared?.parse().ok());
    let Some(arch) = arch else {
        findings.push(UploadFinding::error("architecture-unknown", "the architecture of the archive is not known"));
        return None;
    };
    for (path, facts) in libraries {
        if facts.arch != arch {
            findings.push(UploadFinding::error(
                "architecture-disagrees",
                format_args!(
                    "{:?} is for {}, other libraries of the archive are for {arch}",
                    shortened(path),
                    facts.arch
                ),
            ));
            return None;
        }
    }
    if declared.is_some_and(|declared| declared != arch.as_str()) {
        findings.push(UploadFinding::error(
            "architecture-disagrees",
            format_args!(
                "manifest.json says {:?}, the libraries are for {arch}",
                shortened(&inspection.manifest.architecture)
            ),
        ));
        return None;
    }
    let musl = libraries.iter().any(|(_, facts)| facts.libc == Some(model::Libc::Musl));
    let libc = if musl { model::Libc::Musl } else { model::Libc::Gnu };
    match target {
        Some(Platform::Any) => {
            findings.push(UploadFinding::error(
                "platform-disagrees",
                format_args!("the archive has libraries for {arch}, so it is not for any platform"),
            ));
            None
        }
        // Of libraries that could not be read only their publisher knows what they need.
        Some(target) if target.arch() != Some(arch) || !libraries.is_empty() && target.libc() != Some(libc) => {
            findings.push(UploadFinding::error(
                "platform-disagrees",
                format_args!("the upload is for {target}, the libraries are for {arch} with {libc}"),
            ));
            None
        }
        Some(target) => Some(target.clone()),
        None => Some(Platform::Binary { os: "linux".to_owned(), os_version: None, arch, libc }),
    }
}

/// What was said contradicts itself, which is among the findings.
#[derive(Clone, Copy)]
struct Contradiction;

/// The major it is for; none for any.
fn major(
    request: &UploadRequest,
    inspection: &Inspection,
    libraries: &[(String, LibraryFacts)],
    findings: &mut Vec<UploadFinding>,
) -> Result<Option<PostgresMajor>, Contradiction> {
    let declared = inspection.manifest.postgres_major();
    let target = request.target.as_ref().map_or(declared, |target| target.postgres_major);
    if let (Some(target), Some(declared)) = (target, declared)
        && target != declared
    {
        findings.push(UploadFinding::error(
            "postgres-disagrees",
            format_args!("the upload is for PostgreSQL {target}, manifest.json says {declared}"),
        ));
        return Err(Contradiction);
    }
    for (path, facts) in libraries {
        if let library::Module::For(major) = facts.module
            && target != Some(major)
        {
            let target = target.map_or_else(|| "any PostgreSQL".to_owned(), |target| format!("PostgreSQL {target}"));
            findings.push(UploadFinding::error(
                "postgres-disagrees",
                format_args!("{:?} was built for PostgreSQL {major}, the upload is for {target}", shortened(path)),
            ));
            return Err(Contradiction);
        }
    }
    if target.is_none() && !inspection.libraries.is_empty() {
        findings.push(UploadFinding::error(
            "postgres-disagrees",
            "the archive has libraries, so it is for one major of PostgreSQL and not for any",
        ));
        return Err(Contradiction);
    }
    Ok(target)
}

fn extensions(
    request: &UploadRequest,
    inspection: &Inspection,
    major: Result<Option<PostgresMajor>, Contradiction>,
    findings: &mut Vec<UploadFinding>,
) -> Vec<Extension> {
    // Where the major is not clear, the upload is refused anyway.
    let Some(major) = major.ok().flatten().or(inspection.manifest.postgres_major()) else { return Vec::new() };
    let mut extensions: Vec<Extension> = Vec::new();
    for (name, path, text) in inspection.controls.iter().filter(|(name, ..)| !name.contains("--")) {
        let control = match ControlFile::parse(text, major) {
            Ok(control) => control,
            Err(error) => {
                findings.push(UploadFinding::error(
                    "control-file-broken",
                    format_args!("PostgreSQL would refuse {:?}: {error}", shortened(path)),
                ));
                continue;
            }
        };
        match extension(name, &control, text) {
            Ok(extension) => {
                check_installable(&extension, &control, inspection, findings);
                extensions.push(extension);
            }
            Err(finding) => findings.push(finding),
        }
    }
    let mut folded = BTreeSet::new();
    extensions.retain(|extension| folded.insert(extension.name.folded()));
    let declared = request.metadata.extension_name.as_deref();
    if let Some(declared) = declared.filter(|declared| !declared.is_empty())
        && !extensions.is_empty()
        && !folded.contains(&Folded::of(declared))
        // Clients that are told nothing send the name of the package.
        && Folded::of(declared) != request.name.folded()
    {
        findings.push(UploadFinding::warning(
            "extension-name-disagrees",
            format_args!("the archive has no control file for the extension {:?}", shortened(declared)),
        ));
    }
    extensions
}

/// What a control file says of its extension.
pub(super) fn extension(name: &str, control: &ControlFile, text: &[u8]) -> Result<Extension, UploadFinding> {
    let invalid = |error: &dyn std::fmt::Display| {
        UploadFinding::error("extension-name-invalid", format_args!("{:?} cannot be created: {error}", shortened(name)))
    };
    let parsed: ExtensionName = name.parse().map_err(|error| invalid(&error))?;
    let version = control.default_version.as_deref().map(str::parse).transpose().map_err(|error| {
        UploadFinding::error("extension-version-invalid", format_args!("the default_version of {parsed}: {error}"))
    })?;
    Ok(Extension {
        name: parsed,
        version,
        comment: control.comment.clone(),
        requires: control.requires.clone(),
        trusted: control.trusted,
        superuser: control.superuser,
        relocatable: control.relocatable,
        schema: control.schema.clone(),
        control_file: String::from_utf8(text.to_vec()).ok().filter(|text| !text.contains('\0')),
    })
}

/// Whether its scripts install the version that its control file names.
fn check_installable(
    extension: &Extension,
    control: &ControlFile,
    inspection: &Inspection,
    findings: &mut Vec<UploadFinding>,
) {
    let name = &extension.name;
    let file_names = inspection.files.iter().map(|file| file.path.rsplit('/').next().unwrap_or(&file.path));
    match &control.default_version {
        None => findings.push(UploadFinding::warning(
            "extension-without-default-version",
            format_args!("the control file of {name} has no default_version, so CREATE EXTENSION must be told one"),
        )),
        Some(version) => {
            let graph = VersionGraph::new(name.as_str(), file_names);
            if !graph.installable().contains_key(version.as_str()) {
                findings.push(UploadFinding::warning(
                    "extension-not-installable",
                    format_args!("no script installs {name} {}, its default version", shortened(version)),
                ));
            }
        }
    }
}

fn declared_libraries(request: &UploadRequest, inspection: &Inspection) -> Vec<LoadableLibrary> {
    if request.metadata.libraries.is_empty() {
        inspection.manifest.loadable_libraries.clone().unwrap_or_default()
    } else {
        request.metadata.libraries.clone()
    }
}

fn modules(
    inspection: &Inspection,
    libraries: &[(String, LibraryFacts)],
    declared: Vec<LoadableLibrary>,
    findings: &mut Vec<UploadFinding>,
) -> Vec<Module> {
    let mut modules: Vec<Module> = Vec::new();
    // Only what lies where PostgreSQL looks for it by its name.
    for path in inspection.libraries.iter().map(|(path, _)| path).filter(|path| !path.contains('/')) {
        let library = path.strip_suffix(".so").unwrap_or(path).to_owned();
        let facts = libraries.iter().find(|(known, _)| known == path).map(|(_, facts)| facts);
        // A library that PostgreSQL would not load is one that another library needs.
        if facts.is_some_and(|facts| facts.module == library::Module::No) {
            continue;
        }
        modules.push(Module {
            library,
            load_kind: facts.map_or(LoadKind::Unknown, inferred_load),
            load_source: Source::Inferred,
            without_preload: None,
            restart_on_install: None,
            restart_on_upgrade: None,
            usage: Vec::new(),
            preload_priority: None,
        });
    }
    for library in declared {
        let name = library.library_name.trim_end_matches(".so").to_owned();
        let Some(module) = modules.iter_mut().find(|module| module.library == name) else {
            findings.push(UploadFinding::warning(
                "library-missing",
                format_args!(
                    "the library {:?} should be preloaded, but the archive does not have it",
                    shortened(&name)
                ),
            ));
            continue;
        };
        module.load_kind =
            if library.requires_restart { LoadKind::SharedPreloadRequired } else { LoadKind::SharedPreloadOptional };
        module.load_source = Source::Declared;
        module.restart_on_install = Some(library.requires_restart);
        module.usage = vec![format!("shared_preload_libraries = '{name}'")];
        module.preload_priority = Some(library.priority);
    }
    modules
}

/// How the library is loaded, where its symbols leave no doubt. Nothing is said about preloading: symbols do not tell.
fn inferred_load(facts: &LibraryFacts) -> LoadKind {
    if facts.capabilities.contains_key(&Capability::OutputPlugin) {
        LoadKind::OutputPlugin
    } else if facts.capabilities.contains_key(&Capability::ArchiveModule) {
        LoadKind::ArchiveModule
    } else {
        LoadKind::Unknown
    }
}

/// What must be installed first beyond what control files require.
fn dependencies(
    request: &UploadRequest,
    inspection: &Inspection,
    extensions: &[Extension],
    findings: &mut Vec<UploadFinding>,
) -> Vec<String> {
    let declared = request.metadata.extension_dependencies.iter();
    let declared = declared.chain(inspection.manifest.extension_dependencies.iter().flatten());
    let mut dependencies: Vec<String> = Vec::new();
    for name in declared.map(|name| name.trim()) {
        let is_own = |extension: &Extension| extension.name.as_str() == name;
        let is_required = |extension: &Extension| extension.requires.iter().any(|required| required == name);
        if name.parse::<ExtensionName>().is_err() {
            findings.push(UploadFinding::error(
                "dependency-invalid",
                format_args!("{:?}, which should be installed first, is no name of an extension", shortened(name)),
            ));
        } else if !extensions.iter().any(|extension| is_own(extension) || is_required(extension))
            && !dependencies.iter().any(|known| known == name)
        {
            dependencies.push(name.to_owned());
        }
    }
    dependencies
}
