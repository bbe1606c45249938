//! What browsers and search engines ask of a site as a whole.

use std::fmt::Write as _;

use axum::{
    Json,
    extract::{Path, RawQuery, State},
    http::{HeaderValue, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use registry::RegistryError;
use time::format_description::well_known::Rfc3339;

use crate::{routes::Routes, server_error, state::AppState};

/// How many names a browser's search field is offered.
const SUGGESTIONS: u8 = 8;

/// Adds them.
pub(crate) fn add_site_files(routes: Routes<AppState>) -> Routes<AppState> {
    routes
        .add_cached("/robots.txt", &[], robots)
        .add_cached("/sitemap.xml", &[], sitemap_index)
        .add_cached("/sitemaps/{part}", &[], sitemap)
        .add_cached("/.well-known/security.txt", &[], security_contact)
        .add_cached("/opensearch.xml", &[], open_search)
        .add_cached("/opensearch/suggest", &["q"], suggest)
}

pub(super) fn absolute(state: &AppState, path: &str) -> String {
    format!("{}{path}", state.http.public_url.as_str().trim_end_matches('/'))
}

pub(super) fn xml(kind: &'static str, body: &str) -> Response {
    ([(CONTENT_TYPE, kind)], format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{body}\n")).into_response()
}

/// A text as it stands in XML (1.0), without the characters that no document may have.
pub(super) fn escaped(text: &str) -> String {
    let is_char = |letter: &char| !matches!(*letter, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    let text: String = text.chars().filter(is_char).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

pub(super) fn failure(error: &RegistryError) -> Response {
    let status = server_error::status(error);
    (status, format!("{status}\n")).into_response()
}

/// What robots may read (RFC 9309): pages, not every question that can be asked.
async fn robots(State(state): State<AppState>) -> String {
    format!(
        "User-agent: *\nDisallow: /api/\nDisallow: /login/\nDisallow: /report\nDisallow: /*?\n\nSitemap: {}\n",
        absolute(&state, "/sitemap.xml")
    )
}

/// Where weaknesses are reported (RFC 9116): what the operator has set, or the policy that says whom to ask.
async fn security_contact(State(state): State<AppState>) -> Response {
    // The time by which somebody should have looked at it again; the same all year, so that the answer can be kept.
    let year = state.clock.now().year() + 1;
    let policy = absolute(&state, "/policies/security");
    let contact = state.http.security_contact.clone().unwrap_or_else(|| policy.clone());
    let canonical = absolute(&state, "/.well-known/security.txt");
    let text = format!(
        "Contact: {contact}\nExpires: {year}-12-31T23:59:59Z\nPreferred-Languages: en\nCanonical: {canonical}\nPolicy: {policy}\n"
    );
    ([(CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

/// The parts of the site map (sitemaps.org, protocol 0.9).
async fn sitemap_index(State(state): State<AppState>) -> Response {
    let parts = match state.registry.sitemap_parts().await {
        Ok(parts) => parts,
        Err(error) => return failure(&error),
    };
    let names = std::iter::once("pages".to_owned()).chain(parts.iter().map(|part| format!("packages-{part}")));
    let mut body = String::from("<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
    for name in names {
        let address = absolute(&state, &format!("/sitemaps/{name}.xml"));
        let _ = writeln!(body, "<sitemap><loc>{}</loc></sitemap>", escaped(&address));
    }
    body.push_str("</sitemapindex>");
    xml("application/xml", &body)
}

/// One part of the site map: the pages that are always there, or packages.
async fn sitemap(State(state): State<AppState>, Path(part): Path<String>) -> Response {
    match addresses(&state, &part).await {
        Ok(addresses) => {
            let mut body = String::from("<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
            for (path, updated) in addresses {
                let updated = updated.map(|updated| format!("<lastmod>{updated}</lastmod>")).unwrap_or_default();
                let _ = writeln!(body, "<url><loc>{}</loc>{updated}</url>", escaped(&absolute(&state, &path)));
            }
            body.push_str("</urlset>");
            xml("application/xml", &body)
        }
        Err(error) => failure(&error),
    }
}

async fn addresses(state: &AppState, part: &str) -> Result<Vec<(String, Option<String>)>, RegistryError> {
    let name = part.strip_suffix(".xml").ok_or(RegistryError::NotFound)?;
    if name == "pages" {
        let fixed = ["/", "/packages", "/publish", "/about", "/docs", "/policies", "/transparency", "/activity"]
            .map(str::to_owned);
        let documents = app::document_paths();
        let categories = state.registry.categories().await?;
        let categories = categories.into_iter().map(|category| format!("/categories/{}", category.slug));
        return Ok(fixed.into_iter().chain(documents).chain(categories).map(|path| (path, None)).collect());
    }
    let part = name.strip_prefix("packages-").and_then(|part| part.parse().ok()).ok_or(RegistryError::NotFound)?;
    let packages = state.registry.sitemap_part(part).await?;
    Ok(packages
        .into_iter()
        .map(|(name, updated)| (format!("/packages/{name}"), updated.format(&Rfc3339).ok()))
        .collect())
}

/// How a browser searches here (`OpenSearch` 1.1).
async fn open_search(State(state): State<AppState>) -> Response {
    let body = format!(
        "<OpenSearchDescription xmlns=\"http://a9.com/-/spec/opensearch/1.1/\">\n\
         <ShortName>pginstall</ShortName>\n\
         <Description>Search PostgreSQL extensions</Description>\n\
         <InputEncoding>UTF-8</InputEncoding>\n\
         <Image width=\"32\" height=\"32\" type=\"image/svg+xml\">{}</Image>\n\
         <Url type=\"text/html\" template=\"{}?q={{searchTerms}}\"/>\n\
         <Url type=\"application/x-suggestions+json\" template=\"{}?q={{searchTerms}}\"/>\n\
         </OpenSearchDescription>",
        escaped(&absolute(&state, "/favicon.svg")),
        escaped(&absolute(&state, "/search")),
        escaped(&absolute(&state, "/opensearch/suggest")),
    );
    xml("application/opensearchdescription+xml", &body)
}

/// Names for a browser's search field (`OpenSearch` Suggestions 1.1): the text, then the names.
async fn suggest(State(state): State<AppState>, RawQuery(query): RawQuery) -> Response {
    let pairs = url::form_urlencoded::parse(query.as_deref().unwrap_or_default().as_bytes());
    let text = pairs.filter(|(name, _)| name == "q").last().map(|(_, text)| text.into_owned()).unwrap_or_default();
    match state.registry.suggest(state.search.as_ref(), &text, SUGGESTIONS).await {
        Ok(found) => {
            let names: Vec<String> = found.into_iter().map(|suggestion| suggestion.name.to_string()).collect();
            let mut response = Json((text, names)).into_response();
            let kind = HeaderValue::from_static("application/x-suggestions+json");
            response.headers_mut().insert(CONTENT_TYPE, kind);
            response
        }
        Err(error) => failure(&error),
    }
}
