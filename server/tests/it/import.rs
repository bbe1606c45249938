//! What becomes of an installation's extensions and modules, good and bad.

use std::fs;

use model::{PackageName, PostgresMajor, Version};
use registry::{ImportReport, Installation, InstallationError, Outcome, Viewer};

use crate::support::{FakePostgres, TestServer};

fn name(text: &str) -> PackageName {
    text.parse().expect("a name")
}

fn reasons(report: &ImportReport) -> Vec<String> {
    let mut reasons: Vec<String> =
        report.problems.iter().map(|problem| format!("{}: {}", problem.name, problem.reason)).collect();
    reasons.sort();
    reasons
}

#[tokio::test]
async fn extensions_and_modules_become_packages() {
    let server = TestServer::start().await;
    let fake = FakePostgres::new();
    fake.library_extension("hstore", "1.8");
    fake.sql_extension("cube", "1.5", "");
    fake.sql_extension("earthdistance", "1.1", "requires = 'cube'\ntrusted = true");
    fake.library("auto_explain", "x86_64-gnu-pg15");
    fake.library("utf8_and_win", "x86_64-gnu-pg15");
    fake.library("own_thing", "x86_64-gnu-pg15");
    let report = server.import(fake.installation()).await;
    assert_eq!(reasons(&report), Vec::<String>::new());
    let mut outcomes = report.outcomes.clone();
    outcomes.sort_by(|left, right| left.0.cmp(&right.0));
    let expected = ["auto_explain", "cube", "earthdistance", "hstore", "own_thing"];
    assert_eq!(outcomes, expected.map(|name| (name.to_owned(), Outcome::Added)));

    let package = server.registry.package(Viewer::Anonymous, &name("hstore"), None, None).await.expect("there");
    assert_eq!(package.release.version.to_string(), "1.8.0");
    assert_eq!(package.full_name.to_string(), "localhost/hstore");
    assert!(package.is_imported && package.is_orphaned);
    assert_eq!(package.categories.first().map(|(slug, _)| slug.to_string()).as_deref(), Some("data_transformations"));
    let module = server.registry.package(Viewer::Anonymous, &name("auto_explain"), None, None).await.expect("there");
    assert_eq!(module.release.version.to_string(), "15.18.0", "a module has the version of its PostgreSQL");
    assert!(module.release.extensions.is_empty());
    let cube = server.registry.package(Viewer::Anonymous, &name("cube"), None, None).await.expect("there");
    assert_eq!(cube.dependents.iter().map(|(name, _)| name.to_string()).collect::<Vec<_>>(), ["earthdistance"]);
    assert_eq!(cube.release.artifacts[0].platform.to_string(), "any", "nothing is compiled");
}

#[tokio::test]
async fn what_is_broken_is_named_and_the_rest_goes_on() {
    let server = TestServer::start().await;
    let fake = FakePostgres::new();
    fake.sql_extension("good", "1.0", "");
    fake.write("share/extension/broken.control", "default_version = \n");
    fake.write("share/extension/unknown.control", "colour = 'red'\n");
    fake.write("share/extension/versionless.control", "comment = 'x'\n");
    fake.write("share/extension/scriptless.control", "default_version = '1.0'\n");
    fake.sql_extension("odd", "1.06", "");
    fake.sql_extension("named.oddly", "1.0", "");
    fake.sql_extension("elsewhere", "1.0", "directory = '/opt/x'");
    fake.sql_extension("folded_name", "1.0", "");
    fake.sql_extension("folded-name", "1.0", "");
    fake.library_extension("libraryless", "1.0");
    fs::remove_file(fake.path("lib/libraryless.so")).expect("removed");
    fake.library_extension("scrambled", "1.0");
    fake.write("lib/scrambled.so", "no library");
    fake.write("lib/noise.so", "no library either");
    fake.sql_extension("dictionary", "1.0", "");
    fake.write(
        "share/extension/dictionary--1.0.sql",
        "CREATE TEXT SEARCH DICTIONARY d (TEMPLATE = t, RULES = 'gone');",
    );
    let report = server.import(fake.installation()).await;
    insta::assert_snapshot!(reasons(&report).join("\n"));
    let good = server.registry.package(Viewer::Anonymous, &name("good"), None, None).await;
    assert!(good.is_ok(), "the rest is there");
    assert!(server.registry.check().await.expect("checked").findings.is_empty());
}

#[tokio::test]
async fn a_library_for_another_machine_or_major_is_refused() {
    let server = TestServer::start().await;
    let fake = FakePostgres::new();
    for (name, fixture) in [
        ("foreign_arch", "aarch64-gnu-pg15"),
        ("foreign_libc", "x86_64-musl-pg15"),
        ("foreign_major", "x86_64-gnu-pg16"),
    ] {
        fake.library_extension(name, "1.0");
        fake.library(name, fixture);
        fake.library(&format!("module_{name}"), fixture);
    }
    let report = server.import(fake.installation()).await;
    let platform = TestServer::portable(&reasons(&report).join("\n"));
    insta::assert_snapshot!(platform);
    assert!(report.outcomes.is_empty(), "nothing is published under a wrong label");
}

#[tokio::test]
async fn again_is_nothing_new_and_a_rebuilt_library_is_a_further_build() {
    let server = TestServer::start().await;
    let fake = FakePostgres::new();
    fake.library_extension("hstore", "1.8");
    assert_eq!(server.import(fake.installation()).await.count(Outcome::Added), 1);
    assert_eq!(server.import(fake.installation()).await.count(Outcome::Unchanged), 1);

    // Debian's next security update: other bytes under the same version.
    let mut library = fs::read(fake.path("lib/hstore.so")).expect("readable");
    library.extend(b"rebuilt");
    fs::write(fake.path("lib/hstore.so"), library).expect("written");
    assert_eq!(server.import(fake.installation()).await.count(Outcome::Rebuilt), 1);
    assert_eq!(server.import(fake.installation()).await.count(Outcome::Unchanged), 1);

    let package = server.registry.package(Viewer::Anonymous, &name("hstore"), None, None).await.expect("there");
    let builds: Vec<(i32, bool)> =
        package.release.artifacts.iter().map(|artifact| (artifact.build, artifact.is_newest)).collect();
    assert_eq!(builds, [(2, true), (1, false)]);
    let address = |artifact: &registry::ArtifactDetails| {
        format!("/api/v1/packages/hstore/1.8.0/artifacts/15/{}?sha256={}", artifact.platform, artifact.sha256)
    };
    for artifact in &package.release.artifacts {
        let response = server.get(&address(artifact)).await;
        assert_eq!(response.status(), 200, "build {} stays reachable by its digest", artifact.build);
    }
    let newest = server
        .get(&format!("/api/v1/packages/hstore/1.8.0/artifacts/15/{}", package.release.artifacts[0].platform))
        .await;
    assert_eq!(newest.headers()["etag"], format!("\"{}\"", package.release.artifacts[0].sha256).as_str());
}

#[tokio::test]
async fn several_installations_make_several_files_or_releases() {
    let server = TestServer::start().await;
    let (older, newer) = (FakePostgres::new(), FakePostgres::with_version("16.14"));
    for fake in [&older, &newer] {
        fake.sql_extension("same", "1.0", "");
        fake.library("auth_delay", "x86_64-gnu-pg15");
    }
    newer.library("auth_delay", "x86_64-gnu-pg16");
    older.sql_extension("moving", "1.0", "");
    newer.sql_extension("moving", "1.1", "");
    let installations = vec![older.installation(), newer.installation()];
    let report = server.registry.import(installations, server.data.temporary(), |_| {}).await.expect("imported");
    assert_eq!((report.count(Outcome::Added), report.count(Outcome::FileAdded)), (5, 1));

    let majors = |package: registry::PackageDetails| {
        package
            .release
            .artifacts
            .iter()
            .filter_map(|artifact| artifact.postgres_major)
            .map(PostgresMajor::number)
            .collect::<Vec<_>>()
    };
    let package = |text: &'static str, major: Option<&'static str>| {
        let registry = server.registry.clone();
        async move {
            let major = major.map(|major| major.parse().expect("a major"));
            registry.package(Viewer::Anonymous, &name(text), None, major).await.expect("there")
        }
    };
    assert_eq!(majors(package("same", None).await), [16, 15], "one release for both");
    assert_eq!(package("moving", None).await.release.version.to_string(), "1.1.0");
    assert_eq!(
        package("moving", Some("15")).await.release.version.to_string(),
        "1.0.0",
        "current is a function of the major"
    );
    assert_eq!(package("auth_delay", Some("15")).await.release.version.to_string(), "15.18.0");
    let none =
        server.registry.package(Viewer::Anonymous, &name("moving"), None, Some("17".parse().expect("a major"))).await;
    assert!(matches!(none, Err(registry::RegistryError::NotFound)));
}

#[tokio::test]
async fn the_first_import_freezes_the_facts() {
    let server = TestServer::start().await;
    let fake = FakePostgres::new();
    fake.sql_extension("frozen", "1.0", "requires = 'plpgsql'");
    server.import(fake.installation()).await;
    fake.sql_extension("frozen", "1.0", "requires = 'other'\nsuperuser = false");
    assert_eq!(server.import(fake.installation()).await.count(Outcome::Rebuilt), 1);
    let package = server.registry.package(Viewer::Anonymous, &name("frozen"), None, None).await.expect("there");
    let extension = &package.release.extensions[0];
    assert_eq!(extension.requires.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["plpgsql"]);
    assert!(extension.needs_superuser);
}

#[tokio::test]
async fn what_is_published_cannot_be_changed_in_the_database() {
    let server = TestServer::start().await;
    let fake = FakePostgres::new();
    fake.sql_extension("fixed", "1.0", "");
    server.import(fake.installation()).await;
    for statement in [
        "update releases set version = '2.0.0'",
        "delete from releases",
        "update artifacts set build = 7",
        "delete from artifacts",
        "update extensions set version = '2'",
        "update artifact_files set size_bytes = 1",
        "update objects set state = 'removing', lease_until = now()",
        "delete from objects",
        "update packages set is_orphaned = false",
        "insert into packages (full_name, name, is_default, kind, visibility, origin, is_orphaned, created_at, updated_at)
            values ('example.org/fixed', 'FIXED', true, 'extension', 'public', 'upload', true, now(), now())",
        "insert into packages (full_name, name, is_default, kind, visibility, origin, is_orphaned, created_at, updated_at)
            values ('LOCALHOST/Fixed', 'other', true, 'extension', 'public', 'upload', true, now(), now())",
    ] {
        let result = sqlx::raw_sql(statement).execute(&server.pool).await;
        assert!(result.is_err(), "{statement}");
    }
    // A release may only change its state, and never comes back from the dead.
    for (statement, expected) in [
        ("update releases set state = 'yanked', state_changed_at = now()", true),
        ("update releases set state = 'deleted', state_changed_at = now()", true),
        ("update releases set state = 'active'", false),
    ] {
        assert_eq!(sqlx::raw_sql(statement).execute(&server.pool).await.is_ok(), expected, "{statement}");
    }
    let deleted = server
        .registry
        .package(Viewer::Anonymous, &name("fixed"), Some(&"1.0.0".parse::<Version>().expect("a version")), None)
        .await;
    assert!(matches!(deleted, Err(registry::RegistryError::NotFound)));
}

#[test]
fn an_installation_that_cannot_be_read_says_why() {
    let fake = FakePostgres::new();
    assert!(matches!(Installation::read(&fake.path("bin/nothing")), Err(InstallationError::Run { .. })));
    fake.write("bin/pg_config", "#!/bin/sh\necho 'VERSION = PostgreSQL 9.6.24'\n");
    assert!(matches!(Installation::read(&fake.pg_config()), Err(InstallationError::Answer { .. })));
    fake.write("bin/pg_config", "#!/bin/sh\necho broken >&2; exit 3\n");
    let error = Installation::read(&fake.pg_config()).expect_err("refused").to_string();
    assert!(error.contains("broken"), "{error}");
}
