use std::sync::OnceLock;

use app::{components::STRUCTURED_DATA_HASH, inline_script::source_expression};
use axum::{
    body::to_bytes,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

use super::pages;
use crate::state::AppState;

/// How the part for scripts begins.
const SCRIPT_SOURCES: &str = "script-src 'self' 'wasm-unsafe-eval'";

/// The policy for pages: scripts from here and the constant inline ones, whose hashes are computed when the first page is
/// rendered. No nonce, which would be kept in caches.
async fn policy(state: &AppState) -> HeaderValue {
    static POLICY: OnceLock<HeaderValue> = OnceLock::new();
    if let Some(policy) = POLICY.get() {
        return policy.clone();
    }
    let mut request = Request::new(axum::body::Body::empty());
    // No page has this address: pages may have scripts of their own, which their answers tell of.
    *request.uri_mut() = axum::http::Uri::from_static("/-");
    let page = pages::not_found(state.clone(), request).await;
    let html = to_bytes(page.into_body(), 1 << 20).await.unwrap_or_default();
    let hashes: Vec<String> = inline_scripts(&String::from_utf8_lossy(&html))
        .map(|script| format!(" {}", source_expression(script)))
        .collect();
    let policy = format!(
        "default-src 'none'; {SCRIPT_SOURCES}{}; style-src 'self'; img-src 'self' data:; font-src 'self'; \
         connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        hashes.concat()
    );
    let policy = HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    POLICY.get_or_init(|| policy).clone()
}

/// The contents of the `<script>` elements without `src`.
fn inline_scripts(html: &str) -> impl Iterator<Item = &str> {
    html.split("<script").skip(1).filter_map(|rest| {
        let (attributes, rest) = rest.split_once('>')?;
        let (content, _) = rest.split_once("</script>")?;
        (!attributes.contains("src=")).then_some(content)
    })
}

/// The policy with the hash of a page's own structured data, which no script can be.
fn with_data(policy: HeaderValue, data_hash: Option<&HeaderValue>) -> HeaderValue {
    let with_hash = data_hash.and_then(|hash| {
        let sources = format!("{SCRIPT_SOURCES} {}", hash.to_str().ok()?);
        HeaderValue::from_str(&policy.to_str().ok()?.replacen(SCRIPT_SOURCES, &sources, 1)).ok()
    });
    with_hash.unwrap_or(policy)
}

/// Adds what keeps a browser from doing more than it should.
pub(crate) async fn add_security_headers(State(state): State<AppState>, request: Request, next: Next) -> Response {
    // What stands in their addresses is as good as a password.
    let path = request.uri().path();
    let has_secret = matches!(path, "/reset-password" | "/verify-email") || path.starts_with("/login/with/");
    let mut response = next.run(request).await;
    let is_page =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let data_hash = response.headers_mut().remove(STRUCTURED_DATA_HASH);
    let policy = if is_page {
        with_data(policy(&state).await, data_hash.as_ref())
    } else {
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Not "no-referrer": forms of such a page would not say from where they come.
    let referrer = if has_secret { "strict-origin" } else { "strict-origin-when-cross-origin" };
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static(referrer));
    headers.insert(HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin"));
    headers.insert(
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    );
    if state.http.public_url.scheme() == "https" {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_inline_scripts_only() {
        let html = "<script type=\"module\">a</script><script src=\"/x.js\"></script><script>b</script>";
        assert_eq!(inline_scripts(html).collect::<Vec<_>>(), ["a", "b"]);
    }
}
