use leptos::prelude::*;
use registry::{SearchOrder, SearchResults, Understood};

use super::{choices::Choices, chosen::Chosen, facets::FacetLists, nothing_found::NothingFound};
use crate::{components::PackageRows, format};

/// Facets beside rows.
#[component]
pub(super) fn Results(choices: Choices, results: SearchResults) -> impl IntoView {
    // Where there is nothing to choose from, no choices.
    let with_facets = results.understood != Understood::NamesOnly && (results.total > 0 || choices.has_filters());
    let count = results.total;
    let next = results.has_more.then(|| choices.with_page(choices.page + 1));
    let previous = (choices.page > 1).then(|| choices.with_page(choices.page - 1));
    let is_empty = results.items.is_empty();
    view! {
        <div class="mt-6 grid gap-x-8 gap-y-4 lg:grid-cols-[16rem_minmax(0,1fr)]">
            {with_facets.then(|| view! { <FacetLists choices=choices.clone() facets=results.facets.clone()/> })}
            <section aria-labelledby="results" class="min-w-0" class:lg:col-span-2=!with_facets>
                <div class="mb-3 flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1">
                    <h2 id="results" class="min-w-0 break-words font-semibold">
                        {format::counted(i64::try_from(count).unwrap_or(i64::MAX), "package", "packages")}
                        {(!choices.text.is_empty()).then(|| view! { " for “" <bdi>{choices.text.clone()}</bdi> "”" })}
                    </h2>
                    {(results.total > 1).then(|| view! { <Orders choices=choices.clone()/> })}
                </div>
                <Chosen choices=choices.clone() facets=results.facets.clone()/>
                <Understanding understood=results.understood/>
                {if is_empty {
                    view! { <NothingFound choices facets=results.facets near=results.near/> }.into_any()
                } else {
                    view! { <PackageRows packages=results.items major=choices.major/> }.into_any()
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
    let mut orders = vec![
        ("name", SearchOrder::Name),
        ("downloads", SearchOrder::Downloads),
        ("last update", SearchOrder::Updated),
        ("newest", SearchOrder::Created),
    ];
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
                            <a class="link" href=address rel="nofollow">
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
