//! Releases as clients see them that take them apart by themselves: with every file that fits where they run.

mod choose;
mod load;
mod scope;

pub use choose::{Offer, Offers, offers};
pub use load::{ProjectExtension, ProjectFile, ProjectQuery, ProjectRelease};
pub use scope::{BuildScope, InvalidScope};
