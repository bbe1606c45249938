//! What filters and facets go by. Many packages have the same facts, so the index keeps each combination once, in two columns:
//! what a package is, and what it was built for. A search counts combinations, and looks into them only where there is a count.

use std::{
    collections::HashMap,
    fmt::Write as _,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use model::LoadKind;
use tantivy::{
    Searcher, SegmentReader,
    columnar::{Column, StrColumn},
    index::SegmentId,
};

/// What a package has that runs everywhere.
pub(super) const ANY_PLATFORM: &str = "any";

/// What a package is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Traits {
    /// The bit of each category, by its number.
    pub(super) categories: u64,
    /// The place of the load kind in its list, from 1; 0 where nothing is loaded.
    pub(super) load: usize,
    /// Whether every extension is trusted.
    pub(super) trusted: bool,
}

impl Traits {
    /// As the index keeps them.
    pub(super) fn encoded(self) -> String {
        format!("{:x} {} {}", self.categories, self.load, u8::from(self.trusted))
    }

    fn decoded(text: &str) -> Option<Self> {
        let mut parts = text.split(' ');
        Some(Self {
            categories: u64::from_str_radix(parts.next()?, 16).ok()?,
            load: parts.next()?.parse().ok()?,
            trusted: parts.next()? == "1",
        })
    }
}

/// What a package was built for: platforms by their number in the segment, each with the bits of its majors, counted from 10.
pub(super) type Builds = Vec<(usize, u64)>;

/// What a package was built for, as the index keeps it.
pub(super) fn encoded_builds(builds: impl Iterator<Item = (String, u64)>) -> String {
    let mut text = String::new();
    for (platform, majors) in builds {
        let _ = write!(text, "{platform}={majors:x} ");
    }
    text
}

/// The bit of a major, counted from 10.
pub(super) fn major_bit(major: i16) -> u64 {
    u32::try_from(major - 10).ok().and_then(|place| 1_u64.checked_shl(place)).unwrap_or_default()
}

/// The bit of a category, by its number, which stays when its place changes.
pub(super) fn category_bit(number: i16) -> u64 {
    u32::try_from(number).ok().and_then(|place| 1_u64.checked_shl(place)).unwrap_or_default()
}

/// The place of a load kind in its list, from 1.
pub(super) fn load_place(kind: LoadKind) -> usize {
    LoadKind::ALL.iter().position(|known| *known == kind).map_or(0, |place| place + 1)
}

/// The combinations in a segment, by their ordinals.
#[derive(Debug, Default)]
pub(super) struct SegmentFacts {
    pub(super) traits: Vec<Traits>,
    pub(super) builds: Vec<Builds>,
    /// The platforms by their numbers.
    pub(super) platforms: Vec<String>,
}

/// The columns of a segment that a search reads.
#[derive(Clone)]
pub(super) struct Columns {
    pub(super) package: Column<u64>,
    pub(super) traits: Column<u64>,
    pub(super) builds: Column<u64>,
    pub(super) names: Option<StrColumn>,
    pub(super) updated: Column<i64>,
    pub(super) created: Column<i64>,
}

impl Columns {
    fn open(segment: &SegmentReader) -> tantivy::Result<Self> {
        let fast = segment.fast_fields();
        let ordinals = |name| -> tantivy::Result<Column<u64>> {
            let none = || Column::build_empty_column(segment.max_doc());
            Ok(fast.str(name)?.map_or_else(none, |column| column.ords().clone()))
        };
        Ok(Self {
            package: fast.u64("package")?,
            traits: ordinals("traits")?,
            builds: ordinals("builds")?,
            names: fast.str("name")?,
            updated: fast.i64("updated")?,
            created: fast.i64("created")?,
        })
    }
}

/// What is read of a segment once.
pub(super) struct KnownSegment {
    pub(super) facts: SegmentFacts,
    pub(super) columns: Columns,
}

impl SegmentFacts {
    /// The number of a platform.
    pub(super) fn platform(&self, platform: &str) -> Option<usize> {
        self.platforms.iter().position(|known| known == platform)
    }

    fn read(segment: &SegmentReader) -> tantivy::Result<Self> {
        let mut facts = Self::default();
        if let Some(column) = segment.fast_fields().str("traits")? {
            for_each_term(&column, |text| facts.traits.push(Traits::decoded(text).unwrap_or_default()))?;
        }
        if let Some(column) = segment.fast_fields().str("builds")? {
            for_each_term(&column, |text| {
                let builds = facts.decoded_builds(text);
                facts.builds.push(builds);
            })?;
        }
        Ok(facts)
    }

    fn decoded_builds(&mut self, text: &str) -> Builds {
        let pairs = text.split_terminator(' ').filter_map(|part| {
            let (platform, majors) = part.split_once('=')?;
            Some((platform, u64::from_str_radix(majors, 16).ok()?))
        });
        pairs.map(|(platform, majors)| (self.number(platform), majors)).collect()
    }

    /// The number of a platform, a new one if it has none.
    fn number(&mut self, platform: &str) -> usize {
        self.platform(platform).unwrap_or_else(|| {
            self.platforms.push(platform.to_owned());
            self.platforms.len() - 1
        })
    }
}

fn for_each_term(column: &StrColumn, mut take: impl FnMut(&str)) -> tantivy::Result<()> {
    let mut terms = column.dictionary().stream()?;
    while terms.advance() {
        take(std::str::from_utf8(terms.key()).unwrap_or_default());
    }
    Ok(())
}

/// Combinations and columns of each segment. Segments never change, so they are read once.
#[derive(Clone, Default)]
pub(super) struct KnownSegments(Arc<Mutex<HashMap<SegmentId, Arc<KnownSegment>>>>);

impl KnownSegments {
    /// Those of a segment.
    pub(super) fn of(&self, segment: &SegmentReader) -> tantivy::Result<Arc<KnownSegment>> {
        if let Some(known) = self.known().get(&segment.segment_id()) {
            return Ok(known.clone());
        }
        let known = Arc::new(KnownSegment { facts: SegmentFacts::read(segment)?, columns: Columns::open(segment)? });
        self.known().insert(segment.segment_id(), known.clone());
        Ok(known)
    }

    /// Reads those of new segments before anybody searches, and forgets those of segments that are gone.
    pub(super) fn refresh(&self, searcher: &Searcher) -> tantivy::Result<()> {
        for segment in searcher.segment_readers() {
            self.of(segment)?;
        }
        let is_there = |id: &SegmentId| searcher.segment_readers().iter().any(|segment| segment.segment_id() == *id);
        self.known().retain(|id, _| is_there(id));
        Ok(())
    }

    fn known(&self) -> MutexGuard<'_, HashMap<SegmentId, Arc<KnownSegment>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_survive_the_index() {
        let traits = Traits { categories: 0x8002, load: 3, trusted: true };
        assert_eq!(Traits::decoded(&traits.encoded()), Some(traits));
        assert_eq!(Traits::decoded("x"), None);
        let mut facts = SegmentFacts::default();
        let pairs = [("any", 0x1f0), ("debian-12-x86_64-gnu", 0x20)].map(|(name, majors)| (name.to_owned(), majors));
        assert_eq!(facts.decoded_builds(&encoded_builds(pairs.into_iter())), [(0, 0x1f0), (1, 0x20)]);
        assert_eq!(facts.decoded_builds("debian-12-x86_64-gnu=1 "), [(1, 1)]);
        assert_eq!(facts.decoded_builds(""), []);
        assert_eq!(facts.platform("any"), Some(0));
    }
}
