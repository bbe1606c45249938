use std::{
    fs,
    net::TcpListener,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// The program under test, with an environment of its own.
pub(crate) fn program(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pginstall"));
    command
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("HOME", data)
        .env("PGINSTALL_CONFIG", data.join("pginstall.toml"))
        .env("PGINSTALL_DATA_DIR", data.join("data"))
        .env("RUST_LOG", "info")
        .stdin(Stdio::null());
    command
}

/// A running program that is killed, by its process id, at the end of the test.
pub(crate) struct Program {
    child: Child,
    stderr: PathBuf,
}

impl Program {
    /// Starts a command with its messages in a file.
    pub(crate) fn start(mut command: Command, directory: &Path) -> Self {
        let stderr = directory.join(format!("stderr-{}", hex::encode(rand::random::<[u8; 4]>())));
        let file = fs::File::create(&stderr).expect("a file");
        let child = command.stdout(Stdio::null()).stderr(file).spawn().expect("started");
        Self { child, stderr }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn messages(&self) -> String {
        fs::read_to_string(&self.stderr).unwrap_or_default()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        if let Some(pid) = Pid::from_raw(self.child.id().cast_signed()) {
            let _ = kill_process(pid, signal);
        }
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(Some(_)))
    }

    /// Waits for its end; its exit code, none if it was killed.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        let start = Instant::now();
        while !self.has_ended() {
            assert!(start.elapsed() < Duration::from_mins(1), "the program does not end: {}", self.messages());
            std::thread::sleep(Duration::from_millis(10));
        }
        self.child.wait().expect("ended").code()
    }

    /// Kills it without warning.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.signal(Signal::TERM);
        let start = Instant::now();
        while !self.has_ended() && start.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(10));
        }
        self.kill();
    }
}

/// A directory that the user PostgreSQL runs as may enter.
pub(crate) fn accessible_directory() -> TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o711)).expect("permissions");
    directory
}

/// A variable of the environment that a script sets.
pub(crate) fn variable(name: &str, script: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run the tests through {script}"))
}

pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port()
}

/// Asks again until the answer is yes; fails after `seconds`.
pub(crate) fn wait_until(what: &str, seconds: u64, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(seconds), "{what} did not happen within {seconds} seconds");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// What a finished command said, for assertions and messages.
pub(crate) trait Said {
    fn said(&self) -> String;
}

impl Said for Output {
    fn said(&self) -> String {
        format!("{}{}", String::from_utf8_lossy(&self.stdout), String::from_utf8_lossy(&self.stderr))
    }
}
