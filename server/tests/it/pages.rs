//! The pages as HTML; what they look like is the business of the browser tests.

use std::collections::BTreeSet;

use sha2::Digest as _;

use crate::support::{FakePostgres, TestServer};

async fn with_packages() -> TestServer {
    let server = TestServer::start().await;
    let fake = FakePostgres::new();
    fake.library_extension("hstore", "1.8");
    fake.sql_extension("cube", "1.5", "");
    fake.sql_extension("earthdistance", "1.1", "requires = 'cube'");
    fake.library("auth_delay", "x86_64-gnu-pg15");
    server.import(fake.installation()).await;
    server.settle().await;
    server
}

const PAGES: [&str; 15] = [
    "/",
    "/packages",
    "/categories/data_transformations",
    "/categories/machine_learning",
    "/packages/hstore",
    "/packages/earthdistance/1.1.0",
    "/packages/auth_delay",
    "/packages/hstore/files",
    "/packages/hstore/versions",
    "/packages/hstore/1.8.0/dependencies",
    "/packages/hstore?pg=15&way=archive",
    "/docs",
    "/docs/install",
    "/about",
    "/nothing/here",
];

#[tokio::test]
async fn pages_have_their_status() {
    let server = with_packages().await;
    for (path, status) in [
        ("/", 200),
        ("/packages", 200),
        ("/packages?after=nonsense", 200),
        ("/packages?after=-9223372036854775808", 200),
        ("/categories/search", 200),
        ("/categories/nothing", 404),
        ("/categories/%00", 404),
        ("/packages/hstore", 200),
        ("/packages/HSTORE", 200),
        ("/packages/hstore/latest", 200),
        ("/packages/hstore/1.8.0", 200),
        ("/packages/hstore/files", 200),
        ("/packages/hstore/latest/files", 200),
        ("/packages/hstore/1.8.0/versions", 200),
        ("/packages/hstore/1.8.0/nothing", 404),
        ("/packages/hstore/latest?pg=15", 200),
        ("/packages/hstore/latest?pg=13", 200),
        ("/packages/hstore/9.9.9?pg=15", 404),
        ("/packages/hstore/1.8", 404),
        ("/tags/nothing", 404),
        ("/tags/%00", 404),
        ("/docs", 200),
        ("/docs/api", 200),
        ("/docs/nothing", 404),
        ("/about", 200),
        ("/robots.txt", 200),
        ("/sitemap.xml", 200),
        ("/sitemaps/pages.xml", 200),
        ("/sitemaps/packages-0.xml", 200),
        ("/sitemaps/packages-1.xml", 404),
        ("/sitemaps/packages--1.xml", 404),
        ("/sitemaps/packages-9223372036854775807.xml", 404),
        ("/sitemaps/nothing", 404),
        ("/opensearch.xml", 200),
        ("/opensearch/suggest", 200),
        ("/packages/nothing", 404),
        ("/packages/%00", 404),
        ("/packages/a%2Fb", 404),
        ("/packages/%F0%9F%90%98", 404),
        ("/nothing", 404),
        ("/healthz", 200),
        ("/readyz", 200),
    ] {
        let response = server.get(path).await;
        assert_eq!(response.status(), status, "{path}");
        let text = response.text().await.expect("text");
        assert!(!text.contains("panicked") && !text.contains("sqlx"), "{path}");
    }
    let posted = server.request(reqwest::Method::POST, "/").send().await.expect("an answer");
    assert_eq!(posted.status(), 405);
}

#[tokio::test]
async fn a_page_says_what_somebody_comes_for() {
    let server = with_packages().await;
    let home = server.text("/").await;
    for text in ["Data / Transformations", "Machine Learning", "hstore", "4 packages"] {
        assert!(home.contains(text), "home: {text}");
    }
    assert_eq!(home.matches("class=\"tile\"").count(), 16);
    let package = server.text("/packages/hstore").await;
    for text in ["CREATE EXTENSION hstore;", "hstore-1.8.0-pg15-", "From this server", "PostgreSQL", "1.8.0"] {
        assert!(package.contains(text), "package: {text}");
    }
    let files = server.text("/packages/hstore/files").await;
    for text in ["SHA-256", "extension/hstore.control", "hstore.so", "shared library"] {
        assert!(files.contains(text), "files: {text}");
    }
    let dependent = server.text("/packages/earthdistance").await;
    assert!(
        dependent.contains("href=\"/packages/cube\"") && dependent.contains("CREATE EXTENSION earthdistance CASCADE;")
    );
    let dependencies = server.text("/packages/cube/dependencies").await;
    assert!(dependencies.contains("Needed by") && dependencies.contains("href=\"/packages/earthdistance\""));
    assert!(server.text("/packages/earthdistance/latest/dependencies").await.contains("href=\"/packages/cube\""));
    let module = server.text("/packages/auth_delay").await;
    assert!(module.contains("shared_preload_libraries") && !module.contains("CREATE EXTENSION"));
    assert!(server.text("/categories/machine_learning").await.contains("No package here yet."));
}

#[tokio::test]
async fn two_renderings_are_equal_and_every_inline_script_is_allowed() {
    let server = with_packages().await;
    let mut policies = BTreeSet::new();
    for path in PAGES {
        let first = server.get(path).await;
        let policy = first.headers()["content-security-policy"].to_str().expect("text").to_owned();
        let html = first.text().await.expect("text");
        assert_eq!(server.text(path).await, html, "{path}");
        let mut base = policy.clone();
        for script in html.split("<script").skip(1) {
            let (attributes, rest) = script.split_once('>').expect("a tag");
            let (content, _) = rest.split_once("</script>").expect("an end");
            assert!(!attributes.contains("src="), "{path}");
            let hash = format!("'sha256-{}'", base64(&sha2::Sha256::digest(content)));
            assert!(policy.contains(&hash), "{path}: {content}");
            if attributes.contains("application/ld+json") {
                let facts: serde_json::Value = serde_json::from_str(content).expect("JSON");
                assert_eq!(facts["@context"], "https://schema.org", "{path}");
                base = base.replace(&format!(" {hash}"), "");
            }
        }
        assert!(!policy.contains("unsafe-inline") && !policy.contains("nonce-"), "{policy}");
        policies.insert(base);
    }
    assert_eq!(policies.len(), 1, "one policy for all pages, but for the facts of each");
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let mut bits = [0_u8; 3];
        bits[..chunk.len()].copy_from_slice(chunk);
        let bits = u32::from_be_bytes([0, bits[0], bits[1], bits[2]]);
        for place in 0..4_usize {
            text.push(if place > chunk.len() {
                '='
            } else {
                char::from(ALPHABET[(bits >> (18 - 6 * place)) as usize & 63])
            });
        }
    }
    text
}

#[tokio::test]
async fn no_query_string_is_a_fault() {
    let server = with_packages().await;
    let queries = [
        "",
        "?",
        "?&&&",
        "?=",
        "?%",
        "?%zz",
        "?%00",
        "?a=%ff%fe",
        "?after=%00",
        "?after=1e9",
        "?limit=-1",
        "?limit=999999999999",
        "?pg=15&pg=x",
        "?sort=%F0%9F%90%98",
        "?category=search&category=security",
        "?tag=%27%3B%20drop%20table%20packages%3B--",
        "?sha256=x",
        "?tag=%E2%80%AE",
    ];
    let long = format!("?after={}", "9".repeat(4000));
    let paths: Vec<String> = server
        .routes
        .iter()
        .map(|route| {
            let filled = [
                ("{name}", "hstore"),
                ("{version}", "1.8.0"),
                ("{slug}", "search"),
                ("{pg}", "15"),
                ("{platform}", "any"),
                ("{*path}", "x"),
            ];
            filled.into_iter().fold(route.path.clone(), |path, (parameter, value)| path.replace(parameter, value))
        })
        .collect();
    assert!(paths.len() > 12, "{paths:?}");
    for path in &paths {
        for query in queries.iter().copied().chain([long.as_str()]) {
            let status = server.get(&format!("{path}{query}")).await.status();
            assert!(!status.is_server_error(), "{path}{query}: {status}");
        }
    }
}

#[tokio::test]
async fn every_answer_is_guarded() {
    let server = with_packages().await;
    for path in ["/", "/api/v1/packages", "/nothing", "/favicon.svg", "/healthz", "/api/v1/nothing"] {
        let response = server.get(path).await;
        for header in [
            "content-security-policy",
            "x-content-type-options",
            "referrer-policy",
            "cross-origin-opener-policy",
            "x-request-id",
        ] {
            assert!(response.headers().contains_key(header), "{path} lacks {header}");
        }
    }
}

#[tokio::test]
async fn metrics_are_for_this_machine_only() {
    let server = with_packages().await;
    for path in ["/packages/hstore", "/packages/hstore", "/nothing"] {
        server.get_cached(path).await;
    }
    let metrics = server.get("/metrics").await;
    assert_eq!(metrics.status(), 200);
    let text = metrics.text().await.expect("text");
    for (route, status, count) in [("/packages/{name}", 200, 2), ("none", 404, 1)] {
        let line =
            format!("pginstall_http_requests_total{{method=\"GET\",route=\"{route}\",status=\"{status}\"}} {count}\n");
        assert!(text.contains(&line), "{line}{text}");
    }
    let forwarded = server
        .request(reqwest::Method::GET, "/metrics")
        .header("x-forwarded-for", "192.0.2.1")
        .send()
        .await
        .expect("an answer");
    assert_eq!(forwarded.status(), 404);
}

#[tokio::test]
async fn links_come_from_the_configuration_and_never_from_the_request() {
    let server = with_packages().await;
    for path in ["/packages/hstore", "/api/v1/packages/hstore"] {
        let request = server
            .request(reqwest::Method::GET, path)
            .header("host", "evil.test")
            .header("x-forwarded-host", "evil.test");
        let text = request.send().await.expect("an answer").text().await.expect("text");
        assert!(text.contains("http://registry.test/") && !text.contains("evil.test"), "{path}");
    }
}

#[tokio::test]
async fn what_others_wrote_is_text() {
    let server = TestServer::start().await;
    let fake = FakePostgres::new();
    fake.sql_extension("nasty", "1.0", "schema = '<b>x</b>'\nrequires = '\"<script>alert(1)</script>\"'\n");
    fake.write(
        "share/extension/nasty.control",
        "comment = '<script>alert(1)</script> \\342\\200\\256 \\360\\237\\220\\230'\ndefault_version = '1.0'\nrequires = '\"<img src=x>\"'\n",
    );
    let report = server.import(fake.installation()).await;
    assert!(report.problems.is_empty(), "{report:?}");
    let page = server.text("/packages/nasty").await;
    assert!(!page.contains("<script>alert") && !page.contains("<img"), "{page}");
    assert!(page.contains("&lt;script&gt;") && page.contains('🐘'));
}
