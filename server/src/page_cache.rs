//! Keeps whole responses: what everybody sees alike is rendered once for each change of what it shows.
//!
//! An entry carries the id of the event up to which its content was complete, read before it was rendered, and is good
//! until a later event, 60 seconds at most. Bodies are compressed once and kept so.

use std::{
    borrow::Cow,
    io::Write as _,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::Response,
};
use flate2::{Compression, write::GzEncoder};
use registry::EventId;
use sha2::Digest as _;

use tower::ServiceExt as _;

use crate::{artifact_download::matches, operations::RequestMetrics, routes::RouteNames, state::AppState};

/// How long an entry is good at most.
const LONGEST: Duration = Duration::from_mins(1);
/// Bytes of all entries together.
const CAPACITY: u64 = 128 << 20;
/// Bytes of one body; a larger one is not kept.
const LARGEST: usize = 4 << 20;
/// Pages that are rendered or waited for at a time.
const MOST_TURNS: u64 = 10_000;
/// The cookies of a session, in which case nothing is kept.
const SESSION_COOKIES: [&str; 2] = ["session=", "__Host-session="];

/// The cache of this node. Cheap to clone.
#[derive(Clone)]
pub(crate) struct PageCache {
    entries: moka::sync::Cache<String, Arc<Entry>>,
    /// Held by whoever renders a page that others may be waiting for.
    turns: moka::sync::Cache<String, Arc<tokio::sync::Mutex<()>>>,
    names: RouteNames,
    state: AppState,
}

struct Entry {
    event: EventId,
    rendered: Instant,
    metrics: RequestMetrics,
    digest: String,
    identity: Variant,
    // Compressed when somebody asks for it first, and kept so.
    gzip: OnceLock<Variant>,
    brotli: OnceLock<Variant>,
}

/// A response in one encoding, ready to be sent.
struct Variant {
    body: Bytes,
    headers: HeaderMap,
    etag: HeaderValue,
}

#[derive(Clone, Copy)]
enum Encoding {
    Identity,
    Gzip,
    Brotli,
}

impl Encoding {
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
    pub(crate) fn new(state: AppState, names: RouteNames) -> Self {
        let weight = |key: &String, entry: &Arc<Entry>| {
            // As if it were compressed already: both ways together come to less than half of the page.
            let bytes = entry.identity.body.len() / 2 * 3;
            u32::try_from(key.len() + bytes + 8192).unwrap_or(u32::MAX)
        };
        let entries = moka::sync::Cache::builder().max_capacity(CAPACITY).weigher(weight).time_to_live(LONGEST).build();
        let turns = moka::sync::Cache::builder().max_capacity(MOST_TURNS).time_to_idle(LONGEST).build();
        Self { entries, turns, names, state }
    }

    /// The canonical address of a request that may be answered from the cache.
    fn key<'request>(&self, request: &'request Request) -> Option<Cow<'request, str>> {
        // Whoever shows a token may see more than others; and of a private registry nothing is everybody's.
        let is_own = has_session(request.headers())
            || request.headers().contains_key(header::AUTHORIZATION)
            || self.state.http.login_to_read;
        if !(request.method() == Method::GET || request.method() == Method::HEAD) || is_own {
            return None;
        }
        let path = request.uri().path();
        let known = self.names.find(path)?.cached?;
        let Some(query) = request.uri().query().filter(|query| !query.is_empty() && !known.is_empty()) else {
            return Some(Cow::Borrowed(path));
        };
        let mut pairs: Vec<_> =
            url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| known.contains(&name.as_ref())).collect();
        // Stable: of repeated parameters the last one counts, and stays the last.
        pairs.sort_by(|left, right| left.0.cmp(&right.0));
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        Some(if query.is_empty() { Cow::Borrowed(path) } else { Cow::Owned(format!("{path}?{query}")) })
    }

    /// The answer to a request, where it is known and still good.
    pub(crate) fn answer(&self, request: &Request) -> Option<(Response, RequestMetrics)> {
        let key = self.key(request)?;
        if must_be_rendered(request.headers()) {
            return None;
        }
        let entry = self.good_entry(&key)?;
        Some((entry.respond(request.method(), request.headers()), entry.metrics.clone()))
    }

    fn good_entry(&self, key: &str) -> Option<Arc<Entry>> {
        let latest = *self.state.latest.borrow();
        let is_good = |entry: &Arc<Entry>| entry.event >= latest && entry.rendered.elapsed() < LONGEST;
        let entry = self.entries.get(key).filter(is_good)?;
        self.state.metrics.cache_hits.inc();
        Some(entry)
    }

    /// Asks further in, and keeps the answer where it may.
    pub(crate) async fn through(&self, mut request: Request, router: Router) -> Response {
        let key = self.key(&request).map(Cow::into_owned);
        let route = self.names.find(request.uri().path()).cloned();
        let Some((key, route)) = key.zip(route) else { return ask(router, request).await };
        let (method, headers) = (request.method().clone(), request.headers().clone());
        // When an entry has become old, one renders it again and the others wait for that one; what it could not keep each of
        // them renders for itself.
        let turn = self.turns.get_with_by_ref(key.as_str(), Arc::default);
        let _turn = match turn.try_lock() {
            Ok(turn) => Some(turn),
            Err(_) if must_be_rendered(&headers) => None,
            Err(_) => {
                drop(turn.lock().await);
                if let Some(entry) = self.good_entry(&key) {
                    return entry.respond(&method, &headers);
                }
                None
            }
        };
        self.state.metrics.cache_misses.inc();
        // Before it is rendered: an event that comes in between makes the entry old, not wrong.
        let event = *self.state.shown.borrow();
        *request.method_mut() = Method::GET;
        let response = ask(router, request).await;
        if response.status() != StatusCode::OK || response.headers().contains_key(header::SET_COOKIE) {
            return without_body_for_head(&method, response);
        }
        let (parts, body) = response.into_parts();
        let Ok(bytes) = to_bytes(body, LARGEST).await else {
            let mut failed = Response::new(Body::from("This page is too large to be shown.\n"));
            *failed.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            return failed;
        };
        let metrics = self.state.metrics.of(&Method::GET, &route.path, StatusCode::OK);
        let entry = Arc::new(Entry::new(event, metrics, parts.headers, bytes));
        self.entries.insert(key, entry.clone());
        entry.respond(&method, &headers)
    }
}

async fn ask(router: Router, request: Request) -> Response {
    match router.oneshot(request).await {
        Ok(response) => response,
        Err(error) => match error {},
    }
}

/// Whether somebody shows the cookie of a session.
pub(crate) fn has_session(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .any(|cookie| SESSION_COOKIES.iter().any(|name| cookie.trim_start().starts_with(name)))
}

fn must_be_rendered(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CACHE_CONTROL).and_then(|value| value.to_str().ok());
    value.is_some_and(|value| value.contains("no-cache"))
}

fn without_body_for_head(method: &Method, response: Response) -> Response {
    if *method == Method::HEAD { response.map(|_| Body::empty()) } else { response }
}

impl Entry {
    fn new(event: EventId, metrics: RequestMetrics, mut headers: HeaderMap, identity: Bytes) -> Self {
        headers.remove(header::CONTENT_LENGTH);
        headers.remove(header::TRANSFER_ENCODING);
        headers.insert(header::VARY, HeaderValue::from_static("Cookie, Accept-Encoding"));
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("public, no-cache"));
        let digest = hex::encode(&sha2::Sha256::digest(&identity)[..16]);
        Self {
            event,
            rendered: Instant::now(),
            metrics,
            identity: Variant::new(headers, identity, None, &digest),
            digest,
            gzip: OnceLock::new(),
            brotli: OnceLock::new(),
        }
    }

    fn compressed(&self, encoding: &'static str, compress: fn(&[u8]) -> Bytes) -> Variant {
        Variant::new(self.identity.headers.clone(), compress(&self.identity.body), Some(encoding), &self.digest)
    }

    fn respond(&self, method: &Method, request: &HeaderMap) -> Response {
        let variant = match Encoding::accepted(request) {
            Encoding::Identity => &self.identity,
            Encoding::Gzip => self.gzip.get_or_init(|| self.compressed("gzip", gzip)),
            Encoding::Brotli => self.brotli.get_or_init(|| self.compressed("br", brotli)),
        };
        let known = request.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
        let is_known = known.is_some_and(|known| variant.etag.to_str().is_ok_and(|etag| matches(known, etag)));
        let is_empty = is_known || *method == Method::HEAD;
        let mut response = Response::new(if is_empty { Body::empty() } else { Body::from(variant.body.clone()) });
        *response.headers_mut() = variant.headers.clone();
        if is_known {
            for header in [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::CONTENT_ENCODING] {
                response.headers_mut().remove(header);
            }
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        response
    }
}

impl Variant {
    fn new(mut headers: HeaderMap, body: Bytes, encoding: Option<&'static str>, digest: &str) -> Self {
        let suffix = encoding.map(|encoding| format!("-{encoding}")).unwrap_or_default();
        let etag = HeaderValue::from_str(&format!("\"{digest}{suffix}\"")).unwrap_or(HeaderValue::from_static("\"\""));
        headers.insert(header::ETAG, etag.clone());
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
        if let Some(encoding) = encoding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        Self { body, headers, etag }
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
