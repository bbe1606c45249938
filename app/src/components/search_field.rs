use leptos::prelude::*;

use super::Icon;

/// The field for a search; works as a plain form.
#[component]
pub(crate) fn SearchField(
    /// What was searched before.
    #[prop(into, optional)]
    text: String,
    /// Whether it is the large one of the home page.
    #[prop(optional)]
    is_large: bool,
    /// The id of the field, one on each page.
    id: &'static str,
) -> impl IntoView {
    let size = if is_large { "h-12 text-title" } else { "h-9 text-body" };
    view! {
        <form action="/search" role="search" class="relative w-full">
            <label for=id class="sr-only">
                "Search extensions"
            </label>
            <span class="pointer-events-none absolute inset-y-0 left-3 flex items-center text-ink-soft">
                <Icon icon=icondata_lu::LuSearch class="size-4"/>
            </span>
            <input
                id=id
                name="q"
                type="search"
                value=text
                autocomplete="off"
                spellcheck="false"
                maxlength="200"
                placeholder="Name or purpose"
                class=format!("w-full rounded-md border border-line bg-surface pl-9 pr-20 text-ink placeholder:text-ink-soft {size}")
            />
            <button class="absolute inset-y-1 right-1 rounded-md px-3 text-small text-ink-soft hover:bg-raised hover:text-ink">"Search"</button>
        </form>
    }
}
