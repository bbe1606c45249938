//! Where the API has the files of releases, as paths: it answers there, and pages link there.

use crate::{PackageName, Platform, PostgresMajor, Sha256, Version};

/// Where a binary is downloaded: exactly this one, also when a newer build comes.
pub fn artifact_path(
    name: &PackageName,
    version: &Version,
    major: Option<PostgresMajor>,
    platform: &Platform,
    sha256: Sha256,
) -> String {
    let major = major.map_or_else(|| "any".to_owned(), |major| major.to_string());
    format!("/api/v1/packages/{name}/{version}/artifacts/{major}/{platform}?sha256={sha256}")
}

/// Where the source of a release is downloaded.
pub fn source_path(name: &PackageName, version: &Version) -> String {
    format!("/api/v1/packages/{name}/{version}/source")
}
