use model::{CategorySlug, LoadKind, Platform, PostgresMajor};

use super::{collect::Collected, facts::load_place, index::KnownCategory};

/// How many results there are for each value of one facet, the value that is chosen or not among them.
pub type FacetCounts<T> = Vec<(T, u64)>;

/// How many results there would be with another choice in one facet and the same in all others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facets {
    /// By category, with its name.
    pub categories: FacetCounts<(CategorySlug, String)>,
    /// By major, the newest first.
    pub majors: FacetCounts<PostgresMajor>,
    /// By platform.
    pub platforms: FacetCounts<Platform>,
    /// By the way a library is loaded.
    pub loads: FacetCounts<LoadKind>,
    /// Of packages whose extensions are all trusted.
    pub trusted: u64,
    /// How many there would be without the choice in one facet.
    pub without: WithoutFacet,
}

/// How many results there would be with the choice in one facet taken back, and all others kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WithoutFacet {
    /// In all categories.
    pub category: u64,
    /// For all majors.
    pub major: u64,
    /// For all platforms.
    pub platform: u64,
    /// However loaded.
    pub load: u64,
    /// Trusted or not.
    pub trusted: u64,
}

impl Facets {
    /// The counts of a pass with the names of what was counted.
    pub(super) fn new(collected: &Collected, categories: &[KnownCategory]) -> Self {
        let count = |counts: &[u64], place: usize| counts.get(place).copied().unwrap_or_default();
        let place = |number: i16| usize::try_from(number).unwrap_or(usize::MAX);
        let (total, loosened) = (collected.total, collected.loosened);
        Self {
            categories: categories
                .iter()
                .map(|category| {
                    let count = count(&collected.categories.0, place(category.number));
                    ((category.slug.clone(), category.name.clone()), count)
                })
                .filter(|(_, count)| *count > 0)
                .collect(),
            majors: (0..64_i64)
                .rev()
                .filter_map(|bit| {
                    let major = PostgresMajor::try_from(bit + 10).ok()?;
                    Some((major, count(&collected.majors.0, usize::try_from(bit).ok()?)))
                })
                .filter(|(_, count)| *count > 0)
                .collect(),
            platforms: collected
                .platforms
                .iter()
                .filter_map(|(platform, count)| Some((platform.parse().ok()?, *count)))
                .collect(),
            loads: LoadKind::ALL
                .iter()
                .map(|kind| (*kind, count(&collected.loads, load_place(*kind))))
                .filter(|(_, count)| *count > 0)
                .collect(),
            trusted: collected.trusted,
            without: WithoutFacet {
                category: total + loosened.category,
                major: total + loosened.major,
                platform: total + loosened.platform,
                load: total + loosened.load,
                trusted: total + loosened.trusted,
            },
        }
    }
}
