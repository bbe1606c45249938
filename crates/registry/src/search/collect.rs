//! One pass over everything that matches: counts for every facet, and the best results.

use std::{cmp::Ordering, collections::BTreeMap};

use columnar::{Column, StrColumn};
use model::{CategorySlug, LoadKind, Platform, PostgresMajor};
use tantivy::{
    DocId, Score, SegmentOrdinal, SegmentReader,
    collector::{Collector, SegmentCollector},
    columnar,
};

use super::query::SearchOrder;

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
}

/// What has to hold besides the words.
#[derive(Clone, Debug, Default)]
pub(super) struct Filters {
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

/// The result of the pass.
#[derive(Clone, Debug, Default)]
pub(super) struct Collected {
    pub(super) total: u64,
    /// The best `wanted` packages in their order.
    pub(super) packages: Vec<u64>,
    pub(super) categories: BitCounts,
    pub(super) majors: BitCounts,
    pub(super) platforms: BTreeMap<String, u64>,
    /// By place.
    pub(super) loads: [u64; 16],
    pub(super) trusted: u64,
}

/// Collects the best `wanted` results and the counts of all.
pub(super) struct Pass {
    pub(super) filters: Filters,
    pub(super) order: SearchOrder,
    pub(super) wanted: usize,
}

/// A result, with what it is ordered by.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    package: u64,
    score: Score,
    updated: i64,
    name: String,
}

/// The platform that documents of a segment must have.
#[derive(Clone, Copy)]
enum WantedPlatform {
    Whichever,
    /// One that no document here has.
    Absent,
    /// The one with this ordinal.
    Ordinal(u64),
}

pub(super) struct SegmentPass {
    columns: Columns,
    filters: Filters,
    platform: WantedPlatform,
    order: SearchOrder,
    wanted: usize,
    found: Vec<(DocId, Score)>,
    counts: Collected,
    platform_counts: Vec<u64>,
}

struct Columns {
    package: Column<u64>,
    categories: Column<u64>,
    majors: Column<u64>,
    platforms: Option<StrColumn>,
    load: Column<u64>,
    trusted: Column<u64>,
    name: Option<StrColumn>,
    updated: Column<i64>,
}

impl Columns {
    fn new(segment: &SegmentReader) -> tantivy::Result<Self> {
        let fast = segment.fast_fields();
        Ok(Self {
            package: fast.u64("package")?,
            categories: fast.u64("categories")?,
            majors: fast.u64("majors")?,
            platforms: fast.str("platforms")?,
            load: fast.u64("load")?,
            trusted: fast.u64("trusted")?,
            name: fast.str("name")?,
            updated: fast.i64("updated")?,
        })
    }

    fn hit(&self, document: DocId, score: Score) -> Hit {
        let mut name = String::new();
        if let Some(names) = &self.name
            && let Some(ordinal) = names.ords().first(document)
        {
            let _ = names.ord_to_str(ordinal, &mut name);
        }
        Hit {
            package: self.package.first(document).unwrap_or_default(),
            score,
            updated: self.updated.first(document).unwrap_or_default(),
            name,
        }
    }
}

impl SegmentCollector for SegmentPass {
    type Fruit = (Vec<Hit>, Collected);

    fn collect(&mut self, document: DocId, score: Score) {
        let columns = &self.columns;
        let first = |column: &Column<u64>| column.first(document).unwrap_or_default();
        let (categories, majors) = (first(&columns.categories), first(&columns.majors));
        let (load, trusted) = (first(&columns.load), first(&columns.trusted) == 1);
        let has_platform = match self.platform {
            WantedPlatform::Whichever => true,
            WantedPlatform::Absent => false,
            WantedPlatform::Ordinal(wanted) => {
                let platforms = columns.platforms.as_ref();
                platforms.is_some_and(|column| column.ords().values_for_doc(document).any(|ordinal| ordinal == wanted))
            }
        };
        let failed = [
            self.filters.category.is_some_and(|bit| categories & bit == 0),
            self.filters.major.is_some_and(|bit| majors & bit == 0),
            !has_platform,
            self.filters.load.is_some_and(|place| load != place),
            self.filters.trusted && !trusted,
        ];
        let failures = failed.iter().filter(|failed| **failed).count();
        // What fails in one facet alone would be there with another choice in it.
        let counts_in = |facet: usize| failures == 0 || failures == 1 && failed[facet];
        if counts_in(0) {
            self.counts.categories.count(categories);
        }
        if counts_in(1) {
            self.counts.majors.count(majors);
        }
        if counts_in(2)
            && let Some(column) = &columns.platforms
        {
            for ordinal in column.ords().values_for_doc(document) {
                if let Some(count) = self.platform_counts.get_mut(usize::try_from(ordinal).unwrap_or(usize::MAX)) {
                    *count += 1;
                }
            }
        }
        if counts_in(3)
            && let Some(count) = self.counts.loads.get_mut(usize::try_from(load).unwrap_or(usize::MAX))
        {
            *count += 1;
        }
        if counts_in(4) && trusted {
            self.counts.trusted += 1;
        }
        if failures == 0 {
            self.counts.total += 1;
            self.found.push((document, score));
        }
    }

    fn harvest(mut self) -> Self::Fruit {
        let columns = &self.columns;
        let ordinal =
            |document: DocId| columns.name.as_ref().and_then(|names| names.ords().first(document)).unwrap_or(u64::MAX);
        let updated = |document: DocId| columns.updated.first(document).unwrap_or_default();
        let better = |left: &(DocId, Score), right: &(DocId, Score)| {
            let by_order = match self.order {
                SearchOrder::Relevance => right.1.total_cmp(&left.1),
                SearchOrder::Name => Ordering::Equal,
                SearchOrder::Updated => updated(right.0).cmp(&updated(left.0)),
            };
            by_order.then_with(|| ordinal(left.0).cmp(&ordinal(right.0)))
        };
        if self.found.len() > self.wanted && self.wanted > 0 {
            self.found.select_nth_unstable_by(self.wanted - 1, better);
        }
        self.found.truncate(self.wanted);
        let hits = self.found.iter().map(|(document, score)| columns.hit(*document, *score)).collect();
        if let Some(column) = &columns.platforms {
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
        let platform = match (&self.filters.platform, &columns.platforms) {
            (None, _) => WantedPlatform::Whichever,
            (Some(_), None) => WantedPlatform::Absent,
            (Some(wanted), Some(column)) => {
                column.dictionary().term_ord(wanted.as_bytes())?.map_or(WantedPlatform::Absent, WantedPlatform::Ordinal)
            }
        };
        let platforms = columns.platforms.as_ref().map_or(0, |column| column.dictionary().num_terms());
        Ok(SegmentPass {
            columns,
            filters: self.filters.clone(),
            platform,
            order: self.order,
            wanted: self.wanted,
            found: Vec::new(),
            counts: Collected::default(),
            platform_counts: vec![0; platforms],
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
            let add = |sum: &mut [u64], more: &[u64]| sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
            add(&mut all.categories.0, &counts.categories.0);
            add(&mut all.majors.0, &counts.majors.0);
            add(&mut all.loads, &counts.loads);
            for (platform, count) in counts.platforms {
                *all.platforms.entry(platform).or_default() += count;
            }
        }
        hits.sort_by(|left, right| {
            let by_order = match self.order {
                SearchOrder::Relevance => right.score.total_cmp(&left.score),
                SearchOrder::Name => Ordering::Equal,
                SearchOrder::Updated => right.updated.cmp(&left.updated),
            };
            by_order.then_with(|| left.name.cmp(&right.name))
        });
        hits.truncate(self.wanted);
        all.packages = hits.into_iter().map(|hit| hit.package).collect();
        Ok(all)
    }
}
