//! The PostgreSQL that comes with the program, seen from outside.

use std::{
    fs,
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    path::Path,
};

use registry::{DataDirectory, PrivatePostgres, PrivatePostgresError};
use rustix::process::{Pid, Signal, test_kill_process};
use sqlx::{Connection as _, PgConnection};

use crate::support::{
    FakePostgres, Program, Said as _, accessible_directory, free_port, installed_bindir, is_root, program, wait_until,
};

fn postmaster(data: &Path) -> Option<Pid> {
    let file = fs::read_to_string(data.join("postgres/postmaster.pid")).ok()?;
    Pid::from_raw(file.lines().next()?.trim().parse().ok()?)
}

fn runs(pid: Pid) -> bool {
    // A killed child of a dead parent is reaped by init.
    test_kill_process(pid).is_ok()
        && fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).is_ok_and(|stat| !stat.contains(") Z "))
}

fn site(directory: &Path) -> std::path::PathBuf {
    let site = directory.join("site");
    fs::create_dir_all(site.join("pkg")).expect("a directory");
    site
}

fn answers(port: u16, path: &str) -> bool {
    use std::io::{Read as _, Write as _};
    let Ok(mut stream) = std::net::TcpStream::connect(("127.0.0.1", port)) else { return false };
    let _ = stream.set_read_timeout(Some(std::time::Duration::from_secs(5)));
    let _ = write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer.starts_with("HTTP/1.1 200")
}

fn serve(directory: &Path, port: u16) -> Program {
    let mut command = program(directory);
    command.args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--site-root"]).arg(site(directory));
    Program::start(command, directory)
}

#[test]
fn a_killed_server_finds_its_postgres_again() {
    let directory = accessible_directory();
    let data = directory.path().join("data");
    let port = free_port();
    let mut first = serve(directory.path(), port);
    wait_until("the first start", 60, || answers(port, "/readyz"));
    let before = postmaster(&data).expect("a postmaster");
    first.kill();
    assert!(runs(before), "PostgreSQL survives its owner");

    let second = serve(directory.path(), port);
    wait_until("the second start", 10, || answers(port, "/readyz"));
    assert_eq!(postmaster(&data), Some(before), "it was adopted, not started again");
    assert!(second.messages().contains("adopted"), "{}", second.messages());
    drop(second);
    wait_until("the end of PostgreSQL", 20, || !runs(before));
}

#[test]
fn a_command_beside_a_running_server_attaches_and_leaves_it_running() {
    let directory = accessible_directory();
    let data = directory.path().join("data");
    let port = free_port();
    let server = serve(directory.path(), port);
    wait_until("the start", 60, || answers(port, "/readyz"));
    let before = postmaster(&data).expect("a postmaster");
    let fake = FakePostgres::new();
    fake.sql_extension("beside", "1.0", "");
    let output =
        program(directory.path()).args(["import", "local", "--pg-config"]).arg(fake.pg_config()).output().expect("run");
    assert!(output.status.success(), "{}", output.said());
    assert!(runs(before) && postmaster(&data) == Some(before));
    wait_until("the package on the running server", 2, || answers(port, "/packages/beside"));
    drop(server);
}

#[test]
fn a_killed_postgres_is_started_again() {
    let directory = accessible_directory();
    let data = directory.path().join("data");
    let port = free_port();
    let server = serve(directory.path(), port);
    wait_until("the start", 60, || answers(port, "/readyz"));
    let before = postmaster(&data).expect("a postmaster");
    rustix::process::kill_process(before, Signal::KILL).expect("killed");
    wait_until("another postmaster", 60, || {
        postmaster(&data).is_some_and(|pid| pid != before) && answers(port, "/readyz")
    });
    assert!(server.messages().contains("starting it again"), "{}", server.messages());
}

#[test]
fn a_second_start_is_quick() {
    let directory = accessible_directory();
    let port = free_port();
    for _ in 0..2 {
        let server = serve(directory.path(), port);
        wait_until("a start", 60, || answers(port, "/readyz"));
        drop(server);
    }
    let started = std::time::Instant::now();
    let _server = serve(directory.path(), port);
    wait_until("a quick start", 10, || answers(port, "/readyz"));
    assert!(started.elapsed().as_secs() < 10);
}

#[tokio::test]
async fn only_its_owner_can_connect_and_only_over_its_socket() {
    let directory = accessible_directory();
    let data = DataDirectory::open(directory.path()).expect("a directory");
    let postgres = PrivatePostgres::open(&data, None).await.expect("a PostgreSQL");
    let mut session = PgConnection::connect_with(&postgres.options()).await.expect("a session");
    let shown = |name: &'static str| sqlx::query_scalar::<_, String>("select current_setting($1)").bind(name);
    assert_eq!(shown("listen_addresses").fetch_one(&mut session).await.expect("a row"), "");
    let encoding =
        "select pg_encoding_to_char(encoding) || ' ' || datcollate from pg_database where datname = current_database()";
    let encoding = sqlx::query_scalar::<_, String>(encoding).fetch_one(&mut session).await.expect("a row");
    assert_eq!(encoding, "UTF8 C.UTF-8");
    let wrong = PgConnection::connect_with(&postgres.options().password("wrong")).await;
    assert!(wrong.is_err(), "the password is asked for");
    let mode = |path: &str| fs::metadata(data.path().join(path)).expect("there").permissions().mode() & 0o777;
    assert_eq!((mode("postgres.password"), mode("run"), mode("postgres")), (0o600, 0o700, 0o700));
    session.close().await.expect("closed");
    postgres.stop().await;
}

#[tokio::test]
async fn a_path_that_is_too_long_for_a_socket_works_all_the_same() {
    let directory = accessible_directory();
    let long = directory.path().join("d".repeat(60)).join("e".repeat(60));
    fs::create_dir_all(&long).expect("created");
    for path in [long.parent().expect("a parent"), &long] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o711)).expect("permissions");
    }
    let data = DataDirectory::open(&long).expect("a directory");
    let postgres = PrivatePostgres::open(&data, None).await.expect("a PostgreSQL");
    let session = PgConnection::connect_with(&postgres.options()).await.expect("a session");
    session.close().await.expect("closed");
    postgres.stop().await;
}

#[tokio::test]
async fn what_only_a_person_can_mend_is_said_with_the_next_step() {
    let directory = accessible_directory();
    let data = DataDirectory::open(directory.path()).expect("a directory");
    let empty = tempfile::tempdir().expect("a directory");
    let error = PrivatePostgres::open(&data, Some(empty.path())).await.expect_err("no programs");
    assert!(
        matches!(error, PrivatePostgresError::NoBinaries) && error.to_string().contains("apt-get install postgresql")
    );

    fs::create_dir(data.path().join("postgres")).expect("created");
    fs::write(data.path().join("postgres/PG_VERSION"), "9.6\n").expect("written");
    let error = PrivatePostgres::open(&data, None).await.expect_err("another version").to_string();
    assert!(error.contains("PostgreSQL 9.6") && error.contains("--data-dir"), "{error}");
}

#[test]
fn a_server_that_cannot_start_says_why_in_one_line() {
    let directory = accessible_directory();
    let said = |command: &mut std::process::Command| {
        let output = command.output().expect("run");
        assert_eq!(output.status.code(), Some(1), "{}", output.said());
        let said = output.said();
        let lines: Vec<&str> = said.lines().filter(|line| line.starts_with("pginstall: ")).collect();
        assert_eq!(lines.len(), 1, "{said}");
        lines[0].to_owned()
    };
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let text = said(
        program(directory.path()).args(["serve", "--listen", &address, "--site-root"]).arg(site(directory.path())),
    );
    assert!(text.contains("--listen") && text.contains(&address), "{text}");
    let text = said(program(directory.path()).args(["serve", "--site-root", "/nowhere"]));
    assert!(text.contains("--site-root") && text.contains("make site"), "{text}");
    fs::write(directory.path().join("file"), "").expect("written");
    let text = said(program(directory.path()).args(["check", "--data-dir"]).arg(directory.path().join("file/below")));
    assert!(text.contains("--data-dir"), "{text}");
    let text = said(program(directory.path()).args(["migrate", "--database-url", "postgresql://x@127.0.0.1:1/x"]));
    assert!(text.contains("the database cannot be"), "{text}");
    let text = said(program(directory.path()).args(["serve", "--listen", "nonsense"]));
    assert!(text.contains("listen") && text.contains("nonsense"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_waits_for_a_database_that_comes_later() {
    let (directory, elsewhere) = (accessible_directory(), accessible_directory());
    let data = DataDirectory::open(elsewhere.path()).expect("a directory");
    PrivatePostgres::open(&data, None).await.expect("a PostgreSQL").stop().await;
    let password = fs::read_to_string(data.path().join("postgres.password")).expect("a password");
    let url =
        format!("postgresql://pginstall:{password}@localhost/pginstall?host={}", data.path().join("run").display());
    let port = free_port();
    let mut command = program(directory.path());
    command
        .env("DATABASE_URL", url)
        .args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--site-root"])
        .arg(site(directory.path()));
    let server = Program::start(command, directory.path());
    tokio::task::block_in_place(|| wait_until("the start", 20, || answers(port, "/healthz")));
    let status = || reqwest::get(format!("http://127.0.0.1:{port}/packages"));
    let page = status().await.expect("an answer");
    assert_eq!(page.status(), 503);
    assert!(page.text().await.expect("text").contains("cannot reach its database"));
    assert!(server.messages().contains("trying again until it can"), "{}", server.messages());
    let postgres = PrivatePostgres::open(&data, None).await.expect("a PostgreSQL");
    tokio::task::block_in_place(|| wait_until("pages", 15, || answers(port, "/packages")));
    drop(server);
    postgres.stop().await;
}

/// Everything again as somebody who is not root, if the tests run as root; otherwise all of them did.
#[test]
fn it_works_without_being_root() {
    if !is_root() {
        return;
    }
    let directory = accessible_directory();
    let id = |option: &str| -> u32 {
        let output = std::process::Command::new("id").args([option, "nobody"]).output().expect("id runs");
        String::from_utf8_lossy(&output.stdout).trim().parse().expect("an id")
    };
    let (user, group) = (id("-u"), id("-g"));
    // A copy of the program, and a home, that the user may enter.
    let binary = directory.path().join("pginstall");
    fs::copy(env!("CARGO_BIN_EXE_pginstall"), &binary).expect("copied");
    let home = directory.path().join("home");
    fs::create_dir(&home).expect("created");
    std::os::unix::fs::chown(&home, Some(user), Some(group)).expect("chown");
    let as_user = |arguments: &[&str]| {
        let mut command = std::process::Command::new(&binary);
        command
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", &home)
            .current_dir("/")
            .uid(user)
            .gid(group)
            .args(arguments);
        command
    };
    let pg_config = installed_bindir().join("pg_config");
    let output = as_user(&["import", "local", "--pg-config", &pg_config.to_string_lossy()]).output().expect("run");
    assert!(output.status.success(), "{}", output.said());
    assert!(home.join(".local/share/pginstall/postgres/PG_VERSION").exists(), "in the user's own data folder");
    let output = as_user(&["check"]).output().expect("run");
    assert!(output.status.success() && output.said().contains("all is well"), "{}", output.said());
}
