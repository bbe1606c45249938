//! What publishing, and taking back, sends and gets.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{Finding, wire};
use crate::{PackageName, Platform, PostgresMajor, Sha256, Version};

wire! {
    /// What became of an upload.
    PublishedArtifact {
        /// The package, spelled as it was first published.
        package: PackageName,
        /// The release.
        version: Version,
        /// `release` where it is the first file of a release, `artifact` where it is a further one, `unchanged` where the same
        /// bytes were there already.
        outcome: String,
        /// `source` or `binary`.
        kind: String,
        /// The major it is for; null for any.
        postgres: Option<PostgresMajor>,
        /// The platform it is for; `any` for a source.
        platform: Platform,
        /// The digest of the file.
        sha256: Sha256,
        /// What of the package's description and links changed.
        updated: Vec<String>,
        /// What its publisher should know.
        findings: Vec<Finding>,
        /// The release in this API.
        url: String,
    }

    /// What would become of an upload.
    Rehearsal {
        /// Whether it would be published.
        publishable: bool,
        /// All that speaks against it, and warnings.
        findings: Vec<Finding>,
    }

    /// The token of a run of a workflow, to be exchanged.
    RunToken {
        /// What the service gave to the run, for the audience that is the address of this registry.
        token: String,
        /// Which package is meant, where several trust the workflow.
        package: Option<PackageName>,
    }

    /// What a run gets for it.
    ExchangedToken {
        /// A token of this registry.
        token: String,
        /// Until when: a quarter of an hour. RFC 3339.
        #[serde(with = "time::serde::rfc3339")]
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        expires_at: OffsetDateTime,
        /// The package that it publishes.
        package: PackageName,
    }

    /// Why a release is yanked.
    YankReason {
        /// In a sentence; shown to everybody.
        reason: String,
    }
}
