use axum::{
    Json,
    extract::{RawQuery, State},
};
use model::wire;
use registry::{Facets, SearchOrder, SearchQuery, Understood};

use super::{
    ApiError,
    convert::{self, Addresses},
    parameters::Query,
};
use crate::state::AppState;

const DEFAULT_LIMIT: u8 = 20;
const LARGEST_LIMIT: u8 = 100;
/// How many suggestions there are at most.
const SUGGESTIONS: u8 = 8;

/// Public packages by words, with counts for every other choice.
#[utoipa::path(
    get,
    path = "/api/v1/search",
    operation_id = "search",
    params(
        ("q" = Option<String>, Query, description = "Words or a name; everything where it is left out"),
        ("tag" = Option<String>, Query, description = "A tag"),
        ("category" = Option<String>, Query, description = "Slug of a category"),
        ("pg" = Option<u8>, Query, description = "A major of PostgreSQL that there is a file for"),
        ("platform" = Option<String>, Query, description = "A platform that there is a file for"),
        ("load" = Option<String>, Query, description = "How its library is loaded"),
        ("trusted" = Option<bool>, Query, description = "true: all its extensions are trusted"),
        ("sort" = Option<String>, Query, description = "relevance (the default), name, updated, created or downloads"),
        ("page" = Option<u32>, Query, description = "From 1"),
        ("limit" = Option<u8>, Query, description = "At most this many, 1 to 100; 20 by default"),
    ),
    responses((status = 200, body = wire::SearchResults), (status = 400, body = wire::Problem), (status = 503, body = wire::Problem))
)]
pub(super) async fn search(
    State(state): State<AppState>,
    RawQuery(query): RawQuery,
) -> Result<Json<wire::SearchResults>, ApiError> {
    let query = search_query(&Query::read(query.as_deref()))?;
    let results = state.registry.search(state.search.as_ref(), &query).await?;
    let addresses = Addresses::new(&state.http.public_url);
    Ok(Json(wire::SearchResults {
        understood: match results.understood {
            Understood::Everything => "everything",
            Understood::EveryWord => "every-word",
            Understood::SomeWords => "some-words",
            Understood::NamesOnly => "names-only",
        }
        .to_owned(),
        total: results.total,
        items: results
            .items
            .into_iter()
            .map(|listing| convert::item(&addresses, state.registry.popularity(), listing))
            .collect(),
        next_page: results.has_more.then(|| query.page.saturating_add(1)),
        facets: facets(results.facets),
        near: results.near,
    }))
}

fn search_query(query: &Query) -> Result<SearchQuery, ApiError> {
    let limit = query.get::<u8>("limit")?.unwrap_or(DEFAULT_LIMIT);
    if !(1..=LARGEST_LIMIT).contains(&limit) {
        return Err(ApiError::Parameter { name: "limit", reason: format!("it should be from 1 to {LARGEST_LIMIT}") });
    }
    let order = match query.get::<String>("sort")?.as_deref() {
        Some("created") => SearchOrder::Created,
        Some("downloads") => SearchOrder::Downloads,
        None | Some("relevance") => SearchOrder::Relevance,
        Some("name") => SearchOrder::Name,
        Some("updated") => SearchOrder::Updated,
        Some(_) => {
            return Err(ApiError::Parameter {
                name: "sort",
                reason: "it should be relevance, name, updated, created or downloads".to_owned(),
            });
        }
    };
    let tag = query.get::<String>("tag")?;
    if tag.as_deref().is_some_and(|tag| tag.contains('\0')) {
        return Err(ApiError::Parameter { name: "tag", reason: "it has a character that no tag has".to_owned() });
    }
    Ok(SearchQuery {
        text: query.get("q")?.unwrap_or_default(),
        tag,
        category: query.get("category")?,
        major: query.get("pg")?,
        platform: query.get("platform")?,
        load: query.get("load")?,
        trusted: query.get("trusted")?.unwrap_or(false),
        order,
        page: query.get("page")?.unwrap_or(1).max(1),
        limit,
    })
}

fn facets(facets: Facets) -> wire::SearchFacets {
    let count = |value: String, count| wire::SearchFacet { value, count };
    wire::SearchFacets {
        category: facets.categories.into_iter().map(|((slug, _), number)| count(slug.to_string(), number)).collect(),
        pg: facets.majors.into_iter().map(|(major, number)| count(major.to_string(), number)).collect(),
        platform: facets.platforms.into_iter().map(|(platform, number)| count(platform.to_string(), number)).collect(),
        load: facets.loads.into_iter().map(|(kind, number)| count(kind.to_string(), number)).collect(),
        trusted: facets.trusted,
    }
}

/// Names that begin like what is being typed, or are meant by it.
#[utoipa::path(
    get,
    path = "/api/v1/suggest",
    operation_id = "suggest",
    params(("q" = String, Query, description = "What was typed so far")),
    responses((status = 200, body = wire::SuggestionList), (status = 503, body = wire::Problem))
)]
pub(super) async fn suggest(
    State(state): State<AppState>,
    RawQuery(query): RawQuery,
) -> Result<Json<wire::SuggestionList>, ApiError> {
    let text = Query::read(query.as_deref()).get::<String>("q")?.unwrap_or_default();
    let suggestions = state.registry.suggest(state.search.as_ref(), &text, SUGGESTIONS).await?;
    let items = suggestions
        .into_iter()
        .map(|suggestion| wire::Suggestion { name: suggestion.name, summary: suggestion.summary });
    Ok(Json(wire::SuggestionList { items: items.collect() }))
}
