//! Killed at random moments: nothing acknowledged is lost, nothing half is visible.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::{FakePostgres, Program, Said as _, accessible_directory, program, wait_until};

/// Enough to be killed in the middle of.
const EXTENSIONS: usize = 40;

fn fake() -> FakePostgres {
    let fake = FakePostgres::new();
    for number in 0..EXTENSIONS {
        fake.library_extension(&format!("extension_{number:02}"), "1.0");
    }
    fake
}

fn import(directory: &Path, fake: &FakePostgres) -> std::process::Command {
    let mut command = program(directory);
    command.args(["import", "local", "--pg-config"]).arg(fake.pg_config());
    command
}

/// Events, objects and findings by `pginstall check`, which must find nothing wrong.
fn check(directory: &Path, after: &str) -> usize {
    let output = program(directory).arg("check").output().expect("run");
    let said = output.said();
    assert!(output.status.success() && said.contains("all is well"), "{after}: {said}");
    let events = said.lines().find_map(|line| line.split_once(" events, ")).expect("a count").0.trim();
    events.parse().expect("a number")
}

/// How long a whole import takes here: the time in which to kill.
fn duration(fake: &FakePostgres) -> Duration {
    let directory = accessible_directory();
    // The first creates the database; the second imports into a new one beside it.
    assert!(program(directory.path()).arg("migrate").output().expect("run").status.success());
    let start = Instant::now();
    assert!(import(directory.path(), fake).output().expect("run").status.success());
    start.elapsed()
}

/// A moment within the import, different in each round.
fn moment(whole: Duration) -> Duration {
    whole.mul_f64(rand::random_range(0.05..1.0))
}

#[test]
fn a_crash_of_the_importing_program_loses_nothing() {
    let fake = fake();
    let whole = duration(&fake);
    let directory = accessible_directory();
    assert!(program(directory.path()).arg("migrate").output().expect("run").status.success());
    let mut acknowledged = 1;
    let mut in_the_middle = 0;
    for round in 0..20 {
        let mut running = Program::start(import(directory.path(), &fake), directory.path());
        std::thread::sleep(moment(whole));
        running.kill();
        let events = check(directory.path(), &format!("round {round}"));
        assert!(events >= acknowledged, "round {round}: {events} events after {acknowledged}");
        in_the_middle += usize::from(events > 1 && events < EXTENSIONS + 1);
        acknowledged = events;
        if events == EXTENSIONS + 1 {
            // Everything is there: begin anew, so that all rounds hit something.
            fs::remove_dir_all(directory.path().join("data/objects")).expect("removed");
            fs::create_dir(directory.path().join("data/objects")).expect("created");
            reset(directory.path());
            acknowledged = 1;
        }
    }
    assert!(
        in_the_middle >= 3,
        "only {in_the_middle} of 20 kills came in the middle of an import that takes {whole:?}"
    );
    // And it can be ended.
    let output = import(directory.path(), &fake).output().expect("run");
    assert!(output.status.success(), "{}", output.said());
    assert_eq!(check(directory.path(), "at the end"), EXTENSIONS + 1);
}

/// Removes the database, which a killed program may still hold, and makes it anew.
fn reset(directory: &Path) {
    stop_postgres(directory);
    fs::remove_dir_all(directory.join("data/postgres")).expect("removed");
    assert!(program(directory).arg("migrate").output().expect("run").status.success());
}

fn postmaster(directory: &Path) -> Option<Pid> {
    let file = fs::read_to_string(directory.join("data/postgres/postmaster.pid")).ok()?;
    Pid::from_raw(file.lines().next()?.trim().parse().ok()?)
}

fn stop_postgres(directory: &Path) {
    if let Some(pid) = postmaster(directory) {
        let _ = kill_process(pid, Signal::INT);
        wait_until("the end of PostgreSQL", 30, || postmaster(directory).is_none());
    }
}

#[test]
fn a_crash_of_the_database_loses_nothing() {
    let fake = fake();
    let whole = duration(&fake);
    let directory = accessible_directory();
    assert!(program(directory.path()).arg("migrate").output().expect("run").status.success());
    let mut acknowledged = 1;
    let mut failed = 0;
    for round in 0..10 {
        let mut running = Program::start(import(directory.path(), &fake), directory.path());
        std::thread::sleep(moment(whole));
        if let Some(pid) = postmaster(directory.path()) {
            let _ = kill_process(pid, Signal::KILL);
        }
        let code = running.wait();
        assert!(
            matches!(code, Some(0 | 1)),
            "round {round}: the import ends by itself: {code:?} {}",
            running.messages()
        );
        failed += usize::from(code == Some(1));
        let events = check(directory.path(), &format!("round {round}"));
        assert!(events >= acknowledged, "round {round}: {events} events after {acknowledged}");
        acknowledged = events;
        if events == EXTENSIONS + 1 {
            reset(directory.path());
            acknowledged = 1;
        }
    }
    assert!(failed >= 3, "only {failed} of 10 kills were noticed by an import that takes {whole:?}");
    let output = import(directory.path(), &fake).output().expect("run");
    assert!(output.status.success(), "{}", output.said());
    assert_eq!(check(directory.path(), "at the end"), EXTENSIONS + 1);
}

#[test]
fn a_reader_never_sees_a_release_without_its_file() {
    // What the database itself forbids cannot be seen half: rows, file and event are one transaction.
    let fake = fake();
    let directory = accessible_directory();
    assert!(program(directory.path()).arg("migrate").output().expect("run").status.success());
    let mut running = Program::start(import(directory.path(), &fake), directory.path());
    let mut looks = 0;
    while !running.has_ended() {
        check(directory.path(), "while it is imported");
        looks += 1;
    }
    assert!(looks > 0);
    assert_eq!(running.wait(), Some(0), "{}", running.messages());
}
