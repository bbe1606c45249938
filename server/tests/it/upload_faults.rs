//! Uploads that are large, and servers that die in the middle of them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use sha2::Digest as _;

use crate::support::{
    Part, Program, Said as _, TrunkArchive, accessible_directory, free_port, multipart, program, wait_until,
};

/// A server with a directory of its own, and a token for it.
struct Served {
    directory: tempfile::TempDir,
    port: u16,
    token: String,
    running: Option<Program>,
    /// Where its objects are, if not in its directory.
    store: Vec<(&'static str, String)>,
}

impl Served {
    fn new() -> Self {
        Self::with_store(Vec::new())
    }

    /// The same with variables that name another store.
    fn with_store(store: Vec<(&'static str, String)>) -> Self {
        let directory = accessible_directory();
        let run = |arguments: &[&str]| {
            let mut command = program(directory.path());
            let output = command.envs(store.clone()).args(arguments).output().expect("run");
            assert!(output.status.success(), "{}", output.said());
            String::from_utf8(output.stdout).expect("text").trim().to_owned()
        };
        run(&["admin", "create-account", "ada", "--email", "ada@example.org"]);
        let token = run(&["admin", "create-token", "ada"]);
        let site = directory.path().join("site");
        fs::create_dir_all(site.join("pkg")).expect("a directory");
        fs::write(site.join("pkg/pginstall.css"), "body {}").expect("written");
        let mut served = Self { directory, port: free_port(), token, running: None, store };
        served.start();
        served
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn start(&mut self) {
        let mut command: Command = program(self.path());
        command.envs(self.store.clone());
        command.arg("serve").arg("--listen").arg(format!("127.0.0.1:{}", self.port));
        command.arg("--public-url").arg(self.base()).arg("--site-root").arg(self.path().join("site"));
        self.running = Some(Program::start(command, self.path()));
        self.wait_until_ready();
    }

    fn wait_until_ready(&mut self) {
        let (port, running) = (self.port, self.running.as_mut().expect("started"));
        wait_until("the server's readiness", 60, || {
            assert!(!running.has_ended(), "the server ended: {}", running.messages());
            is_ready(port)
        });
    }

    fn kill(&mut self) {
        self.running.take().expect("running").kill();
    }

    fn postmaster(&self) -> Option<Pid> {
        let file = fs::read_to_string(self.path().join("data/postgres/postmaster.pid")).ok()?;
        Pid::from_raw(file.lines().next()?.trim().parse().ok()?)
    }

    /// How long a publication takes on this machine as it is now, so that what happens in the middle of one is in its middle.
    async fn usual(&self) -> Duration {
        let begin = Instant::now();
        publish_on(self.base(), self.token.clone(), 1000, Arc::default(), 1).await;
        begin.elapsed()
    }

    fn check(&self, after: &str) {
        let output = program(self.path()).envs(self.store.clone()).arg("check").output().expect("run");
        let said = output.said();
        assert!(output.status.success() && said.contains("all is well"), "{after}: {said}");
    }
}

fn is_ready(port: u16) -> bool {
    let answer = Command::new("curl").args(["-fs", "-m", "5", &format!("http://127.0.0.1:{port}/readyz")]).output();
    answer.is_ok_and(|answer| answer.status.success())
}

/// An archive that takes a moment to be published: its bytes do not compress.
fn archive(name: &str) -> TrunkArchive {
    let mut content = vec![0; 2 << 20];
    rand::fill(&mut content[..]);
    TrunkArchive::sql(name, "1.0.0").with("data/noise.bin", &content)
}

/// Publishes one archive after the other and notes those that were acknowledged, until the server is gone or `stop` is set.
async fn publish_on(base: String, token: String, round: usize, acknowledged: Arc<Mutex<Vec<String>>>, most: usize) {
    let client = reqwest::Client::new();
    for number in 0..most {
        let name = format!("example_{round}_{number}");
        let archive = archive(&name);
        let (metadata, bytes) = (archive.metadata().to_string(), archive.bytes());
        let token = Some(token.as_str());
        let body = multipart(&[
            Part { name: "metadata", token, content: metadata.as_bytes() },
            Part { name: "file", token, content: &bytes },
        ]);
        let answer = client
            .post(format!("{base}/extensions/new"))
            .header("content-type", "multipart/form-data; boundary=boundary")
            .body(body)
            .send()
            .await;
        match answer {
            Ok(answer) if answer.status() == 200 => {
                acknowledged.lock().expect("not poisoned").push(hex::encode(sha2::Sha256::digest(&bytes)));
            }
            Ok(answer) => assert!(answer.status().is_server_error(), "{}", answer.status()),
            Err(_) => return,
        }
    }
}

/// Every file that is listed can be fetched and is what the list says; every acknowledged one is listed.
async fn compare(base: &str, acknowledged: &[String], after: &str) -> usize {
    let projects: Value =
        reqwest::get(format!("{base}/api/v1/trunk-projects")).await.expect("an answer").json().await.expect("JSON");
    let mut listed = Vec::new();
    for project in projects.as_array().expect("a list") {
        for download in project["downloads"].as_array().expect("a list") {
            let link = download["link"].as_str().expect("a link");
            let bytes = reqwest::get(link).await.expect("an answer").bytes().await.expect("bytes");
            let digest = hex::encode(sha2::Sha256::digest(&bytes));
            assert_eq!(digest, download["sha256"].as_str().expect("a digest"), "{after}: {link}");
            listed.push(digest);
        }
    }
    for digest in acknowledged {
        assert!(listed.contains(digest), "{after}: a file that was acknowledged is gone");
    }
    projects.as_array().map_or(0, Vec::len)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_in_the_middle_of_an_upload_leaves_all_of_it_or_nothing() {
    let mut served = Served::new();
    let acknowledged: Arc<Mutex<Vec<String>>> = Arc::default();
    let mut unacknowledged = 0;
    let usual = served.usual().await;
    for round in 0..20 {
        let before = acknowledged.lock().expect("not poisoned").len();
        let publishing =
            tokio::spawn(publish_on(served.base(), served.token.clone(), round, acknowledged.clone(), 1000));
        moment_within(3 * usual).await;
        served.kill();
        publishing.await.expect("ended");
        unacknowledged += usize::from(acknowledged.lock().expect("not poisoned").len() == before);
        served.start();
        let known = acknowledged.lock().expect("not poisoned").clone();
        compare(&served.base(), &known, &format!("round {round}")).await;
    }
    let known = acknowledged.lock().expect("not poisoned").clone();
    assert!(!known.is_empty() && unacknowledged < 20, "some were published before the server was killed");
    served.kill();
    served.check("at the end");
    let left = fs::read_dir(served.path().join("data/tmp")).expect("readable").count();
    served.start();
    let kept = fs::read_dir(served.path().join("data/tmp")).expect("readable").count();
    assert!(kept <= left, "what was spooled does not grow");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_of_the_database_in_the_middle_of_an_upload_loses_nothing() {
    let mut served = Served::new();
    let acknowledged: Arc<Mutex<Vec<String>>> = Arc::default();
    let usual = served.usual().await;
    for round in 0..10 {
        let publishing = tokio::spawn(publish_on(served.base(), served.token.clone(), round, acknowledged.clone(), 6));
        moment_within(3 * usual).await;
        if let Some(pid) = served.postmaster() {
            let _ = kill_process(pid, Signal::KILL);
        }
        publishing.await.expect("ended");
        served.wait_until_ready();
        let known = acknowledged.lock().expect("not poisoned").clone();
        compare(&served.base(), &known, &format!("round {round}")).await;
    }
    assert!(!acknowledged.lock().expect("not poisoned").is_empty());
    served.check("at the end");
}

/// The S3 server that the next test kills: a process of its own, which this same program becomes.
#[test]
#[ignore = "it serves until it is killed"]
fn s3_process() {
    let (Ok(directory), Ok(address)) = (std::env::var("S3_DIRECTORY"), std::env::var("S3_ADDRESS")) else {
        panic!("it serves a directory at an address, which other tests name");
    };
    s3_server::serve(Path::new(&directory), address.parse().expect("an address"));
}

fn start_s3(directory: &Path, port: u16) -> Program {
    let mut command = Command::new(std::env::current_exe().expect("a path"));
    command.args(["--exact", "upload_faults::s3_process", "--ignored"]);
    command.env("S3_DIRECTORY", directory.join("s3")).env("S3_ADDRESS", format!("127.0.0.1:{port}"));
    let running = Program::start(command, directory);
    wait_until("the S3 server", 60, || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
    running
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_of_the_s3_server_in_the_middle_of_an_upload_leaves_all_of_it_or_nothing() {
    let directory = accessible_directory();
    let port = free_port();
    let mut s3 = start_s3(directory.path(), port);
    let mut store = s3_server::environment(format!("http://127.0.0.1:{port}")).to_vec();
    store.push(("S3_BUCKET", s3_server::BUCKET.to_owned()));
    let mut served = Served::with_store(store);
    let acknowledged: Arc<Mutex<Vec<String>>> = Arc::default();
    let usual = served.usual().await;
    for round in 0..15 {
        let publishing = tokio::spawn(publish_on(served.base(), served.token.clone(), round, acknowledged.clone(), 4));
        moment_within(3 * usual).await;
        // Ten times the S3 server, and the one that talks to it five times.
        if round % 3 == 2 {
            served.kill();
            publishing.await.expect("ended");
            served.start();
        } else {
            s3.kill();
            publishing.await.expect("ended");
            s3 = start_s3(directory.path(), port);
            served.wait_until_ready();
        }
        let known = acknowledged.lock().expect("not poisoned").clone();
        compare(&served.base(), &known, &format!("round {round}")).await;
    }
    assert!(!acknowledged.lock().expect("not poisoned").is_empty());
    served.kill();
    served.check("at the end");
}

/// Waits until some moment before `longest` has gone by.
async fn moment_within(longest: Duration) {
    tokio::time::sleep(longest.mul_f64(rand::random_range(0.05..1.0))).await;
}

fn memory(program: &Program, key: &str) -> u64 {
    memory_of(program.id(), key)
}

fn memory_of(process: u32, key: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("readable");
    let line = status.lines().find_map(|line| line.strip_prefix(key)).expect("a line");
    line.trim().trim_end_matches("kB").trim().parse::<u64>().expect("a number") * 1024
}

/// A file of the archive in a directory: half a gigabyte that does not compress.
fn large_archive(directory: &Path) -> PathBuf {
    let mut content = vec![0; 500 << 20];
    rand::fill(&mut content[..]);
    let path = directory.join("large.tar.gz");
    // Its library is as large as any that is looked at.
    let archive = TrunkArchive::library("large", "1.0.0", "x86_64-gnu-pg16").with("data/noise.bin", &content);
    let mut library = archive.file("large.so").expect("a library").to_vec();
    library.resize(23 << 20, 0);
    let archive = archive.with("large.so", &library);
    drop(content);
    archive.write(&path);
    path
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_a_gigabyte_goes_up_and_down_in_little_memory() {
    let served = Served::new();
    let file = large_archive(served.path());
    let running = served.running.as_ref().expect("running");
    // Pages of the program itself come in when they are first used, and can go at any time: they do not count.
    let before = memory(running, "RssAnon:");
    let (id, peak, done) = (running.id(), Arc::new(Mutex::new(0)), Arc::new(AtomicBool::new(false)));
    let watching = std::thread::spawn({
        let (peak, done) = (peak.clone(), done.clone());
        move || {
            while !done.load(Ordering::Relaxed) {
                let now = memory_of(id, "RssAnon:");
                let mut peak = peak.lock().expect("not poisoned");
                *peak = now.max(*peak);
                drop(peak);
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    });
    let output = Command::new("curl")
        .args(["-s", "-f", "-X", "PUT", "-T"])
        .arg(&file)
        .args(["-H", &format!("Authorization: Bearer {}", served.token)])
        .arg(format!("{}/api/v1/packages/large/1.0.0/artifacts/16/debian-12-x86_64-gnu", served.base()))
        .output()
        .expect("curl runs");
    assert!(output.status.success(), "{}", output.said());
    let published: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let back = served.path().join("back.tar.gz");
    let address = format!(
        "{}/api/v1/packages/large/1.0.0/artifacts/16/debian-12-x86_64-gnu?sha256={}",
        served.base(),
        published["sha256"].as_str().expect("a digest")
    );
    let output = Command::new("curl").args(["-s", "-f", "-o"]).arg(&back).arg(address).output().expect("curl runs");
    assert!(output.status.success(), "{}", output.said());
    let same = Command::new("cmp").arg(&file).arg(&back).status().expect("cmp runs");
    assert!(same.success(), "what came back is what went there");
    done.store(true, Ordering::Relaxed);
    watching.join().expect("ended");
    let grown = peak.lock().expect("not poisoned").saturating_sub(before);
    eprintln!("the server's memory grew by {} MB", grown >> 20);
    assert!(grown < 64 << 20, "the server's memory grew by {} MB", grown >> 20);
}
