use leptos::prelude::*;
use leptos_meta::{Link, Title};
use leptos_router::hooks::use_query_map;
use model::CategorySlug;
use registry::{Listing, ListingQuery, Order, Page};

use crate::{
    components::{Breadcrumbs, PackageRows},
    context::{registry, site},
    load::load,
};

/// Rows on one page.
const ROWS: u8 = 50;

/// What the address asks for: from the beginning, or behind a package.
pub(super) fn wanted(category: Option<CategorySlug>) -> ListingQuery {
    let after = use_query_map().read_untracked().get("after").and_then(|after| after.parse().ok());
    ListingQuery { category, tag: None, order: Order::Name, after, limit: ROWS }
}

/// All packages by name.
#[component]
pub(crate) fn BrowsePage() -> impl IntoView {
    let query = wanted(None);
    let registry = registry();
    load(async move { registry.list(&query).await }, |page| {
        view! {
            <Title text="All packages"/>
            <Link rel="canonical" href=site().absolute("/packages")/>
            <div class="frame py-8">
                <Breadcrumbs above=vec![("/".to_owned(), "Home".to_owned())] here="All packages"/>
                <h1 class="mt-3 text-heading font-semibold">"All packages"</h1>
                <div class="mt-6">
                    <Rows page address="/packages".to_owned()/>
                </div>
            </div>
        }
    })
}

/// A part of a list with the link to the next part.
#[component]
pub(super) fn Rows(
    /// The part.
    page: Page<Listing>,
    /// The address of the list.
    address: String,
) -> impl IntoView {
    let next = page.next.map(|next| format!("{address}?after={next}"));
    let is_empty = page.items.is_empty();
    view! {
        {if is_empty {
            view! { <p class="text-ink-soft">"No package here yet."</p> }.into_any()
        } else {
            view! { <PackageRows packages=page.items/> }.into_any()
        }}
        {next
            .map(|next| {
                view! {
                    <p class="mt-6">
                        <a class="button" rel="next" href=next>
                            "Next page"
                        </a>
                    </p>
                }
            })}
    }
}
