//! Uploads that are cut off, mislabelled, too late, by the wrong people or at the same time, and addresses that are none.

use std::collections::BTreeSet;

use registry::Token;
use reqwest::Method;
use serde_json::json;
use sha2::Digest as _;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::support::{LONG, Part, TestServer, TrunkArchive, acting, asked, form, multipart, putting, source, until};

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
