//! One pass over everything that matches: counts for every facet, and the best results.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use tantivy::{
    DocAddress, DocId, Score, SegmentOrdinal, SegmentReader,
    collector::{Collector, SegmentCollector},
    columnar::{Column, StrColumn},
};

use super::{
    facts::{ANY_PLATFORM, KnownSegment, KnownSegments, SegmentFacts, Traits},
    query::SearchOrder,
};
use crate::popularity::RecentDownloads;

/// Results among which the best are looked for at once.
const MOST_FOUND: usize = 512;

/// What has to hold besides the words.
#[derive(Clone, Debug, Default)]
pub(super) struct Filters {
    pub(super) category: Option<u64>,
    pub(super) major: Option<u64>,
    pub(super) platform: Option<String>,
    pub(super) load: Option<usize>,
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
    fn add(&mut self, bits: u64, count: u64) {
        let mut rest = bits;
        while rest != 0 {
            self.0[rest.trailing_zeros() as usize] += count;
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
    /// Packages with the words, whatever the filters say.
    pub(super) matched: u64,
    pub(super) total: u64,
    /// Where the best `wanted` packages are, in their order.
    pub(super) best: Vec<DocAddress>,
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

impl Collected {
    /// Takes in `count` packages with the same traits that have a file for the wanted major and platform.
    fn add_traits(&mut self, traits: Traits, filters: &Filters, count: u64) {
        let in_category = filters.category.is_none_or(|bit| traits.categories & bit != 0);
        let is_loaded_so = filters.load.is_none_or(|place| traits.load == place);
        let is_trusted = !filters.trusted || traits.trusted;
        let add_unless = |is_so: bool, sum: &mut u64| *sum += if is_so { 0 } else { count };
        if in_category && is_loaded_so && is_trusted {
            self.total += count;
        }
        if is_loaded_so && is_trusted {
            self.categories.add(traits.categories, count);
            add_unless(in_category, &mut self.loosened.category);
        }
        if in_category && is_trusted {
            if let Some(sum) = self.loads.get_mut(traits.load) {
                *sum += count;
            }
            add_unless(is_loaded_so, &mut self.loosened.load);
        }
        if in_category && is_loaded_so {
            self.trusted += if traits.trusted { count } else { 0 };
            add_unless(is_trusted, &mut self.loosened.trusted);
        }
    }

    fn merge(&mut self, other: &Self) {
        let add = |sum: &mut [u64], more: &[u64]| sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        self.matched += other.matched;
        self.total += other.total;
        self.trusted += other.trusted;
        self.anywhere += other.anywhere;
        add(&mut self.categories.0, &other.categories.0);
        add(&mut self.majors.0, &other.majors.0);
        add(&mut self.loads, &other.loads);
        for (platform, count) in &other.platforms {
            *self.platforms.entry(platform.clone()).or_default() += count;
        }
        self.loosened.category += other.loosened.category;
        self.loosened.major += other.loosened.major;
        self.loosened.platform += other.loosened.platform;
        self.loosened.load += other.loosened.load;
        self.loosened.trusted += other.loosened.trusted;
    }

    /// Counts what runs everywhere for every platform that is shown.
    fn spread_anywhere(&mut self, filters: &Filters) {
        if self.anywhere == 0 {
            return;
        }
        for word in [filters.platform.as_deref(), Some(ANY_PLATFORM)].into_iter().flatten() {
            self.platforms.entry(word.to_owned()).or_default();
        }
        for count in self.platforms.values_mut() {
            *count += self.anywhere;
        }
    }
}

/// What a package was built for, as the filters see it.
struct BuildView {
    /// Its majors on the wanted platform, or on all.
    majors: u64,
    /// Whether the wanted major and platform come together in one file.
    has_build: bool,
}

/// The filters in a segment.
struct SegmentFilters {
    /// The number of what runs everywhere.
    anywhere: Option<usize>,
    builds: Vec<BuildView>,
    /// Whether categories, load kind and trust are as they are wanted; none where nothing is wanted of them.
    traits: Option<Vec<bool>>,
}

impl SegmentFilters {
    fn new(filters: &Filters, facts: &SegmentFacts) -> Self {
        let anywhere = facts.platform(ANY_PLATFORM);
        let platform = filters.platform.as_deref().and_then(|wanted| facts.platform(wanted));
        let fits = |known: usize| filters.platform.is_none() || Some(known) == platform || Some(known) == anywhere;
        let builds = facts.builds.iter().map(|builds| {
            let majors = builds.iter().filter(|(known, _)| fits(*known)).fold(0, |all, (_, majors)| all | majors);
            let is_asked = filters.major.is_some() || filters.platform.is_some();
            BuildView { majors, has_build: !is_asked || majors & filters.major.unwrap_or(u64::MAX) != 0 }
        });
        let is_wanted = |traits: &Traits| {
            filters.category.is_none_or(|bit| traits.categories & bit != 0)
                && filters.load.is_none_or(|place| traits.load == place)
                && (!filters.trusted || traits.trusted)
        };
        let is_asked = filters.category.is_some() || filters.load.is_some() || filters.trusted;
        let traits = is_asked.then(|| facts.traits.iter().map(is_wanted).collect());
        Self { anywhere, builds: builds.collect(), traits }
    }
}

/// Collects the best `wanted` results and the counts of all.
pub(super) struct Pass {
    pub(super) filters: Filters,
    pub(super) order: SearchOrder,
    pub(super) wanted: usize,
    pub(super) popularity: Arc<HashMap<i64, RecentDownloads>>,
    pub(super) segments: KnownSegments,
}

/// A result, with what it is ordered by.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    address: DocAddress,
    score: Score,
    /// Seconds since 1970 of what the order goes by.
    moment: i64,
    downloads: i64,
    /// The place of its name among the names of its segment.
    name: u64,
}

impl Hit {
    /// Which comes first: by the order, then by downloads where words decide. Equal ones are ordered by name.
    fn compare(&self, other: &Self, order: SearchOrder) -> Ordering {
        let by_downloads = other.downloads.cmp(&self.downloads);
        match order {
            SearchOrder::Relevance => other.score.total_cmp(&self.score).then(by_downloads),
            SearchOrder::Name => Ordering::Equal,
            SearchOrder::Updated | SearchOrder::Created => other.moment.cmp(&self.moment),
            SearchOrder::Downloads => by_downloads,
        }
    }
}

/// What comes out of a segment: its best hits, the names they refer to, and the counts.
pub(super) struct SegmentFruit {
    hits: Vec<Hit>,
    names: Option<StrColumn>,
    collected: Collected,
}

pub(super) struct SegmentPass {
    segment: SegmentOrdinal,
    known: Arc<KnownSegment>,
    filters: Filters,
    here: SegmentFilters,
    /// How many documents there are of each combination of traits, with a file as it is wanted.
    traits: Vec<u32>,
    /// How many documents there are of each combination of builds, with traits as they are wanted.
    builds: Vec<u32>,
    matched: u64,
    order: SearchOrder,
    wanted: usize,
    popularity: Arc<HashMap<i64, RecentDownloads>>,
    /// The best so far, and what came after them.
    found: Vec<(DocId, Score)>,
    /// How many are looked through at once for the best.
    most_found: usize,
    /// Lower scores are not among the best.
    lowest_score: Score,
}

impl SegmentPass {
    fn downloads(&self, document: DocId) -> i64 {
        if self.popularity.is_empty() {
            return 0;
        }
        let package = self.known.columns.package.first(document).unwrap_or_default().cast_signed();
        self.popularity.get(&package).map_or(0, RecentDownloads::total)
    }

    fn moments(&self) -> &Column<i64> {
        if self.order == SearchOrder::Created { &self.known.columns.created } else { &self.known.columns.updated }
    }

    fn moment(&self, document: DocId) -> i64 {
        self.moments().first(document).unwrap_or_default()
    }

    fn name(&self, document: DocId) -> u64 {
        self.known.columns.names.as_ref().and_then(|names| names.ords().first(document)).unwrap_or(u64::MAX)
    }

    fn hit(&self, document: DocId, score: Score) -> Hit {
        Hit {
            address: DocAddress::new(self.segment, document),
            score,
            moment: self.moment(document),
            downloads: self.downloads(document),
            name: self.name(document),
        }
    }

    /// Keeps the best `wanted` of what was found, in any order.
    fn keep_best(&mut self) {
        let mut found = std::mem::take(&mut self.found);
        if found.len() > self.wanted && self.wanted > 0 {
            let last = self.wanted - 1;
            let by_name = |left: DocId, right: DocId| self.name(left).cmp(&self.name(right));
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
            if self.order == SearchOrder::Relevance {
                self.lowest_score = found[last].1;
            }
        }
        found.truncate(self.wanted);
        self.found = found;
    }

    /// The best `wanted` of all that was found, in their order.
    fn best(&mut self) -> Vec<Hit> {
        self.keep_best();
        let mut hits: Vec<Hit> = self.found.iter().map(|(document, score)| self.hit(*document, *score)).collect();
        hits.sort_by(|left, right| left.compare(right, self.order).then(left.name.cmp(&right.name)));
        hits
    }

    fn counts(&self) -> Collected {
        let mut all = Collected { matched: self.matched, ..Collected::default() };
        for (place, count) in self.traits.iter().enumerate().filter(|(_, count)| **count > 0) {
            all.add_traits(self.known.facts.traits[place], &self.filters, (*count).into());
        }
        let mut platforms = vec![0_u64; self.known.facts.platforms.len()];
        for (place, count) in self.builds.iter().enumerate().filter(|(_, count)| **count > 0) {
            let BuildView { majors, has_build } = self.here.builds[place];
            let count = u64::from(*count);
            all.majors.add(majors, count);
            let has_platform = self.count_platforms(place, count, &mut platforms, &mut all.anywhere);
            // With both filters gone nothing compiled is asked for.
            if !has_build && (self.filters.platform.is_none() || majors != 0) {
                all.loosened.major += count;
            }
            if !has_build && (self.filters.major.is_none() || has_platform) {
                all.loosened.platform += count;
            }
        }
        for (number, count) in platforms.into_iter().enumerate().filter(|(_, count)| *count > 0) {
            all.platforms.insert(self.known.facts.platforms[number].clone(), count);
        }
        all
    }

    /// Counts the platforms with a file, for the wanted major if there is one; says whether there is any.
    fn count_platforms(&self, place: usize, count: u64, platforms: &mut [u64], anywhere: &mut u64) -> bool {
        let wanted = self.filters.major.unwrap_or(u64::MAX);
        let fitting = || self.known.facts.builds[place].iter().filter(|(_, majors)| majors & wanted != 0);
        if fitting().any(|(number, _)| Some(*number) == self.here.anywhere) {
            *anywhere += count;
            return true;
        }
        for (number, _) in fitting() {
            platforms[*number] += count;
        }
        fitting().next().is_some()
    }
}

impl SegmentCollector for SegmentPass {
    type Fruit = SegmentFruit;

    fn collect(&mut self, document: DocId, score: Score) {
        let place = |column: &Column<u64>| column.first(document).and_then(|place| usize::try_from(place).ok());
        let (Some(traits), Some(builds)) = (place(&self.known.columns.traits), place(&self.known.columns.builds))
        else {
            return;
        };
        let has_build = self.here.builds[builds].has_build;
        let has_traits = self.here.traits.as_ref().is_none_or(|wanted| wanted[traits]);
        self.matched += 1;
        self.traits[traits] += u32::from(has_build);
        self.builds[builds] += u32::from(has_traits);
        if has_build && has_traits && score >= self.lowest_score {
            self.found.push((document, score));
            if self.found.len() == self.most_found {
                self.keep_best();
            }
        }
    }

    fn harvest(mut self) -> SegmentFruit {
        SegmentFruit { hits: self.best(), collected: self.counts(), names: self.known.columns.names.clone() }
    }
}

impl Collector for Pass {
    type Fruit = Collected;
    type Child = SegmentPass;

    fn for_segment(&self, segment: SegmentOrdinal, reader: &SegmentReader) -> tantivy::Result<SegmentPass> {
        let known = self.segments.of(reader)?;
        Ok(SegmentPass {
            segment,
            here: SegmentFilters::new(&self.filters, &known.facts),
            traits: vec![0; known.facts.traits.len()],
            builds: vec![0; known.facts.builds.len()],
            known,
            filters: self.filters.clone(),
            matched: 0,
            order: self.order,
            wanted: self.wanted,
            popularity: self.popularity.clone(),
            found: Vec::new(),
            most_found: MOST_FOUND.max(2 * self.wanted),
            lowest_score: Score::NEG_INFINITY,
        })
    }

    fn requires_scoring(&self) -> bool {
        self.order == SearchOrder::Relevance
    }

    fn merge_fruits(&self, segments: Vec<SegmentFruit>) -> tantivy::Result<Collected> {
        let mut all = Collected::default();
        // Names are read only where hits of several segments have to be ordered by them.
        let is_only_one = segments.iter().filter(|segment| !segment.hits.is_empty()).count() < 2;
        let mut hits = Vec::new();
        for SegmentFruit { hits: own, names, collected } in segments {
            all.merge(&collected);
            for hit in own {
                let mut name = String::new();
                if let Some(names) = names.as_ref().filter(|_| !is_only_one) {
                    names.ord_to_str(hit.name, &mut name)?;
                }
                hits.push((hit, name));
            }
        }
        all.spread_anywhere(&self.filters);
        if !is_only_one {
            hits.sort_by(|(left, left_name), (right, right_name)| {
                left.compare(right, self.order).then_with(|| left_name.cmp(right_name))
            });
        }
        hits.truncate(self.wanted);
        all.best = hits.into_iter().map(|(hit, _)| hit.address).collect();
        Ok(all)
    }
}
