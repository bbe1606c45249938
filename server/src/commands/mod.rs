//! What the program does, one file for each command.

mod admin;
mod check;
mod config;
mod import;
mod mail;
mod migrate;
mod node;
mod rebuild;
mod serve;
mod store;
mod verify_log;

pub(crate) use admin::{Role, TokenRequest, create_account, create_token, grant_role, remove_second_factors};
pub(crate) use check::check;
pub(crate) use config::config;
pub(crate) use import::import_local;
pub(crate) use mail::mail;
pub(crate) use migrate::migrate;
pub(crate) use rebuild::rebuild;
pub(crate) use serve::serve;
pub(crate) use store::{Place, copy_store};
pub(crate) use verify_log::verify_log;

/// Writes a line for people on standard output.
#[expect(clippy::print_stdout, reason = "this is what the commands say")]
fn print(line: std::fmt::Arguments<'_>) {
    println!("{line}");
}
