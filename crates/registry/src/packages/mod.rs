//! What is known of packages, for whoever may see them.

mod archived_files;
mod artifact;
mod categories;
mod details;
mod download_history;
mod find;
mod list;
mod numbers;
mod postgres_versions;
mod release;
mod sitemap;
mod tags;

pub use archived_files::ArchivedFile;
pub use artifact::SearchedArtifact;
pub use categories::CategoryOverview;
pub use details::{Deprecated, Link, PackageDetails, ReleaseSummary};
pub use download_history::WeekOfDownloads;
pub use list::{Listing, ListingQuery, Order, Page};
pub use numbers::RegistryNumbers;
pub use postgres_versions::{PostgresVersionInfo, SupportState};
pub use release::{
    ArtifactDetails, ExtensionFacts, LibraryFacts, ModuleFacts, Provenance, ReleaseDetails, SettingFacts, SourceDetails,
};
