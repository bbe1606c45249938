//! The files of the private PostgreSQL and the commands that make and run it.

use std::{
    fs, io,
    io::Write as _,
    os::unix::{fs::OpenOptionsExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use model::PostgresMajor;
use rand::RngExt as _;
use sha2::Digest as _;

use super::{Binaries, NAME, PrivatePostgresError};
use crate::DataDirectory;

/// A socket's path ends at 107 bytes, and this is appended to its directory.
const SOCKET_NAME: &str = "/.s.PGSQL.5432";
const LONGEST_SOCKET_PATH: usize = 107;

/// Beyond this the log is begun anew at the next start.
const LONGEST_LOG: u64 = 16 << 20;

/// Where everything of the private PostgreSQL is, and as whom it runs.
#[derive(Clone, Debug)]
pub(super) struct Cluster {
    binaries: Binaries,
    data: PathBuf,
    pub(super) socket_directory: PathBuf,
    pub(super) password_file: PathBuf,
    pub(super) log: PathBuf,
    /// PostgreSQL refuses to run as root: the user and group it runs as instead.
    owner: Option<(u32, u32)>,
}

impl Cluster {
    pub(super) fn locate(directory: &DataDirectory, installed: &[Binaries]) -> Result<Self, PrivatePostgresError> {
        let newest = installed.first().ok_or(PrivatePostgresError::NoBinaries)?;
        let data = directory.path().join("postgres");
        let binaries = match fs::read_to_string(data.join("PG_VERSION")) {
            Ok(found) => {
                installed.iter().find(|binaries| binaries.major.to_string() == found.trim()).ok_or_else(|| {
                    PrivatePostgresError::OtherVersion {
                        directory: data.clone(),
                        found: found.trim().to_owned(),
                        installed: installed.iter().map(|binaries| binaries.major).collect::<Vec<PostgresMajor>>(),
                    }
                })?
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => newest,
            Err(error) => return Err(PrivatePostgresError::io(&data)(error)),
        };
        let owner = rustix::process::geteuid().is_root().then(unprivileged_user).transpose()?;
        Ok(Self {
            binaries: binaries.clone(),
            socket_directory: socket_directory(directory.path()),
            password_file: directory.path().join("postgres.password"),
            log: directory.path().join("postgres.log"),
            data,
            owner,
        })
    }

    /// Creates the data directory, whole or not at all.
    pub(super) async fn create_if_missing(&self) -> Result<(), PrivatePostgresError> {
        if self.data.join("PG_VERSION").exists() {
            return Ok(());
        }
        let cluster = self.clone();
        let created = tokio::task::spawn_blocking(move || cluster.create()).await;
        created.unwrap_or_else(|error| Err(PrivatePostgresError::Create(error.to_string())))
    }

    fn create(&self) -> Result<(), PrivatePostgresError> {
        tracing::info!(directory = %self.data.display(), "creating the private PostgreSQL");
        // Left over from a process that was killed while it created one.
        let unfinished = self.data.with_file_name("postgres.new");
        let failed = PrivatePostgresError::io(&unfinished);
        (|| {
            if unfinished.exists() {
                fs::remove_dir_all(&unfinished)?;
            }
            DataDirectory::private_directory(&unfinished, self.owner)
        })()
        .map_err(failed)?;

        let password: String = {
            let mut random = rand::rng();
            (0..32).map(|_| char::from(random.sample(rand::distr::Alphanumeric))).collect()
        };
        write_password(&self.password_file, &password, None)?;
        // The unprivileged user may not read ours.
        let for_initdb = self.data.with_file_name("postgres.password.new");
        write_password(&for_initdb, &password, self.owner)?;
        let mut initdb = self.command("initdb");
        initdb
            .arg("--pgdata")
            .arg(&unfinished)
            .args(["--username", NAME, "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8"])
            .arg("--pwfile")
            .arg(&for_initdb);
        let output = initdb.output();
        let _ = fs::remove_file(&for_initdb);
        let output = output.map_err(PrivatePostgresError::io(&self.binaries.program("initdb")))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(PrivatePostgresError::Create(said.trim().to_owned()));
        }
        fs::rename(&unfinished, &self.data).map_err(PrivatePostgresError::io(&self.data))
    }

    /// Starts the server as a child; it says in its log how that went.
    pub(super) fn spawn(&self) -> Result<tokio::process::Child, PrivatePostgresError> {
        DataDirectory::private_directory(&self.socket_directory, self.owner)
            .map_err(PrivatePostgresError::io(&self.socket_directory))?;
        let too_long = fs::metadata(&self.log).is_ok_and(|metadata| metadata.len() > LONGEST_LOG);
        let log = fs::File::options()
            .create(true)
            .append(!too_long)
            .write(true)
            .truncate(too_long)
            .mode(0o600)
            .open(&self.log);
        let log = log.map_err(PrivatePostgresError::io(&self.log))?;
        let mut command = self.command("postgres");
        command
            .arg("-D")
            .arg(&self.data)
            .arg("-k")
            .arg(&self.socket_directory)
            .args(["-p", "5432"])
            .args(["-c", "listen_addresses="])
            .args(["-c", "unix_socket_permissions=0700"])
            .args(["-c", "max_connections=100"])
            .args(["-c", "logging_collector=off", "-c", "log_destination=stderr"])
            .args(["-c", "lc_messages=C"])
            .stderr(log)
            // A Ctrl-C at the terminal is for us; we stop the server when we are done with it.
            .process_group(0);
        tokio::process::Command::from(command)
            .spawn()
            .map_err(PrivatePostgresError::io(&self.binaries.program("postgres")))
    }

    /// The process id of a server that runs, or ran, on the data directory.
    pub(super) fn postmaster(&self) -> Option<rustix::process::Pid> {
        let file = fs::read_to_string(self.data.join("postmaster.pid")).ok()?;
        rustix::process::Pid::from_raw(file.lines().next()?.trim().parse().ok()?)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.binaries.program(program));
        // A working directory that the unprivileged user may enter; no setting of the caller's leaks in.
        command
            .current_dir("/")
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("TZ", "UTC")
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        if let Some((user, group)) = self.owner {
            command.uid(user).gid(group);
        }
        command
    }
}

fn write_password(path: &Path, password: &str, owner: Option<(u32, u32)>) -> Result<(), PrivatePostgresError> {
    (|| {
        let _ = fs::remove_file(path);
        let mut file = fs::File::options().create_new(true).write(true).mode(0o600).open(path)?;
        file.write_all(password.as_bytes())?;
        file.sync_all()?;
        if let Some((user, group)) = owner {
            std::os::unix::fs::chown(path, Some(user), Some(group))?;
        }
        Ok(())
    })()
    .map_err(PrivatePostgresError::io(path))
}

fn socket_directory(data: &Path) -> PathBuf {
    let beside = data.join("run");
    if beside.as_os_str().len() + SOCKET_NAME.len() <= LONGEST_SOCKET_PATH {
        return beside;
    }
    let digest = sha2::Sha256::digest(data.as_os_str().as_encoded_bytes());
    PathBuf::from(format!("/tmp/pginstall-{}", hex::encode(&digest[..8])))
}

/// `postgres` where there is one, else `nobody`.
fn unprivileged_user() -> Result<(u32, u32), PrivatePostgresError> {
    let id = |option: &str, user: &str| -> Option<u32> {
        let output = Command::new("id").args([option, user]).output().ok().filter(|output| output.status.success())?;
        String::from_utf8_lossy(&output.stdout).trim().parse().ok()
    };
    ["postgres", "nobody"].into_iter().find_map(|user| Some((id("-u", user)?, id("-g", user)?))).ok_or_else(|| {
        PrivatePostgresError::Create("there is neither a user postgres nor a user nobody to run it as".to_owned())
    })
}
