//! Requests to the API as tests send them, and what is asked of their answers.

use std::time::Duration;

use registry::Token;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

use super::{Part, TestServer, TrunkArchive, multipart, zip};

/// Far longer than anything here takes.
pub(crate) const LONG: Duration = Duration::from_mins(1);

/// A source distribution with these tags.
pub(crate) fn source(name: &str, version: &str, tags: &[String]) -> Vec<u8> {
    let meta = json!({
        "name": name, "version": version, "abstract": "To be built", "license": "postgresql",
        "maintainer": "Ada <ada@example.org>",
        "provides": {name: {"file": format!("sql/{name}.sql"), "version": version}},
        "tags": tags, "meta-spec": {"version": "1.0.0"}
    });
    let file = |path: &str, content: String| (format!("{name}-{version}/{path}"), content.into_bytes());
    zip(&[
        file("META.json", meta.to_string()),
        file(&format!("{name}.control"), format!("default_version = '{version}'\n")),
        file(&format!("sql/{name}.sql"), "select 1;\n".to_owned()),
    ])
}

/// Asks until the answer is yes.
pub(crate) async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    let asking = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    assert!(tokio::time::timeout(LONG, asking).await.is_ok(), "{what} does not happen");
}

pub(crate) async fn events(server: &TestServer, subject: &str) -> Vec<String> {
    sqlx::query_scalar::<_, String>("select kind from events where subject = $1 order by event_id")
        .bind(subject)
        .fetch_all(&server.pool)
        .await
        .expect("rows")
}

/// A request without a body that names its token.
pub(crate) fn acting(server: &TestServer, token: &Token, method: Method, path: &str) -> RequestBuilder {
    server.request(method, &format!("/api/v1/packages/{path}")).bearer_auth(token.reveal())
}

/// The status of an answer and the code in it.
pub(crate) async fn coded(answer: Response) -> (u16, String) {
    let status = answer.status().as_u16();
    let body: Value = serde_json::from_str(&answer.text().await.expect("text")).unwrap_or_default();
    (status, body["code"].as_str().unwrap_or_default().to_owned())
}

pub(crate) async fn asked(request: RequestBuilder) -> (u16, String) {
    coded(request.send().await.expect("an answer")).await
}

pub(crate) fn yank(server: &TestServer, token: &Token, release: &str, reason: &str) -> RequestBuilder {
    acting(server, token, Method::POST, &format!("{release}/yank")).json(&json!({"reason": reason}))
}

/// Puts an archive there for a major, or any, and any platform.
pub(crate) fn putting(server: &TestServer, token: &Token, archive: &TrunkArchive, major: &str) -> RequestBuilder {
    let path = format!("{}/{}/artifacts/{major}/any", archive.manifest.name, archive.manifest.version);
    acting(server, token, Method::PUT, &path).header("content-type", "application/gzip").body(archive.bytes())
}

/// The form that people publish with.
pub(crate) fn form(token: &Token, archive: &[u8]) -> Vec<u8> {
    multipart(&[
        Part { name: "token", token: None, content: token.reveal().as_bytes() },
        Part { name: "act", token: None, content: b"publish" },
        Part { name: "file", token: None, content: archive },
    ])
}
