//! Fetching files.

use std::time::Duration;

use formats::archive::{self, Limits};
use reqwest::Method;
use sha2::Digest as _;

use crate::support::{FakePostgres, TestServer};

struct Download {
    server: TestServer,
    path: String,
    sha256: String,
    size: usize,
}

async fn download() -> Download {
    let server = TestServer::start().await;
    let fake = FakePostgres::new();
    fake.library_extension("hstore", "1.8");
    server.import(fake.installation()).await;
    let package = server.json("/api/v1/packages/hstore").await;
    let artifact = &package["current"]["artifacts"][0];
    Download {
        path: artifact["url"]
            .as_str()
            .expect("an address")
            .strip_prefix("http://registry.test")
            .expect("absolute")
            .to_owned(),
        sha256: artifact["sha256"].as_str().expect("a digest").to_owned(),
        size: usize::try_from(artifact["size"].as_u64().expect("a size")).expect("small"),
        server,
    }
}

impl Download {
    async fn count(&self) -> i64 {
        let count = sqlx::query_scalar::<_, i64>(
            "select coalesce(sum(count), 0)::bigint from downloads where day = '2026-11-21'",
        );
        count.fetch_one(&self.server.pool).await.expect("a count")
    }

    /// The count once it no longer changes; it is written every second.
    async fn settled_count(&self) -> i64 {
        tokio::time::sleep(Duration::from_millis(1500)).await;
        self.count().await
    }

    async fn with(&self, method: Method, name: &'static str, value: &str) -> reqwest::Response {
        self.server.request(method, &self.path).header(name, value).send().await.expect("an answer")
    }
}

#[tokio::test]
async fn a_file_arrives_whole_with_everything_that_is_said_of_it() {
    let download = download().await;
    let response = download.server.get_cached(&download.path).await;
    assert_eq!(response.status(), 200);
    let header = |name: &str| response.headers().get(name).map(|value| value.to_str().expect("text").to_owned());
    assert_eq!(header("etag"), Some(format!("\"{}\"", download.sha256)));
    assert_eq!(header("content-length"), Some(download.size.to_string()));
    assert_eq!(header("accept-ranges").as_deref(), Some("bytes"));
    assert_eq!(header("content-type").as_deref(), Some("application/gzip"));
    let disposition = TestServer::portable(&header("content-disposition").expect("a name"));
    assert_eq!(disposition, "attachment; filename=\"hstore-1.8.0-pg15-OS-x86_64-gnu.tar.gz\"");
    let bytes = response.bytes().await.expect("bytes");
    assert_eq!(hex::encode(sha2::Sha256::digest(&bytes)), download.sha256);
    let contents = archive::read(bytes.as_ref(), &Limits::default(), |_, _| Ok(())).expect("an archive");
    let paths: Vec<&str> = contents.entries.iter().map(|entry| entry.path.as_str()).collect();
    assert_eq!(paths, ["extension/hstore--1.8.sql", "extension/hstore.control", "hstore.so"]);
    insta::assert_snapshot!(contents.manifest.to_json().expect("JSON"));
}

#[tokio::test]
async fn what_was_fetched_to_its_end_is_counted() {
    let download = download().await;
    assert_eq!(download.count().await, 0);
    for _ in 0..3 {
        download.server.get_cached(&download.path).await.bytes().await.expect("bytes");
    }
    // None of these is a download.
    assert_eq!(download.with(Method::HEAD, "accept", "*/*").await.status(), 200);
    assert_eq!(download.with(Method::GET, "if-none-match", &format!("\"{}\"", download.sha256)).await.status(), 304);
    assert_eq!(download.with(Method::GET, "range", "bytes=0-9").await.bytes().await.expect("bytes").len(), 10);
    assert_eq!(download.server.get("/api/v1/packages/hstore/9.9.9/artifacts/15/any").await.status(), 404);
    assert_eq!(download.settled_count().await, 3);
    let rest = download.with(Method::GET, "range", "bytes=10-").await;
    assert_eq!(rest.bytes().await.expect("bytes").len(), download.size - 10);
    assert_eq!(download.settled_count().await, 4, "an interrupted download that was resumed counts once");
    let package = download.server.json("/api/v1/packages/hstore").await;
    assert_eq!(package["current"]["artifacts"][0]["downloads"], 4);
}

#[tokio::test]
async fn ranges_and_conditions_are_honoured() {
    let download = download().await;
    let whole = download.server.get_cached(&download.path).await.bytes().await.expect("bytes");
    let size = download.size;
    for (range, from, to) in
        [("bytes=0-0", 0, 1), ("bytes=5-20", 5, 21), ("bytes=-7", size - 7, size), ("bytes=10-", 10, size)]
    {
        let response = download.with(Method::GET, "range", range).await;
        assert_eq!(response.status(), 206, "{range}");
        assert_eq!(response.headers()["content-range"], format!("bytes {from}-{}/{size}", to - 1).as_str());
        assert_eq!(response.bytes().await.expect("bytes"), whole.slice(from..to), "{range}");
    }
    let outside = download.with(Method::GET, "range", &format!("bytes={size}-")).await;
    assert_eq!(
        (outside.status().as_u16(), &outside.headers()["content-range"]),
        (416, &format!("bytes */{size}").parse().expect("a value"))
    );
    assert_eq!(
        download.with(Method::GET, "range", "bytes=1-2,4-5").await.status(),
        200,
        "several ranges: the whole is right too"
    );
    let other = download
        .server
        .request(Method::GET, &download.path)
        .header("range", "bytes=0-4")
        .header("if-range", "\"other\"");
    assert_eq!(other.send().await.expect("an answer").status(), 200, "the range of another file is of no use");
    let head = download.with(Method::HEAD, "accept", "*/*").await;
    assert_eq!(head.headers()["content-length"], size.to_string().as_str());
    assert_eq!(download.with(Method::POST, "accept", "*/*").await.status(), 405);
}

#[tokio::test]
async fn yanked_files_stay_and_quarantined_ones_do_not() {
    let download = download().await;
    let set = |state: &'static str| {
        let pool = download.server.pool.clone();
        async move {
            let statement = match state {
                "yanked" => "update releases set state = 'yanked', state_changed_at = now()",
                _ => "update releases set state = 'quarantined', state_changed_at = now()",
            };
            sqlx::raw_sql(statement).execute(&pool).await.expect("changed");
        }
    };
    set("yanked").await;
    assert_eq!(download.server.get_cached(&download.path).await.status(), 200);
    assert_eq!(download.server.get("/api/v1/packages/hstore").await.status(), 404, "nothing is current");
    assert_eq!(download.server.get("/api/v1/packages/hstore/1.8.0").await.status(), 200);
    set("quarantined").await;
    assert_eq!(download.server.get_cached(&download.path).await.status(), 404);
    assert!(download.server.text("/packages/hstore/1.8.0").await.contains("held back"));
}
