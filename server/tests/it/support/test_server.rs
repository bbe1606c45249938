use std::net::SocketAddr;

use registry::{
    AccountSettings, Clock, DataDirectory, DiskStore, EventId, ImportReport, Installation, MailTransport, PasswordCost,
    Passwords, ProviderSettings, Registry, S3Settings, S3Store, SearchIndex, SecondFactorRule, Store, Uploads,
    WorkflowIssuer, connect_lazily, follow_events, run_projections, run_search_index,
};
use s3_server::S3Server;
use server::{AppState, Assets, HttpConfig, Route};
use sqlx::PgPool;
use tempfile::TempDir;
use time::{OffsetDateTime, macros::datetime};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// How a server is put together.
pub(crate) struct Options {
    /// Under which people reach it; none for where it really is.
    pub(crate) public_url: Option<&'static str>,
    /// The name of this machine in its address.
    pub(crate) host: &'static str,
    /// Where its objects are; none for a directory.
    pub(crate) store: Option<Store>,
    /// How mail leaves it.
    pub(crate) mail: MailTransport,
    /// Whether kept mail has a page.
    pub(crate) dev_mail: bool,
    /// Whether only those read who are known.
    pub(crate) login_to_read: bool,
    /// Who may publish only with a second factor.
    pub(crate) second_factor_rule: SecondFactorRule,
    /// Where people have accounts that log them in here.
    pub(crate) providers: Vec<ProviderSettings>,
    /// Whose workflows can be trusted.
    pub(crate) workflow_issuers: Vec<WorkflowIssuer>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            public_url: Some("http://registry.test"),
            host: "127.0.0.1",
            store: None,
            mail: MailTransport::kept(),
            dev_mail: false,
            login_to_read: false,
            second_factor_rule: SecondFactorRule::default(),
            providers: Vec::new(),
            workflow_issuers: Vec::new(),
        }
    }
}

/// The real service on a port of its own, with a database and a store of its own.
pub(crate) struct TestServer {
    pub(crate) registry: Registry,
    pub(crate) pool: PgPool,
    pub(crate) data: DataDirectory,
    pub(crate) routes: Vec<Route>,
    pub(crate) search: Option<SearchIndex>,
    shown: watch::Receiver<EventId>,
    base: String,
    client: reqwest::Client,
    stop: CancellationToken,
    _directories: (TempDir, TempDir),
}

impl TestServer {
    /// When everything happens.
    pub(crate) const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

    /// The most bytes of an upload.
    pub(crate) const UPLOAD_LIMIT: u64 = 8 << 20;

    pub(crate) async fn start() -> Self {
        let options = super::new_database().await;
        Self::start_on(connect_lazily(options, 8)).await
    }

    /// The same with links that lead to it.
    pub(crate) async fn start_reachable() -> Self {
        Self::start_as(Options { public_url: None, ..Options::default() }).await
    }

    /// The same with other options.
    pub(crate) async fn start_as(options: Options) -> Self {
        let database = super::new_database().await;
        Self::start_with(connect_lazily(database, 8), options).await
    }

    /// The same with another way for mail.
    pub(crate) async fn start_with_mail(mail: MailTransport) -> Self {
        Self::start_as(Options { mail, ..Options::default() }).await
    }

    /// The same with the page for kept mail.
    pub(crate) async fn start_with_dev_mail() -> Self {
        Self::start_as(Options { dev_mail: true, ..Options::default() }).await
    }

    /// The same with its objects in a bucket.
    pub(crate) async fn start_on_s3(server: &S3Server, public_endpoint: Option<String>) -> Self {
        let public_endpoint = public_endpoint.map(|endpoint| endpoint.parse().expect("an address"));
        let settings = S3Settings { bucket: s3_server::BUCKET.to_owned(), public_endpoint };
        let store = Store::S3(S3Store::new(&server.config(), settings).expect("a region"));
        Self::start_as(Options { store: Some(store), ..Options::default() }).await
    }

    /// The same on a database that may be away.
    pub(crate) async fn start_on(pool: PgPool) -> Self {
        Self::start_with(pool, Options::default()).await
    }

    /// Another one on the database and the objects of one: with connections, caches and a search index of its own.
    pub(crate) async fn start_beside(other: &Self) -> Self {
        let pool = connect_lazily(other.pool.connect_options().as_ref().clone(), 8);
        let store = Some(Store::Disk(DiskStore::new(other.data.objects())));
        Self::start_with(pool, Options { public_url: None, store, ..Options::default() }).await
    }

    async fn start_with(pool: PgPool, options: Options) -> Self {
        let Options { public_url, store, dev_mail, login_to_read, .. } = options;
        let data_directory = tempfile::tempdir().expect("a directory");
        let site = tempfile::tempdir().expect("a directory");
        std::fs::create_dir(site.path().join("pkg")).expect("a directory");
        std::fs::write(site.path().join("pkg/pginstall.css"), "body {}").expect("written");
        std::fs::write(site.path().join("favicon.svg"), "<svg/>").expect("written");
        let data = DataDirectory::open(data_directory.path()).expect("a data directory");
        let clock = Clock::fixed(Self::NOW);
        // In a bucket, what goes there in parts is to be tried too.
        let largest_bytes = if store.is_some() { 2 * Self::UPLOAD_LIMIT } else { Self::UPLOAD_LIMIT };
        let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let public_url: url::Url =
            public_url.unwrap_or(&format!("http://{}:{}", options.host, address.port())).parse().expect("an address");
        // As little work as can be.
        let cost = PasswordCost { memory: 8, passes: 1, lanes: 1 };
        let passwords = Passwords::new(cost, 2).expect("parameters");
        let accounts = AccountSettings {
            public_url: public_url.clone(),
            passwords,
            second_factor_rule: options.second_factor_rule,
            providers: options.providers,
            workflow_issuers: options.workflow_issuers,
        };
        let registry = Registry::new(
            pool.clone(),
            store.unwrap_or_else(|| Store::Disk(DiskStore::new(data.objects()))),
            clock.clone(),
            "localhost".to_owned(),
            Uploads { temporary: data.temporary(), largest_bytes },
            options.mail,
            accounts,
        )
        .expect("a registry");
        let http = HttpConfig {
            listen: address,
            public_url,
            trusted_proxies: vec!["127.0.0.1/32".parse().expect("a network")],
            site_root: site.path().to_owned(),
            login_to_read,
            security_contact: None,
            dev_mail,
        };
        let (latest_sender, latest) = watch::channel(0);
        let (projected_sender, projected) = watch::channel(0);
        let assets = Assets::load(site.path()).expect("files");
        let search = SearchIndex::open(&data.index()).expect("an index");
        let (shown_sender, shown) = watch::channel(0);
        let state =
            AppState::new(registry.clone(), assets, http, Some(search.clone()), clock, latest.clone(), shown.clone());
        let stop = CancellationToken::new();
        tokio::spawn(follow_events(pool.clone(), latest_sender, stop.clone()));
        tokio::spawn(run_projections(registry.clone(), latest, projected_sender, stop.clone()));
        tokio::spawn(run_search_index(search.clone(), pool.clone(), projected, shown_sender, stop.clone()));
        tokio::spawn({
            let (registry, latest, stop) = (registry.clone(), state.latest.clone(), stop.clone());
            async move { registry.run_jobs(latest, stop).await }
        });
        let (downloads, jobs_pool, jobs_stop) = (state.downloads.clone(), pool.clone(), stop.clone());
        tokio::spawn(async move { downloads.run(&jobs_pool, jobs_stop).await });
        let (_, routes) = server::application(&state);
        let service = server::service(&state);
        let stopped = stop.clone();
        tokio::spawn(
            async move { axum::serve(listener, service).with_graceful_shutdown(stopped.cancelled_owned()).await },
        );
        Self {
            registry,
            pool,
            data,
            routes,
            search: Some(search),
            shown,
            base: format!("http://{}:{}", options.host, address.port()),
            client: reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client"),
            stop,
            _directories: (data_directory, site),
        }
    }

    pub(crate) async fn import(&self, installation: Installation) -> ImportReport {
        self.registry.import(vec![installation], self.data.temporary(), |_| {}).await.expect("imported")
    }

    pub(crate) fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    /// A GET that the page cache does not answer.
    pub(crate) async fn get(&self, path: &str) -> reqwest::Response {
        self.request(reqwest::Method::GET, path).header("cache-control", "no-cache").send().await.expect("an answer")
    }

    /// A GET that the page cache may answer.
    pub(crate) async fn get_cached(&self, path: &str) -> reqwest::Response {
        self.request(reqwest::Method::GET, path).send().await.expect("an answer")
    }

    /// Waits until pages and searches show everything that was published.
    pub(crate) async fn settle(&self) {
        // What follows a publication has events of its own.
        let jobs_are_done = async {
            while sqlx::query_scalar::<_, bool>("select exists (select from jobs where failed_at is null)")
                .fetch_one(&self.pool)
                .await
                .expect("an answer")
            {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(10), jobs_are_done).await.expect("in time");
        let newest = sqlx::query_scalar::<_, i64>("select max(event_id) from events")
            .fetch_one(&self.pool)
            .await
            .expect("an id");
        let mut shown = self.shown.clone();
        let reached =
            tokio::time::timeout(std::time::Duration::from_secs(10), shown.wait_for(|shown| *shown >= newest)).await;
        reached.expect("in time").expect("a running index");
    }

    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    pub(crate) async fn json(&self, path: &str) -> serde_json::Value {
        let response = self.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        response.json().await.expect("JSON")
    }

    pub(crate) async fn text(&self, path: &str) -> String {
        self.get(path).await.text().await.expect("text")
    }

    /// A text without what depends on the machine that the test runs on.
    pub(crate) fn portable(text: &str) -> String {
        let os_release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
        let value = |name: &str| {
            let line = os_release.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
            line.map(|value| value.trim_matches('"').to_owned())
        };
        match (value("ID"), value("VERSION_ID")) {
            (Some(os), Some(version)) => text.replace(&format!("{os}-{version}-x86_64"), "OS-x86_64"),
            _ => text.to_owned(),
        }
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
