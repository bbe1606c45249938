use http::StatusCode;
use leptos::prelude::*;

use super::PageHead;
use crate::islands::SearchBox;

/// A page that says what happened and what to do.
#[component]
pub(crate) fn ErrorPage(
    /// The status of the response.
    status: StatusCode,
    /// What happened.
    title: &'static str,
    /// What to do.
    text: &'static str,
) -> impl IntoView {
    view! {
        <PageHead title description=text path=None/>
        <div class="frame py-20">
            <p class="font-mono text-small text-ink-soft">{status.as_u16()}</p>
            <h1 class="mt-2 text-heading font-semibold">{title}</h1>
            <p class="prose mt-3 text-ink-soft">{text}</p>
            // On a wider screen it is in the header.
            <div class="mt-6 max-w-md sm:hidden">
                <SearchBox text=String::new() id="page-search".to_owned() is_large=false/>
            </div>
            <p class="mt-6 flex flex-wrap gap-x-4 gap-y-2">
                <a class="link" href="/">"Home"</a>
                <a class="link" href="/packages">"All packages"</a>
            </p>
        </div>
    }
}
