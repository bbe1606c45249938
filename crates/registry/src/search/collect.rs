//! One pass over everything that matches: counts for every facet, and the best results.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use columnar::{Column, StrColumn};
use tantivy::{
    DocId, Score, SegmentOrdinal, SegmentReader,
    collector::{Collector, SegmentCollector},
    columnar,
};

use super::query::SearchOrder;
use crate::popularity::RecentDownloads;

/// What a package has that runs everywhere.
const ANY_PLATFORM: &str = "any";

/// What has to hold besides the words.
#[derive(Clone, Debug, Default)]
pub(super) struct Filters {
    pub(super) tag: Option<String>,
    pub(super) category: Option<u64>,
    pub(super) major: Option<u64>,
    pub(super) platform: Option<String>,
    pub(super) load: Option<u64>,
    pub(super) trusted: bool,
}

/// Counts by bit.
#[derive(Clone, Copy, Debug)]
pub(super) struct BitCounts(pub(super) [u64; 64]);

impl Default for BitCounts {
    fn default() -> Self {
        Self([0; 64])
    }
}

impl BitCounts {
    fn count(&mut self, bits: u64) {
        let mut rest = bits;
        while rest != 0 {
            self.0[rest.trailing_zeros() as usize] += 1;
            rest &= rest - 1;
        }
    }
}

/// How many results there would be more with one of the filters taken away.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Loosened {
    pub(super) category: u64,
    pub(super) major: u64,
    pub(super) platform: u64,
    pub(super) load: u64,
    pub(super) trusted: u64,
}

/// The result of the pass.
#[derive(Clone, Debug, Default)]
pub(super) struct Collected {
    pub(super) total: u64,
    /// The best `wanted` packages in their order.
    pub(super) packages: Vec<u64>,
    pub(super) categories: BitCounts,
    pub(super) majors: BitCounts,
    pub(super) platforms: BTreeMap<String, u64>,
    /// Of packages that run everywhere: they are in the count of each platform.
    anywhere: u64,
    /// By place.
    pub(super) loads: [u64; 16],
    pub(super) trusted: u64,
    pub(super) loosened: Loosened,
}

/// Collects the best `wanted` results and the counts of all.
pub(super) struct Pass {
    pub(super) filters: Filters,
    pub(super) order: SearchOrder,
    pub(super) wanted: usize,
    pub(super) popularity: Arc<HashMap<i64, RecentDownloads>>,
}

/// A result, with what it is ordered by.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    package: u64,
    score: Score,
    /// Seconds since 1970 of what the order goes by.
    moment: i64,
    downloads: i64,
    name: String,
}

impl Hit {
    /// Which comes first: by the order, then by downloads where words decide, then by name.
    fn compare(&self, other: &Self, order: SearchOrder) -> Ordering {
        let by_downloads = other.downloads.cmp(&self.downloads);
        let by_order = match order {
            SearchOrder::Relevance => other.score.total_cmp(&self.score).then(by_downloads),
            SearchOrder::Name => Ordering::Equal,
            SearchOrder::Updated | SearchOrder::Created => other.moment.cmp(&self.moment),
            SearchOrder::Downloads => by_downloads,
        };
        by_order.then_with(|| self.name.cmp(&other.name))
    }
}

/// A word that documents of a segment must have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Whichever,
    /// One that no document here has.
    Absent,
    /// The one with this ordinal.
    Ordinal(u64),
}

impl Wanted {
    fn find(word: Option<&str>, column: Option<&StrColumn>) -> tantivy::Result<Self> {
        Ok(match (word, column) {
            (None, _) => Self::Whichever,
            (Some(_), None) => Self::Absent,
            (Some(word), Some(column)) => {
                column.dictionary().term_ord(word.as_bytes())?.map_or(Self::Absent, Self::Ordinal)
            }
        })
    }
}

pub(super) struct SegmentPass {
    columns: Columns,
    filters: Filters,
    tag: Wanted,
    platform: Wanted,
    /// What runs everywhere.
    any_platform: Wanted,
    order: SearchOrder,
    wanted: usize,
    popularity: Arc<HashMap<i64, RecentDownloads>>,
    found: Vec<(DocId, Score)>,
    counts: Collected,
    platform_counts: Vec<u64>,
}

struct Columns {
    package: Column<u64>,
    categories: Column<u64>,
    platforms: Option<StrColumn>,
    platform_majors: Column<u64>,
    tags: Option<StrColumn>,
    load: Column<u64>,
    trusted: Column<u64>,
    name: Option<StrColumn>,
    updated: Column<i64>,
    created: Column<i64>,
}

impl Columns {
    fn new(segment: &SegmentReader) -> tantivy::Result<Self> {
        let fast = segment.fast_fields();
        Ok(Self {
            package: fast.u64("package")?,
            categories: fast.u64("categories")?,
            platforms: fast.str("platforms")?,
            platform_majors: fast.u64("platform_majors")?,
            tags: fast.str("tags")?,
            load: fast.u64("load")?,
            trusted: fast.u64("trusted")?,
            name: fast.str("name")?,
            updated: fast.i64("updated")?,
            created: fast.i64("created")?,
        })
    }

    /// The platforms of a document by ordinal, each with the bits of its majors.
    fn builds(&self, document: DocId) -> impl Iterator<Item = (u64, u64)> {
        let platforms = self.platforms.as_ref().map(|column| column.ords().values_for_doc(document));
        platforms.into_iter().flatten().zip(self.platform_majors.values_for_doc(document))
    }
}

impl SegmentPass {
    fn has_tag(&self, document: DocId) -> bool {
        match (self.tag, &self.columns.tags) {
            (Wanted::Whichever, _) => true,
            (Wanted::Ordinal(wanted), Some(tags)) => {
                tags.ords().values_for_doc(document).any(|ordinal| ordinal == wanted)
            }
            _ => false,
        }
    }

    /// The majors that a document has a file for, on the wanted platform if there is one.
    fn majors(&self, document: DocId) -> u64 {
        let fits = |platform: u64| {
            self.platform == Wanted::Whichever
                || self.platform == Wanted::Ordinal(platform)
                || self.any_platform == Wanted::Ordinal(platform)
        };
        self.columns.builds(document).filter(|(platform, _)| fits(*platform)).fold(0, |all, (_, majors)| all | majors)
    }

    /// Counts the platforms that a document has a file for, of the wanted major if there is one; says whether it has any.
    fn count_platforms(&mut self, document: DocId) -> bool {
        let wanted = self.filters.major.unwrap_or(u64::MAX);
        let fits = |(_, majors): &(u64, u64)| *majors & wanted != 0;
        let is_anywhere = |platform: u64| self.any_platform == Wanted::Ordinal(platform);
        if self.columns.builds(document).filter(fits).any(|(platform, _)| is_anywhere(platform)) {
            self.counts.anywhere += 1;
            return true;
        }
        let mut has_any = false;
        for (platform, _) in self.columns.builds(document).filter(fits) {
            has_any = true;
            if let Some(count) = self.platform_counts.get_mut(usize::try_from(platform).unwrap_or(usize::MAX)) {
                *count += 1;
            }
        }
        has_any
    }

    fn moment(&self, document: DocId) -> i64 {
        let column = if self.order == SearchOrder::Created { &self.columns.created } else { &self.columns.updated };
        column.first(document).unwrap_or_default()
    }

    fn downloads(&self, document: DocId) -> i64 {
        if self.popularity.is_empty() {
            return 0;
        }
        let package = self.columns.package.first(document).unwrap_or_default().cast_signed();
        self.popularity.get(&package).map_or(0, RecentDownloads::total)
    }

    fn hit(&self, document: DocId, score: Score) -> Hit {
        let mut name = String::new();
        if let Some(names) = &self.columns.name
            && let Some(ordinal) = names.ords().first(document)
        {
            let _ = names.ord_to_str(ordinal, &mut name);
        }
        Hit {
            package: self.columns.package.first(document).unwrap_or_default(),
            score,
            moment: self.moment(document),
            downloads: self.downloads(document),
            name,
        }
    }

    /// The best `wanted` of all that was found, in no order.
    fn best(&mut self) -> Vec<(DocId, Score)> {
        let mut found = std::mem::take(&mut self.found);
        if found.len() > self.wanted && self.wanted > 0 {
            let last = self.wanted - 1;
            let ordinal = |document: DocId| {
                self.columns.name.as_ref().and_then(|names| names.ords().first(document)).unwrap_or(u64::MAX)
            };
            let by_name = |left: DocId, right: DocId| ordinal(left).cmp(&ordinal(right));
            let by_downloads = |left: DocId, right: DocId| self.downloads(right).cmp(&self.downloads(left));
            let by_moment = |left: DocId, right: DocId| self.moment(right).cmp(&self.moment(left));
            found.select_nth_unstable_by(last, |(left, left_score), (right, right_score)| {
                let by_order = match self.order {
                    SearchOrder::Relevance => {
                        right_score.total_cmp(left_score).then_with(|| by_downloads(*left, *right))
                    }
                    SearchOrder::Name => Ordering::Equal,
                    SearchOrder::Updated | SearchOrder::Created => by_moment(*left, *right),
                    SearchOrder::Downloads => by_downloads(*left, *right),
                };
                by_order.then_with(|| by_name(*left, *right))
            });
        }
        found.truncate(self.wanted);
        found
    }
}

impl SegmentCollector for SegmentPass {
    type Fruit = (Vec<Hit>, Collected);

    fn collect(&mut self, document: DocId, score: Score) {
        if !self.has_tag(document) {
            return;
        }
        let first = |column: &Column<u64>| column.first(document).unwrap_or_default();
        let categories = first(&self.columns.categories);
        let (load, trusted) = (first(&self.columns.load), first(&self.columns.trusted) == 1);
        let majors = self.majors(document);
        // A major and a platform have to come together in one file.
        let has_build = match (self.filters.major, self.platform) {
            (Some(wanted), _) => majors & wanted != 0,
            (None, Wanted::Whichever) => true,
            (None, _) => majors != 0,
        };
        let in_category = self.filters.category.is_none_or(|bit| categories & bit != 0);
        let is_loaded_so = self.filters.load.is_none_or(|place| load == place);
        let is_trusted = !self.filters.trusted || trusted;
        if has_build && is_loaded_so && is_trusted {
            self.counts.categories.count(categories);
            self.counts.loosened.category += u64::from(!in_category);
        }
        if in_category && is_loaded_so && is_trusted {
            self.counts.majors.count(majors);
            // With both filters gone nothing compiled is asked for.
            let would_do = self.platform == Wanted::Whichever || majors != 0;
            self.counts.loosened.major += u64::from(!has_build && would_do);
            let would_do = self.count_platforms(document) || self.filters.major.is_none();
            self.counts.loosened.platform += u64::from(!has_build && would_do);
        }
        if has_build && in_category && is_trusted {
            if let Some(count) = self.counts.loads.get_mut(usize::try_from(load).unwrap_or(usize::MAX)) {
                *count += 1;
            }
            self.counts.loosened.load += u64::from(!is_loaded_so);
        }
        if has_build && in_category && is_loaded_so {
            self.counts.trusted += u64::from(trusted);
            self.counts.loosened.trusted += u64::from(!is_trusted);
        }
        if has_build && in_category && is_loaded_so && is_trusted {
            self.counts.total += 1;
            self.found.push((document, score));
        }
    }

    fn harvest(mut self) -> Self::Fruit {
        let hits = self.best().into_iter().map(|(document, score)| self.hit(document, score)).collect();
        if let Some(column) = &self.columns.platforms {
            for (ordinal, count) in self.platform_counts.iter().enumerate().filter(|(_, count)| **count > 0) {
                let mut platform = String::new();
                if column.ord_to_str(ordinal as u64, &mut platform).unwrap_or(false) {
                    self.counts.platforms.insert(platform, *count);
                }
            }
        }
        (hits, self.counts)
    }
}

impl Collector for Pass {
    type Fruit = Collected;
    type Child = SegmentPass;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<SegmentPass> {
        let columns = Columns::new(segment)?;
        let platforms = columns.platforms.as_ref();
        Ok(SegmentPass {
            tag: Wanted::find(self.filters.tag.as_deref(), columns.tags.as_ref())?,
            platform: Wanted::find(self.filters.platform.as_deref(), platforms)?,
            any_platform: Wanted::find(Some(ANY_PLATFORM), platforms)?,
            platform_counts: vec![0; platforms.map_or(0, |column| column.dictionary().num_terms())],
            columns,
            filters: self.filters.clone(),
            order: self.order,
            wanted: self.wanted,
            popularity: self.popularity.clone(),
            found: Vec::new(),
            counts: Collected::default(),
        })
    }

    fn requires_scoring(&self) -> bool {
        self.order == SearchOrder::Relevance
    }

    fn merge_fruits(&self, segments: Vec<(Vec<Hit>, Collected)>) -> tantivy::Result<Collected> {
        let mut all = Collected::default();
        let mut hits = Vec::new();
        for (segment_hits, counts) in segments {
            hits.extend(segment_hits);
            all.total += counts.total;
            all.trusted += counts.trusted;
            all.anywhere += counts.anywhere;
            let add = |sum: &mut [u64], more: &[u64]| sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
            add(&mut all.categories.0, &counts.categories.0);
            add(&mut all.majors.0, &counts.majors.0);
            add(&mut all.loads, &counts.loads);
            for (platform, count) in counts.platforms {
                *all.platforms.entry(platform).or_default() += count;
            }
            all.loosened.category += counts.loosened.category;
            all.loosened.major += counts.loosened.major;
            all.loosened.platform += counts.loosened.platform;
            all.loosened.load += counts.loosened.load;
            all.loosened.trusted += counts.loosened.trusted;
        }
        if all.anywhere > 0 {
            for word in [self.filters.platform.as_deref(), Some(ANY_PLATFORM)].into_iter().flatten() {
                all.platforms.entry(word.to_owned()).or_default();
            }
            for count in all.platforms.values_mut() {
                *count += all.anywhere;
            }
        }
        hits.sort_by(|left, right| left.compare(right, self.order));
        hits.truncate(self.wanted);
        all.packages = hits.into_iter().map(|hit| hit.package).collect();
        Ok(all)
    }
}
