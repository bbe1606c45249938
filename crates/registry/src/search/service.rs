use model::PackageName;

use super::{
    collect::{Collected, Filters, Pass},
    documents::{category_bit, load_place, major_bit},
    facets::Facets,
    follow::internal,
    index::SearchIndex,
    names,
    query::{SearchOrder, SearchQuery, Strictness, index_query, near_names, words},
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
        let (understood, collected) = self.ask(index, query, offset + usize::from(query.limit)).await?;
        let packages: Vec<i64> = collected.packages.iter().skip(offset).map(|package| package.cast_signed()).collect();
        let items = self.listings_of(&packages).await?;
        let has_more = collected.total > (offset + packages.len()) as u64;
        let near = if collected.total == 0 { self.near_names(index, &query.text).await? } else { Vec::new() };
        Ok(SearchResults {
            understood,
            total: collected.total,
            items,
            has_more,
            facets: self.facets(&collected).await?,
            near,
        })
    }

    async fn ask(
        &self,
        index: &SearchIndex,
        query: &SearchQuery,
        wanted: usize,
    ) -> Result<(Understood, Collected), RegistryError> {
        let is_empty = words(&query.text).is_empty();
        let filters = Filters {
            tag: query.tag.clone(),
            category: match &query.category {
                Some(slug) => Some(self.category_position(slug).await?.map_or(0, category_bit)),
                None => None,
            },
            major: query.major.map(|major| major_bit(major.number().into())),
            platform: query.platform.as_ref().map(ToString::to_string),
            load: query.load.map(load_place),
            trusted: query.trusted,
        };
        // Without words all are equally good: then the names decide.
        let order = if is_empty && query.order == SearchOrder::Relevance { SearchOrder::Name } else { query.order };
        let (index, text, popularity) = (index.clone(), query.text.clone(), self.popularity.all());
        let work = move || {
            let run = |strictness| {
                let inner = index.inner();
                let pass = Pass { filters: filters.clone(), order, wanted, popularity: popularity.clone() };
                inner.reader.searcher().search(&*index_query(&inner.fields, &text, strictness), &pass)
            };
            let all = run(Strictness::All)?;
            let one_word = words(&text).len() < 2;
            if is_empty {
                return Ok((Understood::Everything, all));
            }
            // With a filter too strict there may be results for other choices: then the words were fine.
            let found_any = all.total > 0 || all.categories.0.iter().any(|count| *count > 0);
            if found_any || one_word {
                Ok((Understood::EveryWord, all))
            } else {
                Ok((Understood::SomeWords, run(Strictness::Any)?))
            }
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(internal)?
            .map_err(|error: tantivy::TantivyError| internal(error))
    }

    async fn category_position(&self, slug: &model::CategorySlug) -> Result<Option<i16>, RegistryError> {
        Ok(sqlx::query_scalar!("select position from categories where slug = $1", slug as _)
            .fetch_optional(&self.pool)
            .await?)
    }

    /// Names that are like a text for which nothing was found, the most alike first.
    async fn near_names(&self, index: &SearchIndex, text: &str) -> Result<Vec<PackageName>, RegistryError> {
        let Some(query) = near_names(&index.inner().fields, text) else { return Ok(Vec::new()) };
        let pass = Pass {
            filters: Filters::default(),
            order: SearchOrder::Relevance,
            wanted: NEAR_NAMES,
            popularity: self.popularity.all(),
        };
        let index = index.clone();
        let collected = tokio::task::spawn_blocking(move || index.inner().reader.searcher().search(&*query, &pass))
            .await
            .map_err(internal)?
            .map_err(internal)?;
        let packages: Vec<i64> = collected.packages.iter().map(|package| package.cast_signed()).collect();
        Ok(self.listings_of(&packages).await?.into_iter().map(|listing| listing.name).collect())
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
