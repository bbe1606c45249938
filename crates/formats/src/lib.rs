//! Archives and metadata of PostgreSQL extensions, as pure functions over bytes and `Read`.
//!
//! Everything that is parsed here may come from a stranger: no function panics on bad input, recurses on it, or allocates
//! more than the limits it is given.

pub mod archive;
pub mod control_file;
pub mod distribution;
pub mod identifier_list;
pub mod library;
pub mod manifest;
pub mod parameter_file;
mod quoted;
pub mod scripts;
pub mod trunk_command;
