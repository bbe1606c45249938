use model::{Arch, Libc, Platform, PostgresMajor};
use registry::{ArtifactDetails, ReleaseDetails};

use super::selection::{Selection, Way};

/// How unlikely a platform is to be that of somebody who did not say: the architecture and C library of most servers first.
fn rarity(platform: &Platform) -> (bool, bool) {
    (platform.libc() == Some(Libc::Musl), !matches!(platform.arch(), None | Some(Arch::X86_64)))
}

/// The part of the registry in which the trunk command finds exactly this file; none where it cannot install it.
pub(super) fn trunk_scope(artifact: &ArtifactDetails, major: Option<PostgresMajor>) -> Option<String> {
    let major = artifact.postgres_major.or(major)?;
    let Platform::Binary { os, os_version, arch, libc } = &artifact.platform else {
        return Some(format!("for/pg{major}"));
    };
    let arch = match arch {
        Arch::X86_64 => "amd64",
        Arch::Aarch64 => "arm64",
        _ => return None,
    };
    let is_named = os != "linux" || *libc == Libc::Gnu;
    let version = os_version.as_ref().map(|version| format!("-{version}")).unwrap_or_default();
    is_named.then(|| format!("for/pg{major}/{os}{version}-{arch}"))
}

/// What the picker has to offer and what is picked: only files and ways that exist.
#[derive(Clone, Debug)]
pub(super) struct Picked {
    /// Majors with a file, the newest first.
    pub(super) majors: Vec<PostgresMajor>,
    /// Platforms with a file for the picked major.
    pub(super) platforms: Vec<Platform>,
    /// Ways to get the picked file.
    pub(super) ways: Vec<Way>,
    pub(super) major: Option<PostgresMajor>,
    /// None where there is nothing to get.
    pub(super) way: Option<Way>,
    /// The file; none where the release has no binary.
    pub(super) artifact: Option<ArtifactDetails>,
}

impl Picked {
    /// The choice that comes nearest to the selection.
    pub(super) fn choose(release: &ReleaseDetails, selection: &Selection) -> Self {
        let newest: Vec<&ArtifactDetails> = release.artifacts.iter().filter(|artifact| artifact.is_newest).collect();
        let mut majors: Vec<PostgresMajor> = newest.iter().filter_map(|artifact| artifact.postgres_major).collect();
        majors.sort_unstable_by(|left, right| right.cmp(left));
        majors.dedup();
        let major = selection.major.filter(|major| majors.contains(major)).or_else(|| majors.first().copied());
        let fitting: Vec<&ArtifactDetails> = newest
            .into_iter()
            .filter(|artifact| artifact.postgres_major.is_none() || artifact.postgres_major == major)
            .collect();
        let mut platforms: Vec<Platform> = fitting.iter().map(|artifact| artifact.platform.clone()).collect();
        platforms.sort_unstable();
        platforms.dedup();
        let platform = selection.platform.as_ref().filter(|platform| platforms.contains(platform));
        let is_picked = |artifact: &&&ArtifactDetails| Some(&artifact.platform) == platform;
        let artifact = fitting
            .iter()
            .find(is_picked)
            .or_else(|| fitting.iter().min_by_key(|artifact| rarity(&artifact.platform)))
            .map(|artifact| (*artifact).clone());
        let has_package = artifact
            .as_ref()
            .and_then(|artifact| artifact.provenance.as_ref())
            .is_some_and(|provenance| provenance.package.is_some());
        let has_trunk = artifact.as_ref().is_some_and(|artifact| trunk_scope(artifact, major).is_some());
        let ways: Vec<Way> = Way::ALL
            .into_iter()
            .filter(|way| match way {
                Way::Package => has_package,
                Way::Archive => artifact.is_some(),
                Way::Trunk => has_trunk,
                Way::Source => release.source.is_some(),
            })
            .collect();
        let way = selection.way.filter(|way| ways.contains(way)).or(ways.first().copied());
        Self { majors, platforms, ways, major, way, artifact }
    }
}
