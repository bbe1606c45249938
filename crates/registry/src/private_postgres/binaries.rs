//! Where PostgreSQL's server programs are.

use std::{
    cmp::Reverse,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use model::PostgresMajor;

/// The server programs of one major version.
#[derive(Clone, Debug)]
pub(super) struct Binaries {
    pub(super) directory: PathBuf,
    pub(super) major: PostgresMajor,
}

/// All server programs on this machine, the newest first; only those in `bindir` where it is given.
pub(super) fn find(bindir: Option<&Path>) -> Vec<Binaries> {
    let directories = if let Some(directory) = bindir {
        vec![directory.to_owned()]
    } else {
        let mut directories = Vec::new();
        directories.extend(pg_config_bindir());
        for (parent, prefix) in [("/usr/lib/postgresql", ""), ("/usr", "pgsql-")] {
            directories.extend(children(Path::new(parent), prefix));
        }
        directories
    };
    let mut found: Vec<Binaries> = Vec::new();
    for directory in directories {
        if !found.iter().any(|known| known.directory == directory) {
            found.extend(binaries(directory));
        }
    }
    found.sort_by_key(|binaries| Reverse(binaries.major));
    found
}

fn children(parent: &Path, prefix: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .map(|entry| entry.path().join("bin"))
        .filter(|directory| directory.join("initdb").exists())
        .collect()
}

fn output(program: &Path, argument: &str) -> Option<String> {
    let output = Command::new(program).arg(argument).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn pg_config_bindir() -> Option<PathBuf> {
    output(Path::new("pg_config"), "--bindir").map(PathBuf::from)
}

fn binaries(directory: PathBuf) -> Option<Binaries> {
    // postgres (PostgreSQL) 15.18 (Debian …)
    let version = output(&directory.join("postgres"), "--version")?;
    let (_, version) = version.split_once(") ")?;
    let major = PostgresMajor::from_version_text(version).ok()?;
    // The schema needs what came with 15.
    (major.number() >= 15 && directory.join("initdb").exists()).then_some(Binaries { directory, major })
}
