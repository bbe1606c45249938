//! Objects in a bucket of a real S3 server, and the commands that work on stores.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
    time::{Duration, Instant, SystemTime},
};

use futures::TryStreamExt as _;
use model::Sha256;
use registry::{RepairReport, Store};
use reqwest::{Method, Response};
use s3_server::{BUCKET, S3Server};
use sha2::Digest as _;
use sqlx::PgPool;

use crate::support::{FakePostgres, Said as _, TestServer, TrunkArchive, accessible_directory, program};

fn digest(bytes: &[u8]) -> String {
    hex::encode(sha2::Sha256::digest(bytes))
}

/// An archive that is too large for one request to the S3 server.
fn large_archive() -> TrunkArchive {
    let noise: Vec<u8> = (0..9_000_000 / 4)
        .flat_map(|number: u32| number.wrapping_mul(2_654_435_761).rotate_left(number % 31).to_le_bytes())
        .collect();
    TrunkArchive::sql("large", "1.0.0").with("extension/large.data", &noise)
}

/// The path at which the only file of a package is fetched, and its digest.
async fn published_file(server: &TestServer, name: &str) -> (String, String) {
    let package = server.json(&format!("/api/v1/packages/{name}")).await;
    let artifact = &package["current"]["artifacts"][0];
    let url = artifact["url"].as_str().expect("an address");
    let path = url.strip_prefix("http://registry.test").expect("absolute").to_owned();
    (path, artifact["sha256"].as_str().expect("a digest").to_owned())
}

async fn stored(store: &Store) -> Vec<Sha256> {
    let mut objects: Vec<_> = store.list().map_ok(|object| object.sha256).try_collect().await.expect("listed");
    objects.sort();
    objects
}

async fn downloads(pool: &PgPool) -> i64 {
    // They are written every second.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let count = sqlx::query_scalar("select coalesce(sum(count), 0)::bigint from downloads");
    count.fetch_one(pool).await.expect("a count")
}

async fn with(server: &TestServer, method: Method, path: &str, name: &'static str, value: &str) -> Response {
    server.request(method, path).header(name, value).send().await.expect("an answer")
}

#[tokio::test]
async fn what_is_published_to_s3_is_fetched_from_it() {
    let s3 = S3Server::start();
    let server = TestServer::start_on_s3(&s3, None).await;
    let token = server.token("ada").await;
    let (small, large) = (TrunkArchive::sql("small", "1.0.0"), large_archive());
    assert!(large.bytes().len() > 8 << 20, "it goes in parts: {}", large.bytes().len());
    for archive in [&small, &large] {
        server.published(&token, archive).await;
        server.published(&token, archive).await;
    }
    assert_eq!(s3.unfinished_parts(), 0);
    server.settle().await;
    for archive in [small, large] {
        let (path, sha256) = published_file(&server, &archive.manifest.name).await;
        let bytes = archive.bytes();
        assert_eq!(sha256, digest(&bytes));
        assert!(s3.bucket().join(&sha256[..2]).join(&sha256[2..4]).join(&sha256).is_file());
        let whole = server.get_cached(&path).await;
        assert_eq!(whole.headers()["content-length"], bytes.len().to_string().as_str());
        assert_eq!(whole.headers()["content-type"], "application/gzip");
        assert_eq!(digest(&whole.bytes().await.expect("bytes")), sha256);

        let part = with(&server, Method::GET, &path, "range", "bytes=10-19").await;
        assert_eq!(part.status(), 206);
        assert_eq!(part.headers()["content-range"], format!("bytes 10-19/{}", bytes.len()).as_str());
        assert_eq!(part.bytes().await.expect("bytes"), bytes[10..20]);
        let tail = with(&server, Method::GET, &path, "range", "bytes=-7").await;
        assert_eq!(tail.bytes().await.expect("bytes"), bytes[bytes.len() - 7..]);
        let outside = with(&server, Method::GET, &path, "range", &format!("bytes={}-", bytes.len())).await;
        assert_eq!(outside.status(), 416);
        let head = with(&server, Method::HEAD, &path, "accept", "*/*").await;
        assert_eq!(head.headers()["content-length"], bytes.len().to_string().as_str());
        let known = with(&server, Method::GET, &path, "if-none-match", &format!("\"{sha256}\"")).await;
        assert_eq!(known.status(), 304);
    }
    assert_eq!(downloads(&server.pool).await, 4, "each was fetched once as a whole and once to its end");
    assert!(!server.data.objects().read_dir().expect("a directory").any(|_| true), "nothing lies on this machine");
    let report = server.registry.check().await.expect("checked");
    assert_eq!((report.findings, report.leftovers), (vec![], 0));
}

#[tokio::test]
async fn with_a_public_endpoint_clients_fetch_from_the_server_itself() {
    let s3 = S3Server::start();
    let server = TestServer::start_on_s3(&s3, Some(s3.endpoint())).await;
    let token = server.token("ada").await;
    let archive = TrunkArchive::sql("example", "1.0.0");
    server.published(&token, &archive).await;
    let (path, sha256) = published_file(&server, "example").await;
    let size = archive.bytes().len();

    let answer = server.get_cached(&path).await;
    assert_eq!(answer.status(), 302);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert!(!answer.headers().contains_key("etag"), "nobody keeps an address that soon leads nowhere");
    let address = answer.headers()["location"].to_str().expect("text").to_owned();
    let beginning = format!("{}/{BUCKET}/{}/{}/{sha256}?", s3.endpoint(), &sha256[..2], &sha256[2..4]);
    assert!(address.starts_with(&beginning), "{address}");
    for part in ["X-Amz-Expires=300", "response-content-type=application%2Fgzip", "response-content-disposition="] {
        assert!(address.contains(part), "{address}");
    }
    let client = reqwest::Client::new();
    let fetched = client.get(&address).send().await.expect("an answer");
    assert_eq!(fetched.status(), 200);
    assert_eq!(digest(&fetched.bytes().await.expect("bytes")), sha256);
    let part = client.get(&address).header("range", "bytes=5-").send().await.expect("an answer");
    assert_eq!((part.status().as_u16(), part.bytes().await.expect("bytes").len()), (206, size - 5));
    let forged = address.replace("X-Amz-Expires=300", "X-Amz-Expires=301");
    assert_eq!(client.get(&forged).send().await.expect("an answer").status(), 403);
    assert_eq!(downloads(&server.pool).await, 1);

    // What needs no bytes is answered here.
    let head = with(&server, Method::HEAD, &path, "accept", "*/*").await;
    assert_eq!((head.status().as_u16(), &head.headers()["content-length"]), (200, &size.into()));
    let known = with(&server, Method::GET, &path, "if-none-match", &format!("\"{sha256}\"")).await;
    assert_eq!(known.status(), 304);
    assert_eq!(with(&server, Method::GET, &path, "range", &format!("bytes={size}-")).await.status(), 416);
    assert_eq!(with(&server, Method::GET, &path, "range", "bytes=0-3").await.status(), 302);
    assert_eq!(downloads(&server.pool).await, 1, "a beginning is no download");
    assert_eq!(with(&server, Method::GET, &path, "range", "bytes=4-").await.status(), 302);
    assert_eq!(downloads(&server.pool).await, 2);
}

#[tokio::test]
async fn without_its_server_nothing_is_stored_and_it_is_said() {
    let mut s3 = S3Server::start();
    let server = TestServer::start_on_s3(&s3, None).await;
    let token = server.token("ada").await;
    let first = TrunkArchive::sql("first", "1.0.0");
    server.published(&token, &first).await;
    let (path, sha256) = published_file(&server, "first").await;

    s3.stop();
    let start = Instant::now();
    let second = TrunkArchive::sql("second", "1.0.0");
    let refused = server.trunk_publish(&token, &second.metadata(), &second.bytes()).await;
    assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (503, &5.into()));
    let text = refused.text().await.expect("text");
    assert_eq!(text, "the files cannot be read or written now; try again in a moment");
    let unread = server.get(&path).await;
    assert_eq!((unread.status().as_u16(), &unread.headers()["retry-after"]), (503, &5.into()));
    let problem: serde_json::Value = unread.json().await.expect("JSON");
    assert_eq!(problem["code"], "store-unavailable");
    assert_eq!(problem["detail"], "Files cannot be read or written now. Try again in a moment.");
    assert!(start.elapsed() < Duration::from_secs(30), "nobody waits for long: {:?}", start.elapsed());
    assert_eq!(server.get("/packages/first").await.status(), 200, "pages need no object");
    assert_eq!(server.get("/api/v1/packages/second").await.status(), 404);
    let check = server.registry.check().await.expect_err("nothing can be compared");
    assert_eq!(check.code(), "unavailable");
    assert_eq!(fs::read_dir(server.data.temporary()).expect("a directory").count(), 0);

    s3.resume();
    let found = server.get_cached(&path).await.bytes().await.expect("bytes");
    assert_eq!(digest(&found), sha256);
    let report = server.registry.check().await.expect("checked");
    assert_eq!((report.objects, report.leftovers), (stored(server.registry.store()).await.len() as u64, 0));
    server.published(&token, &second).await;
    let report = server.registry.check().await.expect("checked");
    assert_eq!((report.findings, report.leftovers), (vec![], 0));
}

/// Puts bytes into the directory of a store as an upload of some hours ago would have left them.
fn leave(objects: &Path, bytes: &[u8], hours: u64) -> Sha256 {
    // The time in tests stands still; what lies on disk has the time of the machine.
    leave_at(objects, bytes, SystemTime::from(TestServer::NOW) - Duration::from_hours(hours))
}

fn leave_at(objects: &Path, bytes: &[u8], written: SystemTime) -> Sha256 {
    let name = digest(bytes);
    let directory = objects.join(&name[..2]).join(&name[2..4]);
    fs::create_dir_all(&directory).expect("a directory");
    let file = fs::File::create(directory.join(&name)).expect("a file");
    std::io::Write::write_all(&mut &file, bytes).expect("written");
    file.set_modified(written).expect("set");
    name.parse().expect("a digest")
}

async fn lease(pool: &PgPool, sha256: Sha256, state: &str, minutes: i32) {
    sqlx::query(
        "insert into objects (sha256, size_bytes, state, lease_until, created_at)
        values ($1, 1, $2, $3 + make_interval(mins => $4), $3)",
    )
    .bind(sha256)
    .bind(state)
    .bind(TestServer::NOW)
    .bind(minutes)
    .execute(pool)
    .await
    .expect("leased");
}

/// The same on every store: only what is old, unused and not leased goes.
async fn is_repaired(server: TestServer, objects: &Path) {
    let token = server.token("ada").await;
    let token = &token;
    let used: Vec<Sha256> = {
        server.published(token, &TrunkArchive::sql("example", "1.0.0")).await;
        stored(server.registry.store()).await
    };
    for sha256 in &used {
        let name = sha256.to_string();
        let file = fs::File::open(objects.join(&name[..2]).join(&name[2..4]).join(&name)).expect("a file");
        file.set_modified(SystemTime::from(TestServer::NOW) - Duration::from_hours(100)).expect("set");
    }
    let gone = [leave(objects, b"old", 25), leave(objects, b"very old", 9_000), leave(objects, b"expired", 30)];
    let kept = [leave(objects, b"young", 23), leave(objects, b"new", 0), leave(objects, b"arriving", 30)];
    let leased = leave(objects, b"being removed", 30);
    lease(&server.pool, gone[2], "arriving", -1).await;
    lease(&server.pool, kept[2], "arriving", 1).await;
    lease(&server.pool, leased, "removing", 1).await;
    let report = server.registry.check().await.expect("checked");
    assert_eq!((report.findings, report.leftovers), (vec![], 7));

    let repaired = server.registry.remove_unreferenced(TestServer::NOW).await.expect("repaired");
    assert_eq!(repaired, RepairReport { removed: 3, removed_bytes: 18, kept: 4 });
    let mut expected: Vec<Sha256> = used.iter().chain(&kept).copied().chain([leased]).collect();
    expected.sort();
    assert_eq!(stored(server.registry.store()).await, expected);
    let rows = sqlx::query_scalar::<_, i64>("select count(*) from objects where state <> 'stored'");
    assert_eq!(rows.fetch_one(&server.pool).await.expect("a count"), 2, "the leases of others");
    let again = server.registry.remove_unreferenced(TestServer::NOW).await.expect("repaired");
    assert_eq!(again, RepairReport { removed: 0, removed_bytes: 0, kept: 4 });
    assert_eq!(server.registry.check().await.expect("checked").findings, vec![]);
    // What was removed can be published as if it had never been there.
    server.published(token, &TrunkArchive::sql("example", "1.1.0")).await;
}

#[tokio::test]
async fn a_repaired_store_on_disk_has_only_what_is_used_or_young() {
    let server = TestServer::start().await;
    let objects = server.data.objects();
    is_repaired(server, &objects).await;
}

#[tokio::test]
async fn a_repaired_store_on_s3_has_only_what_is_used_or_young() {
    let s3 = S3Server::start();
    let server = TestServer::start_on_s3(&s3, None).await;
    is_repaired(server, &s3.bucket()).await;
}

#[tokio::test]
async fn a_repair_with_another_database_removes_nothing() {
    let server = TestServer::start().await;
    let sha256 = leave(&server.data.objects(), b"of another registry", 1_000);
    let refused = server.registry.remove_unreferenced(TestServer::NOW).await.expect_err("refused").to_string();
    assert!(refused.contains("the database knows no file") && refused.contains("belong together"), "{refused}");
    assert_eq!(stored(server.registry.store()).await, [sha256]);
}

#[tokio::test]
async fn repairs_and_publications_of_the_same_bytes_do_not_meet() {
    let server = TestServer::start().await;
    let token = server.token("ada").await;
    server.published(&token, &TrunkArchive::sql("first", "1.0.0")).await;
    for round in 0..10 {
        let archive = TrunkArchive::sql(&format!("example{round}"), "1.0.0");
        leave(&server.data.objects(), &archive.bytes(), 48);
        let (metadata, bytes) = (archive.metadata(), archive.bytes());
        let (published, repaired) = tokio::join!(
            server.trunk_publish(&token, &metadata, &bytes),
            server.registry.remove_unreferenced(TestServer::NOW)
        );
        repaired.expect("repaired");
        let status = published.status().as_u16();
        assert!(status == 200 || status == 503, "{status}");
        let report = server.registry.check().await.expect("checked");
        assert_eq!(report.findings, vec![], "what was acknowledged is there");
        server.published(&token, &archive).await;
    }
}

#[test]
fn the_command_repairs_only_what_is_well() {
    let directory = accessible_directory();
    let objects = directory.path().join("data/objects");
    let check = || ran(program(directory.path()).args(["check", "--repair"]));
    let leave_old = |bytes: &[u8]| {
        let name = leave_at(&objects, bytes, SystemTime::now() - Duration::from_hours(25)).to_string();
        objects.join(&name[..2]).join(&name[2..4]).join(name)
    };
    fs::create_dir_all(&objects).expect("a directory");
    let first = leave_old(b"first");
    let (code, said) = check();
    assert!(code == Some(1) && said.contains("the database knows no file") && first.exists(), "{said}");

    let fake = FakePostgres::new();
    fake.library_extension("example", "1.0");
    let (code, said) = ran(program(directory.path()).args(["import", "local", "--pg-config"]).arg(fake.pg_config()));
    assert_eq!(code, Some(0), "{said}");
    let used = fs::read_dir(&objects).expect("a directory").map(|entry| entry.expect("an entry").path());
    let used: Vec<_> = used.filter(|path| !first.starts_with(path)).collect();
    leave_at(&objects, b"young", SystemTime::now());
    let (code, said) = check();
    assert!(code == Some(0) && said.contains("removed 1 objects with 5 bytes; left 1 alone"), "{said}");
    assert!(said.contains("all is well") && !first.exists(), "{said}");

    let second = leave_old(b"second");
    fs::remove_dir_all(&used[0]).expect("removed");
    let (code, said) = check();
    assert!(code == Some(1) && said.contains("nothing was removed") && second.exists(), "{said}");
}

/// The program with its objects in the bucket of a server.
fn on_s3(directory: &Path, s3: &S3Server) -> Command {
    let mut command = program(directory);
    command.envs(s3.environment()).env("S3_BUCKET", BUCKET);
    command
}

fn ran(command: &mut Command) -> (Option<i32>, String) {
    let output: Output = command.output().expect("run");
    (output.status.code(), output.said())
}

#[test]
fn a_registry_moves_to_s3_and_back_by_commands() {
    let s3 = S3Server::start();
    let directory = accessible_directory();
    let fake = FakePostgres::new();
    for name in ["first", "second", "third"] {
        fake.library_extension(name, "1.0");
    }
    let import = |mut command: Command| ran(command.args(["import", "local", "--pg-config"]).arg(fake.pg_config()));
    let (code, said) = import(program(directory.path()));
    assert_eq!(code, Some(0), "{said}");

    let copy =
        |from: &str, to: &str| ran(on_s3(directory.path(), &s3).args(["store", "copy", "--from", from, "--to", to]));
    let (code, said) = copy("disk", "s3");
    assert!(code == Some(0) && said.contains("3 objects copied") && said.contains("0 were there already"), "{said}");
    assert!(said.contains(" % of "), "how far it is, also without a terminal: {said}");
    let (code, said) = copy("disk", "s3");
    assert!(code == Some(0) && said.contains("0 objects copied") && said.contains("3 were there already"), "{said}");
    let (code, said) = ran(on_s3(directory.path(), &s3).arg("check"));
    assert!(code == Some(0) && said.contains("3 objects") && said.contains("all is well"), "{said}");

    // From now on only the bucket counts; what is imported goes there.
    let objects = directory.path().join("data/objects");
    fs::remove_dir_all(&objects).expect("removed");
    fake.library_extension("fourth", "1.0");
    let (code, said) = import(on_s3(directory.path(), &s3));
    assert!(code == Some(0) && said.contains("1 added"), "{said}");
    let (code, said) = ran(on_s3(directory.path(), &s3).args(["check", "--repair"]));
    assert!(code == Some(0) && said.contains("removed 0 objects") && said.contains("all is well"), "{said}");
    let (code, said) = copy("s3", "disk");
    assert!(code == Some(0) && said.contains("4 objects copied"), "{said}");
    let (code, said) = ran(program(directory.path()).arg("check"));
    assert!(code == Some(0) && said.contains("4 objects") && said.contains("all is well"), "{said}");
}

#[test]
fn commands_on_stores_say_what_is_missing() {
    let mut s3 = S3Server::start();
    let directory = accessible_directory();
    let copy =
        |mut command: Command, from: &str, to: &str| ran(command.args(["store", "copy", "--from", from, "--to", to]));
    let (code, said) = copy(program(directory.path()), "disk", "s3");
    assert!(code == Some(1) && said.contains("no bucket is named: set s3.bucket"), "{said}");
    let (code, said) = copy(on_s3(directory.path(), &s3), "s3", "s3");
    assert!(code == Some(1) && said.contains("name the same store"), "{said}");
    let (code, said) = copy(on_s3(directory.path(), &s3), "tape", "s3");
    assert!(code == Some(2) && said.contains("disk, s3"), "{said}");
    for (name, value, part) in [
        ("S3_BUCKET", "s3://objects", "3 to 63 lower-case letters"),
        ("S3_PUBLIC_ENDPOINT", "s3.example.com", "without the bucket, such as https://s3.example.com"),
    ] {
        let (code, said) = copy(
            {
                let mut command = on_s3(directory.path(), &s3);
                command.env(name, value);
                command
            },
            "disk",
            "s3",
        );
        assert!(code == Some(1) && said.contains(part), "{said}");
    }
    let (code, said) = ran(program(directory.path()).env("S3_PUBLIC_ENDPOINT", "https://s3.example.com").arg("check"));
    assert!(code == Some(1) && said.contains("s3.public_endpoint is set, and s3.bucket is not"), "{said}");
    s3.stop();
    let (code, said) = copy(on_s3(directory.path(), &s3), "disk", "s3");
    assert!(code == Some(1) && said.contains("not everything was copied; run the command again"), "{said}");
    assert!(said.contains("Connection refused"), "{said}");
}
