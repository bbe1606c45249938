use std::sync::OnceLock;

use axum::{
    body::to_bytes,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

use super::pages;
use crate::state::AppState;

/// The policy for pages: scripts from here and the constant inline ones, whose hashes are computed when the first page is
/// rendered. No nonce, which would be kept in caches.
async fn policy(state: &AppState) -> HeaderValue {
    static POLICY: OnceLock<HeaderValue> = OnceLock::new();
    if let Some(policy) = POLICY.get() {
        return policy.clone();
    }
    let page = pages::not_found(state.clone(), Request::new(axum::body::Body::empty())).await;
    let html = to_bytes(page.into_body(), 1 << 20).await.unwrap_or_default();
    let hashes: Vec<String> = inline_scripts(&String::from_utf8_lossy(&html))
        .map(|script| format!(" 'sha256-{}'", script_hash(script)))
        .collect();
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{}; style-src 'self'; img-src 'self' data:; font-src 'self'; \
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

fn script_hash(content: &str) -> String {
    use sha2::Digest as _;
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digest = sha2::Sha256::digest(content);
    let mut text = String::with_capacity(44);
    for chunk in digest.chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let index = (bits >> (18 - 6 * place) & 63) as usize;
            text.push(if place <= chunk.len() { char::from(ALPHABET[index]) } else { '=' });
        }
    }
    text
}

/// Adds what keeps a browser from doing more than it should.
pub(crate) async fn add_security_headers(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let is_page =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let policy = if is_page {
        policy(&state).await
    } else {
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin"));
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
    fn hashes_as_browsers_do() {
        // The example of CSP level 2, section 4.2.5.
        assert_eq!(script_hash("alert('Hello, world.');"), "qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng=");
    }

    #[test]
    fn finds_inline_scripts_only() {
        let html = "<script type=\"module\">a</script><script src=\"/x.js\"></script><script>b</script>";
        assert_eq!(inline_scripts(html).collect::<Vec<_>>(), ["a", "b"]);
    }
}
