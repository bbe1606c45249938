use std::{cmp::Ordering, collections::BTreeMap};

use model::{PostgresMajor, ReleaseState};

use super::{BuildScope, ProjectFile, ProjectRelease};

/// A release as it is offered within a scope, with the files that fit.
#[derive(Clone, Debug)]
pub struct Offer<'release> {
    /// The release.
    pub release: &'release ProjectRelease,
    /// Its files that fit.
    pub files: Vec<&'release ProjectFile>,
    /// Instead of a release of its own: what is current for each major, for clients that would choose otherwise.
    pub is_current_for_all: bool,
}

/// What is offered of a package: every release that fits, and behind them what is current, where old clients would not find it.
///
/// Those compare versions by their numbers alone, so that a pre-release may come before its release, and choose a version
/// before they look for a file.
#[derive(Debug)]
pub struct Offers<'release> {
    /// Every release with a file that fits, the newest first.
    pub releases: Vec<Offer<'release>>,
    /// The current release: the newest active one that is no pre-release, or the newest pre-release where there is no other.
    pub current: Option<usize>,
    /// What is current for each major, where clients that compare numbers would take something else.
    pub for_comparing_clients: Option<Offer<'release>>,
    current_by_major: BTreeMap<PostgresMajor, Option<usize>>,
}

/// Chooses among the releases of one package, the newest first.
pub fn offers<'release>(releases: &'release [ProjectRelease], scope: &BuildScope) -> Offers<'release> {
    let releases: Vec<Offer<'release>> = releases
        .iter()
        .map(|release| Offer {
            release,
            files: release.files.iter().filter(|file| scope.fits(file)).collect(),
            is_current_for_all: false,
        })
        .filter(|offer| !offer.files.is_empty())
        .collect();
    let current = newest(&releases, |_| true);
    let majors = releases.iter().flat_map(|offer| &offer.files).map(|file| file.postgres_major);
    let by_major: BTreeMap<PostgresMajor, Option<usize>> =
        majors.map(|major| (major, newest(&releases, |offer| offer.has_file_for(major)))).collect();
    // The last of equals wins with them.
    let compared = (0..releases.len())
        .max_by(|left, right| compare_numbers(&releases[*left], &releases[*right]).then(left.cmp(right)));
    let is_found = by_major.values().all(|place| *place == compared);
    // Where everything is yanked it has no files: then those clients say that there is none.
    let for_comparing_clients = current.or(compared).filter(|_| !is_found).map(|shown| Offer {
        release: releases[shown].release,
        files: by_major
            .iter()
            .filter_map(|(major, place)| Some((major, &releases[(*place)?])))
            .flat_map(|(major, offer)| offer.files.iter().copied().filter(|file| file.postgres_major == *major))
            .collect(),
        is_current_for_all: true,
    });
    Offers { current_by_major: by_major, releases, current, for_comparing_clients }
}

impl Offer<'_> {
    fn has_file_for(&self, major: PostgresMajor) -> bool {
        self.files.iter().any(|file| file.postgres_major == major)
    }
}

impl<'release> Offers<'release> {
    /// What is current for a major.
    pub fn current_for(&self, major: PostgresMajor) -> Option<&Offer<'release>> {
        self.releases.get((*self.current_by_major.get(&major)?)?)
    }
}

fn newest(releases: &[Offer<'_>], fits: impl Fn(&Offer<'_>) -> bool) -> Option<usize> {
    let active = |offer: &Offer<'_>| offer.release.state == ReleaseState::Active && fits(offer);
    releases
        .iter()
        .position(|offer| active(offer) && !offer.release.version.is_prerelease())
        .or_else(|| releases.iter().position(active))
}

/// As those clients do it: parts between dots, what is no number counts as zero.
fn compare_numbers(left: &Offer<'_>, right: &Offer<'_>) -> Ordering {
    let numbers = |offer: &Offer<'_>| -> Vec<i32> {
        offer.release.version.to_string().split('.').map(|part| part.parse().unwrap_or(0)).collect()
    };
    numbers(left).cmp(&numbers(right))
}
