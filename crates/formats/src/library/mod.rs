//! Facts read from a shared library without running it.
//!
//! The magic block is found by decoding the first instructions of `Pg_magic_func` (x86-64 and AArch64); its layouts are
//! those of `PG_MODULE_MAGIC` in `fmgr.h`. What cannot be read is unknown, never guessed.

mod capability;
mod facts;
mod magic;
mod names;
#[cfg(test)]
mod test_support;

pub use capability::Capability;
pub use facts::{LibraryError, LibraryFacts, Module, read};
