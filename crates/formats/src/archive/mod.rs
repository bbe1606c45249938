//! Archives from strangers: binary archives, which are gzip-compressed tars, and source distributions, which are zips.
//!
//! Nothing is written to a file system here. What two programs could read differently is refused, so that what was
//! looked at is what will be installed.

mod binary;
mod error;
mod file;
mod gzip;
mod limits;
mod path;
mod pax;
mod source;
mod tar_reader;
#[cfg(test)]
mod test_support;
mod zip_directory;
mod zip_entry;
#[cfg(test)]
mod zip_tests;

pub use binary::{Contents, read, write};
pub use error::ArchiveError;
pub use file::Entry;
pub use limits::Limits;
pub use source::{SourceContents, read_source};
