//! The whole server on a real PostgreSQL: what a client, a browser or an operator would notice.

#![expect(clippy::expect_used, clippy::panic, reason = "what a test does not expect ends it")]
#![expect(clippy::disallowed_methods, reason = "tests look into the database behind the back of the registry")]

mod account_api;
mod accounts;
mod administration;
mod api;
mod audit_findings;
mod bad_uploads;
mod caching;
mod catalogue;
mod commands;
mod control_files;
mod crash;
mod curation;
mod deleting;
mod domains;
mod downloads;
mod events;
mod identities;
mod import;
mod install;
mod log;
mod logging_in;
mod mail;
mod moderation;
mod outage;
mod own_tokens;
mod pages;
mod people;
mod permissions;
mod private_postgres;
mod publishing;
mod search;
mod second_factors;
mod sources;
mod store;
mod support;
mod trunk;
mod trunk_command;
mod trunk_defects;
mod trusted_publishing;
mod two_processes;
mod upload_faults;
mod withdrawing;
