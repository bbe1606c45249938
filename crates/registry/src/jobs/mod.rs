//! Work that follows a transaction: written in it, done soon after it by whichever node takes it, tried again when it fails.

mod queue;
mod run;

pub(crate) use queue::{Job, JobKind, ask, finish};
