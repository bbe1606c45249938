use http::StatusCode;
use leptos::prelude::*;

use crate::{components::ErrorPage, load::set_status};

/// The page for an address that is none.
#[component]
pub(crate) fn NotFoundPage() -> impl IntoView {
    set_status(StatusCode::NOT_FOUND);
    view! {
        <ErrorPage
            status=StatusCode::NOT_FOUND
            title="There is no such page"
            text="The address may be mistyped, or what was here is gone."
        />
    }
}
