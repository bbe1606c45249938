//! Search: an index of this node over the public packages, rebuilt from and following the listings.
//!
//! Whatever happens to the index, names are still found: then PostgreSQL looks for them and the answer says so.

mod collect;
mod documents;
mod facets;
mod facts;
mod follow;
mod index;
mod names;
mod query;
mod schema;
mod service;

pub use facets::{FacetCounts, Facets, WithoutFacet};
pub use follow::run_search_index;
pub use index::SearchIndex;
pub use query::{SearchOrder, SearchQuery};
pub use service::{SearchResults, Suggestion, Understood};
