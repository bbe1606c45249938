//! A PostgreSQL of our own for whoever has no other: started, adopted, restarted and stopped by this program.
//!
//! It listens on a socket in a directory of its own and nowhere else. Whoever holds the lock beside its data owns it and
//! keeps it running; everybody else attaches. It is stopped by whoever is the last to use it: an owner that ends before
//! others leaves it to them.

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
         name its programs with --database-pg-bindir, or name a database with --database-url"
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
    locks: Locks,
    supervisor: Option<supervisor::Supervisor>,
}

impl PrivatePostgres {
    /// Starts the server of `data`, adopts one that survived its owner, or attaches to another process's.
    ///
    /// `bindir` names the server's programs; without it they are looked for.
    pub async fn open(data: &DataDirectory, bindir: Option<&Path>) -> Result<Self, PrivatePostgresError> {
        let locks = Locks::open(data.path())?;
        let installed = binaries::find(bindir);
        let cluster = Cluster::locate(data, &installed)?;
        let mut postgres = Self { cluster, locks, supervisor: None };
        if postgres.locks.try_own() {
            postgres.cluster.create_if_missing().await?;
            postgres.supervisor = Some(supervisor::Supervisor::start(postgres.cluster.clone()).await?);
        } else {
            postgres.cluster.wait_for_owner().await?;
        }
        postgres.prepare().await?;
        Ok(postgres)
    }

    /// How to connect to its database.
    pub fn options(&self) -> PgConnectOptions {
        self.cluster.options().database(NAME)
    }

    /// Keeps the server running until `stop`, also when it is killed. A process that only attached begins with it once the
    /// owner has ended.
    pub async fn supervise(&mut self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            if let Some(supervisor) = &mut self.supervisor {
                return supervisor.run(stop).await;
            }
            self.take_over();
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(Duration::from_millis(200)) => {}
            }
        }
    }

    /// Becomes the owner if there is none.
    fn take_over(&mut self) {
        if self.supervisor.is_none() && self.locks.try_own() {
            self.supervisor = Some(supervisor::Supervisor::of_running(self.cluster.clone()));
        }
    }

    /// Stops the server and waits for its end, unless others still use it.
    pub async fn stop(mut self) {
        self.take_over();
        if let Some(supervisor) = self.supervisor.take()
            && self.locks.is_last_user()
        {
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

/// Who owns the server, and who uses it. Both end with the process, however it ends.
#[derive(Debug)]
struct Locks {
    owner: fs::File,
    is_owner: bool,
    users: fs::File,
}

impl Locks {
    fn open(data: &Path) -> Result<Self, PrivatePostgresError> {
        let open = |name: &str| {
            let path = data.join(name);
            let file = fs::File::options().create(true).truncate(false).write(true).open(&path);
            file.map_err(PrivatePostgresError::io(&path))
        };
        let locks = Self { owner: open("postgres.lock")?, is_owner: false, users: open("postgres.users")? };
        // Waits only for a process that is about to stop the server.
        locks.users.lock_shared().map_err(PrivatePostgresError::io(&data.join("postgres.users")))?;
        Ok(locks)
    }

    fn try_own(&mut self) -> bool {
        self.is_owner = self.is_owner || self.owner.try_lock().is_ok();
        self.is_owner
    }

    /// Whether nobody else uses the server; from then on nobody else can begin to, until this process ends.
    fn is_last_user(&self) -> bool {
        self.users.try_lock().is_ok()
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
