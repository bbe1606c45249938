//! Source distributions: how they are published, found and fetched, and what they leave for binaries to say.

use registry::Token;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{TestServer, TrunkArchive, zip};

const CONTROL: &[u8] = b"comment = 'A pair'\ndefault_version = '0.1.8'\nrelocatable = true\n";

/// A distribution as PGXN's tools make it.
fn distribution(name: &str, version: &str) -> Vec<(String, Vec<u8>)> {
    let meta = json!({
        "name": name, "version": version, "abstract": "A pair of values", "license": "postgresql",
        "maintainer": "Ada <ada@example.org>",
        "provides": {name: {"file": format!("sql/{name}.sql"), "version": version}},
        "resources": {"repository": {"web": "https://github.com/example/pair", "type": "git"}},
        "tags": ["pair", "Key Value", "a/b"], "meta-spec": {"version": "1.0.0"}
    });
    let top = format!("{name}-{version}");
    let file = |path: &str, content: &[u8]| (format!("{top}/{path}"), content.to_vec());
    vec![
        (format!("{top}/"), Vec::new()),
        file("META.json", meta.to_string().as_bytes()),
        file("Makefile", b"EXTENSION = pair\n"),
        file(&format!("{name}.control"), CONTROL),
        file(&format!("sql/{name}.sql"), b"create type pair as (k text, v text);\n"),
        file("README.md", b"# Pair\n\nSee [the types](doc/types.md).\n"),
    ]
}

impl TestServer {
    async fn put_source(&self, token: &Token, release: &str, body: Vec<u8>, query: &str) -> (u16, Value) {
        let answer = self
            .request(Method::PUT, &format!("/api/v1/packages/{release}{query}"))
            .bearer_auth(token.reveal())
            .header("content-type", "application/zip")
            .body(body)
            .send()
            .await
            .expect("an answer");
        (answer.status().as_u16(), answer.json().await.expect("JSON"))
    }
}

fn codes(value: &Value) -> Vec<&str> {
    value["findings"].as_array().into_iter().flatten().filter_map(|finding| finding["code"].as_str()).collect()
}

#[tokio::test]
async fn a_source_is_published_shown_and_fetched() {
    let server = TestServer::start().await;
    let token = server.token("ada").await;
    let archive = zip(&distribution("pair", "0.1.8"));
    let (status, rehearsal) = server.put_source(&token, "pair/0.1.8", archive.clone(), "?dry_run=true").await;
    assert_eq!((status, rehearsal), (200, json!({"publishable": true, "findings": []})));
    assert_eq!(server.get("/api/v1/packages/pair").await.status(), 404);

    let (status, published) = server.put_source(&token, "pair/0.1.8", archive.clone(), "?categories=search").await;
    assert_eq!(status, 201, "{published}");
    insta::assert_json_snapshot!("published", published, { ".sha256" => "[digest]" });
    let (status, again) = server.put_source(&token, "pair/0.1.8", archive.clone(), "").await;
    assert_eq!((status, again["outcome"].as_str()), (200, Some("unchanged")));
    let mut other = distribution("pair", "0.1.8");
    other.push(("pair-0.1.8/Changes".to_owned(), b"none".to_vec()));
    let (status, refused) = server.put_source(&token, "pair/0.1.8", zip(&other), "").await;
    assert_eq!((status, refused["code"].as_str()), (409, Some("version-exists")), "{refused}");

    server.settle().await;
    let package = server.json("/api/v1/packages/pair").await;
    let current = &package["current"];
    assert_eq!(
        (package["summary"].as_str(), current["licence"].as_str()),
        (Some("A pair of values"), Some("postgresql"))
    );
    assert_eq!(package["tags"], json!(["key value", "pair"]));
    assert_eq!(current["artifacts"], json!([]));
    assert_eq!(current["extensions"][0]["version"], "0.1.8");
    assert_eq!(current["source"]["file_name"], "pair-0.1.8.zip");
    let path =
        current["source"]["url"].as_str().and_then(|url| url.strip_prefix("http://registry.test")).expect("a link");
    let fetched = server.get(path).await;
    assert_eq!(fetched.headers()["content-type"], "application/zip");
    assert_eq!(fetched.bytes().await.expect("bytes"), archive);

    let page = server.text("/packages/pair").await;
    for part in [
        "source only",
        "unzip -q pair-0.1.8.zip -d pair-0.1.8",
        "make install",
        "href=\"https://github.com/example/pair/blob/HEAD/doc/types.md\"",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let page = server.text("/packages/pair/files").await;
    assert!(page.contains("pair-0.1.8/sql/pair.sql") && page.contains("/api/v1/packages/pair/0.1.8/source"), "{page}");
    assert_eq!(
        server.json("/api/v1/trunk-projects").await,
        json!([]),
        "there is nothing for the trunk command to install"
    );
    assert_eq!(server.registry.check().await.expect("checked").findings, vec![]);
}

#[tokio::test]
async fn a_binary_says_what_a_source_could_not() {
    let server = TestServer::start().await;
    let token = server.token("ada").await;
    assert_eq!(server.put_source(&token, "example/1.0.0", zip(&distribution("example", "1.0.0")), "").await.0, 201);
    let binary = TrunkArchive::library("example", "1.0.0", "x86_64-gnu-pg16");
    let said = server.published(&token, &binary).await;
    assert!(said.contains("default version of example is another"), "the facts of the first file stay: {said}");
    server.settle().await;
    let release = server.json("/api/v1/packages/example/1.0.0").await;
    assert_eq!(release["extensions"][0]["version"], "0.1.8");
    assert_eq!(release["modules"][0]["library"], "example");
    assert_eq!(release["artifacts"][0]["postgres"], 16);
    assert_eq!(release["artifacts"][0]["libraries"][0]["postgres"], 16);
    assert_eq!(release["source"]["file_name"], "example-1.0.0.zip");
    let page = server.text("/packages/example/files").await;
    assert!(page.contains("built for PostgreSQL 16") && page.contains("Source · "), "{page}");
    let page = server.text("/packages/example?way=source").await;
    assert!(page.contains("unzip -q example-1.0.0.zip"), "{page}");

    // The other way round: the source brings the README that the archive did not have.
    let binary = TrunkArchive::library("later", "1.0.0", "x86_64-gnu-pg16");
    server.published(&token, &binary).await;
    assert_eq!(server.put_source(&token, "later/1.0.0", zip(&distribution("later", "1.0.0")), "").await.0, 201);
    server.settle().await;
    assert!(server.text("/packages/later").await.contains("readme-pair"));
    let events = server.registry.check().await.expect("checked");
    assert_eq!(events.findings, vec![]);
}

#[tokio::test]
async fn what_is_wrong_with_a_source_is_said() {
    let server = TestServer::start().await;
    let (ada, ben) = (server.token("ada").await, server.token("ben").await);
    let without = |left_out: &str| {
        let mut files = distribution("pair", "0.1.8");
        files.retain(|(path, _)| !path.ends_with(left_out));
        zip(&files)
    };
    let with = |path: &str, content: &[u8]| {
        let mut files = distribution("pair", "0.1.8");
        files.retain(|(known, _)| known != path);
        files.push((path.to_owned(), content.to_vec()));
        zip(&files)
    };
    for (what, archive, status, code) in [
        ("no zip", b"nonsense".to_vec(), 422, "archive-unreadable"),
        ("a tar", TrunkArchive::sql("pair", "0.1.8").bytes(), 422, "archive-unreadable"),
        ("another release", zip(&distribution("pair", "0.1.9")), 422, "version-disagrees"),
        ("another package", zip(&distribution("impair", "0.1.8")), 422, "name-disagrees"),
        ("a broken META.json", with("pair-0.1.8/META.json", b"{"), 422, "meta-unreadable"),
        ("an incomplete META.json", with("pair-0.1.8/META.json", b"{}"), 422, "meta-incomplete"),
        ("a path that leads out", with("../etc/passwd", b"x"), 422, "archive-path-leaves"),
        (
            "neither META.json nor control file",
            zip(&[("pair-0.1.8/x".to_owned(), b"x".to_vec())]),
            422,
            "archive-empty",
        ),
    ] {
        let (found, refused) = server.put_source(&ada, "pair/0.1.8", archive, "").await;
        assert_eq!((found, refused["code"].as_str()), (status, Some(code)), "{what}: {refused}");
    }
    let (_, rehearsal) = server.put_source(&ada, "pair/0.1.8", without("META.json"), "?dry_run=true").await;
    assert_eq!((rehearsal["publishable"].as_bool(), codes(&rehearsal)), (Some(true), vec!["meta-missing"]));
    let broken = with("pair-0.1.8/other.control", b"nonsense = 1");
    let (_, rehearsal) = server.put_source(&ada, "pair/0.1.8", broken, "?dry_run=true").await;
    assert_eq!((rehearsal["publishable"].as_bool(), codes(&rehearsal)), (Some(true), vec!["control-file-broken"]));

    assert_eq!(server.put_source(&ada, "pair/0.1.8", zip(&distribution("pair", "0.1.8")), "").await.0, 201);
    let (status, refused) = server.put_source(&ben, "pair/0.1.9", zip(&distribution("pair", "0.1.9")), "").await;
    assert_eq!((status, refused["code"].as_str()), (403, Some("not-an-owner")));
    let answer = server
        .request(Method::PUT, "/api/v1/packages/pair/0.1.9")
        .bearer_auth(ada.reveal())
        .header("content-type", "application/gzip")
        .body("x")
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 415);
    assert_eq!(
        server.request(Method::PUT, "/api/v1/packages/pair/0.1.9").body("x").send().await.expect("one").status(),
        401
    );
    assert_eq!(server.registry.check().await.expect("checked").leftovers, 0);
}
