use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    components::{Breadcrumbs, FormNotice, PageHead},
    forms::FormState,
};

/// What the pages around an account share for those who are not logged in: one form in one column.
#[component]
pub(super) fn AccountFrame(
    /// What the page is called.
    title: &'static str,
    /// One sentence.
    description: &'static str,
    /// The one address of its content; none for a page that nobody should find by a search engine.
    path: Option<&'static str>,
    /// What became of its form.
    state: FormState,
    /// The form.
    children: Children,
) -> impl IntoView {
    view! {
        <PageHead title description path=path.map(str::to_owned)/>
        <div class="frame py-8">
            <Breadcrumbs above=vec![("/".to_owned(), "Home".to_owned())] here=title/>
            <div class="max-w-md">
                <h1 class="mt-3 text-heading font-semibold">{title}</h1>
                <FormNotice state/>
                {children()}
            </div>
        </div>
    }
}

/// What a form carries from its address to where it is sent: a parameter of the address, or the field that came back.
pub(super) fn carried(state: &FormState, name: &str) -> String {
    let sent = state.value(name);
    if !sent.is_empty() {
        return sent;
    }
    let query = use_query_map();
    let value = query.read_untracked().get(name);
    value.unwrap_or_default()
}
