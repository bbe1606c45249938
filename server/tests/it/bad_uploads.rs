//! Uploads that are cut off, mislabelled, too late, by the wrong people or at the same time, and addresses that are none.

use std::{collections::BTreeSet, time::Duration};

use registry::Token;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use sha2::Digest as _;
use sqlx::AssertSqlSafe;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::support::{Part, TestServer, TrunkArchive, multipart, zip};

/// Far longer than anything here takes.
const LONG: Duration = Duration::from_mins(1);

/// A source distribution with these tags.
fn source(name: &str, version: &str, tags: &[String]) -> Vec<u8> {
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
async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    let asking = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    assert!(tokio::time::timeout(LONG, asking).await.is_ok(), "{what} does not happen");
}

async fn events(server: &TestServer, subject: &str) -> Vec<String> {
    sqlx::query_scalar::<_, String>("select kind from events where subject = $1 order by event_id")
        .bind(subject)
        .fetch_all(&server.pool)
        .await
        .expect("rows")
}

/// A request without a body that names its token.
fn acting(server: &TestServer, token: &Token, method: Method, path: &str) -> RequestBuilder {
    server.request(method, &format!("/api/v1/packages/{path}")).bearer_auth(token.reveal())
}

/// The status of an answer and the code in it.
async fn coded(answer: Response) -> (u16, String) {
    let status = answer.status().as_u16();
    let body: Value = serde_json::from_str(&answer.text().await.expect("text")).unwrap_or_default();
    (status, body["code"].as_str().unwrap_or_default().to_owned())
}

async fn asked(request: RequestBuilder) -> (u16, String) {
    coded(request.send().await.expect("an answer")).await
}

fn yank(server: &TestServer, token: &Token, release: &str, reason: &str) -> RequestBuilder {
    acting(server, token, Method::POST, &format!("{release}/yank")).json(&json!({"reason": reason}))
}

/// Puts an archive there for a major, or any, and any platform.
fn putting(server: &TestServer, token: &Token, archive: &TrunkArchive, major: &str) -> RequestBuilder {
    let path = format!("{}/{}/artifacts/{major}/any", archive.manifest.name, archive.manifest.version);
    acting(server, token, Method::PUT, &path).header("content-type", "application/gzip").body(archive.bytes())
}

/// The form that people publish with.
fn form(token: &Token, archive: &[u8]) -> Vec<u8> {
    multipart(&[
        Part { name: "token", token: None, content: token.reveal().as_bytes() },
        Part { name: "act", token: None, content: b"publish" },
        Part { name: "file", token: None, content: archive },
    ])
}

/// One of the ways in, with a good upload.
struct Facade {
    what: &'static str,
    /// The request line and the header fields that belong to this way.
    head: String,
    body: Vec<u8>,
    /// How many bytes at its end are missed wherever the rest is there.
    end: usize,
    /// The statuses of an upload whose announced length is too small.
    too_short: &'static [u16],
    /// The status of the upload as it should be.
    good: u16,
}

fn facades(token: &Token) -> Vec<Facade> {
    let bearer = format!("Authorization: Bearer {}\r\n", token.reveal());
    let form_data = "Content-Type: multipart/form-data; boundary=boundary\r\n";
    let trunk = TrunkArchive::sql("by_trunk", "1.0.0");
    let (metadata, archive) = (trunk.metadata().to_string(), trunk.bytes());
    let named = Some(token.reveal());
    vec![
        Facade {
            what: "the API, a binary",
            head: format!(
                "PUT /api/v1/packages/by_api/1.0.0/artifacts/15/any HTTP/1.1\r\n{bearer}Content-Type: application/gzip\r\n"
            ),
            body: TrunkArchive::sql("by_api", "1.0.0").bytes(),
            end: 0,
            too_short: &[422],
            good: 201,
        },
        Facade {
            what: "the API, a source",
            head: format!("PUT /api/v1/packages/by_source/1.0.0 HTTP/1.1\r\n{bearer}Content-Type: application/zip\r\n"),
            body: source("by_source", "1.0.0", &[]),
            end: 0,
            too_short: &[422],
            good: 201,
        },
        Facade {
            what: "the trunk command",
            head: format!("POST /extensions/new HTTP/1.1\r\n{form_data}"),
            body: multipart(&[
                Part { name: "metadata", token: named, content: metadata.as_bytes() },
                Part { name: "file", token: named, content: &archive },
            ]),
            end: "--\r\n".len(),
            too_short: &[400],
            good: 200,
        },
        Facade {
            what: "the form",
            head: format!("POST /publish HTTP/1.1\r\n{form_data}"),
            body: form(token, &TrunkArchive::sql("by_form", "1.0.0").bytes()),
            end: "--\r\n".len(),
            too_short: &[400],
            good: 303,
        },
    ]
}

/// Sends these bytes, and closes the sending side if that is wanted; the status and the text of the answer, none where there
/// is none.
async fn sent(server: &TestServer, head: &str, lengths: &[usize], body: &[u8], closes: bool) -> Option<(u16, String)> {
    let address = server.base().strip_prefix("http://").expect("an address");
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let mut head = format!("{head}Host: registry.test\r\nConnection: close\r\n");
    for length in lengths {
        head.extend(["Content-Length: ", &length.to_string(), "\r\n"]);
    }
    head.push_str("\r\n");
    // The server may have closed the connection meanwhile, which is an answer too.
    let _ = stream.write_all(&[head.as_bytes(), body].concat()).await;
    if closes {
        let _ = stream.shutdown().await;
    }
    let mut answer = Vec::new();
    let read = tokio::time::timeout(LONG, stream.read_to_end(&mut answer)).await;
    let _ = read.expect("the server ends the connection");
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().expect("a status");
    Some((status, answer))
}

async fn nothing_is_stored(server: &TestServer, after: &str) {
    let temporary = server.data.temporary();
    until(&format!("{after}: an empty temporary directory"), async || {
        std::fs::read_dir(&temporary).expect("readable").count() == 0
    })
    .await;
    let report = server.registry.check().await.expect("checked");
    assert_eq!((report.objects, report.leftovers, report.events), (0, 0, 1), "{after}");
    assert_eq!(report.findings, vec![], "{after}");
    assert_eq!(server.cached_json("/api/v1/trunk-projects").await, json!([]), "{after}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_that_is_cut_off_or_has_a_wrong_length_leaves_nothing() {
    let server = TestServer::start().await;
    let token = server.token("ada").await;
    for Facade { what, head, body, end, too_short, .. } in facades(&token) {
        let half = body.len() / 2;
        for (how, announced, sent_bytes, statuses) in [
            ("nothing of it", body.len(), &body[..0], &[400][..]),
            ("half of it", body.len(), &body[..half], &[400][..]),
            ("all but its end", body.len(), &body[..body.len() - end.max(1)], &[400][..]),
            ("all, with more announced", body.len() + 1000, &body[..body.len() - end], &[400][..]),
            ("all, with less announced", half, &body[..], too_short),
        ] {
            let answer = sent(&server, &head, &[announced], sent_bytes, announced > sent_bytes.len()).await;
            if let Some((status, text)) = answer {
                assert!(statuses.contains(&status), "{what}, {how}: {text}");
            }
            nothing_is_stored(&server, &format!("{what}, {how}")).await;
        }
        // Two lengths are none.
        let answer = sent(&server, &head, &[body.len(), half], &body, false).await;
        assert!(answer.is_none_or(|(status, _)| status == 400), "{what}, two lengths");
        nothing_is_stored(&server, &format!("{what}, two lengths")).await;
    }
    // Nothing but their ends was wrong with them.
    for Facade { what, head, body, good, .. } in facades(&token) {
        let (status, text) = sent(&server, &head, &[body.len()], &body, false).await.expect("an answer");
        assert_eq!(status, good, "{what}: {text}");
    }
    assert!(server.registry.check().await.expect("checked").findings.is_empty());
}

#[tokio::test]
async fn bodies_of_another_kind_are_refused_before_anything_is_stored() {
    let server = TestServer::start().await;
    let token = server.token("ada").await;
    let binary = "/api/v1/packages/example/1.0.0/artifacts/15/any";
    let source = "/api/v1/packages/example/1.0.0";
    for (method, path, kind, status, said) in [
        (Method::PUT, binary, "application/zip", 415, "a gzip-compressed tar"),
        (Method::PUT, binary, "application/json", 415, "a gzip-compressed tar"),
        (Method::PUT, binary, "multipart/form-data; boundary=boundary", 415, "a gzip-compressed tar"),
        (Method::PUT, source, "application/gzip", 415, "a zip"),
        (Method::PUT, source, "text/plain; charset=utf-8", 415, "a zip"),
        (Method::PUT, source, "", 415, "a zip"),
        (Method::POST, "/extensions/new", "application/gzip", 415, "multipart/form-data"),
        (Method::POST, "/extensions/new", "multipart/form-data", 415, "multipart/form-data"),
        (Method::POST, "/extensions/new", "application/x-www-form-urlencoded", 415, "multipart/form-data"),
        (Method::POST, "/publish", "application/x-www-form-urlencoded", 400, "multipart/form-data"),
        (Method::POST, "/publish", "application/gzip", 400, "multipart/form-data"),
        (Method::POST, "/publish", "multipart/form-data", 400, "multipart/form-data"),
    ] {
        let request = server.request(method, path).bearer_auth(token.reveal()).header("content-type", kind);
        let answer = request.body(TrunkArchive::sql("example", "1.0.0").bytes()).send().await.expect("an answer");
        let (found, text) = (answer.status().as_u16(), answer.text().await.expect("text"));
        assert_eq!(found, status, "{path} {kind}: {text}");
        assert!(text.contains(said), "{path} {kind}: {text}");
        nothing_is_stored(&server, &format!("{path} {kind}")).await;
    }
}

/// Makes a release older than it is.
async fn age(server: &TestServer, version: &str, by: &str) {
    let mut transaction = server.pool.begin().await.expect("begun");
    // As a superuser of the database could.
    sqlx::raw_sql(AssertSqlSafe(format!(
        "set local session_replication_role = replica;
        update releases set published_at = published_at - interval '{by}' where version = '{version}'"
    )))
    .execute(&mut *transaction)
    .await
    .expect("changed");
    transaction.commit().await.expect("committed");
}

#[tokio::test]
async fn a_release_is_deleted_within_three_days_or_never() {
    let server = TestServer::start().await;
    let ada = server.token("ada").await;
    for version in ["1.0.0", "1.1.0", "1.2.0"] {
        server.published(&ada, &TrunkArchive::sql("example", version)).await;
    }
    age(&server, "1.0.0", "72 hours 1 second").await;
    age(&server, "1.1.0", "72 hours").await;
    let delete = async |release: &str| asked(acting(&server, &ada, Method::DELETE, release)).await;
    assert_eq!(delete("example/1.0.0").await, (409, "release-too-old".to_owned()));
    assert_eq!(delete("example/1.1.0").await.0, 204, "at the last moment");
    assert_eq!(server.get("/api/v1/packages/example/1.0.0").await.status(), 200, "it is still there");
    let file = "/artifacts/15/any";
    assert_eq!(server.get(&format!("/api/v1/packages/example/1.0.0{file}")).await.status(), 200);
    assert_eq!(server.get(&format!("/api/v1/packages/example/1.1.0{file}")).await.status(), 404);
    // Yanking has no time limit, and makes it no younger.
    assert_eq!(asked(yank(&server, &ada, "example/1.0.0", "It is old")).await.0, 204);
    assert_eq!(delete("example/1.0.0").await, (409, "release-too-old".to_owned()));
    let kinds = events(&server, "package:localhost/example").await;
    assert_eq!(kinds[3..], ["release.deleted", "release.yanked"]);
}

#[tokio::test]
async fn doing_it_again_is_fine_and_changes_nothing() {
    let server = TestServer::start().await;
    let ada = server.token("ada").await;
    for version in ["1.0.0", "1.1.0"] {
        server.published(&ada, &TrunkArchive::sql("example", version)).await;
    }
    let unyank = |release: &str| acting(&server, &ada, Method::POST, &format!("{release}/unyank"));
    let delete = |release: &str| acting(&server, &ada, Method::DELETE, release);
    let kinds = async || events(&server, "package:localhost/example").await.split_off(2);

    assert_eq!(asked(unyank("example/1.1.0")).await.0, 204, "it is not yanked, as was asked for");
    assert_eq!(kinds().await, [""; 0]);
    assert_eq!(asked(yank(&server, &ada, "example/1.1.0", "Loses data")).await.0, 204);
    assert_eq!(asked(yank(&server, &ada, "example/1.1.0", "Something else")).await.0, 204);
    assert_eq!(kinds().await, ["release.yanked"]);
    server.settle().await;
    let page = server.text("/packages/example/1.1.0").await;
    assert!(page.contains("Loses data") && !page.contains("Something else"), "{page}");
    assert_eq!(asked(unyank("example/1.1.0")).await.0, 204);
    assert_eq!(asked(unyank("example/1.1.0")).await.0, 204);
    assert_eq!(kinds().await, ["release.yanked", "release.unyanked"]);

    assert_eq!(asked(delete("example/1.1.0")).await.0, 204);
    assert_eq!(asked(delete("example/1.1.0")).await.0, 204);
    assert_eq!(kinds().await, ["release.yanked", "release.unyanked", "release.deleted"]);
    // What is gone does not come back.
    let gone = (409, "release-state".to_owned());
    assert_eq!(asked(yank(&server, &ada, "example/1.1.0", "Loses data")).await, gone);
    assert_eq!(asked(unyank("example/1.1.0")).await, gone);
    for request in [unyank("example/9.9.9"), delete("example/9.9.9"), delete("unknown/1.0.0")] {
        assert_eq!(asked(request).await, (404, "not-found".to_owned()));
    }
    assert_eq!(kinds().await.len(), 3);
    assert_eq!(server.cached_json("/extensions/all").await[0]["latestVersion"], "1.0.0");
    assert_eq!(server.registry.check().await.expect("checked").findings, vec![]);
}

#[tokio::test]
async fn maintainers_publish_and_yank_and_do_not_own() {
    let server = TestServer::start().await;
    let (ada, ben) = (server.token("ada").await, server.token("ben").await);
    server.published(&ada, &TrunkArchive::sql("example", "1.0.0")).await;
    let next = TrunkArchive::sql("example", "1.1.0");
    assert_eq!(asked(putting(&server, &ben, &next, "15")).await, (403, "not-an-owner".to_owned()));
    sqlx::raw_sql(
        "insert into package_owners (package_id, principal_id, role, created_at)
        select p.package_id, b.principal_id, 'maintainer', p.created_at
        from packages as p
        cross join principals as b
        where p.name = 'example'
            and b.handle = 'ben'",
    )
    .execute(&server.pool)
    .await
    .expect("inserted");

    assert_eq!(asked(putting(&server, &ben, &next, "15")).await.0, 201);
    server.published(&ben, &next.clone().for_postgres(16)).await;
    assert_eq!(asked(yank(&server, &ben, "example/1.0.0", "There is a newer one")).await.0, 204, "also the owner's");
    let unyank = acting(&server, &ben, Method::POST, "example/1.0.0/unyank");
    assert_eq!(asked(unyank).await.0, 204);
    assert_eq!(asked(acting(&server, &ben, Method::DELETE, "example/1.1.0")).await.0, 204);
    let project = &server.cached_json("/extensions/detail/example").await[0];
    assert_eq!((&project["version"], &project["publisher"]), (&json!("1.0.0"), &json!("ada")));
    assert_eq!(project["owners"], json!([{"userId": "ada", "userName": "ada"}]), "one owner, as before");
    // What the one owner has elsewhere is none of the maintainer's business.
    server.published(&ada, &TrunkArchive::sql("another", "1.0.0")).await;
    let refused = putting(&server, &ben, &TrunkArchive::sql("another", "1.1.0"), "15");
    assert_eq!(asked(refused).await, (403, "not-an-owner".to_owned()));
}

#[tokio::test]
async fn strangers_get_in_nowhere() {
    let server = TestServer::start().await;
    let (ada, eve) = (server.token("ada").await, server.token("eve").await);
    server.published(&ada, &TrunkArchive::sql("example", "1.0.0")).await;
    let before = server.registry.check().await.expect("checked");
    let next = TrunkArchive::sql("example", "1.1.0");
    let zipped = source("example", "1.1.0", &[]);
    let rehearsal = acting(&server, &eve, Method::PUT, "example/1.1.0/artifacts/15/any?dry_run=true");
    for (what, request) in [
        ("a binary", putting(&server, &eve, &next, "15")),
        ("another major", putting(&server, &eve, &TrunkArchive::sql("example", "1.0.0").for_postgres(16), "16")),
        ("the same bytes", putting(&server, &eve, &TrunkArchive::sql("example", "1.0.0"), "15")),
        ("a source", acting(&server, &eve, Method::PUT, "example/1.1.0").body(zipped)),
        ("a yank", yank(&server, &eve, "example/1.0.0", "It is not mine")),
        ("an unyank", acting(&server, &eve, Method::POST, "example/1.0.0/unyank")),
        ("a deletion", acting(&server, &eve, Method::DELETE, "example/1.0.0")),
    ] {
        assert_eq!(asked(request).await, (403, "not-an-owner".to_owned()), "{what}");
    }
    let rehearsed = rehearsal.body(next.bytes()).send().await.expect("an answer").text().await.expect("text");
    assert!(rehearsed.contains("\"publishable\":false") && rehearsed.contains("not-an-owner"), "{rehearsed}");
    let refused = server.trunk_publish(&eve, &next.metadata(), &next.bytes()).await;
    assert_eq!(refused.status(), 403);
    assert!(refused.text().await.expect("text").contains("belongs to somebody else"));
    let request = server.request(Method::POST, "/publish");
    let request = request.header("content-type", "multipart/form-data; boundary=boundary");
    let refused = request.body(form(&eve, &next.bytes())).send().await.expect("an answer");
    assert_eq!(refused.status(), 403);
    assert!(refused.text().await.expect("text").contains("belongs to somebody else"));
    // Nor by an extension that is somebody else's, in a package of one's own.
    let mut hidden = TrunkArchive::sql("example", "1.0.0");
    "impostor".clone_into(&mut hidden.manifest.name);
    assert_eq!(asked(putting(&server, &eve, &hidden, "15")).await, (409, "extension-taken".to_owned()));

    let after = server.registry.check().await.expect("checked");
    assert_eq!((after.objects, after.events, after.findings), (before.objects, before.events, vec![]));
    let versions = server.cached_json("/api/v1/trunk-projects/example").await;
    assert_eq!(versions.as_array().map(Vec::len), Some(1));
    assert_eq!(server.get("/api/v1/packages/impostor").await.status(), 404);
}

/// Whichever of a deletion and of a further file came first, the other knew of it.
async fn is_consistent(server: &TestServer, name: &str, put: Response, delete: Response) {
    let (put, delete) = (coded(put).await, coded(delete).await);
    assert_eq!(delete.0, 204, "{name}: {delete:?}");
    let kinds = events(server, &format!("package:localhost/{name}")).await;
    match put.0 {
        // It was true when it was said.
        201 => assert_eq!(kinds, ["release.published", "artifact.added", "release.deleted"], "{name}"),
        409 => {
            assert_eq!(put.1, "version-deleted", "{name}");
            assert_eq!(kinds, ["release.published", "release.deleted"], "{name}");
        }
        _ => panic!("{name}: {put:?}"),
    }
    for major in [15, 16] {
        let file = server.get(&format!("/api/v1/packages/{name}/1.0.0/artifacts/{major}/any")).await;
        assert_eq!(file.status(), 404, "{name}");
    }
    assert_eq!(server.cached_json(&format!("/api/v1/trunk-projects/{name}")).await, json!([]));
    let kept = sqlx::query_scalar::<_, i64>(
        "select count(*)
        from artifacts as a
        join releases as r using (release_id)
        where r.state = 'deleted'
            and a.object_state is not null",
    )
    .fetch_one(&server.pool)
    .await
    .expect("a number");
    assert_eq!(kept, 0, "{name}: no bytes are kept for what nobody can fetch");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_published_to_a_release_that_is_being_deleted() {
    let server = TestServer::start().await;
    let token = server.token("ada").await;
    for round in 0..30 {
        let name = format!("raced_{round}");
        server.published(&token, &TrunkArchive::sql(&name, "1.0.0")).await;
        let further = TrunkArchive::sql(&name, "1.0.0").for_postgres(16);
        // They meet at another place in each round.
        let moment = Duration::from_millis(round);
        let put = putting(&server, &token, &further, "16").send();
        let delete = async {
            tokio::time::sleep(moment).await;
            acting(&server, &token, Method::DELETE, &format!("{name}/1.0.0")).send().await
        };
        let (put, delete) = tokio::join!(put, delete);
        is_consistent(&server, &name, put.expect("an answer"), delete.expect("an answer")).await;
    }
    let report = server.registry.check().await.expect("checked");
    assert_eq!((report.objects, report.findings), (0, vec![]));
}

/// Requests that wait for a lock of the database.
async fn waiting(server: &TestServer) -> i64 {
    sqlx::query_scalar::<_, i64>(
        "select count(*)
        from pg_stat_activity
        where datname = current_database()
            and wait_event_type = 'Lock'",
    )
    .fetch_one(&server.pool)
    .await
    .expect("a number")
}

/// The same in the one moment that matters: each of the two is held in its middle until the other has come.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whichever_of_deleting_and_adding_comes_second_knows_of_the_first() {
    let server = TestServer::start().await;
    let token = server.token("ada").await;
    for (name, is_put_first, held) in [
        // Adding a file writes here and deleting does not; deleting a release writes there before it is done.
        ("added_first", true, "artifact_files"),
        ("deleted_first", false, "artifact_variants"),
    ] {
        server.published(&token, &TrunkArchive::sql(name, "1.0.0")).await;
        let further = TrunkArchive::sql(name, "1.0.0").for_postgres(16);
        let put = putting(&server, &token, &further, "16").send();
        let delete = acting(&server, &token, Method::DELETE, &format!("{name}/1.0.0")).send();
        let mut lock = server.pool.begin().await.expect("begun");
        sqlx::raw_sql(AssertSqlSafe(format!("lock table {held} in share mode")))
            .execute(&mut *lock)
            .await
            .expect("locked");
        let first_waits = async || waiting(&server).await >= 1;
        let (put, delete) = if is_put_first {
            let put = tokio::spawn(put);
            until("that the first waits", first_waits).await;
            let delete = tokio::spawn(delete);
            until("the second", async || delete.is_finished() || waiting(&server).await >= 2).await;
            (put, delete)
        } else {
            let delete = tokio::spawn(delete);
            until("that the first waits", first_waits).await;
            let put = tokio::spawn(put);
            until("the second", async || put.is_finished() || waiting(&server).await >= 2).await;
            (put, delete)
        };
        lock.rollback().await.expect("rolled back");
        let put = tokio::time::timeout(LONG, put).await.expect("in time").expect("ended").expect("an answer");
        let delete = tokio::time::timeout(LONG, delete).await.expect("in time").expect("ended").expect("an answer");
        is_consistent(&server, name, put, delete).await;
    }
    let report = server.registry.check().await.expect("checked");
    assert_eq!((report.objects, report.findings), (0, vec![]));
}

/// The paths in an archive.
fn paths(archive: &[u8]) -> Vec<String> {
    let contents = formats::archive::read(archive, &formats::archive::Limits::default(), |_, _| Ok(()));
    contents.expect("an archive").entries.iter().map(|entry| entry.path.clone()).collect()
}

#[tokio::test]
async fn a_file_for_one_major_goes_before_one_for_any() {
    let server = TestServer::start().await;
    let token = server.token("ada").await;
    for (name, is_general_first) in [("general_first", true), ("special_first", false)] {
        let mark = format!("extension/{name}--0.9.0--1.0.0.sql");
        let general = TrunkArchive::sql(name, "1.0.0");
        let special = general.clone().with(&mark, b"select 1;");
        let mut uploads = [(&general, "any"), (&special, "15")];
        if !is_general_first {
            uploads.reverse();
        }
        for (archive, major) in uploads {
            assert_eq!(asked(putting(&server, &token, archive, major)).await.0, 201, "{name} for {major}");
        }
        let projects = server.cached_json(&format!("/api/v1/trunk-projects/{name}")).await;
        let downloads = projects[0]["downloads"].as_array().expect("a list");
        let (mut links, mut for_15) = (BTreeSet::new(), Vec::new());
        for download in downloads {
            let link = download["link"].as_str().expect("a link");
            assert!(links.insert(link), "{name}: each file has a link of its own: {link}");
            let answer = server.get(link.strip_prefix("http://registry.test").expect("a link to here")).await;
            assert_eq!(answer.status(), 200, "{link}");
            let bytes = answer.bytes().await.expect("bytes");
            assert_eq!(hex::encode(sha2::Sha256::digest(&bytes)), download["sha256"].as_str().expect("text"), "{link}");
            let is_special = download["pg_version"] == 15;
            assert_eq!(paths(&bytes).contains(&mark), is_special, "{link}");
            if is_special {
                for_15.push(download["platform"].as_str().expect("text"));
            }
        }
        assert_eq!(for_15, ["linux/amd64", "linux/arm64"], "{name}");
        assert!(downloads.iter().any(|download| download["pg_version"] == 18), "{name}: {downloads:?}");

        // By the older route, too.
        let link = server.text(&format!("/extensions/{name}/latest/download")).await;
        let answer = server.get(link.strip_prefix("http://registry.test").expect("a link to here")).await;
        assert_eq!(answer.bytes().await.expect("bytes"), special.bytes(), "{link}");
    }
    assert_eq!(server.registry.check().await.expect("checked").findings, vec![]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_new_packages_with_the_same_new_tags_are_published_at_once() {
    let server = TestServer::start().await;
    let token = server.token("ada").await;
    let tags: Vec<String> = (0..10).map(|number| format!("tag {number}")).collect();
    let many = (0..60).map(|number| {
        let mut shuffled = tags.clone();
        shuffled.sort_by_cached_key(|_| rand::random::<u64>());
        let name = format!("tagged_{number}");
        let request = acting(&server, &token, Method::PUT, &format!("{name}/1.0.0"));
        asked(request.header("content-type", "application/zip").body(source(&name, "1.0.0", &shuffled)))
    });
    let answers = tokio::time::timeout(LONG, futures::future::join_all(many)).await.expect("in time");
    assert_eq!(answers, vec![(201, String::new()); 60]);
    server.settle().await;
    for number in [0, 30, 59] {
        assert_eq!(server.json(&format!("/api/v1/packages/tagged_{number}")).await["tags"], json!(tags));
    }
    assert_eq!(server.registry.check().await.expect("checked").findings, vec![]);
}

#[tokio::test]
async fn names_with_a_nul_are_unknown_like_others() {
    let server = TestServer::start().await;
    let token = server.token("ada").await;
    server.published(&token, &TrunkArchive::sql("example", "1.0.0")).await;
    for pattern in [
        "/api/v1/trunk-projects/{}",
        "/api/v1/trunk-projects/{}/version/1.0.0",
        "/api/v1/trunk-projects/example/version/{}",
        "/api/v1/trunk-projects?extension-name={}",
        "/for/pg15/linux-arm64/api/v1/trunk-projects/{}",
        "/for/pg15/api/v1/trunk-projects?extension-name={}",
        "/extensions/detail/{}",
        "/extensions/detail/{}/1.0.0",
        "/extensions/detail/example/{}",
        "/extensions/details/{}/readme",
        "/extensions/{}/latest/download",
        "/extensions/{}/1.0.0/download",
        "/extensions/example/{}/download",
        "/extensions/{}/1.0.0/archives/x.tar.gz",
        "/extensions/example/{}/archives/x.tar.gz",
        "/extensions/example/1.0.0/archives/{}",
    ] {
        let answered = async |name: &str| {
            let answer = server.get(&pattern.replace("{}", name)).await;
            let kind = answer.headers().get("content-type").cloned();
            (answer.status().as_u16(), kind, answer.text().await.expect("text"))
        };
        let unknown = answered("unknown").await;
        assert!(unknown.0 == 404 || unknown.2 == "[]", "{pattern}: {unknown:?}");
        for name in ["%00", "example%00", "%00example"] {
            assert_eq!(answered(name).await, unknown, "{pattern} with {name}");
        }
    }
    let readme = server.request(Method::POST, "/extensions/details/%00/readme").send().await.expect("an answer");
    assert_eq!(readme.status(), 404);
}

#[tokio::test]
async fn what_is_no_route_of_the_trunk_command_is_refused_in_plain_text() {
    let server = TestServer::start().await;
    let token = server.token("ada").await;
    server.published(&token, &TrunkArchive::sql("example", "1.0.0")).await;
    let refused = async |method: Method, path: &str, status: u16| {
        let answer = server.request(method.clone(), path).send().await.expect("an answer");
        let headers = answer.headers().clone();
        let kind = headers.get("content-type").map(|kind| kind.to_str().expect("text").to_owned()).unwrap_or_default();
        let (found, text) = (answer.status().as_u16(), answer.text().await.expect("text"));
        assert_eq!(found, status, "{method} {path}: {text}");
        assert!(kind.starts_with("text/plain"), "{method} {path}: {kind:?} {text}");
        assert!(!text.trim().is_empty(), "{method} {path} says why");
        headers
    };
    for root in ["", "/for/pg15", "/for/pg15/linux-arm64"] {
        for path in ["/example/more", "/example/version", "/example/version/1.0.0/more", "/a/b/c/d/e"] {
            refused(Method::GET, &format!("{root}/api/v1/trunk-projects{path}"), 404).await;
            refused(Method::POST, &format!("{root}/api/v1/trunk-projects{path}"), 404).await;
        }
        for path in ["", "?extension-name=example", "/example", "/example/version/1.0.0"] {
            for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
                let headers = refused(method, &format!("{root}/api/v1/trunk-projects{path}"), 405).await;
                let allowed = headers.get("allow").expect("what is allowed").to_str().expect("text");
                assert!(allowed.contains("GET"), "{allowed}");
            }
        }
    }
    // Other addresses of the API are answered as the API does it.
    let other = server.get("/api/v1/unknown").await;
    assert_eq!(other.status(), 404);
    assert_eq!(other.headers()["content-type"], "application/problem+json");
}
