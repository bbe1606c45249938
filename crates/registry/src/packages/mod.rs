//! What is known of packages, for whoever may see them.

mod artifact;
mod categories;
mod details;
mod find;
mod list;
mod numbers;
mod postgres_versions;
mod release;

pub use artifact::SearchedArtifact;
pub use categories::CategoryOverview;
pub use details::{Link, PackageDetails, ReleaseSummary};
pub use list::{Listing, ListingQuery, Order, Page};
pub use numbers::RegistryNumbers;
pub use postgres_versions::{PostgresVersionInfo, SupportState};
pub use release::{ArtifactDetails, ExtensionFacts, LibraryFacts, ModuleFacts, Provenance, ReleaseDetails};
