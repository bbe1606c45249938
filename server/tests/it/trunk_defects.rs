//! Trunk's registry had defects that people ran into. Each has a test which shows that this one does not have it.
//!
//! Elsewhere: pre-releases (`trunk::the_command_takes_what_is_current`), majors that are newer than the façade
//! (`trunk_command`, and 17 and 18 in `trunk`), and publishers who take all connections from each other
//! (`publishing::a_hundred_at_once_are_all_published`).

use std::time::{Duration, Instant};

use registry::Token;
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Digest as _;
use sqlx::AssertSqlSafe;

use crate::support::{TestServer, TrunkArchive};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/formats/tests/fixtures");

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{FIXTURES}/{name}.so")).expect("a fixture")
}

/// Puts an archive there for a platform.
async fn put_for(server: &TestServer, token: &Token, archive: &TrunkArchive, platform: &str) {
    let manifest = &archive.manifest;
    let path =
        format!("/api/v1/packages/{}/{}/artifacts/{}/{platform}", manifest.name, manifest.version, manifest.pg_version);
    let request = server.request(Method::PUT, &path).bearer_auth(token.reveal()).body(archive.bytes());
    let answer = request.send().await.expect("an answer");
    let (status, text) = (answer.status(), answer.text().await.expect("text"));
    assert_eq!(status, 201, "{platform}: {text}");
}

/// The bytes behind a link of a list, whose digest is that of the list.
async fn fetched(server: &TestServer, download: &Value) -> Vec<u8> {
    let link = download["link"].as_str().expect("a link");
    let answer = server.get(link.strip_prefix("http://registry.test").expect("a link to this registry")).await;
    assert_eq!(answer.status(), 200, "{link}");
    let bytes = answer.bytes().await.expect("bytes").to_vec();
    assert_eq!(hex::encode(sha2::Sha256::digest(&bytes)), download["sha256"].as_str().expect("a digest"), "{link}");
    bytes
}

/// The files of the first project of a list.
async fn downloads(server: &TestServer, path: &str) -> Vec<Value> {
    let projects = server.cached_json(path).await;
    projects[0]["downloads"].as_array().expect("a list").clone()
}

fn texts<'list>(list: &'list [Value], key: &str) -> Vec<&'list str> {
    list.iter().map(|element| element[key].as_str().expect("a text")).collect()
}

fn names(list: &Value) -> Vec<&str> {
    texts(list.as_array().expect("a list"), "name")
}

/// Defect 2: the list for an extension failed where some version of it was no row of numbers.
#[tokio::test]
async fn any_version_of_an_extension_is_listed_also_letters_and_none() {
    let server = TestServer::start().await;
    let token = server.token("ada").await;
    let lettered = |version: &str, default_version: &str| {
        let control = format!("comment = 'Has letters'\ndefault_version = '{default_version}'\n");
        TrunkArchive::sql("lettered", version)
            .with("extension/lettered.control", control.as_bytes())
            .with(&format!("extension/lettered--{default_version}.sql"), b"select 1;")
    };
    for (version, default_version) in [("1.0.0", "1.0"), ("1.1.0", "2021-08b"), ("1.2.0", "1.0b")] {
        server.published(&token, &lettered(version, default_version)).await;
    }
    let unversioned = TrunkArchive::sql("unversioned", "1.0.0")
        .with("extension/unversioned.control", b"comment = 'Says no version'\nrelocatable = true\n");
    let said = server.published(&token, &unversioned).await;
    assert!(said.contains("has no default_version"), "{said}");

    for (name, current, version) in [("lettered", "1.2.0", "1.0b"), ("unversioned", "1.0.0", "")] {
        for address in ["/api/v1/trunk-projects?extension-name=", "/for/pg15/api/v1/trunk-projects?extension-name="] {
            let provided = server.cached_json(&format!("{address}{name}")).await;
            assert_eq!(provided.as_array().map(Vec::len), Some(1), "{address}{name}: {provided}");
            assert_eq!((&provided[0]["name"], &provided[0]["version"]), (&json!(name), &json!(current)));
            assert_eq!(provided[0]["extensions"][0]["version"], version, "{address}{name}");
        }
        let link = server.text(&format!("/extensions/{name}/latest/download")).await;
        assert!(link.contains(&format!("/extensions/{name}/{current}/")), "{link}");
    }
    let all = server.cached_json("/api/v1/trunk-projects/lettered").await;
    let versions: Vec<_> =
        all.as_array().expect("a list").iter().map(|project| &project["extensions"][0]["version"]).collect();
    assert_eq!(versions, ["1.0b", "2021-08b", "1.0"]);
    assert_eq!(names(&server.cached_json("/api/v1/trunk-projects").await), ["lettered", "unversioned"]);
    assert_eq!(names(&server.cached_json("/extensions/all").await), ["lettered", "unversioned"]);
}

/// Defect 3: projects of which little is said, or which have no extension, were missing from the lists.
#[tokio::test]
async fn a_project_is_listed_also_if_it_has_no_extension_and_nothing_is_said_of_it() {
    let server = TestServer::start().await;
    let token = server.token("ada").await;
    let mut modules =
        TrunkArchive::empty("hooks", "1.0.0").with("hooks.so", &fixture("x86_64-gnu-pg16")).for_postgres(16);
    // As older clients send it: everything is null.
    modules.manifest.extension_name = None;
    server.published(&token, &modules).await;
    let silent = TrunkArchive::sql("silent", "1.0.0")
        .with("extension/silent.control", b"default_version = '1.0.0'\nrelocatable = true\n");
    server.published(&token, &silent).await;

    let projects = server.cached_json("/api/v1/trunk-projects").await;
    assert_eq!(names(&projects), ["hooks", "silent"]);
    for project in projects.as_array().expect("a list") {
        // Clients refuse a list in which one of these is null.
        assert_eq!((&project["description"], &project["repository_link"]), (&json!(""), &json!("")), "{project}");
        assert_eq!(project["documentation_link"], Value::Null);
    }
    let digest = hex::encode(sha2::Sha256::digest(modules.bytes()));
    let link = projects[0]["downloads"][0]["link"].clone();
    let expected = json!({
        "name": "hooks", "description": "", "documentation_link": null, "repository_link": "", "version": "1.0.0",
        "postgres_versions": [16],
        "extensions": [{
            "extension_name": "hooks", "version": "1.0.0", "trunk_project_name": "hooks",
            "dependencies_extension_names": null, "loadable_libraries": null, "configurations": null,
            "control_file": {"absent": true, "content": null},
        }],
        "downloads": [{"link": link, "pg_version": 16, "platform": "linux/amd64", "sha256": digest}],
    });
    assert_eq!(projects[0], expected);
    assert_eq!(fetched(&server, &projects[0]["downloads"][0]).await, modules.bytes());
    assert_eq!(server.cached_json("/api/v1/trunk-projects/hooks").await, json!([expected]));
    assert_eq!(server.cached_json("/for/pg16/api/v1/trunk-projects").await[0]["name"], "hooks");
    let control = &projects[1]["extensions"][0]["control_file"];
    assert_eq!(control, &json!({"absent": false, "content": "default_version = '1.0.0'\nrelocatable = true\n"}));

    // The older routes know both too.
    assert_eq!(names(&server.cached_json("/extensions/all").await), ["hooks", "silent"]);
    let detail = server.cached_json("/extensions/detail/hooks").await;
    assert_eq!((&detail[0]["description"], &detail[0]["version"]), (&Value::Null, &json!("1.0.0")));
}

/// Defect 4: what was built for arm64 took the place of what was built for amd64.
#[tokio::test]
async fn what_is_compiled_for_one_architecture_stays_beside_that_for_the_other() {
    let server = TestServer::start().await;
    let token = server.token("ada").await;
    let amd64 = TrunkArchive::library("example", "1.0.0", "x86_64-gnu-pg15");
    let arm64 = TrunkArchive::library("example", "1.0.0", "aarch64-gnu-pg15");
    // In the order in which the second would win.
    server.published(&token, &amd64).await;
    let said = server.published(&token, &arm64).await;
    assert!(said.contains("A further file of the release"), "{said}");

    for path in [
        "/api/v1/trunk-projects",
        "/api/v1/trunk-projects/example",
        "/api/v1/trunk-projects?extension-name=example",
        "/api/v1/trunk-projects/example/version/1.0.0",
        "/for/pg15/api/v1/trunk-projects/example",
    ] {
        let downloads = downloads(&server, path).await;
        assert_eq!(texts(&downloads, "platform"), ["linux/amd64", "linux/arm64"], "{path}");
        assert_eq!(fetched(&server, &downloads[0]).await, amd64.bytes(), "{path}");
        assert_eq!(fetched(&server, &downloads[1]).await, arm64.bytes(), "{path}");
    }
    for (scope, platform, archive) in [
        ("linux-amd64", "linux/amd64", &amd64),
        ("pg15/linux-amd64", "linux/amd64", &amd64),
        ("debian-12-amd64", "linux/amd64", &amd64),
        ("linux-arm64", "linux/arm64", &arm64),
        ("linux-arm64/pg15", "linux/arm64", &arm64),
        ("debian-12-arm64", "linux/arm64", &arm64),
    ] {
        for path in ["trunk-projects/example", "trunk-projects?extension-name=example", "trunk-projects"] {
            let downloads = downloads(&server, &format!("/for/{scope}/api/v1/{path}")).await;
            assert_eq!(texts(&downloads, "platform"), [platform], "{scope}: {path}");
            assert_eq!(fetched(&server, &downloads[0]).await, archive.bytes(), "{scope}: {path}");
        }
    }
    assert_eq!(server.cached_json("/for/pg16/linux-arm64/api/v1/trunk-projects/example").await, json!([]));
    assert!(server.registry.check().await.expect("checked").findings.is_empty());
}

/// Defect 7, first half: names and tokens were looked for from the first row to the last.
#[tokio::test]
async fn names_and_tokens_are_found_by_an_index() {
    let server = TestServer::start().await;
    let mut transaction = server.pool.begin().await.expect("begun");
    // Small tables are read as a whole whatever there is: with this, only where there is no index.
    sqlx::raw_sql("set local enable_seqscan = off").execute(&mut *transaction).await.expect("set");
    for lookup in [
        "select from tokens where hash = sha256('x')",
        "select from packages where name_folded = 'x'",
        "select from extension_names where name_folded = 'x'",
        "select from extensions where name_folded = 'x'",
        "select from releases where package_id = 1 and version = '1.0.0'",
        "select from artifacts where release_id = 1",
        "select from package_owners where package_id = 1",
    ] {
        let plan = sqlx::query_scalar::<_, String>(AssertSqlSafe(format!("explain {lookup}")))
            .fetch_all(&mut *transaction)
            .await
            .expect("a plan")
            .join("\n");
        assert!(plan.contains("Index") && !plan.contains("Seq Scan"), "{lookup}: {plan}");
    }
}

/// Defect 7, second half: every list was put together anew for every request.
#[tokio::test]
async fn lists_are_answered_without_the_database_until_something_changes() {
    let server = TestServer::start().await;
    let token = server.token("ada").await;
    server.published(&token, &TrunkArchive::sql("example", "1.0.0")).await;
    server.settle().await;
    let paths = [
        "/api/v1/trunk-projects",
        "/api/v1/trunk-projects/example",
        "/api/v1/trunk-projects?extension-name=example",
        "/extensions/all",
        "/categories/all",
        "/for/pg15/linux-arm64/api/v1/trunk-projects/example",
    ];
    let hits = async || {
        let metrics = server.text("/metrics").await;
        let line = metrics.lines().find_map(|line| line.strip_prefix("pginstall_page_cache_hits_total "));
        line.expect("a metric").parse::<u64>().expect("a number")
    };
    let mut known = Vec::new();
    for path in paths {
        let start = Instant::now();
        loop {
            let first = server.get_cached(path).await.text().await.expect("text");
            let before = hits().await;
            let second = server.get_cached(path).await.text().await.expect("text");
            if hits().await == before + 1 {
                assert_eq!(first, second);
                known.push(second);
                break;
            }
            assert!(start.elapsed() < Duration::from_secs(5), "{path} is never answered from the cache");
        }
    }
    // Whoever wants to read these now has to wait.
    let mut lock = server.pool.begin().await.expect("begun");
    sqlx::raw_sql("lock table packages, releases, artifacts, extensions, categories in access exclusive mode")
        .execute(&mut *lock)
        .await
        .expect("locked");
    for (path, known) in paths.iter().zip(known) {
        let answer = tokio::time::timeout(Duration::from_secs(10), server.get_cached(path)).await;
        let answer = answer.unwrap_or_else(|_| panic!("{path} waits for the database"));
        assert_eq!(answer.text().await.expect("text"), known, "{path}");
    }
    lock.rollback().await.expect("rolled back");

    server.published(&token, &TrunkArchive::sql("another", "1.0.0")).await;
    assert_eq!(names(&server.cached_json("/api/v1/trunk-projects").await), ["another", "example"]);
}

/// Defect 8: what PostgreSQL reads in a control file was read otherwise.
#[tokio::test]
async fn control_files_are_read_as_postgres_reads_them() {
    let server = TestServer::start().await;
    let token = server.token("ada").await;
    let control = "# requires = 'nothing'\n\
                   comment = 'It''s one # and not two'   # a comment\n\
                   default_version = '1.0' # as text\n\
                   requires = 'first_needed, second_needed' # both\n\
                   \trelocatable=true# no blank\n";
    let archive = TrunkArchive::sql("commented", "1.0.0")
        .with("extension/commented.control", control.as_bytes())
        .with("extension/commented--1.0.sql", b"select 1;");
    let said = server.published(&token, &archive).await;
    // The command on the machine of whoever installs it has the defect still.
    assert!(said.contains("the trunk command reads"), "its publisher is told: {said}");

    let project = &server.cached_json("/api/v1/trunk-projects/commented").await[0];
    assert_eq!(project["description"], "It's one # and not two");
    let extension = &project["extensions"][0];
    assert_eq!(extension["version"], "1.0");
    assert_eq!(extension["dependencies_extension_names"], json!(["first_needed", "second_needed"]));
    assert_eq!(extension["control_file"], json!({"absent": false, "content": control}));
}

/// A library that needs this version of glibc: that of the fixtures, which need 2.2.5 or none, with another name in it.
fn needing(glibc: &str) -> Vec<u8> {
    let mut library = fixture("x86_64-gnu-capabilities");
    let old = b"GLIBC_2.2.5";
    let place = library.windows(old.len()).position(|bytes| bytes == old).expect("the name of a version");
    let new = format!("GLIBC_{glibc}");
    library[place..place + old.len()].fill(0);
    library[place..place + new.len()].copy_from_slice(new.as_bytes());
    library
}

/// The command takes the first file for its major without a look at anything else.
#[tokio::test]
async fn lists_begin_with_what_runs_in_most_places() {
    let server = TestServer::start().await;
    let token = server.token("ada").await;
    let amd64 = |glibc: &str| {
        TrunkArchive::library("example", "1.0.0", "x86_64-gnu-pg15").with("example_support.so", &needing(glibc))
    };
    let (new, old) = (amd64("2.38"), amd64("2.4"));
    let arm64 = TrunkArchive::library("example", "1.0.0", "aarch64-gnu-pg15");
    let musl = TrunkArchive::library("example", "1.0.0", "x86_64-musl-pg15");
    // Neither the order of publishing nor that of names, nor that of the versions as text, is the expected one.
    put_for(&server, &token, &musl, "alpine-3.20-x86_64-musl").await;
    put_for(&server, &token, &arm64, "debian-12-aarch64-gnu").await;
    put_for(&server, &token, &new, "debian-13-x86_64-gnu").await;
    put_for(&server, &token, &old, "ubuntu-24.04-x86_64-gnu").await;

    for path in [
        "/api/v1/trunk-projects",
        "/api/v1/trunk-projects/example",
        "/api/v1/trunk-projects?extension-name=example",
        "/for/pg15/api/v1/trunk-projects/example",
    ] {
        let downloads = downloads(&server, path).await;
        assert_eq!(texts(&downloads, "platform"), ["linux/amd64", "linux/amd64", "linux/arm64"], "{path}");
        for (download, archive) in downloads.iter().zip([&old, &new, &arm64]) {
            assert_eq!(fetched(&server, download).await, archive.bytes(), "{path}");
        }
    }
    let link = server.text("/extensions/example/latest/download").await;
    assert!(link.ends_with("-ubuntu-24.04-x86_64-gnu.tar.gz"), "{link}");
    for (scope, archives) in [
        ("alpine-3.20-amd64", vec![&musl]),
        ("ubuntu-24.04-amd64", vec![&old]),
        ("debian-13-amd64", vec![&new]),
        ("debian-12-arm64", vec![&arm64]),
        ("linux-amd64", vec![&old, &new]),
    ] {
        let downloads = downloads(&server, &format!("/for/{scope}/api/v1/trunk-projects/example")).await;
        assert_eq!(downloads.len(), archives.len(), "{scope}: {downloads:?}");
        for (download, archive) in downloads.iter().zip(archives) {
            assert_eq!(fetched(&server, download).await, archive.bytes(), "{scope}");
        }
    }

    // A release for musl alone is in no list without a scope.
    let alone = TrunkArchive::library("alone", "1.0.0", "x86_64-musl-pg15");
    put_for(&server, &token, &alone, "alpine-3.20-x86_64-musl").await;
    assert_eq!(names(&server.cached_json("/api/v1/trunk-projects").await), ["example"]);
    assert_eq!(server.cached_json("/api/v1/trunk-projects/alone").await, json!([]));
    assert_eq!(names(&server.cached_json("/for/alpine-3.20-amd64/api/v1/trunk-projects").await), ["alone", "example"]);
}
