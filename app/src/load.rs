//! The one way in which a page gets its data, and what it shows where there is none.

use std::future::Future;

use http::StatusCode;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_router::hooks::use_query_map;
use registry::RegistryError;

use crate::components::ErrorPage;

/// Waits for `data` on the server and shows it; a failure becomes a page with the right status.
pub(crate) fn load<T, V>(
    data: impl Future<Output = Result<T, RegistryError>> + Send + 'static,
    show: impl FnOnce(T) -> V + Send + 'static,
) -> impl IntoView
where
    T: Send + 'static,
    V: IntoView + 'static,
{
    view! {
        <Suspense>
            {Suspend::new(async move {
                match data.await {
                    Ok(data) => show(data).into_any(),
                    Err(error) => failure(&error).into_any(),
                }
            })}
        </Suspense>
    }
}

/// A page that is at another address now, with what was asked. Not for ever: it may come back.
pub(crate) fn moved(address: &str) -> impl IntoView + use<> {
    let query = use_query_map().read_untracked().to_query_string();
    let address = format!("{address}{query}");
    if let Ok(location) = http::HeaderValue::from_str(&address)
        && let Some(response) = use_context::<ResponseOptions>()
    {
        response.set_status(StatusCode::TEMPORARY_REDIRECT);
        response.insert_header(http::header::LOCATION, location);
    }
    view! { <p class="frame py-8"><a class="link" href=address>"What you look for is here now."</a></p> }
}

fn failure(error: &RegistryError) -> impl IntoView + use<> {
    let (status, title, text) = match error {
        RegistryError::NotFound => {
            (StatusCode::NOT_FOUND, "There is no such page", "The address may be mistyped, or what was here is gone.")
        }
        RegistryError::Ambiguous { .. } => {
            (StatusCode::CONFLICT, "Several packages have this name", "None of them is what the name alone means.")
        }
        RegistryError::ReadOnly => (
            StatusCode::SERVICE_UNAVAILABLE,
            "The registry is read-only for a while",
            "Nothing was changed. Try again later.",
        ),
        RegistryError::Unavailable(cause) => {
            tracing::warn!(%cause, "a page cannot be shown");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "The registry cannot reach its database",
                "Nothing is lost. Try again in a moment: this page works again as soon as the database does.",
            )
        }
        RegistryError::Internal(cause) => {
            tracing::error!(%cause, "a page failed");
            (
                StatusCode::INTERNAL_SERVER_ERROR,
                "Something went wrong here",
                "It was logged for the people who run this server. Trying again may help.",
            )
        }
    };
    set_status(status);
    view! { <ErrorPage status title text/> }
}

/// Gives the response a status; pages are rendered whole before their head is sent.
pub(crate) fn set_status(status: StatusCode) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(status);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.insert_header(http::header::RETRY_AFTER, http::HeaderValue::from_static("5"));
        }
    }
}
