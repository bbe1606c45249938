//! The unmodified `trunk` command against a running registry, as its users run it.

use std::{
    fs,
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use reqwest::{Method, Url};
use tempfile::TempDir;

use crate::support::{
    Options, Said as _, ScratchPostgres, TestServer, TrunkArchive, accessible_directory, is_root, variable,
};

/// Where somebody without any rights works with the command.
struct Workplace {
    directory: TempDir,
    user: Option<u32>,
}

impl Workplace {
    fn new() -> Self {
        let directory = accessible_directory();
        let trunk = directory.path().join("trunk");
        fs::copy(variable("TRUNK_COMMAND", "scripts/with-clients"), &trunk).expect("the command");
        fs::set_permissions(&trunk, fs::Permissions::from_mode(0o755)).expect("permissions");
        // "nobody", on every Linux.
        let user = is_root().then_some(65534);
        let home = directory.path().join("home");
        fs::create_dir(&home).expect("a directory");
        if let Some(user) = user {
            std::os::unix::fs::chown(&home, Some(user), Some(user)).expect("chown");
        }
        Self { directory, user }
    }

    fn home(&self) -> PathBuf {
        self.directory.path().join("home")
    }

    /// Runs the command in the home directory.
    async fn trunk(&self, arguments: &[&str], token: Option<&str>) -> Output {
        let mut command = Command::new(self.directory.path().join("trunk"));
        command
            .args(arguments)
            .current_dir(self.home())
            .env_clear()
            .env("HOME", self.home())
            .env("PATH", "/usr/bin:/bin");
        command.stdin(Stdio::null());
        if let Some(token) = token {
            command.env("TRUNK_API_TOKEN", token);
        }
        if let Some(user) = self.user {
            command.uid(user).gid(user);
        }
        tokio::task::spawn_blocking(move || command.output().expect("the command runs")).await.expect("it ended")
    }

    async fn publish(&self, server: &TestServer, token: &str, archive: &TrunkArchive) -> Output {
        let (name, version) = (&archive.manifest.name, &archive.manifest.version);
        let file = self.home().join(format!("{name}-{version}-pg{}.tar.gz", archive.manifest.pg_version));
        fs::write(&file, archive.bytes()).expect("written");
        let file = file.to_string_lossy().into_owned();
        let arguments = [
            "publish",
            name,
            "--version",
            version,
            "--file",
            &file,
            "--license",
            "PostgreSQL",
            "--registry",
            server.base(),
        ];
        self.trunk(&arguments, Some(token)).await
    }

    /// Installs into the trees of a PostgreSQL, which its user may change.
    async fn install(&self, registry: &str, postgres: &ScratchPostgres, arguments: &[&str]) -> Output {
        let pg_config = postgres.pg_config().to_string_lossy().into_owned();
        for directory in [&postgres.share, &postgres.share.join("extension"), &postgres.library] {
            if let Some(user) = self.user {
                std::os::unix::fs::chown(directory, Some(user), Some(user)).expect("chown");
            }
        }
        let all: Vec<&str> =
            ["install", "--registry", registry, "--pg-config", &pg_config].iter().chain(arguments).copied().collect();
        self.trunk(&all, None).await
    }
}

/// Builds an extension of the fixtures with PGXS and packs what `make install` installs, as `trunk build` does.
fn built(name: &str, postgres: &ScratchPostgres, major: u8) -> TrunkArchive {
    let directory = tempfile::tempdir().expect("a directory");
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    for entry in fs::read_dir(sources).expect("sources") {
        let entry = entry.expect("an entry");
        fs::copy(entry.path(), directory.path().join(entry.file_name())).expect("copied");
    }
    let stage = directory.path().join("stage");
    let output = Command::new("make")
        .current_dir(&directory)
        .arg("install")
        .arg(format!("PG_CONFIG={}", postgres.pg_config().display()))
        .arg(format!("DESTDIR={}", stage.display()))
        // Those of the build lack what other compilers need.
        .arg("CFLAGS=-O2 -fPIC")
        .arg("with_llvm=no")
        .output()
        .expect("make runs");
    assert!(output.status.success(), "{}", output.said());
    let mut archive = TrunkArchive::empty(name, "1.0.0").for_postgres(major);
    let staged = |path: &Path| stage.join(path.strip_prefix("/").expect("an absolute path"));
    let libraries = staged(&postgres.library);
    if libraries.exists() {
        let library = fs::read(libraries.join(format!("{name}.so"))).expect("a library");
        archive = archive.with(&format!("{name}.so"), &library);
    }
    for file in [format!("{name}.control"), format!("{name}--1.0.0.sql")] {
        let content = fs::read(staged(&postgres.share).join("extension").join(&file)).expect("installed");
        archive = archive.with(&format!("extension/{file}"), &content);
    }
    archive
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn extensions_go_from_publishing_to_create_extension() {
    let server = TestServer::start_reachable().await;
    let token = server.token("ada").await;
    let workplace = Workplace::new();
    let mut installations: Vec<(u8, ScratchPostgres)> =
        [16, 18].map(|major| (major, ScratchPostgres::relocatable(major))).into();
    for (major, postgres) in &installations {
        for name in ["sample_c", "sample_sql"] {
            let output = workplace.publish(&server, token.reveal(), &built(name, postgres, *major)).await;
            assert!(
                output.said().contains(&format!("Successfully published extension {name} version 1.0.0")),
                "{}",
                output.said()
            );
        }
    }
    server.settle().await;
    let page = server.get("/packages/sample_c").await.text().await.expect("a page");
    assert!(page.contains("Says for which major it was built"), "the page shows it");

    for (major, postgres) in &mut installations {
        let number = major.to_string();
        // The command knows no major after 17 by itself.
        let asked: &[&str] = if *major > 17 { &["sample_sql", "--pg-version", &number] } else { &["sample_sql"] };
        let output = workplace.install(server.base(), postgres, asked).await;
        assert!(output.status.success(), "PostgreSQL {major}: {}", output.said());
        postgres.restart(&[]);
        let mut connection = postgres.connect("postgres").await;
        ScratchPostgres::run(&mut connection, "create extension sample_sql cascade").await.expect("created");
        let rows = ScratchPostgres::rows(&mut connection, "select sample_major(), sample_twice()").await;
        assert_eq!(rows, [[Some(number), Some((2 * u32::from(*major)).to_string())]]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_current_is_installed_and_candidates_by_their_version() {
    let server = TestServer::start_reachable().await;
    let token = server.token("ada").await;
    let workplace = Workplace::new();
    let postgres = ScratchPostgres::relocatable(16);
    for version in ["1.0.0", "1.1.0-rc.1", "1.1.0-rc1"] {
        let output =
            workplace.publish(&server, token.reveal(), &TrunkArchive::sql("example", version).for_postgres(16)).await;
        assert!(output.said().contains("Successfully published"), "{}", output.said());
    }
    // The newest release is for another major.
    let newest = TrunkArchive::sql("example", "2.0.0").for_postgres(17);
    assert!(workplace.publish(&server, token.reveal(), &newest).await.said().contains("Successfully published"));

    let control = postgres.share.join("extension/example.control");
    let installed = || fs::read_to_string(&control).expect("installed");
    let scoped = format!("{}/for/pg16/linux-amd64", server.base());
    for (registry, arguments, version) in [
        (server.base(), vec!["example"], "1.0.0"),
        (server.base(), vec!["example", "--version", "1.1.0-rc.1"], "1.1.0-rc.1"),
        (server.base(), vec!["example", "--version", "1.1.0-rc1"], "1.1.0-rc1"),
        (&scoped, vec!["example"], "1.0.0"),
        (&format!("{}/", server.base()), vec!["example", "--version", "1.0.0"], "1.0.0"),
    ] {
        let output = workplace.install(registry, &postgres, &arguments).await;
        assert!(output.status.success(), "{arguments:?}: {}", output.said());
        assert!(installed().contains(&format!("default_version = '{version}'")), "{arguments:?}: {}", installed());
    }
    let output = workplace.install(server.base(), &postgres, &["nothing"]).await;
    assert!(!output.status.success() && output.said().contains("Found no Trunk project"), "{}", output.said());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_is_printed_and_kept_with_the_package() {
    let server = TestServer::start_reachable().await;
    let (ada, ben) = (server.token("ada").await, server.token("ben").await);
    let workplace = Workplace::new();
    let archive = TrunkArchive::sql("example", "1.0.0");
    workplace.publish(&server, ada.reveal(), &archive).await;
    let other = archive.with("extension/example--0.9.0--1.0.0.sql", b"select 1;");
    let output = workplace.publish(&server, ada.reveal(), &other).await;
    assert!(output.said().contains("published already with other bytes"), "{}", output.said());
    assert!(output.status.success(), "the command ends as if all were well");
    let foreign = TrunkArchive::sql("example", "1.1.0");
    let output = workplace.publish(&server, ben.reveal(), &foreign).await;
    assert!(output.said().contains("belongs to somebody else"), "{}", output.said());
    let package = server
        .registry
        .package(registry::Viewer::Anonymous, &"example".parse().expect("a name"), None, None)
        .await
        .expect("a package");
    let refusals = server.registry.refusals(package.package_id, 10).await.expect("refusals");
    let kept: Vec<_> = refusals
        .iter()
        .map(|refusal| (refusal.by.as_str(), refusal.version.as_deref().unwrap_or_default(), refusal.code.as_str()))
        .collect();
    assert_eq!(kept, [("ben", "", "not-an-owner"), ("ada", "1.0.0", "version-exists")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_compiled_is_installed_into_the_postgres_of_the_machine() {
    let server = TestServer::start_reachable().await;
    let token = server.token("ada").await;
    let workplace = Workplace::new();
    let mut postgres = ScratchPostgres::new(&[]);
    let version = std::process::Command::new(postgres.pg_config()).arg("--version").output().expect("pg_config runs");
    let major = model::PostgresMajor::from_version_text(&String::from_utf8_lossy(&version.stdout)).expect("a major");
    let archive = TrunkArchive::sql("example", "1.0.0").for_postgres(major.number());
    let output = workplace.publish(&server, token.reveal(), &archive).await;
    assert!(output.said().contains("Successfully published"), "{}", output.said());
    let number = major.to_string();
    let output = workplace.install(server.base(), &postgres, &["example", "--pg-version", &number]).await;
    assert!(output.status.success(), "{}", output.said());
    postgres.restart(&[]);
    let mut connection = postgres.connect("postgres").await;
    ScratchPostgres::run(&mut connection, "create extension example").await.expect("created");
    assert_eq!(ScratchPostgres::rows(&mut connection, "select example_answer()").await, [[Some("42".to_owned())]]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_registry_that_only_some_read_is_installed_from_with_a_token() {
    let server = TestServer::start_as(Options { public_url: None, login_to_read: true, ..Options::default() }).await;
    let token = server.token("ada").await;
    let workplace = Workplace::new();
    let postgres = ScratchPostgres::new(&[]);
    let archive = TrunkArchive::sql("example", "1.0.0").for_postgres(16);
    server.published(&token, &archive).await;
    let with = |token: &str| server.base().replace("://", &format!("://me:{token}@"));
    let control = postgres.share.join("extension/example.control");
    let arguments = ["example", "--pg-version", "16"];
    workplace.install(server.base(), &postgres, &arguments).await;
    assert!(!control.exists(), "nobody has asked by whom");
    let output = workplace.install(&with(token.reveal()), &postgres, &arguments).await;
    assert!(output.status.success() && control.exists(), "{}", output.said());
    // What stands in the address of a file is good for files, for a while, and as long as its owner is.
    let list = server.request(Method::GET, "/api/v1/trunk-projects/example").bearer_auth(token.reveal());
    let list: serde_json::Value = list.send().await.expect("an answer").json().await.expect("JSON");
    let link: Url = list[0]["downloads"][0]["link"].as_str().expect("a link").parse().expect("an address");
    assert!(!link.username().is_empty() && !link.as_str().contains(token.reveal()), "{link}");
    let with_ticket = async |path: &str| {
        let request = server.request(Method::GET, path).basic_auth(link.username(), None::<&str>);
        request.send().await.expect("an answer").status().as_u16()
    };
    assert_eq!(with_ticket(link.path()).await, 200);
    assert_eq!(server.get(link.path()).await.status(), 401);
    for path in ["/api/v1/trunk-projects/example", "/api/v1/packages", "/extensions/all"] {
        assert_eq!(with_ticket(path).await, 401, "{path}");
    }
    let change = async |statement: &str| {
        sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&server.pool).await.expect("changed");
        with_ticket(link.path()).await
    };
    assert_eq!(change("update accounts set locked_at = now(), lock_reason = 'x'").await, 401);
    assert_eq!(change("update accounts set locked_at = null, lock_reason = null").await, 200);
    assert_eq!(change("update reading_tickets set expires_at = '2026-01-01'").await, 401);
}

/// The examples for curl that its registry's README has, but for the address.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_examples_for_curl_work() {
    let server = TestServer::start_reachable().await;
    let token = server.token("ada").await;
    let workplace = Workplace::new();
    let archive = TrunkArchive::sql("pgmq", "0.5.0");
    fs::write(workplace.home().join("pgmq-0.5.0.tar.gz"), archive.bytes()).expect("written");
    let run = async |line: &str| {
        let line = line.replace("http://localhost:8080", server.base());
        let mut command = Command::new("bash");
        command.arg("-c").arg(line).current_dir(workplace.home()).env("TOKEN", token.reveal());
        let output = tokio::task::spawn_blocking(move || command.output().expect("bash runs")).await.expect("ended");
        assert!(output.status.success(), "{}", output.said());
        String::from_utf8(output.stdout).expect("text")
    };
    let publish = r#"curl -F metadata='{\
"name": "pgmq", \
"vers": "0.5.0", \
"description": "Message queue for Postgres", \
"documentation": "https://github.com/tembo-io/coredb/tree/main/pgmq/extension", \
"repository": "https://github.com/tembo-io/coredb/tree/main/pgmq/extension", \
"license": "Apache-2.0", \
"homepage": "https://coredb.io"}' \
-F file=@./pgmq-0.5.0.tar.gz --url 'http://localhost:8080/extensions/new'"#;
    let refused = run(publish).await;
    assert!(refused.contains("a token is needed") && refused.contains("Authorization: Bearer"), "{refused}");
    let published = run(&format!("{publish} -H \"Authorization: Bearer ${{TOKEN}}\"")).await;
    assert!(published.starts_with("Successfully published extension pgmq version 0.5.0"), "{published}");
    let all = run("curl --request GET --url 'http://localhost:8080/extensions/all'").await;
    assert!(all.contains("\"name\":\"pgmq\"") && all.contains("Message queue for Postgres"), "{all}");
    let link = run("curl --request GET --url 'http://localhost:8080/extensions/pgmq/0.5.0/download'").await;
    assert!(link.starts_with(server.base()) && link.ends_with(".tar.gz"), "{link}");
    let issued =
        run(r#"curl --request POST -H "Authorization: Bearer ${TOKEN}" --url 'http://localhost:8080/token/new'"#).await;
    assert!(issued.parse::<registry::Token>().is_ok(), "a token and nothing else");
}
