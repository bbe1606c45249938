use std::sync::Arc;

use model::PackageName;
use tantivy::{DocAddress, Searcher, TantivyDocument, TantivyError, schema::Value as _};

use super::{
    collect::{Collected, Filters, Pass},
    facets::Facets,
    facts::{category_bit, load_place, major_bit},
    follow::{categories, internal},
    index::{Inner, KnownCategory, SearchIndex},
    names,
    query::{Attempt, SearchOrder, SearchQuery, index_query, near_names, words},
};
use crate::{Listing, Registry, RegistryError};

/// Results further behind are not offered: nobody reads so far, and each page would cost more than the last.
const FURTHEST: usize = 10_000;

/// Names that are offered where nothing was found.
const NEAR_NAMES: usize = 5;

/// How a text was understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Understood {
    /// Everything is shown: there was no text.
    Everything,
    /// Every word was found.
    EveryWord,
    /// No package has every word; these have some.
    SomeWords,
    /// The index is being built: only names were searched, and there are no facets.
    NamesOnly,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct SearchResults {
    /// How the text was understood.
    pub understood: Understood,
    /// How many packages there are.
    pub total: u64,
    /// Those of the wanted page.
    pub items: Vec<Listing>,
    /// Whether there is a further page.
    pub has_more: bool,
    /// Counts for other choices.
    pub facets: Facets,
    /// Names that are like the text, where nothing was found.
    pub near: Vec<PackageName>,
}

/// A package that begins like what is being typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// Its short name.
    pub name: PackageName,
    /// Its sentence.
    pub summary: Option<String>,
}

impl Registry {
    /// Looks for public packages. `index` is that of this node; without one, or while it is built, names are searched.
    pub async fn search(
        &self,
        index: Option<&SearchIndex>,
        query: &SearchQuery,
    ) -> Result<SearchResults, RegistryError> {
        let offset =
            (usize::try_from(query.page).unwrap_or(usize::MAX).saturating_sub(1)).saturating_mul(query.limit.into());
        if offset >= FURTHEST {
            let understood = if query.text.is_empty() { Understood::Everything } else { Understood::EveryWord };
            return Ok(SearchResults {
                understood,
                total: 0,
                items: Vec::new(),
                has_more: false,
                facets: Facets::default(),
                near: Vec::new(),
            });
        }
        let Some(index) = index.filter(|index| index.is_complete()) else {
            let (packages, total) = names::search(&self.pool, query).await?;
            let has_more = total > (offset + packages.len()) as u64;
            let items = self.listings_of(&packages).await?;
            return Ok(SearchResults {
                understood: Understood::NamesOnly,
                total,
                items,
                has_more,
                facets: Facets::default(),
                near: Vec::new(),
            });
        };
        let categories = self.known_categories(index).await?;
        let mut meant = query.clone();
        if let Some(tag) = &query.tag {
            meant.tag = self.former_tag(tag).await?.or(meant.tag);
        }
        if let Some(slug) = &query.category
            && !categories.iter().any(|known| known.slug == *slug)
        {
            meant.category = self.former_category(slug).await?.or(meant.category);
        }
        let query = &meant;
        let (understood, collected, items) = self.ask(index, query, &categories, offset).await?;
        let has_more = collected.total > (offset + items.len()) as u64;
        let near = if collected.matched == 0 { near(index, &query.text).await? } else { Vec::new() };
        Ok(SearchResults {
            understood,
            total: collected.total,
            items,
            has_more,
            facets: Facets::new(&collected, &categories),
            near,
        })
    }

    /// The categories as the index knows them, or, where it has not followed yet, as the database does.
    async fn known_categories(&self, index: &SearchIndex) -> Result<Arc<Vec<KnownCategory>>, RegistryError> {
        let known = index.categories();
        if !known.is_empty() {
            return Ok(known);
        }
        index.set_categories(categories(&mut *self.pool.acquire().await?).await?);
        Ok(index.categories())
    }

    async fn ask(
        &self,
        index: &SearchIndex,
        query: &SearchQuery,
        categories: &[KnownCategory],
        offset: usize,
    ) -> Result<(Understood, Collected, Vec<Listing>), RegistryError> {
        let category = |slug: &model::CategorySlug| categories.iter().find(|known| known.slug == *slug);
        let filters = Filters {
            // The bit of no category for one that is not there.
            category: query.category.as_ref().map(|slug| category(slug).map_or(0, |known| category_bit(known.number))),
            major: query.major.map(|major| major_bit(major.number().into())),
            platform: query.platform.as_ref().map(ToString::to_string),
            load: query.load.map(load_place),
            trusted: query.trusted,
        };
        let is_empty = words(&query.text).is_empty();
        // Without words all are equally good: then the names decide.
        let order = if is_empty && query.order == SearchOrder::Relevance { SearchOrder::Name } else { query.order };
        let pass = Pass {
            filters,
            order,
            wanted: offset + usize::from(query.limit),
            popularity: self.popularity.all(),
            segments: index.inner().segments.clone(),
        };
        let found = Search { index, text: &query.text, tag: query.tag.as_deref(), pass: &pass, offset };
        let (first, others) = Attempt::for_text(&query.text).split_first().unwrap_or((&Attempt::Everything, &[]));
        // Words as they are take less than handing the work to another thread and back.
        let (collected, items) = found.attempt(*first).map_err(internal)?;
        // With a filter too strict there may be results for other choices: then the words were fine.
        if collected.matched > 0 || others.is_empty() {
            return Ok((first.understood(), collected, items));
        }
        let (index, text, tag) = (index.clone(), query.text.clone(), query.tag.clone());
        let work = move || {
            let found = Search { index: &index, text: &text, tag: tag.as_deref(), pass: &pass, offset };
            let mut understood = Understood::Everything;
            let mut result = (Collected::default(), Vec::new());
            for attempt in others {
                understood = attempt.understood();
                result = found.attempt(*attempt)?;
                if result.0.matched > 0 {
                    break;
                }
            }
            Ok((understood, result.0, result.1))
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(internal)?
            .map_err(|error: tantivy::TantivyError| internal(error))
    }

    /// Packages that begin like `text`, or are meant by it; at most `limit`.
    pub async fn suggest(
        &self,
        index: Option<&SearchIndex>,
        text: &str,
        limit: u8,
    ) -> Result<Vec<Suggestion>, RegistryError> {
        if words(text).is_empty() {
            return Ok(Vec::new());
        }
        let query = SearchQuery { text: text.to_owned(), page: 1, limit, ..SearchQuery::default() };
        let results = self.search(index, &query).await?;
        Ok(results.items.into_iter().map(|item| Suggestion { name: item.name, summary: item.summary }).collect())
    }
}

/// One question to the index.
struct Search<'question> {
    index: &'question SearchIndex,
    text: &'question str,
    tag: Option<&'question str>,
    pass: &'question Pass,
    offset: usize,
}

impl Search<'_> {
    /// What is found when the words have to match in this way.
    fn attempt(&self, attempt: Attempt) -> tantivy::Result<(Collected, Vec<Listing>)> {
        let inner = self.index.inner();
        let searcher = inner.reader.searcher();
        let asked = index_query(&inner.fields, &searcher, self.text, self.tag, attempt)?;
        let collected = searcher.search(&*asked, self.pass)?;
        let items = listings(inner, &searcher, collected.best.iter().skip(self.offset))?;
        Ok((collected, items))
    }
}

/// Names that are like a text for which nothing was found, the most alike first.
async fn near(index: &SearchIndex, text: &str) -> Result<Vec<PackageName>, RegistryError> {
    let Some(query) = near_names(&index.inner().fields, text) else { return Ok(Vec::new()) };
    let pass = Pass {
        filters: Filters::default(),
        order: SearchOrder::Relevance,
        wanted: NEAR_NAMES,
        popularity: Arc::default(),
        segments: index.inner().segments.clone(),
    };
    let index = index.clone();
    let work = move || {
        let searcher = index.inner().reader.searcher();
        let collected = searcher.search(&*query, &pass)?;
        listings(index.inner(), &searcher, collected.best.iter())
    };
    let found = tokio::task::spawn_blocking(work).await.map_err(internal)?.map_err(internal)?;
    Ok(found.into_iter().map(|listing| listing.name).collect())
}

/// The listings as they were when the index took them in. Those that are found often are kept.
fn listings<'address>(
    inner: &Inner,
    searcher: &Searcher,
    addresses: impl Iterator<Item = &'address DocAddress>,
) -> tantivy::Result<Vec<Listing>> {
    addresses
        .map(|address| {
            let key = (searcher.segment_reader(address.segment_ord).segment_id(), address.doc_id);
            if let Some(listing) = inner.listings.get(&key) {
                return Ok(Listing::clone(&listing));
            }
            let document: TantivyDocument = searcher.doc(*address)?;
            let bytes = document.get_first(inner.fields.listing).and_then(|value| value.as_bytes()).unwrap_or_default();
            let listing: Listing =
                serde_json::from_slice(bytes).map_err(|error| TantivyError::InternalError(error.to_string()))?;
            inner.listings.insert(key, Arc::new(listing.clone()));
            Ok(listing)
        })
        .collect()
}
