//! The `pginstall` program.

use std::process::ExitCode;

/// Searches and pages allocate much and briefly, in several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    server::run(std::env::args_os())
}
