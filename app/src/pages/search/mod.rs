//! Browsing and searching: the same rows and facets, at three addresses.

mod choices;
mod facets;

use leptos::prelude::*;
use leptos_meta::{Link, Meta, Title};
use leptos_router::hooks::{use_params_map, use_query_map};
use model::CategorySlug;
use registry::{CategoryOverview, RegistryError, SearchOrder, SearchResults, Understood};

use self::{choices::Choices, facets::FacetLists};
use crate::{
    components::{Breadcrumbs, Icon, PackageRows, SearchField, category_icon},
    context::{registry, search_index, site},
    format,
    load::load,
};

/// All packages.
#[component]
pub(crate) fn BrowsePage() -> impl IntoView {
    let choices = Choices::read("/packages", &use_query_map().read_untracked());
    load(found(choices), |(choices, results)| {
        let title = if choices.text.is_empty() { "All packages" } else { "Packages" };
        view! {
            <Title text=title/>
            <Meta name="description" content="Every extension and module for PostgreSQL in this registry."/>
            <Link rel="canonical" href=site().absolute("/packages")/>
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
        view! {
            <Title text=title/>
            // A search is nobody's page but the searcher's.
            <Meta name="robots" content="noindex"/>
            <div class="frame py-8">
                <h1 class="text-heading font-semibold">"Search"</h1>
                <div class="mt-3 max-w-2xl sm:hidden">
                    <SearchField text=choices.text.clone() id="page-search"/>
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
    let registry = registry();
    let search = search_index();
    let data = async move {
        let slug = slug.map_err(|_| RegistryError::NotFound)?;
        let category = registry.category(&slug).await?;
        let choices = Choices::read_in_category(slug, &query);
        let results = registry.search(search.as_ref(), &choices.query()).await?;
        Ok((category, choices, results))
    };
    load(data, |(category, choices, results): (CategoryOverview, Choices, SearchResults)| {
        view! {
            <Title text=category.name.clone()/>
            <Meta name="description" content=format!("PostgreSQL extensions: {}", category.sentence)/>
            <Link rel="canonical" href=site().absolute(&format!("/categories/{}", category.slug))/>
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
    })
}

async fn found(choices: Choices) -> Result<(Choices, SearchResults), RegistryError> {
    let results = registry().search(search_index().as_ref(), &choices.query()).await?;
    Ok((choices, results))
}

/// Facets beside rows; on a narrow screen the facets fold away.
#[component]
fn Results(choices: Choices, results: SearchResults) -> impl IntoView {
    // Where there is nothing to choose from, no choices.
    let with_facets = results.understood != Understood::NamesOnly && (results.total > 0 || choices.has_filters());
    let count = results.total;
    let next = results.has_more.then(|| choices.with_page(choices.page + 1));
    let previous = (choices.page > 1).then(|| choices.with_page(choices.page - 1));
    let is_empty = results.items.is_empty();
    view! {
        <div class="mt-6 grid gap-8 lg:grid-cols-[16rem_minmax(0,1fr)]">
            {with_facets.then(|| view! { <FacetLists choices=choices.clone() facets=results.facets.clone()/> })}
            <section aria-labelledby="results" class="min-w-0" class:lg:col-span-2=!with_facets>
                <div class="mb-3 flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1">
                    <h2 id="results" class="text-body font-semibold">
                        {format::count(i64::try_from(count).unwrap_or(i64::MAX))}
                        {if count == 1 { " package" } else { " packages" }}
                        {(!choices.text.is_empty()).then(|| format!(" for “{}”", choices.text))}
                    </h2>
                    {(results.total > 1).then(|| view! { <Orders choices=choices.clone()/> })}
                </div>
                <Understanding understood=results.understood/>
                {if is_empty {
                    view! { <NothingFound choices/> }.into_any()
                } else {
                    view! { <PackageRows packages=results.items/> }.into_any()
                }}
                <nav aria-label="Pages of results" class="mt-6 flex gap-3 empty:hidden">
                    {previous
                        .map(|address| {
                            view! {
                                <a class="button" rel="prev" href=address>
                                    "Previous page"
                                </a>
                            }
                        })}
                    {next
                        .map(|address| {
                            view! {
                                <a class="button" rel="next" href=address>
                                    "Next page"
                                </a>
                            }
                        })}
                </nav>
            </section>
        </div>
    }
}

/// Says where the answer is not to the whole question.
#[component]
fn Understanding(understood: Understood) -> impl IntoView {
    let text = match understood {
        Understood::Everything | Understood::EveryWord => return ().into_any(),
        Understood::SomeWords => "No package has all of these words. These have some of them.",
        Understood::NamesOnly => "The search index is being built. Until it is ready only names are searched.",
    };
    view! {
        <p class="mb-3 rounded-md border border-line bg-raised px-3 py-2" role="note">
            {text}
        </p>
    }
    .into_any()
}

#[component]
fn Orders(choices: Choices) -> impl IntoView {
    let default = if choices.text.is_empty() { SearchOrder::Name } else { SearchOrder::Relevance };
    let current = if choices.order == SearchOrder::Relevance { default } else { choices.order };
    let mut orders = vec![("name", SearchOrder::Name), ("last update", SearchOrder::Updated)];
    if !choices.text.is_empty() {
        orders.insert(0, ("relevance", SearchOrder::Relevance));
    }
    view! {
        <p class="text-small text-ink-soft">
            "Sorted by "
            {orders
                .into_iter()
                .enumerate()
                .map(|(place, (name, order))| {
                    let separator = if place == 0 { "" } else { " · " };
                    let address = choices.with_order(order);
                    let item = if order == current {
                        view! { <span class="font-semibold text-ink">{name}</span> }.into_any()
                    } else {
                        view! {
                            <a class="link" href=address>
                                {name}
                            </a>
                        }
                            .into_any()
                    };
                    view! {
                        {separator}
                        {item}
                    }
                })
                .collect_view()}
        </p>
    }
}

#[component]
fn NothingFound(choices: Choices) -> impl IntoView {
    let advice = match (choices.has_filters(), choices.text.is_empty(), choices.page > 1) {
        (_, _, true) => "There are no further results.",
        (true, _, _) => "Nothing matches all of these choices. Take one away on the left, or all of them.",
        (false, false, _) => "Nothing has these words. Try another spelling, or a word for what it should do.",
        (false, true, _) => "No package here yet.",
    };
    let address = if choices.page > 1 { choices.with_page(1) } else { choices.cleared() };
    let is_first_choice = choices.has_filters() || choices.page > 1;
    view! {
        <div class="border-y border-line py-8">
            <p>{advice}</p>
            {is_first_choice
                .then(|| {
                    view! {
                        <p class="mt-3">
                            <a class="link" href=address>
                                {if choices.page > 1 { "First page" } else { "Clear all choices" }}
                            </a>
                        </p>
                    }
                })}
        </div>
    }
}
