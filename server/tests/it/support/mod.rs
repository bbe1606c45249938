//! What the tests share.

mod browser;
mod database;
mod fake_postgres;
mod issuer;
mod processes;
mod requests;
mod scratch_postgres;
mod smtp_sink;
mod staff;
mod test_server;
mod uploads;

pub(crate) use browser::{Answer, Browser, PASSWORD, plain};
pub(crate) use database::new_database;
pub(crate) use fake_postgres::FakePostgres;
pub(crate) use issuer::{CLIENT, Issuer};
pub(crate) use processes::{Program, Said, accessible_directory, free_port, is_root, program, variable, wait_until};
pub(crate) use requests::{LONG, acting, asked, coded, events, form, putting, source, until, yank};
pub(crate) use scratch_postgres::{ScratchPostgres, installed_bindir};
pub(crate) use smtp_sink::SmtpSink;
pub(crate) use staff::{decide, newest_mail, queue, report, staff};
pub(crate) use test_server::{Options, TestServer};
pub(crate) use uploads::{Part, TrunkArchive, multipart, zip};
