use leptos::prelude::*;

/// The name of the site, `pg` in the accent colour.
#[component]
pub(crate) fn Wordmark() -> impl IntoView {
    view! {
        <span class="font-mono text-title font-semibold tracking-tight text-ink">
            <span class="text-accent">"pg"</span>
            "install"
        </span>
    }
}
