//! What a search finds.

use serde::{Deserialize, Serialize};

use super::{PackageItem, wire};
use crate::PackageName;

wire! {
    /// What a search found.
    SearchResults {
        /// How the words were understood: `everything`, `every-word`, `some-words`, or `names-only` while there is no index.
        understood: String,
        /// How many packages there are.
        total: u64,
        /// Those of this page.
        items: Vec<PackageItem>,
        /// The next page; null at the end.
        next_page: Option<u32>,
        /// How many packages there would be with another choice in one of these and the same in all others.
        facets: SearchFacets,
        /// Names that are nearly the text, where nothing was found.
        near: Vec<PackageName>,
    }

    /// Counts by the values of each facet.
    SearchFacets {
        /// By slug of category.
        category: Vec<SearchFacet>,
        /// By major of PostgreSQL.
        pg: Vec<SearchFacet>,
        /// By platform.
        platform: Vec<SearchFacet>,
        /// By the way a library is loaded.
        load: Vec<SearchFacet>,
        /// Packages whose extensions are all trusted.
        trusted: u64,
    }

    /// How many packages have a value.
    SearchFacet {
        /// The value as its parameter takes it.
        value: String,
        /// How many.
        count: u64,
    }

    /// Names for what is being typed.
    SuggestionList {
        /// The best first.
        items: Vec<Suggestion>,
    }

    /// A package for what is being typed.
    Suggestion {
        /// Its short name.
        name: PackageName,
        /// Its sentence.
        summary: Option<String>,
    }
}
