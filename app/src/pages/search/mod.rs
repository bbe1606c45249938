//! Browsing and searching: the same rows and facets, at four addresses.

mod choices;
mod chosen;
mod facets;
mod nothing_found;
mod results;

use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use model::CategorySlug;
use registry::{CategoryOverview, RegistryError, SearchResults};

pub(crate) use self::choices::tag_address;
use self::{choices::Choices, results::Results};
use crate::{
    components::{Breadcrumbs, Icon, PageHead, category_icon},
    context::{registry, search_index},
    islands::SearchBox,
    load::{load, moved},
};

/// All packages.
#[component]
pub(crate) fn BrowsePage() -> impl IntoView {
    let choices = Choices::read("/packages", &use_query_map().read_untracked());
    load(found(choices), |(choices, results)| {
        let title = if choices.text.is_empty() { "All packages" } else { "Packages" };
        view! {
            <PageHead title description="Every extension and module for PostgreSQL in this registry." path="/packages".to_owned()/>
            <div class="frame py-8">
                <Breadcrumbs above=vec![("/".to_owned(), "Home".to_owned())] here=title/>
                <h1 class="mt-3 text-heading font-semibold">{title}</h1>
                <Results choices results/>
            </div>
        }
    })
}

/// What was found.
#[component]
pub(crate) fn SearchPage() -> impl IntoView {
    let choices = Choices::read("/search", &use_query_map().read_untracked());
    load(found(choices), |(choices, results)| {
        let title = if choices.text.is_empty() { "Search".to_owned() } else { format!("Search: {}", choices.text) };
        // A search is nobody's page but the searcher's; the page to search from is everybody's.
        let path = choices.is_unasked().then(|| "/search".to_owned());
        view! {
            <PageHead title description="Search PostgreSQL extensions by name and by what they do." path/>
            <div class="frame py-8">
                <h1 class="text-heading font-semibold">"Search"</h1>
                <div class="mt-3 max-w-2xl sm:hidden">
                    <SearchBox text=choices.text.clone() id="page-search".to_owned() is_large=false/>
                </div>
                <Results choices results/>
            </div>
        }
    })
}

/// The packages of one category.
#[component]
pub(crate) fn CategoryPage() -> impl IntoView {
    let slug = use_params_map().read_untracked().get("slug").unwrap_or_default().parse::<CategorySlug>();
    let query = use_query_map().read_untracked().clone();
    let data = async move {
        let slug = slug.map_err(|_| RegistryError::NotFound)?;
        let category = match registry().category(&slug).await {
            Ok(category) => category,
            Err(RegistryError::NotFound) => {
                let became = registry().former_category(&slug).await?.ok_or(RegistryError::NotFound)?;
                return Ok(Err(format!("/categories/{became}")));
            }
            Err(error) => return Err(error),
        };
        let (choices, results) = found(Choices::read_in_category(category.slug.clone(), &query)).await?;
        Ok(Ok((category, choices, results)))
    };
    load(data, |found: Result<(CategoryOverview, Choices, SearchResults), String>| {
        let (category, choices, results) = match found {
            Ok(found) => found,
            Err(address) => return moved(&address).into_any(),
        };
        view! {
            <PageHead
                title=category.name.clone()
                description=format!("PostgreSQL extensions. {}.", category.sentence)
                path=format!("/categories/{}", category.slug)
            />
            <div class="frame py-8">
                <Breadcrumbs above=vec![("/".to_owned(), "Home".to_owned())] here=category.name.clone()/>
                <h1 class="mt-3 flex items-center gap-3 text-heading font-semibold">
                    <Icon icon=category_icon(&category.slug) class="size-7 text-accent"/>
                    {category.name}
                </h1>
                <p class="prose mt-2 text-ink-soft">{category.sentence}</p>
                <Results choices results/>
            </div>
        }
        .into_any()
    })
}

/// The packages with one tag.
#[component]
pub(crate) fn TagPage() -> impl IntoView {
    let tag = use_params_map().read_untracked().get("tag").unwrap_or_default();
    let query = use_query_map().read_untracked().clone();
    let data = async move {
        if !registry().has_tag(&tag).await? {
            let became = registry().former_tag(&tag).await?.ok_or(RegistryError::NotFound)?;
            return Ok(Err(tag_address(&became)));
        }
        found(Choices::read_with_tag(tag, &query)).await.map(Ok)
    };
    load(data, |found: Result<(Choices, SearchResults), String>| {
        let (choices, results) = match found {
            Ok(found) => found,
            Err(address) => return moved(&address).into_any(),
        };
        let tag = choices.tag.clone().unwrap_or_default();
        view! {
            <PageHead
                title=format!("Tag: {tag}")
                description=format!("PostgreSQL extensions with the tag {tag}.")
                path=tag_address(&tag)
            />
            <div class="frame py-8">
                <Breadcrumbs
                    above=vec![("/".to_owned(), "Home".to_owned()), ("/packages".to_owned(), "All packages".to_owned())]
                    here=tag.clone()
                />
                <h1 class="mt-3 flex items-center gap-3 text-heading font-semibold">
                    <Icon icon=icondata_lu::LuTag class="size-7 text-accent"/>
                    <bdi class="min-w-0 break-words">{tag}</bdi>
                </h1>
                <Results choices results/>
            </div>
        }
        .into_any()
    })
}

async fn found(choices: Choices) -> Result<(Choices, SearchResults), RegistryError> {
    let results = registry().search(search_index().as_ref(), &choices.query()).await?;
    Ok((choices, results))
}
