//! `manifest.json`, the table of contents of a binary archive, in its versions 1 and 2.
//!
//! Version 2 is what Trunk's tools have written since 2023: every listed path is relative to the share directory or, for
//! libraries and bitcode, to the library directory. In version 1 everything lies at the root of the archive.

use std::collections::BTreeMap;

use model::PostgresMajor;
use serde::{Deserialize, Serialize};

use crate::quoted::quoted;

/// The file name of a manifest inside its archive.
pub const FILE_NAME: &str = "manifest.json";

/// What an archive says of itself. Keys are written in the order of the fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The name of the package.
    pub name: String,
    /// The name for `CREATE EXTENSION`; absent for modules and in old archives.
    #[serde(default)]
    pub extension_name: Option<String>,
    /// Packages of the operating system, by package manager.
    #[serde(default)]
    pub dependencies: Option<BTreeMap<String, Vec<String>>>,
    /// Extensions that must be there first.
    #[serde(default)]
    pub extension_dependencies: Option<Vec<String>>,
    /// The version of the release.
    pub version: String,
    /// The layout of the archive: 1 or 2.
    #[serde(default = "first_version")]
    pub manifest_version: u32,
    /// The operating system, `linux`.
    pub sys: String,
    /// The architecture as `uname -m` prints it.
    #[serde(default = "first_architecture")]
    pub architecture: String,
    /// What to install, by path in the archive.
    pub files: BTreeMap<String, ManifestFile>,
    /// Settings that the package needs or recommends.
    #[serde(default)]
    pub configurations: Option<Vec<Configuration>>,
    /// Libraries that must be preloaded.
    #[serde(default)]
    pub loadable_libraries: Option<Vec<LoadableLibrary>>,
    /// The major version of PostgreSQL it was built for; 15 where old archives leave it out.
    #[serde(default = "first_postgres")]
    pub pg_version: u8,
}

/// One file of an archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestFile {
    /// What kind of file it is.
    #[serde(rename = "type")]
    pub kind: FileKind,
}

/// What a file in an archive is, and with it where it belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileKind {
    /// `NAME.control`, below the share directory.
    ControlFile,
    /// A script, below the share directory.
    SqlFile,
    /// A loadable library, below the library directory.
    SharedObject,
    /// LLVM bitcode for inlining, below the library directory.
    Bitcode,
    /// Anything else, below the share directory.
    Extra,
    /// A licence text; never installed.
    LicenseFile,
}

impl FileKind {
    /// The spelling in the manifest and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ControlFile => "control-file",
            Self::SqlFile => "sql-file",
            Self::SharedObject => "shared-object",
            Self::Bitcode => "bitcode",
            Self::Extra => "extra",
            Self::LicenseFile => "license-file",
        }
    }

    /// The kind of a file by its path in the archive.
    pub fn of_path(path: &str) -> Self {
        let extension = path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map(|(_, extension)| extension);
        match extension {
            _ if path.starts_with("licenses/") => Self::LicenseFile,
            Some("control") => Self::ControlFile,
            Some("sql") => Self::SqlFile,
            Some("so") => Self::SharedObject,
            Some("bc") => Self::Bitcode,
            _ => Self::Extra,
        }
    }

    /// Whether the file belongs below the library directory, as opposed to the share directory.
    pub const fn is_below_library_directory(self) -> bool {
        matches!(self, Self::SharedObject | Self::Bitcode)
    }
}

/// A setting of `postgresql.conf`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Configuration {
    /// Its name.
    #[serde(alias = "name")]
    pub configuration_name: String,
    /// Whether the package does not work without it.
    #[serde(default, alias = "required")]
    pub is_required: bool,
    /// A value to start with.
    #[serde(default, alias = "default")]
    pub recommended_default_value: Option<String>,
}

/// A library for `shared_preload_libraries`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadableLibrary {
    /// Its name without `.so`.
    pub library_name: String,
    /// Whether the server must be restarted.
    pub requires_restart: bool,
    /// Lower ones are loaded first.
    #[serde(default = "last_priority")]
    pub priority: i64,
}

/// Where a file of the archive goes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Destination {
    /// Relative to the share directory (`pg_config --sharedir`).
    Share(String),
    /// Relative to the library directory (`pg_config --pkglibdir`).
    Library(String),
}

/// Why a manifest cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// Not the JSON that is expected.
    #[error("manifest.json cannot be read: {}", json_message(.0))]
    Json(#[from] serde_json::Error),
    /// A layout that is not known.
    #[error("manifest.json has version {0}; versions 1 and 2 are known")]
    Version(u32),
    /// No major version of PostgreSQL.
    #[error("manifest.json is for PostgreSQL {0}, which is no major version from 10 on")]
    Postgres(u8),
}

/// What is wrong and where; serde repeats texts of the manifest in full.
fn json_message(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let beginning = quoted(message.as_bytes());
    if beginning == message {
        message
    } else {
        format!("{beginning} at line {} column {}", error.line(), error.column())
    }
}

const fn first_version() -> u32 {
    1
}

fn first_architecture() -> String {
    "x86".to_owned()
}

const fn first_postgres() -> u8 {
    15
}

/// The priority of a library that does not say one.
pub const fn last_priority() -> i64 {
    2_147_483_647
}

impl Manifest {
    /// Reads a manifest.
    pub fn parse(json: &[u8]) -> Result<Self, ManifestError> {
        let manifest: Self = serde_json::from_slice(json)?;
        if !matches!(manifest.manifest_version, 1 | 2) {
            return Err(ManifestError::Version(manifest.manifest_version));
        }
        manifest.postgres_major().ok_or(ManifestError::Postgres(manifest.pg_version))?;
        Ok(manifest)
    }

    /// The major version of PostgreSQL it was built for; always there in a parsed manifest.
    pub fn postgres_major(&self) -> Option<PostgresMajor> {
        PostgresMajor::try_from(i64::from(self.pg_version)).ok()
    }

    /// The manifest as it is stored: indented JSON.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self)
    }

    /// Where each listed file goes, by path in the archive; licences go nowhere.
    ///
    /// `script_directory` is that of the control file, `extension` by default; only version 1 needs it.
    pub fn destinations<'a>(&'a self, script_directory: &'a str) -> impl Iterator<Item = (&'a str, Destination)> + 'a {
        self.files.iter().filter_map(move |(path, file)| {
            let destination = match file.kind {
                FileKind::LicenseFile => return None,
                kind if kind.is_below_library_directory() => Destination::Library(path.clone()),
                FileKind::ControlFile if self.manifest_version == 1 => Destination::Share(format!("extension/{path}")),
                FileKind::SqlFile if self.manifest_version == 1 => {
                    Destination::Share(format!("{script_directory}/{path}"))
                }
                _ => Destination::Share(path.clone()),
            };
            Some((path.as_str(), destination))
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: &str = r#"{"name":"pg_cron","extension_name":"pg_cron","dependencies":{"apt":["libpq5","libc6"]},
        "extension_dependencies":null,"version":"1.6.5","manifest_version":2,"sys":"linux","architecture":"x86_64",
        "files":{"pg_cron.so":{"type":"shared-object"},"extension/pg_cron.control":{"type":"control-file"},
        "licenses/LICENSE":{"type":"license-file"}},"configurations":null,
        "loadable_libraries":[{"library_name":"pg_cron","requires_restart":true,"priority":2147483647}],"pg_version":17}"#;

    #[test]
    fn reads_version_2_and_writes_its_keys_in_order() {
        let manifest = Manifest::parse(SECOND.as_bytes()).expect("valid");
        insta::assert_snapshot!(manifest.to_json().expect("JSON"));
    }

    #[test]
    fn reads_version_1() {
        let json = br#"{"name":"my_extension","version":"0.0.0","sys":"linux","preload_libraries":["x"],
            "files":{"my_extension.control":{"type":"control-file"},"my_extension--0.0.0.sql":{"type":"sql-file"},
            "my_extension.so":{"type":"shared-object","architecture":"x86"}}}"#;
        let manifest = Manifest::parse(json).expect("valid");
        assert_eq!((manifest.manifest_version, manifest.pg_version, manifest.architecture.as_str()), (1, 15, "x86"));
        assert_eq!(
            manifest.destinations("extension").map(|(_, destination)| destination).collect::<Vec<_>>(),
            [
                Destination::Share("extension/my_extension--0.0.0.sql".to_owned()),
                Destination::Share("extension/my_extension.control".to_owned()),
                Destination::Library("my_extension.so".to_owned()),
            ]
        );
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        assert!(matches!(Manifest::parse(b"{}"), Err(ManifestError::Json(_))));
        let with = |from: &str, to: &str| Manifest::parse(SECOND.replace(from, to).as_bytes());
        assert!(matches!(with("\"manifest_version\":2", "\"manifest_version\":3"), Err(ManifestError::Version(3))));
        assert!(matches!(with("\"pg_version\":17", "\"pg_version\":9"), Err(ManifestError::Postgres(9))));
    }

    #[test]
    fn does_not_repeat_huge_texts() {
        let kind = format!(
            r#"{{"name":"x","version":"1","sys":"linux","files":{{"x":{{"type":"{}"}}}}}}"#,
            "x".repeat(100_000)
        );
        let message = Manifest::parse(kind.as_bytes()).expect_err("refused").to_string();
        assert!(message.contains("line 1 column 100") && message.len() < 300, "{} bytes", message.len());
    }

    #[test]
    fn tells_files_apart_by_path() {
        for (path, kind) in [
            ("extension/x.control", FileKind::ControlFile),
            ("extension/x--1.0.sql", FileKind::SqlFile),
            ("x.so", FileKind::SharedObject),
            ("bitcode/x/x.bc", FileKind::Bitcode),
            ("tsearch_data/x.rules", FileKind::Extra),
            ("licenses/x.so", FileKind::LicenseFile),
            ("Makefile", FileKind::Extra),
        ] {
            assert_eq!(FileKind::of_path(path), kind, "{path}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(json in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Manifest::parse(&json);
        }
    }
}
