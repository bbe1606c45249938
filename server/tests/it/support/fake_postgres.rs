use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use registry::Installation;
use tempfile::TempDir;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/formats/tests/fixtures");

/// A folder that looks like an installation of PostgreSQL, with whatever a test puts into it.
pub(crate) struct FakePostgres {
    directory: TempDir,
}

impl FakePostgres {
    /// An installation of PostgreSQL 15 without extensions.
    pub(crate) fn new() -> Self {
        Self::with_version("15.18")
    }

    /// An installation of this version without extensions.
    pub(crate) fn with_version(version: &str) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let fake = Self { directory };
        for name in ["bin", "lib", "share/extension"] {
            fs::create_dir_all(fake.path(name)).expect("a directory");
        }
        // All that is read of the server is for which machine it was built.
        fs::copy(format!("{FIXTURES}/x86_64-gnu-pg15.so"), fake.path("bin/postgres")).expect("copied");
        let root = fake.directory.path().display();
        fake.write(
            "bin/pg_config",
            &format!(
                "#!/bin/sh\nprintf 'BINDIR = {root}/bin\\nSHAREDIR = {root}/share\\nPKGLIBDIR = {root}/lib\\n\
                 VERSION = PostgreSQL {version}\\n'\n"
            ),
        );
        fs::set_permissions(fake.pg_config(), fs::Permissions::from_mode(0o755)).expect("executable");
        fake
    }

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.directory.path().join(relative)
    }

    pub(crate) fn pg_config(&self) -> PathBuf {
        self.path("bin/pg_config")
    }

    pub(crate) fn installation(&self) -> Installation {
        Installation::read(&self.pg_config()).expect("readable")
    }

    pub(crate) fn write(&self, relative: &str, content: &str) {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a directory");
        fs::write(path, content).expect("written");
    }

    /// A library: one of the fixtures of `crates/formats` under another name.
    pub(crate) fn library(&self, name: &str, fixture: &str) {
        fs::copy(Path::new(FIXTURES).join(format!("{fixture}.so")), self.path(&format!("lib/{name}.so")))
            .expect("copied");
    }

    /// An extension of plain SQL.
    pub(crate) fn sql_extension(&self, name: &str, version: &str, more: &str) {
        self.write(
            &format!("share/extension/{name}.control"),
            &format!("comment = 'what {name} is for'\ndefault_version = '{version}'\n{more}\n"),
        );
        self.write(
            &format!("share/extension/{name}--{version}.sql"),
            &format!("create function {name}() returns int return 1;\n"),
        );
    }

    /// An extension with a library for PostgreSQL 15.
    pub(crate) fn library_extension(&self, name: &str, version: &str) {
        self.sql_extension(name, version, &format!("module_pathname = '$libdir/{name}'"));
        self.write(
            &format!("share/extension/{name}--{version}.sql"),
            &format!("create function {name}() returns int as 'MODULE_PATHNAME' language c;\n"),
        );
        self.library(name, "x86_64-gnu-pg15");
    }
}
