use anyhow::Context as _;
use registry::{
    AccountSettings, Clock, DataDirectory, DiskStore, MailTransport, Passwords, PrivatePostgres, Registry, S3Settings,
    S3Store, Store, Uploads, connect_lazily,
};
use sqlx::PgPool;

use crate::config::Config;

/// What every command works on: this node's directory, the database and the store.
pub(super) struct Node {
    pub(super) data: DataDirectory,
    pub(super) pool: PgPool,
    pub(super) registry: Registry,
    pub(super) postgres: Option<PrivatePostgres>,
}

impl Node {
    /// Opens the directory and the store, and starts the private PostgreSQL if no database is named.
    pub(super) async fn open(config: &Config) -> anyhow::Result<Self> {
        // Boxed: it is large, and every command would carry it.
        Box::pin(Self::put_together(config)).await
    }

    async fn put_together(config: &Config) -> anyhow::Result<Self> {
        let data = DataDirectory::open(&config.data_dir)?;
        // First what only a person can mend.
        let mail = MailTransport::new(&config.mail)?;
        let store = match &config.s3 {
            Some(settings) => s3_store(settings).await?,
            None => disk_store(&data),
        };
        let (options, postgres) = if let Some(options) = &config.database.url {
            (options.clone(), None)
        } else {
            let postgres = PrivatePostgres::open(&data, config.database.pg_bindir.as_deref()).await?;
            (postgres.options(), Some(postgres))
        };
        let pool = connect_lazily(options, config.database.max_connections);
        let host = config.http.public_url.host_str().unwrap_or("localhost").to_owned();
        let uploads = Uploads { temporary: data.temporary(), largest_bytes: config.upload_limit };
        // One processor is left to others.
        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let passwords = Passwords::new(config.password_cost, processors.saturating_sub(1))?;
        let accounts = AccountSettings {
            public_url: config.http.public_url.clone(),
            passwords,
            second_factor_rule: config.identity.second_factor_rule,
            providers: config.identity.providers.clone(),
            workflow_issuers: config.identity.workflow_issuers.clone(),
        };
        let registry = Registry::new(pool.clone(), store, Clock::system(), host, uploads, mail, accounts)?;
        Ok(Self { data, pool, registry, postgres })
    }

    /// The same with the schema up to date, for commands that cannot wait for a database.
    pub(super) async fn open_migrated(config: &Config) -> anyhow::Result<Self> {
        let node = Self::open(config).await?;
        let migrated = registry::migrate(&node.pool).await.context("the database cannot be used");
        if migrated.is_err() {
            node.close_after(Ok(())).await?;
            migrated?;
            unreachable!("an error was returned");
        }
        Ok(node)
    }

    /// Ends the connections and, if this process owns it, the private PostgreSQL.
    pub(super) async fn close_after<T>(self, result: anyhow::Result<T>) -> anyhow::Result<T> {
        self.pool.close().await;
        if let Some(postgres) = self.postgres {
            postgres.stop().await;
        }
        result
    }
}

/// The store in the data directory.
pub(super) fn disk_store(data: &DataDirectory) -> Store {
    Store::Disk(DiskStore::new(data.objects()))
}

/// The store in a bucket.
pub(super) async fn s3_store(settings: &S3Settings) -> anyhow::Result<Store> {
    Ok(Store::S3(S3Store::from_environment(settings.clone()).await?))
}
