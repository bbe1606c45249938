use leptos::prelude::*;

use super::Wordmark;

/// The line at the top of every page.
#[component]
pub(crate) fn Header() -> impl IntoView {
    let link = "rounded-md px-2 py-1 text-ink-soft hover:bg-raised hover:text-ink";
    view! {
        <a class="skip-link" href="#content">"Skip to the content"</a>
        <header class="border-b border-line bg-ground">
            <div class="frame flex h-14 items-center justify-between gap-4">
                <a href="/" class="rounded-md" aria-label="pginstall, home">
                    <Wordmark/>
                </a>
                <nav aria-label="Main" class="flex items-center gap-1 text-body">
                    <a class=link href="/packages">"Browse"</a>
                    <a class=link href="/api/v1/openapi.json">"API"</a>
                </nav>
            </div>
        </header>
    }
}
