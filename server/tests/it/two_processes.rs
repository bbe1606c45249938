//! Two processes on one database and one bucket: what is done on one holds on the other.

use std::{
    fs,
    time::{Duration, Instant},
};

use model::StaffRole;
use registry::{S3Settings, S3Store, Store, Token};
use reqwest::StatusCode;
use s3_server::S3Server;
use sqlx::ConnectOptions as _;

use crate::support::{
    Browser, Options, Part, Program, TestServer, TrunkArchive, accessible_directory, free_port, multipart, program,
    staff, until,
};

/// The program itself, beside a server of the tests.
struct Beside {
    base: String,
    client: reqwest::Client,
    // Stopped before its directory goes.
    _running: Program,
    _directory: tempfile::TempDir,
}

impl Beside {
    async fn start(server: &TestServer, objects: &S3Server) -> Self {
        let directory = accessible_directory();
        let site = directory.path().join("site");
        fs::create_dir_all(site.join("pkg")).expect("a directory");
        fs::write(site.join("pkg/pginstall.css"), "body {}").expect("written");
        let port = free_port();
        let base = format!("http://127.0.0.1:{port}");
        let mut command = program(directory.path());
        command
            .env("DATABASE_URL", server.pool.connect_options().to_url_lossy().as_str())
            .envs(objects.environment())
            .env("S3_BUCKET", s3_server::BUCKET)
            .args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--public-url", &base])
            .arg("--site-root")
            .arg(site);
        let running = Program::start(command, directory.path());
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        let started = Instant::now();
        let is_ready =
            async || client.get(format!("{base}/readyz")).send().await.is_ok_and(|answer| answer.status() == 200);
        while !is_ready().await {
            assert!(started.elapsed() < Duration::from_mins(1), "{}", running.messages());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Self { base, client, _running: running, _directory: directory }
    }

    async fn get(&self, path: &str) -> (u16, String) {
        let answer = self.client.get(format!("{}{path}", self.base)).send().await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.unwrap_or_default())
    }

    async fn has(&self, path: &str, words: &str) -> bool {
        self.get(path).await.1.contains(words)
    }

    /// Publishes here, as Trunk's command does.
    async fn publish(&self, token: &Token, archive: &TrunkArchive) -> (u16, String) {
        let (metadata, bytes, shown) = (archive.metadata().to_string(), archive.bytes(), Some(token.reveal()));
        let body = multipart(&[
            Part { name: "metadata", token: shown, content: metadata.as_bytes() },
            Part { name: "file", token: shown, content: &bytes },
        ]);
        let request = self
            .client
            .post(format!("{}/extensions/new", self.base))
            .header("content-type", "multipart/form-data; boundary=boundary")
            .body(body);
        let answer = request.send().await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.unwrap_or_default())
    }
}

/// Waits until it is so; how long that took.
async fn after(what: &str, is_so: impl AsyncFn() -> bool) -> Duration {
    let started = Instant::now();
    until(what, is_so).await;
    started.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_process_does_the_other_shows_within_a_second() {
    let objects = S3Server::start();
    let settings = S3Settings { bucket: s3_server::BUCKET.to_owned(), public_endpoint: None };
    let store = Store::S3(S3Store::new(&objects.config(), settings).expect("a region"));
    let server = TestServer::start_as(Options { public_url: None, store: Some(store), ..Options::default() }).await;
    let mut admin = staff(&server, "root_of_all", StaffRole::Admin).await;
    let mut ada = server.logged_in("ada").await;
    let token = server.token("ada").await;
    let other = Beside::start(&server, &objects).await;
    let act = async |browser: &mut Browser, path: &str, fields: &[(&str, &str)]| {
        let fields = [fields, &[("reason", "It is better so for everybody.")]].concat();
        let answer = browser.post(&server, path, &fields).await;
        assert_eq!(answer.status, 200, "{path} {fields:?}: {}", answer.text);
    };
    // The machine is shared: what counts is the fastest of a few.
    let (mut shown, mut gone, mut back) = (Duration::MAX, Duration::MAX, Duration::MAX);
    for name in ["pg_first", "pg_second", "pg_third"] {
        let page = format!("/packages/{name}");
        assert_eq!(other.get(&page).await.0, 404);
        server.published(&token, &TrunkArchive::sql(name, "1.0.0")).await;
        let elapsed = after("the other shows it", async || {
            other.get(&page).await.0 == 200
                && other.has("/", &page).await
                && other.has(&format!("/api/v1/search?q={name}"), &format!("\"name\":\"{name}\"")).await
                && other.has("/api/v1/trunk-projects", &format!("\"{name}\"")).await
        })
        .await;
        shown = shown.min(elapsed);
        let download = format!("/extensions/{name}/1.0.0/download");
        let link = other.get(&download).await.1;
        let file = link.strip_prefix(&other.base).expect("a link to itself").to_owned();
        assert_eq!(other.get(&file).await.0, StatusCode::OK, "the file itself");
        // Kept there, and gone all the same.
        assert_eq!(other.get(&page).await.0, 200);
        act(&mut ada, &format!("/settings/packages/{name}/availability"), &[("form", "hide")]).await;
        let elapsed = after("the other does not show it", async || {
            other.get(&page).await.0 == 404
                && !other.has("/", &page).await
                && !other.has(&format!("/api/v1/search?q={name}"), &format!("\"name\":\"{name}\"")).await
                && other.get(&file).await.0 == 404
        })
        .await;
        gone = gone.min(elapsed);
        // And the other way round.
        let archive = TrunkArchive::sql(&name.replace("pg_", "by_"), "1.0.0");
        let (status, said) = other.publish(&token, &archive).await;
        assert_eq!(status, 200, "{said}");
        let page = format!("/packages/{}", archive.manifest.name);
        let elapsed = after("this one shows what was published there", async || {
            server.get_cached(&page).await.status() == 200
                && server.get_cached("/").await.text().await.is_ok_and(|text| text.contains(&page))
        })
        .await;
        back = back.min(elapsed);
    }
    // A switch holds with the answer that says so, everywhere.
    let flag = [("flag", "no-publishing"), ("set", "yes")];
    act(&mut admin, "/admin/flags", &flag).await;
    let (status, said) = other.publish(&token, &TrunkArchive::sql("by_nobody", "1.0.0")).await;
    assert!(status == 503 && said.contains("It is better so for everybody."), "{status} {said}");
    act(&mut admin, "/admin/flags", &[("flag", "no-publishing"), ("set", "no")]).await;
    assert_eq!(other.publish(&token, &TrunkArchive::sql("by_somebody", "1.0.0")).await.0, 200);
    println!("shown by the other after {shown:?}, gone after {gone:?}, the other way round after {back:?}");
    let second = Duration::from_secs(1);
    assert!(shown < second && gone < second && back < second, "{shown:?} {gone:?} {back:?}");
}
