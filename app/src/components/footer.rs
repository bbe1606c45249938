use leptos::prelude::*;

/// The lines at the bottom of every page.
#[component]
pub(crate) fn Footer() -> impl IntoView {
    view! {
        <footer class="mt-16 border-t border-line">
            <div class="frame flex flex-wrap items-center justify-between gap-x-6 gap-y-2 py-6 text-small text-ink-soft">
                <p>"The registry of PostgreSQL extensions"</p>
                <ul class="flex flex-wrap gap-x-4 gap-y-1">
                    <li>
                        <a class="link-quiet" href="/packages">"All packages"</a>
                    </li>
                    <li>
                        <a class="link-quiet" href="/api/v1/openapi.json">"API"</a>
                    </li>
                    <li>
                        <a class="link-quiet" href="/readyz">"Status"</a>
                    </li>
                </ul>
            </div>
        </footer>
    }
}
