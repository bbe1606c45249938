use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_query_map};

use super::{SearchField, Wordmark};

/// The line at the top of every page.
#[component]
pub(crate) fn Header() -> impl IntoView {
    // The home page has a larger one.
    let with_search = use_location().pathname.get_untracked() != "/";
    let text = use_query_map().read_untracked().get("q").unwrap_or_default();
    let link = "rounded-md px-2 py-1 text-ink-soft hover:bg-raised hover:text-ink";
    view! {
        <a class="skip-link" href="#content">"Skip to the content"</a>
        <header class="border-b border-line bg-ground">
            <div class="frame flex h-14 items-center justify-between gap-4">
                <a href="/" class="rounded-md" aria-label="pginstall, home">
                    <Wordmark/>
                </a>
                {with_search
                    .then(|| {
                        view! {
                            <div class="hidden max-w-md flex-1 sm:block">
                                <SearchField text id="header-search"/>
                            </div>
                        }
                    })}
                <nav aria-label="Main" class="flex items-center gap-1 text-body">
                    <a class=format!("{link} sm:hidden") href="/search">"Search"</a>
                    <a class=link href="/packages">"Browse"</a>
                    <a class=link href="/api/v1/openapi.json">"API"</a>
                </nav>
            </div>
        </header>
    }
}
