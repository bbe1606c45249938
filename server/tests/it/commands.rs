//! What the commands print and how they end.

use std::fs;

use crate::support::{FakePostgres, Program, Said as _, accessible_directory, free_port, is_root, program, wait_until};

#[test]
fn config_shows_where_values_come_from_and_hides_secrets() {
    let directory = tempfile::tempdir().expect("a directory");
    let config = |arguments: &[&str]| {
        let mut command = program(directory.path());
        command.env("DATABASE_URL", "postgresql://me:very-secret@db.test/x").arg("config").args(arguments);
        let output = command.output().expect("run");
        (output.status.code(), output.said())
    };
    let (code, all) = config(&[]);
    assert_eq!(code, Some(0));
    assert!(all.contains("listen = 127.0.0.1:8080  (default)"), "{all}");
    assert!(all.contains("database.url = postgresql://me:***@db.test/x  (environment variable DATABASE_URL)"), "{all}");
    assert!(!all.contains("very-secret"));

    assert_eq!(config(&["public_url", "https://extensions.test"]).0, Some(0));
    let (_, one) = config(&["public-url"]);
    assert_eq!(one, format!("public_url = https://extensions.test  ({}/pginstall.toml)\n", directory.path().display()));
    assert!(config(&["database.max_connections", "50"]).1.contains("is set in"));
    let file = fs::read_to_string(directory.path().join("pginstall.toml")).expect("a file");
    assert!(file.contains("max_connections = 50"), "{file}");

    // What the program could not work with is not written.
    for (name, value) in [
        ("public_url", "nonsense"),
        ("listen", "x"),
        ("database.max_connections", "0"),
        ("log.format", "xml"),
        ("trusted_proxies", "x"),
    ] {
        let (code, said) = config(&[name, value]);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains(name), "{said}");
    }
    assert_eq!(fs::read_to_string(directory.path().join("pginstall.toml")).expect("a file"), file);
    let (code, said) = config(&["nothing"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("there is no setting nothing"), "{said}");
}

#[test]
fn an_import_with_problems_names_them_and_ends_with_1() {
    let directory = accessible_directory();
    let fake = FakePostgres::new();
    fake.sql_extension("good", "1.0", "");
    fake.write("share/extension/bad.control", "colour = 'red'\n");
    let import = || {
        let output = program(directory.path())
            .args(["import", "local", "--pg-config"])
            .arg(fake.pg_config())
            .output()
            .expect("run");
        (output.status.code(), String::from_utf8(output.stdout).expect("text"))
    };
    let (code, said) = import();
    assert_eq!(code, Some(1));
    assert!(
        said.contains(
            "not imported: bad (PostgreSQL 15): its control file is broken: unrecognized parameter \"colour\" in line 1"
        ),
        "{said}"
    );
    assert!(said.contains("1 added, 0 files added, 0 rebuilt, 0 unchanged, 1 not imported"), "{said}");
    fs::remove_file(fake.path("share/extension/bad.control")).expect("removed");
    assert_eq!(import().0, Some(0));
    for (command, expected) in [("check", "all is well"), ("rebuild", "up to event 2"), ("migrate", "")] {
        let output = program(directory.path()).arg(command).output().expect("run");
        assert!(output.status.success() && output.said().contains(expected), "{command}: {}", output.said());
    }
}

#[test]
fn logs_are_json_and_traces_go_to_a_collector_where_that_is_wanted() {
    use std::io::{BufRead as _, BufReader, Write as _};
    let collector = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let endpoint = format!("http://{}", collector.local_addr().expect("an address"));
    let received = std::thread::spawn(move || {
        let (mut stream, _) = collector.accept().expect("a connection");
        let mut first = String::new();
        BufReader::new(&stream).read_line(&mut first).expect("a line");
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        first
    });
    let directory = accessible_directory();
    fs::create_dir_all(directory.path().join("site/pkg")).expect("a directory");
    let port = free_port();
    let mut command = program(directory.path());
    command.args([
        "serve",
        "--listen",
        &format!("127.0.0.1:{port}"),
        "--log-format",
        "json",
        "--log-otlp-endpoint",
        &endpoint,
    ]);
    command.arg("--site-root").arg(directory.path().join("site"));
    let server = Program::start(command, directory.path());
    wait_until("the start", 60, || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).expect("connected");
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").expect("sent");
    wait_until("a trace", 30, || received.is_finished());
    assert_eq!(received.join().expect("received"), "POST /v1/traces HTTP/1.1\r\n");
    let messages = server.messages();
    assert!(messages.lines().count() > 1);
    for line in messages.lines() {
        let message: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(message["level"].is_string() && message["message"].is_string(), "{line}");
    }
}

#[test]
fn a_wrong_command_line_ends_with_2() {
    let directory = tempfile::tempdir().expect("a directory");
    for arguments in [&["nothing"][..], &[], &["import"], &["serve", "--nothing"]] {
        assert_eq!(
            program(directory.path()).args(arguments).output().expect("run").status.code(),
            Some(2),
            "{arguments:?}"
        );
    }
    let help = program(directory.path()).arg("--help").output().expect("run").said();
    for flag in ["--listen", "--public-url", "--trusted-proxies", "--data-dir", "--database-url", "--log-otlp-endpoint"]
    {
        assert!(help.contains(flag), "{help}");
    }
}

/// A small file system of its own, mounted for one test.
struct SmallDisk(tempfile::TempDir);

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg(self.0.path()).output();
    }
}

#[test]
fn a_full_disk_is_said_and_nothing_half_is_left() {
    if !is_root() {
        // Only root may mount the small disk that this needs.
        return;
    }
    let directory = accessible_directory();
    let fake = FakePostgres::new();
    fake.sql_extension("small", "1.0", "");
    let import = |fake: &FakePostgres| {
        let output = program(directory.path())
            .args(["import", "local", "--pg-config"])
            .arg(fake.pg_config())
            .output()
            .expect("run");
        (output.status.code(), output.said())
    };
    assert_eq!(import(&fake).0, Some(0));

    let disk = SmallDisk(tempfile::tempdir().expect("a directory"));
    let mounted = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=256k", "tmpfs"])
        .arg(disk.0.path())
        .output();
    assert!(mounted.is_ok_and(|output| output.status.success()), "a small disk can be mounted");
    // The spool and the objects move to the small disk; the database stays.
    for name in ["tmp", "objects"] {
        let (from, to) = (directory.path().join("data").join(name), disk.0.path().join(name));
        let copied = std::process::Command::new("cp").arg("-a").arg(&from).arg(&to).output().expect("run");
        assert!(copied.status.success(), "{}", copied.said());
        fs::remove_dir_all(&from).expect("removed");
        std::os::unix::fs::symlink(&to, &from).expect("linked");
    }
    let noise: Vec<u8> =
        (0..1_000_000_u32).flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    fake.sql_extension("large", "1.0", "");
    let mut script = String::from("-- ");
    script.push_str(&hex::encode(&noise));
    fake.write("share/extension/large--1.0.sql", &script);
    let (code, said) = import(&fake);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("the object store is full; free some space and try again"), "{said}");
    let check = program(directory.path()).arg("check").output().expect("run").said();
    assert!(check.contains("all is well") && check.contains("2 events"), "{check}");
}
