use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use formats::library;
use model::{Platform, PostgresMajor};

/// A PostgreSQL that is installed on this machine, as its `pg_config` describes it.
#[derive(Clone, Debug)]
pub struct Installation {
    pub(super) major: PostgresMajor,
    /// For example `15.18`.
    pub(super) version: String,
    pub(super) share_directory: PathBuf,
    pub(super) library_directory: PathBuf,
    pub(super) platform: Platform,
}

/// Why an installation cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum InstallationError {
    /// No `pg_config` was found.
    #[error("no PostgreSQL server was found on this machine; name its pg_config with --pg-config")]
    NotFound,
    /// It cannot be run.
    #[error("{} cannot be run: {source}", program.display())]
    Run {
        /// The program.
        program: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It runs, but does not say what is needed.
    #[error("{} does not say where PostgreSQL is: {reason}", program.display())]
    Answer {
        /// The program.
        program: PathBuf,
        /// What is missing.
        reason: String,
    },
    /// The server program cannot be read, so its platform is not known.
    #[error("the server program {} cannot be read: {reason}", program.display())]
    Server {
        /// The program.
        program: PathBuf,
        /// Why.
        reason: String,
    },
}

impl Installation {
    /// Asks a `pg_config`.
    pub fn read(pg_config: &Path) -> Result<Self, InstallationError> {
        let answer = |reason: String| InstallationError::Answer { program: pg_config.to_owned(), reason };
        let output = Command::new(pg_config)
            .output()
            .map_err(|source| InstallationError::Run { program: pg_config.to_owned(), source })?;
        if !output.status.success() {
            return Err(answer(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let value = |name: &str| {
            text.lines()
                .filter_map(|line| line.split_once(" = "))
                .find(|(key, _)| key.trim() == name)
                .map(|(_, value)| value.trim().to_owned())
                .ok_or_else(|| answer(format!("it prints no {name}")))
        };
        let version = value("VERSION")?;
        let major = PostgresMajor::from_version_text(&version).map_err(|error| answer(error.to_string()))?;
        let server = Path::new(&value("BINDIR")?).join("postgres");
        Ok(Self {
            major,
            version: version.split_whitespace().nth(1).unwrap_or_default().to_owned(),
            share_directory: value("SHAREDIR")?.into(),
            library_directory: value("PKGLIBDIR")?.into(),
            platform: platform(&server)?,
        })
    }

    /// All installations on this machine, the oldest major first, so that a release's facts come from there.
    pub fn find_all() -> Result<Vec<Self>, InstallationError> {
        let mut programs: Vec<PathBuf> = Vec::new();
        for (parent, prefix) in [("/usr/lib/postgresql", ""), ("/usr", "pgsql-")] {
            let entries = fs::read_dir(parent).into_iter().flatten().flatten();
            programs.extend(
                entries
                    .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
                    .map(|entry| entry.path().join("bin/pg_config"))
                    .filter(|program| program.exists() && program.with_file_name("postgres").exists()),
            );
        }
        if programs.is_empty() {
            let found = Self::read(Path::new("pg_config")).map_err(|_| InstallationError::NotFound)?;
            return Ok(vec![found]);
        }
        let mut found = programs.iter().map(|program| Self::read(program)).collect::<Result<Vec<_>, _>>()?;
        found.sort_by_key(|installation| installation.major);
        Ok(found)
    }
}

impl fmt::Display for Installation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PostgreSQL {}", self.major)
    }
}

/// The platform of this machine, with architecture and C library as the server program has them.
fn platform(server: &Path) -> Result<Platform, InstallationError> {
    let unreadable = |reason: String| InstallationError::Server { program: server.to_owned(), reason };
    let bytes = fs::read(server).map_err(|error| unreadable(error.to_string()))?;
    let facts = library::read(&bytes).map_err(|error| unreadable(error.to_string()))?;
    let libc = facts.libc.ok_or_else(|| unreadable("it names no C library".to_owned()))?;
    let os_release = fs::read_to_string("/etc/os-release")
        .or_else(|_| fs::read_to_string("/usr/lib/os-release"))
        .unwrap_or_default();
    let (os, os_version) = parse_os_release(&os_release);
    Platform::from_parts(Some(os), os_version, Some(facts.arch), Some(libc))
        .map_err(|error| unreadable(error.to_string()))
}

/// Name and release of the distribution; `linux` where the file does not say.
fn parse_os_release(text: &str) -> (String, Option<String>) {
    let value = |name: &str| {
        text.lines()
            .filter_map(|line| line.split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.trim_matches(['"', '\'']).to_lowercase().replace('-', "_"))
            .filter(|value| !value.is_empty())
    };
    match value("ID") {
        Some(os) => (os, value("VERSION_ID")),
        None => ("linux".to_owned(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_os_release() {
        let debian = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_ID=\"12\"\nID=debian\n";
        assert_eq!(parse_os_release(debian), ("debian".to_owned(), Some("12".to_owned())));
        assert_eq!(parse_os_release("ID=arch\n"), ("arch".to_owned(), None));
        assert_eq!(parse_os_release(""), ("linux".to_owned(), None));
        assert_eq!(
            parse_os_release("ID=\"opensuse-leap\"\nVERSION_ID=\"15.6\""),
            ("opensuse_leap".to_owned(), Some("15.6".to_owned()))
        );
    }
}
