//! Keeps whole responses: what everybody sees alike is rendered once for each change of what it shows.
//!
//! An entry carries the id of the event up to which its content was complete, read before it was rendered, and is good
//! until a later event, 60 seconds at most. Bodies are compressed once and kept so.

use std::{
    io::Write as _,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::Response,
};
use flate2::{Compression, write::GzEncoder};
use registry::EventId;
use sha2::Digest as _;

use crate::{artifact_download::matches, routes::Route, state::AppState};

/// How long an entry is good at most.
const LONGEST: Duration = Duration::from_mins(1);
/// Bytes of all entries together.
const CAPACITY: u64 = 128 << 20;
/// Bytes of one body; a larger one is not kept.
const LARGEST: usize = 4 << 20;
/// The cookies of a session, in which case nothing is kept.
const SESSION_COOKIES: [&str; 2] = ["session=", "__Host-session="];

/// The cache of this node.
#[derive(Clone)]
pub(crate) struct PageCache {
    entries: moka::sync::Cache<String, Arc<Entry>>,
    /// The query parameters that matter, by path; none for a path that is not kept. It knows every path, so that a more
    /// general one never stands in for one that is not kept.
    parameters: Arc<matchit::Router<Option<&'static [&'static str]>>>,
    state: AppState,
}

struct Entry {
    event: EventId,
    rendered: Instant,
    headers: HeaderMap,
    extensions: axum::http::Extensions,
    digest: String,
    identity: Bytes,
    gzip: Bytes,
    brotli: Bytes,
}

#[derive(Clone, Copy)]
enum Encoding {
    Identity,
    Gzip,
    Brotli,
}

impl Encoding {
    const fn token(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
            Self::Brotli => "br",
        }
    }

    /// The best that the client takes.
    fn accepted(headers: &HeaderMap) -> Self {
        let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let takes = |token: &str| {
            accepted.split(',').any(|part| {
                let mut part = part.split(';');
                let name = part.next().unwrap_or_default().trim();
                let refused = part.any(|weight| matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000"));
                name.eq_ignore_ascii_case(token) && !refused
            })
        };
        if takes("br") {
            Self::Brotli
        } else if takes("gzip") {
            Self::Gzip
        } else {
            Self::Identity
        }
    }
}

impl PageCache {
    /// A cache for the routes that allow it.
    pub(crate) fn new(state: AppState, routes: &[Route]) -> Self {
        let mut parameters = matchit::Router::new();
        for route in routes.iter().filter(|route| route.method == Method::GET) {
            if let Err(error) = parameters.insert(&route.path, route.cached) {
                tracing::error!(%error, path = route.path, "a route is not kept in the page cache");
            }
        }
        let weight = |key: &String, entry: &Arc<Entry>| {
            u32::try_from(key.len() + entry.identity.len() + entry.gzip.len() + entry.brotli.len() + 1024)
                .unwrap_or(u32::MAX)
        };
        let entries = moka::sync::Cache::builder().max_capacity(CAPACITY).weigher(weight).time_to_live(LONGEST).build();
        Self { entries, parameters: Arc::new(parameters), state }
    }

    /// The canonical address of a request that may be answered from the cache.
    fn key(&self, request: &Request) -> Option<String> {
        let with_session = request
            .headers()
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|cookies| cookies.split(';'))
            .any(|cookie| SESSION_COOKIES.iter().any(|name| cookie.trim_start().starts_with(name)));
        if with_session || !(request.method() == Method::GET || request.method() == Method::HEAD) {
            return None;
        }
        let known = (*self.parameters.at(request.uri().path()).ok()?.value)?;
        let mut pairs: Vec<_> = url::form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes())
            .filter(|(name, _)| known.contains(&name.as_ref()))
            .collect();
        // Stable: of repeated parameters the last one counts, and stays the last.
        pairs.sort_by(|left, right| left.0.cmp(&right.0));
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        Some(format!("{}?{query}", request.uri().path()))
    }

    fn find(&self, key: &str) -> Option<Arc<Entry>> {
        let latest = *self.state.latest.borrow();
        self.entries.get(key).filter(|entry| entry.event >= latest && entry.rendered.elapsed() < LONGEST)
    }
}

/// Answers from the cache, or asks further in and keeps the answer.
pub(crate) async fn through(
    axum::extract::State(cache): axum::extract::State<PageCache>,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(key) = cache.key(&request) else { return next.run(request).await };
    let (method, headers) = (request.method().clone(), request.headers().clone());
    let must_ask = headers
        .get(header::CACHE_CONTROL)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("no-cache"));
    if !must_ask && let Some(entry) = cache.find(&key) {
        cache.state.metrics.cache_hits.inc();
        return entry.respond(&method, &headers);
    }
    cache.state.metrics.cache_misses.inc();
    // Before it is rendered: an event that comes in between makes the entry old, not wrong.
    let event = *cache.state.shown.borrow();
    *request.method_mut() = Method::GET;
    let response = next.run(request).await;
    if response.status() != StatusCode::OK || response.headers().contains_key(header::SET_COOKIE) {
        return without_body_for_head(&method, response);
    }
    let (parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, LARGEST).await else {
        let mut failed = Response::new(Body::from("This page is too large to be shown.\n"));
        *failed.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        return failed;
    };
    let entry = Arc::new(Entry::new(event, parts.headers, parts.extensions, bytes));
    cache.entries.insert(key, entry.clone());
    entry.respond(&method, &headers)
}

fn without_body_for_head(method: &Method, response: Response) -> Response {
    if *method == Method::HEAD { response.map(|_| Body::empty()) } else { response }
}

impl Entry {
    fn new(event: EventId, mut headers: HeaderMap, extensions: axum::http::Extensions, identity: Bytes) -> Self {
        headers.remove(header::CONTENT_LENGTH);
        headers.remove(header::TRANSFER_ENCODING);
        headers.insert(header::VARY, HeaderValue::from_static("Cookie, Accept-Encoding"));
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("public, no-cache"));
        Self {
            event,
            rendered: Instant::now(),
            headers,
            extensions,
            digest: hex::encode(&sha2::Sha256::digest(&identity)[..16]),
            gzip: gzip(&identity),
            brotli: brotli(&identity),
            identity,
        }
    }

    fn respond(&self, method: &Method, request: &HeaderMap) -> Response {
        let encoding = Encoding::accepted(request);
        let (body, etag) = match encoding {
            Encoding::Identity => (&self.identity, format!("\"{}\"", self.digest)),
            Encoding::Gzip => (&self.gzip, format!("\"{}-gzip\"", self.digest)),
            Encoding::Brotli => (&self.brotli, format!("\"{}-br\"", self.digest)),
        };
        let known = request.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
        let is_known = known.is_some_and(|known| matches(known, &etag));
        let mut response =
            Response::new(if is_known || *method == Method::HEAD { Body::empty() } else { Body::from(body.clone()) });
        *response.headers_mut() = self.headers.clone();
        *response.extensions_mut() = self.extensions.clone();
        let headers = response.headers_mut();
        if let Ok(etag) = HeaderValue::from_str(&etag) {
            headers.insert(header::ETAG, etag);
        }
        if is_known {
            headers.remove(header::CONTENT_TYPE);
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
        if !matches!(encoding, Encoding::Identity) {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding.token()));
        }
        response
    }
}

fn gzip(bytes: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::new(6));
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.map(Bytes::from).unwrap_or_default()
}

fn brotli(bytes: &[u8]) -> Bytes {
    let mut compressed = Vec::with_capacity(bytes.len() / 4);
    let parameters = brotli::enc::BrotliEncoderParams { quality: 5, ..Default::default() };
    let _ = brotli::BrotliCompress(&mut &bytes[..], &mut compressed, &parameters);
    Bytes::from(compressed)
}
