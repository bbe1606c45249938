//! Publishing through the API: what is put there, taken back, sent twice and sent at once.

use std::collections::BTreeSet;

use model::{NamePattern, TokenAction};
use registry::Token;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::support::{Part, TestServer, TrunkArchive, multipart};

impl TestServer {
    /// Puts an archive where its manifest says.
    async fn put(&self, token: &Token, archive: &TrunkArchive, platform: &str, query: &str) -> Response {
        let manifest = &archive.manifest;
        let path = format!(
            "/api/v1/packages/{}/{}/artifacts/{}/{platform}{query}",
            manifest.name, manifest.version, manifest.pg_version
        );
        self.request(Method::PUT, &path)
            .bearer_auth(token.reveal())
            .header("content-type", "application/gzip")
            .body(archive.bytes())
            .send()
            .await
            .expect("an answer")
    }

    async fn act(&self, token: &Token, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let answer = self.request(method, path).bearer_auth(token.reveal()).json(body).send().await.expect("an answer");
        let status = answer.status().as_u16();
        (status, serde_json::from_str(&answer.text().await.expect("text")).unwrap_or_default())
    }
}

async fn said(answer: Response) -> (u16, Value) {
    (answer.status().as_u16(), answer.json().await.expect("JSON"))
}

fn codes(value: &Value) -> Vec<&str> {
    value["findings"].as_array().into_iter().flatten().filter_map(|finding| finding["code"].as_str()).collect()
}

#[tokio::test]
async fn an_archive_is_published_for_its_platform() {
    let server = TestServer::start().await;
    let token = server.token("ada").await;
    let archive = TrunkArchive::library("example", "1.0.0", "x86_64-gnu-pg16");
    let (status, published) = said(
        server
            .put(
                &token,
                &archive,
                "debian-12-x86_64-gnu",
                "?description=What%20it%20is&licence=MIT&categories=search,nonsense",
            )
            .await,
    )
    .await;
    assert_eq!(status, 201, "{published}");
    insta::assert_json_snapshot!("published", published, { ".sha256" => "[digest]" });
    server.settle().await;
    let package = server.cached_json("/api/v1/packages/example").await;
    assert_eq!(package["current"]["artifacts"][0]["platform"], "debian-12-x86_64-gnu");
    assert_eq!(
        (package["summary"].as_str(), package["current"]["licence"].as_str()),
        (Some("What it is"), Some("MIT"))
    );

    // A platform that the libraries are not for, and any.
    for platform in ["debian-12-aarch64-gnu", "alpine-3.20-x86_64-musl", "any"] {
        let (status, refused) = said(server.put(&token, &archive, platform, "").await).await;
        assert_eq!((status, refused["code"].as_str()), (422, Some("platform-disagrees")), "{platform}");
    }
    let for_17 = archive.clone().for_postgres(17);
    let (status, refused) = said(server.put(&token, &for_17, "debian-12-x86_64-gnu", "").await).await;
    assert_eq!((status, codes(&refused)), (422, vec!["postgres-disagrees"]), "{refused}");
}

#[tokio::test]
async fn a_rehearsal_says_everything_and_changes_nothing() {
    let server = TestServer::start().await;
    let (ada, ben) = (server.token("ada").await, server.token("ben").await);
    let archive = TrunkArchive::sql("example", "1.0.0");
    let (status, rehearsal) = said(server.put(&ada, &archive, "any", "?dry_run=true").await).await;
    assert_eq!((status, rehearsal), (200, json!({"publishable": true, "findings": []})));

    // Several things at once.
    let mut faulty = archive.clone().with("extension/other.control", b"nonsense = 1");
    faulty.manifest.sys = "darwin".to_owned();
    let answer = server
        .request(Method::PUT, "/api/v1/packages/elsewhere/2.0.0/artifacts/15/any?dry_run=true&homepage=javascript:1")
        .bearer_auth(ada.reveal())
        .body(faulty.bytes())
        .send()
        .await
        .expect("an answer");
    let (status, rehearsal) = said(answer).await;
    assert_eq!((status, rehearsal["publishable"].as_bool()), (200, Some(false)));
    let found: BTreeSet<&str> = codes(&rehearsal).into_iter().collect();
    let expected = ["control-file-broken", "link-left-out", "name-disagrees", "system-unknown", "version-disagrees"];
    assert!(expected.iter().all(|code| found.contains(code)), "{found:?}");

    assert_eq!(server.get("/api/v1/packages/example").await.status(), 404, "nothing was published");
    assert_eq!(said(server.put(&ada, &archive, "any", "").await).await.0, 201);
    // What only the database knows is said too.
    let other = archive.clone().with("extension/example--0.9.0--1.0.0.sql", b"select 1;");
    let (status, rehearsal) = said(server.put(&ada, &other, "any", "?dry_run=true").await).await;
    assert_eq!((status, codes(&rehearsal)), (200, vec!["version-exists"]));
    let (status, rehearsal) = said(server.put(&ben, &archive, "any", "?dry_run=true").await).await;
    assert_eq!((status, codes(&rehearsal)), (200, vec!["not-an-owner"]));
    assert_eq!(server.registry.check().await.expect("checked").leftovers, 0);
}

#[tokio::test]
async fn a_named_request_has_one_answer() {
    let server = TestServer::start().await;
    let token = server.token("ada").await;
    let put = async |archive: &TrunkArchive, key: &str| {
        let path = format!("/api/v1/packages/example/{}/artifacts/15/any", archive.manifest.version);
        let request = server.request(Method::PUT, &path).bearer_auth(token.reveal());
        said(request.header("idempotency-key", key).body(archive.bytes()).send().await.expect("an answer")).await
    };
    let archive = TrunkArchive::sql("example", "1.0.0");
    let first = put(&archive, "one").await;
    assert_eq!((first.0, first.1["outcome"].as_str()), (201, Some("release")));
    assert_eq!(put(&archive, "one").await, first);
    let again = put(&archive, "two").await;
    assert_eq!((again.0, again.1["outcome"].as_str()), (200, Some("unchanged")));
    let (status, refused) = put(&TrunkArchive::sql("example", "1.1.0"), "one").await;
    assert_eq!((status, refused["code"].as_str()), (422, Some("idempotency-key")));
}

#[tokio::test]
async fn releases_are_yanked_and_deleted() {
    let server = TestServer::start().await;
    let (ada, ben) = (server.token("ada").await, server.token("ben").await);
    for version in ["1.0.0", "1.1.0"] {
        server.published(&ada, &TrunkArchive::sql("example", version)).await;
    }
    let yank = "/api/v1/packages/example/1.1.0/yank";
    let reason = json!({"reason": " Loses\ndata "});
    assert_eq!(server.act(&ben, Method::POST, yank, &reason).await.0, 403);
    assert_eq!(server.act(&ada, Method::POST, yank, &json!({"reason": " "})).await.0, 422);
    assert_eq!(server.act(&ada, Method::POST, "/api/v1/packages/example/9.0.0/yank", &reason).await.0, 404);
    assert_eq!(server.act(&ada, Method::POST, yank, &reason).await.0, 204);
    server.settle().await;
    let package = server.cached_json("/api/v1/packages/example").await;
    assert_eq!(package["current"]["version"], "1.0.0");
    let page = server.get("/packages/example/1.1.0").await.text().await.expect("a page");
    assert!(page.contains("Loses data"), "its page says why");
    let file =
        server.cached_json("/api/v1/packages/example/1.1.0").await["artifacts"][0]["url"].as_str().map(str::to_owned);
    let path = file.expect("an address").replace("http://registry.test", "");
    assert_eq!(server.get(&path).await.status(), 200, "it is still there for those who know it");
    assert_eq!(server.act(&ada, Method::POST, "/api/v1/packages/example/1.1.0/unyank", &json!({})).await.0, 204);
    assert_eq!(server.cached_json("/extensions/all").await[0]["latestVersion"], "1.1.0");

    // Somebody needs it.
    let needing = TrunkArchive::sql("needing", "1.0.0")
        .with("extension/needing.control", b"default_version = '1.0.0'\nrequires = 'alone'\n");
    server.published(&ada, &TrunkArchive::sql("alone", "1.0.0")).await;
    server.published(&ben, &needing).await;
    let (status, refused) = server.act(&ada, Method::DELETE, "/api/v1/packages/alone/1.0.0", &json!({})).await;
    assert_eq!((status, refused["code"].as_str()), (409, Some("release-needed")));

    assert_eq!(server.act(&ada, Method::DELETE, "/api/v1/packages/example/1.1.0", &json!({})).await.0, 204);
    assert_eq!(server.get(&path).await.status(), 404);
    assert_eq!(server.cached_json("/extensions/all").await[1]["latestVersion"], "1.0.0");
    let same = TrunkArchive::sql("example", "1.1.0");
    let (status, refused) = said(server.put(&ada, &same, "any", "").await).await;
    assert_eq!((status, refused["code"].as_str()), (409, Some("version-deleted")));
    let report = server.registry.check().await.expect("checked");
    assert_eq!(report.findings, []);
    // Its bytes go when their time is over.
    let removed = server.registry.remove_leftovers(TestServer::NOW + time::Duration::days(2)).await.expect("removed");
    assert_eq!(removed, 2, "one for each architecture");
}

#[tokio::test]
async fn tokens_are_needed_and_good_for_what_they_were_made_for() {
    let server = TestServer::start().await;
    let ada = server.token("ada").await;
    server.published(&ada, &TrunkArchive::sql("example", "1.0.0")).await;
    let yank = "/api/v1/packages/example/1.0.0/yank";
    let answer = server.request(Method::POST, yank).json(&json!({"reason": "none"})).send().await.expect("an answer");
    assert_eq!(answer.headers()["www-authenticate"], "Bearer");
    let (status, problem) = said(answer).await;
    assert_eq!((status, problem["code"].as_str()), (401, Some("token-missing")));
    let publishing = server.token_for("ada", vec![TokenAction::PublishUpdate], NamePattern::all()).await;
    let (status, problem) = server.act(&publishing, Method::POST, yank, &json!({"reason": "none"})).await;
    assert_eq!((status, problem["code"].as_str()), (403, Some("token-scope")));
    let answer = server
        .request(Method::PUT, "/api/v1/packages/example/1.1.0/artifacts/15/any")
        .bearer_auth(ada.reveal())
        .header("content-type", "text/html")
        .body("<p>")
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 415);
    for (path, name) in [
        ("/a%20b/1.0.0/artifacts/15/any", "name"),
        ("/ab/16.1/artifacts/15/any", "version"),
        ("/ab/1.0.0/artifacts/9/any", "pg"),
    ] {
        let answer =
            server.request(Method::PUT, &format!("/api/v1/packages{path}")).bearer_auth(ada.reveal()).send().await;
        let (status, problem) = said(answer.expect("an answer")).await;
        assert_eq!((status, problem["code"].as_str()), (400, Some("invalid-parameter")));
        assert!(problem["detail"].as_str().expect("text").contains(name), "{problem}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_at_once_are_all_published() {
    let server = TestServer::start().await;
    let token = server.token("ada").await;
    let many = (0..100).map(|number| {
        let (server, token) = (&server, &token);
        async move {
            let archive = TrunkArchive::sql(&format!("example_{number}"), "1.0.0");
            server.trunk_publish(token, &archive.metadata(), &archive.bytes()).await.status().as_u16()
        }
    });
    assert_eq!(futures::future::join_all(many).await, vec![200; 100]);

    // The same one, with the same bytes and with others: one of them wins, the others are told.
    let same = (0..100).map(|number: u32| {
        let (server, token) = (&server, &token);
        async move {
            let content = format!("-- {}", number % 4);
            let archive = TrunkArchive::sql("contested", "1.0.0")
                .with("extension/contested--0.9.0--1.0.0.sql", content.as_bytes());
            server.trunk_publish(token, &archive.metadata(), &archive.bytes()).await.status().as_u16()
        }
    });
    let mut answers = futures::future::join_all(same).await;
    answers.sort_unstable();
    assert_eq!((&answers[..25], &answers[25..]), (&[200; 25][..], &[409; 75][..]));

    server.settle().await;
    assert_eq!(server.cached_json("/api/v1/trunk-projects").await.as_array().map(Vec::len), Some(101));
    let report = server.registry.check().await.expect("checked");
    assert_eq!((report.findings, report.events), (vec![], 102));
}

#[tokio::test]
async fn people_publish_with_a_form() {
    let server = TestServer::start().await;
    let token = server.token("ada").await;
    let archive = TrunkArchive::sql("example", "1.0.0");
    let send = async |token: &str, act: &str, description: &str, bytes: &[u8]| {
        let parts = [
            ("token", token.as_bytes()),
            ("description", description.as_bytes()),
            ("file", bytes),
            ("act", act.as_bytes()),
        ];
        // Browsers send the button that was pressed last; the server does not mind.
        let parts: Vec<_> = parts.iter().map(|(name, content)| Part { name, token: None, content }).collect();
        let answer = server
            .request(Method::POST, "/publish")
            .header("content-type", "multipart/form-data; boundary=boundary")
            .body(multipart(&parts))
            .send()
            .await
            .expect("an answer");
        let location = answer.headers().get("location").map(|place| place.to_str().expect("text").to_owned());
        let stored = answer.headers().get("cache-control").map(|value| value.to_str().expect("text").to_owned());
        (answer.status().as_u16(), location, stored, answer.text().await.expect("text"))
    };
    let (status, _, stored, page) = send("nonsense", "publish", "Words <b>kept</b>", &archive.bytes()).await;
    assert_eq!((status, stored.as_deref()), (401, Some("no-store")));
    assert!(page.contains("Nothing was published") && page.contains("not a token of this registry"), "{page}");
    assert!(!page.contains("nonsense"), "a token never comes back");
    let (status, _, _, page) = send(token.reveal(), "check", "Words <b>kept</b>", &archive.bytes()).await;
    assert_eq!(status, 200);
    assert!(page.contains("example 1.0.0 can be published") && page.contains("Words &lt;b&gt;kept"), "{page}");
    let faulty = archive.clone().with("extension/other.control", b"nonsense = 1").bytes();
    let (status, _, _, page) = send(token.reveal(), "check", "", &faulty).await;
    assert_eq!(status, 422);
    assert!(page.contains("would be refused") && page.contains("control-file-broken"), "{page}");
    let (status, _, _, page) = send(token.reveal(), "publish", "", b"no archive").await;
    assert_eq!(status, 422);
    assert!(page.contains("archive-unreadable"), "{page}");
    let (status, _, _, page) = send(token.reveal(), "publish", "", b"").await;
    assert_eq!(status, 400);
    assert!(page.contains("no file was chosen"), "{page}");
    assert_eq!(server.get("/packages/example").await.status(), 404, "nothing was published until now");
    let (status, place, _, _) = send(token.reveal(), "publish", "Words", &archive.bytes()).await;
    assert_eq!((status, place.as_deref()), (303, Some("/packages/example")));
    let page = server.get_cached("/packages/example").await;
    assert_eq!(page.status(), 200, "it is there at once");
}
