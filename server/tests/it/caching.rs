//! The page cache, entity tags and compression.

use std::{
    io::Read as _,
    time::{Duration, Instant},
};

use reqwest::Method;

use crate::support::{FakePostgres, TestServer};

async fn with_package() -> (TestServer, FakePostgres) {
    let server = TestServer::start().await;
    let fake = FakePostgres::new();
    fake.sql_extension("first", "1.0", "");
    server.import(fake.installation()).await;
    (server, fake)
}

async fn metric(server: &TestServer, name: &str) -> u64 {
    let text = server.text("/metrics").await;
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("pginstall_{name} ")));
    line.unwrap_or_else(|| panic!("no metric {name} in {text}")).parse().expect("a number")
}

#[tokio::test]
async fn the_second_request_is_answered_from_the_cache_until_something_changes() {
    let (server, fake) = with_package().await;
    for path in ["/", "/packages", "/packages/first", "/api/v1/packages"] {
        // The cursor of the projection may still be on its way.
        let start = Instant::now();
        loop {
            server.get_cached(path).await;
            let before = metric(&server, "page_cache_hits_total").await;
            server.get_cached(path).await;
            if metric(&server, "page_cache_hits_total").await == before + 1 {
                break;
            }
            assert!(start.elapsed() < Duration::from_secs(5), "{path} is never answered from the cache");
        }
    }
    assert!(!server.get_cached("/packages").await.text().await.expect("text").contains("second"));
    fake.sql_extension("second", "1.0", "");
    server.import(fake.installation()).await;
    let start = Instant::now();
    for path in ["/packages", "/api/v1/packages"] {
        while !server.get_cached(path).await.text().await.expect("text").contains("second") {
            assert!(start.elapsed() < Duration::from_secs(1), "{path} shows what is new within a second");
        }
    }
}

#[tokio::test]
async fn unknown_parameters_are_the_same_page_and_sessions_are_not_kept() {
    let (server, _fake) = with_package().await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    server.get_cached("/packages").await;
    let hits = metric(&server, "page_cache_hits_total").await;
    server.get_cached("/packages?utm_source=x&y=z").await;
    assert_eq!(metric(&server, "page_cache_hits_total").await, hits + 1);
    let misses = metric(&server, "page_cache_misses_total").await;
    let with_session =
        server.request(Method::GET, "/packages").header("cookie", "a=b; session=c").send().await.expect("an answer");
    assert_eq!(with_session.status(), 200);
    assert!(with_session.headers().get("etag").is_none());
    assert_eq!(metric(&server, "page_cache_hits_total").await, hits + 1);
    assert_eq!(metric(&server, "page_cache_misses_total").await, misses, "it did not even ask the cache");
}

#[tokio::test]
async fn what_is_known_is_not_sent_again() {
    let (server, _fake) = with_package().await;
    for path in ["/packages/first", "/api/v1/packages/first", "/api/v1/openapi.json"] {
        for encoding in ["identity", "gzip", "br"] {
            let get = || server.request(Method::GET, path).header("accept-encoding", encoding);
            let first = get().send().await.expect("an answer");
            let etag = first.headers()["etag"].clone();
            assert!(first.headers()["vary"].to_str().expect("text").contains("Accept-Encoding"));
            let again = get().header("if-none-match", etag.clone()).send().await.expect("an answer");
            assert_eq!((again.status().as_u16(), &again.headers()["etag"]), (304, &etag), "{path} {encoding}");
            assert!(again.bytes().await.expect("bytes").is_empty());
            let other = get().header("if-none-match", "\"other\"").send().await.expect("an answer");
            assert_eq!(other.status(), 200);
        }
        let head = server.request(Method::HEAD, path).send().await.expect("an answer");
        assert_eq!(head.status(), 200);
        assert!(head.headers()["content-length"].to_str().expect("text").parse::<u64>().expect("a number") > 0);
    }
}

#[tokio::test]
async fn compressed_is_the_same_page() {
    let (server, _fake) = with_package().await;
    let page = server.text("/packages/first").await;
    for encoding in ["gzip", "br", "br;q=0, gzip", "gzip;q=0"] {
        let response = server
            .request(Method::GET, "/packages/first")
            .header("accept-encoding", encoding)
            .send()
            .await
            .expect("an answer");
        let sent = response.headers().get("content-encoding").map(|value| value.to_str().expect("text").to_owned());
        let bytes = response.bytes().await.expect("bytes");
        let mut text = String::new();
        match sent.as_deref() {
            Some("gzip") => _ = flate2::read::GzDecoder::new(bytes.as_ref()).read_to_string(&mut text).expect("gzip"),
            Some("br") => {
                _ = brotli::Decompressor::new(bytes.as_ref(), 4096).read_to_string(&mut text).expect("brotli");
            }
            _ => text = String::from_utf8(bytes.to_vec()).expect("text"),
        }
        assert_eq!(text, page, "{encoding}");
        let expected = match encoding {
            "br" => Some("br"),
            "gzip;q=0" => None,
            _ => Some("gzip"),
        };
        assert_eq!(sent.as_deref(), expected);
    }
}

#[tokio::test]
async fn browser_files_have_addresses_that_change_with_them() {
    let server = TestServer::start().await;
    let page = server.text("/").await;
    let start = page.find("/assets/").expect("a stylesheet");
    let directory = &page[start..start + "/assets/".len() + 12];
    let style = server.get(&format!("{directory}/pginstall.css")).await;
    assert_eq!(style.status(), 200);
    assert_eq!(style.headers()["cache-control"], "public, max-age=31536000, immutable");
    assert_eq!(style.headers()["content-type"], "text/css; charset=utf-8");
    assert_eq!(server.get("/favicon.svg").await.headers()["content-type"], "image/svg+xml");
    for path in
        ["/assets/000000000000/pginstall.css", "/pkg/pginstall.css", "/..%2f..%2fetc/passwd", "/assets/../Cargo.toml"]
    {
        assert_eq!(server.get(path).await.status(), 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_many_ask_for_at_once_is_rendered_once() {
    let (server, _) = with_package().await;
    server.settle().await;
    for path in ["/packages/first", "/api/v1/packages/first"] {
        let before = metric(&server, "page_cache_misses_total").await;
        let answers = futures::future::join_all((0..40).map(|_| server.get_cached(path))).await;
        assert!(answers.iter().all(|answer| answer.status() == 200), "{path}");
        // Those that come while the first one looks for an old entry may be its equals.
        let rendered = metric(&server, "page_cache_misses_total").await - before;
        assert!((1..=3).contains(&rendered), "{path} was rendered {rendered} times");
    }
    // What is not kept holds up nobody.
    let answers = futures::future::join_all((0..40).map(|_| server.get_cached("/packages/nothing"))).await;
    assert!(answers.iter().all(|answer| answer.status() == 404));
}
