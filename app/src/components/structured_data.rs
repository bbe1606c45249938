use http::{HeaderName, HeaderValue};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use crate::inline_script::source_expression;

/// A header by which a page tells the server the hash of its structured data; the server puts it into the policy for
/// scripts and takes the header away.
pub const STRUCTURED_DATA_HASH: HeaderName = HeaderName::from_static("x-structured-data-hash");

/// Facts for machines (JSON-LD, schema.org).
#[component]
pub(crate) fn StructuredData(
    /// The facts.
    facts: serde_json::Value,
) -> impl IntoView {
    // Nothing in it may end the element.
    let text = facts.to_string().replace('<', "\\u003c");
    if let Some(response) = use_context::<ResponseOptions>()
        && let Ok(hash) = HeaderValue::from_str(&source_expression(&text))
    {
        response.insert_header(STRUCTURED_DATA_HASH, hash);
    }
    view! { <script type="application/ld+json" inner_html=text></script> }
}
