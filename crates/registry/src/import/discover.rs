//! Finds the extensions and modules of an installation and the files that belong to each.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

use formats::{
    control_file::ControlFile,
    library::{self, LibraryFacts, Module},
    scripts::{self, VersionGraph},
};
use model::{ExtensionName, PackageKind, Version};

use super::{Installation, Problem, contrib, debian, server_libraries::is_server_library};

/// An extension or module that can be imported.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    /// The name of the extension, or of the library of a module.
    pub(super) name: String,
    pub(super) kind: PackageKind,
    pub(super) version: Version,
    /// The control file as it holds for the default version.
    pub(super) control: Option<ControlFile>,
    /// The libraries, by name without `.so`.
    pub(super) libraries: BTreeMap<String, LibraryFacts>,
    /// Files by path in the archive.
    pub(super) files: BTreeMap<String, PathBuf>,
    /// The package of the distribution and its version.
    pub(super) distribution: Option<(String, String)>,
}

/// Everything that can be imported, and what cannot and why.
pub(super) fn discover(installation: &Installation) -> (Vec<Candidate>, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut report = |name: &str, reason: String| {
        problems.push(Problem { name: name.to_owned(), installation: installation.to_string(), reason });
    };
    let mut candidates = Vec::new();
    let mut claimed: BTreeSet<String> = BTreeSet::new();
    let extension_directory = installation.share_directory.join("extension");
    let file_names = match file_names(&extension_directory) {
        Ok(names) => names,
        Err(error) => {
            report("extension", format!("{} cannot be read: {error}", extension_directory.display()));
            Vec::new()
        }
    };
    for name in file_names.iter().filter_map(|name| name.strip_suffix(".control")).filter(|name| !name.contains("--")) {
        let mut libraries = BTreeSet::new();
        match extension(installation, name, &mut libraries) {
            Ok(candidate) => candidates.push(candidate),
            Err(reason) => report(name, reason),
        }
        // Also those of an extension that cannot be imported: they are no modules of their own.
        claimed.extend(libraries);
    }
    match self::file_names(&installation.library_directory) {
        Err(error) => {
            report("library", format!("{} cannot be read: {error}", installation.library_directory.display()));
        }
        Ok(names) => {
            for library in names.iter().filter_map(|name| name.strip_suffix(".so")) {
                if claimed.contains(library) || is_server_library(library) {
                    continue;
                }
                match module(installation, library) {
                    Ok(Some(candidate)) => candidates.push(candidate),
                    Ok(None) => {}
                    Err(reason) => report(library, reason),
                }
            }
        }
    }
    name_distribution(&mut candidates);
    // Those that others need come first: what is visible in the middle of an import is complete.
    (sort_by_need(candidates), problems)
}

fn name_distribution(candidates: &mut [Candidate]) {
    let telling = |candidate: &Candidate| {
        let of_kind = |suffix: &str| {
            candidate.files.iter().find(|(path, _)| path.ends_with(suffix)).map(|(_, file)| file.clone())
        };
        of_kind(".so").or_else(|| of_kind(".control"))
    };
    let files: Vec<Option<PathBuf>> = candidates.iter().map(telling).collect();
    let packages = debian::Packages::of(&files.iter().flatten().cloned().collect::<Vec<_>>());
    for (candidate, file) in candidates.iter_mut().zip(files) {
        candidate.distribution = file.and_then(|file| packages.of_file(&file));
        // Debian's policy has the licence there; whoever gets the files gets it too.
        let licence =
            candidate.distribution.as_ref().map(|(name, _)| Path::new("/usr/share/doc").join(name).join("copyright"));
        if let Some(licence) = licence.filter(|path| path.is_file()) {
            candidate.files.insert("licenses/copyright".to_owned(), licence);
        }
    }
}

fn sort_by_need(mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    let mut sorted: Vec<Candidate> = Vec::with_capacity(candidates.len());
    while !candidates.is_empty() {
        let waiting: BTreeSet<String> = candidates.iter().map(|candidate| candidate.name.clone()).collect();
        let needs_none = |candidate: &Candidate| {
            let requires = candidate.control.iter().flat_map(|control| &control.requires);
            !requires.into_iter().any(|name| *name != candidate.name && waiting.contains(name))
        };
        let (ready, rest): (Vec<_>, Vec<_>) = candidates.into_iter().partition(needs_none);
        if ready.is_empty() {
            // They need each other.
            sorted.extend(rest);
            break;
        }
        sorted.extend(ready);
        candidates = rest;
    }
    sorted
}

fn file_names(directory: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(directory)? {
        names.extend(entry?.file_name().into_string());
    }
    names.sort_unstable();
    Ok(names)
}

fn extension(installation: &Installation, name: &str, libraries: &mut BTreeSet<String>) -> Result<Candidate, String> {
    let extension: ExtensionName = name.parse().map_err(|error| format!("{error}"))?;
    let control_path = installation.share_directory.join("extension").join(format!("{name}.control"));
    let control = fs::read(&control_path).map_err(|error| format!("its control file cannot be read: {error}"))?;
    let control = ControlFile::parse(&control, installation.major)
        .map_err(|error| format!("its control file is broken: {error}"))?;
    let script_directory = control
        .script_directory()
        .ok_or_else(|| "its scripts lie outside the share directory, where no archive can put them".to_owned())?
        .to_owned();
    let mut files = BTreeMap::from([(format!("extension/{name}.control"), control_path)]);

    let directory = installation.share_directory.join(&script_directory);
    let names = file_names(&directory).map_err(|error| format!("its scripts cannot be read: {error}"))?;
    let mut scripts = String::new();
    let mut overridden: BTreeMap<&str, ControlFile> = BTreeMap::new();
    for file_name in &names {
        let is_script = scripts::parse_script_name(name, file_name).is_some();
        let auxiliary = scripts::parse_auxiliary_control_name(name, file_name);
        if is_script || auxiliary.is_some() {
            let path = directory.join(file_name);
            let text = fs::read(&path).map_err(|error| format!("{file_name} cannot be read: {error}"))?;
            if let Some(version) = auxiliary {
                let of_version = control.with_overrides(&text, installation.major);
                overridden.insert(version, of_version.map_err(|error| format!("{file_name} is broken: {error}"))?);
            } else {
                scripts.push_str(&String::from_utf8_lossy(&text));
            }
            files.insert(format!("{script_directory}/{file_name}"), path);
        }
    }

    for library in libraries_of(&control, &scripts) {
        libraries.insert(library);
    }
    let default_version =
        control.default_version.as_deref().ok_or_else(|| "its control file names no default_version".to_owned())?;
    let graph = VersionGraph::new(name, names.iter().map(String::as_str));
    let installable = graph.installable();
    let start = installable
        .get(default_version)
        .ok_or_else(|| format!("no script installs its default version {default_version}"))?;
    let of_version = |version: &str| overridden.get(version).unwrap_or(&control);
    let of_default = of_version(default_version).reached_from(of_version(start));
    let version = Version::padded(default_version).map_err(|error| error.to_string())?;

    let mut facts = BTreeMap::new();
    for library in libraries.iter() {
        facts.insert(library.clone(), checked_library(installation, library)?);
        add_library(installation, library, &mut files);
    }
    add_text_search_files(installation, &scripts, &mut files)?;
    add_known_files(installation, extension.as_str(), &mut files);
    Ok(Candidate {
        name: name.to_owned(),
        kind: PackageKind::Extension,
        version,
        control: Some(of_default),
        libraries: facts,
        files,
        distribution: None,
    })
}

/// A library that no control file claims; none if PostgreSQL would not load it.
fn module(installation: &Installation, library: &str) -> Result<Option<Candidate>, String> {
    let path = library_path(installation, library);
    let data = fs::read(&path).map_err(|error| format!("it cannot be read: {error}"))?;
    let facts = library::read(&data).map_err(|error| error.to_string())?;
    if facts.module == Module::No {
        return Ok(None);
    }
    check_labels(installation, &facts)?;
    let mut files = BTreeMap::new();
    add_library(installation, library, &mut files);
    add_known_files(installation, library, &mut files);
    Ok(Some(Candidate {
        name: library.to_owned(),
        kind: PackageKind::Module,
        // A module has no version of its own: it changes with the PostgreSQL it is a part of.
        version: Version::padded(&installation.version).map_err(|error| error.to_string())?,
        control: None,
        libraries: BTreeMap::from([(library.to_owned(), facts)]),
        files,
        distribution: None,
    }))
}

fn library_path(installation: &Installation, library: &str) -> PathBuf {
    installation.library_directory.join(format!("{library}.so"))
}

fn checked_library(installation: &Installation, library: &str) -> Result<LibraryFacts, String> {
    let path = library_path(installation, library);
    let data = fs::read(&path).map_err(|error| format!("its library {library}.so cannot be read: {error}"))?;
    let facts = library::read(&data).map_err(|error| format!("its library {library}.so is {error}"))?;
    check_labels(installation, &facts).map_err(|reason| format!("its library {library}.so: {reason}"))?;
    Ok(facts)
}

/// Refuses a library that would be labelled wrongly: built for another machine or another major.
fn check_labels(installation: &Installation, facts: &LibraryFacts) -> Result<(), String> {
    let platform = &installation.platform;
    if platform.arch() != Some(facts.arch) {
        return Err(format!("it was built for {}, this PostgreSQL for {platform}", facts.arch));
    }
    if let Some(libc) = facts.libc
        && platform.libc() != Some(libc)
    {
        return Err(format!("it was built for the C library {libc}, this PostgreSQL for {platform}"));
    }
    match facts.module {
        Module::For(major) if major != installation.major => {
            Err(format!("it was built for PostgreSQL {major}, not for {}", installation.major))
        }
        Module::No => Err("it is no module of PostgreSQL".to_owned()),
        _ => Ok(()),
    }
}

fn add_library(installation: &Installation, library: &str, files: &mut BTreeMap<String, PathBuf>) {
    files.insert(format!("{library}.so"), library_path(installation, library));
    let bitcode = installation.library_directory.join("bitcode");
    let index = format!("{library}.index.bc");
    if bitcode.join(&index).exists() {
        files.insert(format!("bitcode/{index}"), bitcode.join(index));
        add_tree(&bitcode, Path::new(library), "bitcode", files);
    }
}

fn add_tree(root: &Path, relative: &Path, prefix: &str, files: &mut BTreeMap<String, PathBuf>) {
    for entry in fs::read_dir(root.join(relative)).into_iter().flatten().flatten() {
        let relative = relative.join(entry.file_name());
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => add_tree(root, &relative, prefix, files),
            Ok(_) => {
                files.insert(format!("{prefix}/{}", relative.display()), entry.path());
            }
            Err(_) => {}
        }
    }
}

/// The libraries, without `.so`, that an extension's functions are in.
fn libraries_of(control: &ControlFile, scripts: &str) -> BTreeSet<String> {
    let mut libraries = BTreeSet::new();
    let mut add = |path: &str| {
        let name = path.strip_prefix("$libdir/").unwrap_or(path);
        let name = name.strip_suffix(".so").unwrap_or(name);
        if !name.is_empty() && !name.contains('/') {
            libraries.insert(name.to_owned());
        }
    };
    if let Some(path) = &control.module_pathname
        && scripts.contains("MODULE_PATHNAME")
    {
        add(path);
    }
    for (start, _) in scripts.match_indices("'$libdir/") {
        if let Some((path, _)) = scripts[start + 1..].split_once('\'') {
            add(path);
        }
    }
    libraries
}

/// The options of `CREATE TEXT SEARCH DICTIONARY` that name a file, and how that file ends.
const TEXT_SEARCH_OPTIONS: &[(&str, &str)] =
    &[("rules", "rules"), ("dictfile", "dict"), ("afffile", "affix"), ("stopwords", "stop"), ("synonyms", "syn")];

fn add_text_search_files(
    installation: &Installation,
    scripts: &str,
    files: &mut BTreeMap<String, PathBuf>,
) -> Result<(), String> {
    for definition in scripts.to_ascii_lowercase().split("create text search dictionary").skip(1) {
        let definition = definition.split(';').next().unwrap_or_default();
        for (option, ending) in TEXT_SEARCH_OPTIONS {
            let value = definition
                .split([',', '('])
                .filter_map(|assignment| assignment.split_once('='))
                .find(|(name, _)| name.trim() == *option)
                .and_then(|(_, value)| value.trim().strip_prefix('\'')?.split('\'').next());
            if let Some(name) = value {
                let relative = format!("tsearch_data/{name}.{ending}");
                let path = installation.share_directory.join(&relative);
                if !path.exists() {
                    return Err(format!("its dictionary needs {relative}, which is not there"));
                }
                files.insert(relative, path);
            }
        }
    }
    Ok(())
}

fn add_known_files(installation: &Installation, name: &str, files: &mut BTreeMap<String, PathBuf>) {
    for relative in contrib::contrib(name).iter().flat_map(|known| known.extra_files) {
        let path = installation.share_directory.join(relative);
        if path.exists() {
            files.insert((*relative).to_owned(), path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_libraries_in_scripts() {
        let control = ControlFile { module_pathname: Some("$libdir/_int".to_owned()), ..ControlFile::default() };
        let scripts = "create function f() as 'MODULE_PATHNAME'; create function g() as '$libdir/other.so', 'g';";
        let names = |libraries: BTreeSet<String>| libraries.into_iter().collect::<Vec<_>>();
        assert_eq!(names(libraries_of(&control, scripts)), ["_int", "other"]);
        assert!(names(libraries_of(&control, "select 1")).is_empty(), "a path that nothing uses");
    }
}
