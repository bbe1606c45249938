//! A PostgreSQL of our own for whoever has no other: started, adopted, restarted and stopped by this program.
//!
//! It listens on a socket in a directory of its own and nowhere else. Whoever holds the lock beside its data owns it;
//! everybody else attaches and never stops it.

mod binaries;
mod cluster;
mod supervisor;

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use model::PostgresMajor;
use sqlx::{
    AssertSqlSafe, Connection as _, PgConnection,
    postgres::{PgConnectOptions, PgSslMode},
};
use tokio_util::sync::CancellationToken;

use self::{binaries::Binaries, cluster::Cluster};
use crate::DataDirectory;

/// The name of its database and of its superuser.
const NAME: &str = "pginstall";

/// How long a server may take to answer, as long as it is not seen working.
const PATIENCE: Duration = Duration::from_mins(1);

/// Why the private PostgreSQL cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PrivatePostgresError {
    /// No server programs on this machine.
    #[error(
        "no PostgreSQL server was found on this machine. Install one (Debian: apt-get install postgresql), \
         name its programs with --pg-bindir, or name a database with --database-url"
    )]
    NoBinaries,
    /// The data was written by another major version.
    #[error(
        "{} was written by PostgreSQL {found}, which is not installed (installed: {}). Install PostgreSQL {found}, \
         or choose another data directory with --data-dir",
        directory.display(),
        installed.iter().map(PostgresMajor::to_string).collect::<Vec<_>>().join(", ")
    )]
    OtherVersion {
        /// The data directory of PostgreSQL.
        directory: PathBuf,
        /// What `PG_VERSION` says.
        found: String,
        /// The majors that are installed.
        installed: Vec<PostgresMajor>,
    },
    /// A file or directory cannot be used.
    #[error("{} cannot be used: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// `initdb` failed.
    #[error("the private PostgreSQL could not be created: {0}")]
    Create(String),
    /// The server does not answer.
    #[error("the private PostgreSQL does not start; its log {} ends with:\n{tail}", log.display())]
    Start {
        /// The log of the server.
        log: PathBuf,
        /// Its last lines.
        tail: String,
    },
    /// The server answers but the database cannot be made ready.
    #[error("the private PostgreSQL cannot be prepared: {0}")]
    Prepare(#[source] sqlx::Error),
}

impl PrivatePostgresError {
    fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        |source| Self::Io { path, source }
    }
}

/// The private PostgreSQL of a data directory.
#[derive(Debug)]
pub struct PrivatePostgres {
    cluster: Cluster,
    /// Held by the owner for as long as it lives.
    lock: Option<fs::File>,
    supervisor: Option<supervisor::Supervisor>,
}

impl PrivatePostgres {
    /// Starts the server of `data`, adopts one that survived its owner, or attaches to another process's.
    ///
    /// `bindir` names the server's programs; without it they are looked for.
    pub async fn open(data: &DataDirectory, bindir: Option<&Path>) -> Result<Self, PrivatePostgresError> {
        let lock_path = data.path().join("postgres.lock");
        let lock = fs::File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock_path)
            .map_err(PrivatePostgresError::io(&lock_path))?;
        let lock = match lock.try_lock() {
            Ok(()) => Some(lock),
            Err(fs::TryLockError::WouldBlock) => None,
            Err(fs::TryLockError::Error(error)) => return Err(PrivatePostgresError::io(&lock_path)(error)),
        };
        let installed = binaries::find(bindir);
        let cluster = Cluster::locate(data, &installed)?;
        let mut postgres = Self { cluster, lock, supervisor: None };
        if postgres.lock.is_some() {
            postgres.cluster.create_if_missing().await?;
            postgres.supervisor = Some(supervisor::Supervisor::start(postgres.cluster.clone()).await?);
        } else {
            postgres.cluster.wait_for_owner().await?;
        }
        postgres.prepare().await?;
        Ok(postgres)
    }

    /// Whether this process started or adopted the server and will stop it.
    pub const fn is_owner(&self) -> bool {
        self.lock.is_some()
    }

    /// How to connect to its database.
    pub fn options(&self) -> PgConnectOptions {
        self.cluster.options().database(NAME)
    }

    /// Keeps the server running until `stop`, also when it is killed. Does nothing in a process that only attached.
    pub async fn supervise(&mut self, stop: CancellationToken) {
        match &mut self.supervisor {
            Some(supervisor) => supervisor.run(stop).await,
            None => stop.cancelled().await,
        }
    }

    /// Stops the server, if this process owns it, and waits for its end.
    pub async fn stop(self) {
        if let Some(supervisor) = self.supervisor {
            supervisor.stop().await;
        }
    }

    async fn prepare(&self) -> Result<(), PrivatePostgresError> {
        let mut connection = self.cluster.connect().await.map_err(PrivatePostgresError::Prepare)?;
        let exists =
            sqlx::query_scalar!(r#"select exists (select from pg_database where datname = $1) as "exists!""#, NAME)
                .fetch_one(&mut connection)
                .await
                .map_err(PrivatePostgresError::Prepare)?;
        if !exists {
            let created =
                sqlx::raw_sql(AssertSqlSafe(format!("create database {NAME}"))).execute(&mut connection).await;
            // Another process may have been faster.
            created.map(|_| ()).or_else(|error| {
                let exists = error
                    .as_database_error()
                    .is_some_and(|error| matches!(error.code().as_deref(), Some("42P04" | "23505")));
                if exists { Ok(()) } else { Err(PrivatePostgresError::Prepare(error)) }
            })?;
        }
        let _ = connection.close().await;
        Ok(())
    }
}

impl Cluster {
    fn options(&self) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .host(&self.socket_directory.to_string_lossy())
            .port(5432)
            .username(NAME)
            .password(&fs::read_to_string(&self.password_file).unwrap_or_default())
            .database("postgres")
            .ssl_mode(PgSslMode::Disable)
    }

    async fn connect(&self) -> Result<PgConnection, sqlx::Error> {
        PgConnection::connect_with(&self.options()).await
    }

    /// Whether the server answers now; an error that waiting does not mend.
    async fn answers(&self) -> bool {
        match tokio::time::timeout(Duration::from_secs(5), self.connect()).await {
            Ok(Ok(connection)) => {
                let _ = connection.close().await;
                true
            }
            _ => false,
        }
    }

    async fn wait_for_owner(&self) -> Result<(), PrivatePostgresError> {
        let patience = tokio::time::Instant::now() + PATIENCE;
        while !self.answers().await {
            if tokio::time::Instant::now() > patience {
                return Err(self.start_error());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }

    fn start_error(&self) -> PrivatePostgresError {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        let tail = lines[lines.len().saturating_sub(8)..].join("\n");
        PrivatePostgresError::Start { log: self.log.clone(), tail }
    }
}

impl Binaries {
    fn program(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }
}
