//! The database is away: pages say so and recover by themselves.

use std::time::{Duration, Instant};

use registry::{DataDirectory, PrivatePostgres, connect_lazily};
use reqwest::Method;
use rustix::process::{Pid, Signal, kill_process};
use sqlx::postgres::PgConnectOptions;
use tokio_util::sync::CancellationToken;

use crate::support::{FakePostgres, TestServer, accessible_directory};

#[tokio::test]
async fn without_a_database_pages_say_what_to_do() {
    let directory = tempfile::tempdir().expect("a directory");
    let nowhere =
        PgConnectOptions::new_without_pgpass().host(&directory.path().to_string_lossy()).username("x").database("x");
    let server = TestServer::start_on(connect_lazily(nowhere, 2)).await;
    for path in ["/", "/packages", "/categories/search", "/packages/hstore"] {
        let response = server.get(path).await;
        assert_eq!(response.status(), 503, "{path}");
        assert_eq!(response.headers()["retry-after"], "5");
        let text = response.text().await.expect("text");
        assert!(text.contains("cannot reach its database") && text.contains("Try again in a moment"), "{path}");
    }
    let problem = server.get("/api/v1/packages").await;
    assert_eq!(
        (problem.status().as_u16(), problem.headers()["content-type"].to_str().expect("text")),
        (503, "application/problem+json")
    );
    assert_eq!(server.get("/healthz").await.status(), 200);
    assert_eq!(server.get("/readyz").await.status(), 503);
    assert_eq!(server.get("/nothing").await.status(), 404, "what needs no database is still right");
}

#[tokio::test]
async fn pages_come_back_when_the_database_does() {
    let directory = accessible_directory();
    let data = DataDirectory::open(directory.path()).expect("a data directory");
    let mut postgres = PrivatePostgres::open(&data, None).await.expect("a PostgreSQL");
    let pool = connect_lazily(postgres.options(), 5);
    registry::migrate(&pool).await.expect("migrated");
    let server = TestServer::start_on(pool).await;
    let fake = FakePostgres::new();
    fake.sql_extension("survivor", "1.0", "");
    server.import(fake.installation()).await;
    assert_eq!(server.get("/packages/survivor").await.status(), 200);

    let postmaster = std::fs::read_to_string(data.path().join("postgres/postmaster.pid")).expect("a postmaster");
    let pid = Pid::from_raw(postmaster.lines().next().expect("a line").parse().expect("a pid")).expect("a pid");
    kill_process(pid, Signal::KILL).expect("killed");
    let gone = Instant::now();
    let mut seen = Vec::new();
    let stop = CancellationToken::new();
    let watch = async {
        while seen.last() != Some(&200) {
            let status =
                server.request(Method::GET, "/packages/survivor").header("cache-control", "no-cache").send().await;
            let status = status.expect("an answer").status().as_u16();
            if seen.last() != Some(&status) {
                seen.push(status);
            }
            assert!(gone.elapsed() < Duration::from_mins(1), "pages do not come back: {seen:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        stop.cancel();
    };
    // Begin to restart it only once a page has said that it is away.
    let first = server
        .request(Method::GET, "/packages/survivor")
        .header("cache-control", "no-cache")
        .send()
        .await
        .expect("an answer");
    assert_eq!(first.status(), 503);
    tokio::join!(watch, postgres.supervise(stop.clone()));
    assert!(server.registry.check().await.expect("checked").findings.is_empty());
    postgres.stop().await;
}
