//! Sends a file of the store: whole or a range of it, with what caches and resuming clients need.

use std::{ops::RangeInclusive, time::Duration};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use futures::{Stream, TryStreamExt as _};
use registry::{Presentation, SearchedArtifact, StoreError, StoredObject};

use crate::state::AppState;

/// What a file is, by its name.
fn content_type(artifact: &SearchedArtifact) -> &'static str {
    let extension = artifact.file_name.rsplit('.').next();
    if extension == Some("zip") { "application/zip" } else { "application/gzip" }
}

/// How long an address of the store itself can be used. It is used at once.
const ADDRESS_VALID: Duration = Duration::from_mins(5);

/// The response to a request for `artifact`. What is sent to its end from the first byte counts as a download.
///
/// Where the store has addresses for everybody, it is the way to one of them, which counts when it is shown.
pub(crate) async fn respond(
    state: &AppState,
    artifact: SearchedArtifact,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Response, StoreError> {
    let etag = format!("\"{}\"", artifact.sha256);
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    if text(header::IF_NONE_MATCH).is_some_and(|known| matches(known, &etag)) {
        let mut response = StatusCode::NOT_MODIFIED.into_response();
        describe(response.headers_mut(), &artifact, &etag);
        return Ok(response);
    }
    let object = state.registry.store().open(artifact.sha256).await?;
    let size = object.size_bytes;
    // A range of an older file is of no use: the whole new one is.
    let range = text(header::RANGE).filter(|_| text(header::IF_RANGE).is_none_or(|known| known == etag));
    let range = match range.map(|range| parse_range(range, size)) {
        Some(Range::Of(range)) => Some(range),
        Some(Range::Outside) => {
            let mut response = StatusCode::RANGE_NOT_SATISFIABLE.into_response();
            insert(response.headers_mut(), header::CONTENT_RANGE, &format!("bytes */{size}"));
            return Ok(response);
        }
        Some(Range::Ignored) | None => None,
    };
    let sent = range.as_ref().map_or((0, size), |range| (*range.start(), range.end() - range.start() + 1));
    let body = if *method == Method::HEAD {
        Body::empty()
    } else if let Some(address) = public_address(state, &artifact).await? {
        return Ok(redirect(state, &artifact, &address, sent.0 + sent.1 == size));
    } else {
        body(state, &artifact, object, sent).await?
    };
    let mut response = Response::new(body);
    describe(response.headers_mut(), &artifact, &etag);
    insert(response.headers_mut(), header::CONTENT_LENGTH, &sent.1.to_string());
    if let Some(range) = range {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        insert(
            response.headers_mut(),
            header::CONTENT_RANGE,
            &format!("bytes {}-{}/{size}", range.start(), range.end()),
        );
    }
    Ok(response)
}

/// As many bytes as are asked for from a first one on.
async fn body(
    state: &AppState,
    artifact: &SearchedArtifact,
    object: StoredObject,
    (first, length): (u64, u64),
) -> Result<Body, StoreError> {
    let is_last_part = first + length == object.size_bytes;
    let bytes = object.read(first, length).await?;
    if is_last_part {
        // Also the last part of an interrupted download completes it, once.
        Ok(Body::from_stream(counted(bytes, length, state.clone(), artifact.artifact_id)))
    } else {
        Ok(Body::from_stream(bytes))
    }
}

async fn public_address(state: &AppState, artifact: &SearchedArtifact) -> Result<Option<String>, StoreError> {
    let presentation =
        Presentation { content_type: content_type(artifact), content_disposition: &disposition(artifact) };
    state.registry.store().public_address(artifact.sha256, presentation, ADDRESS_VALID).await
}

/// The way to the store itself. The range stays in the request, which clients repeat there.
fn redirect(state: &AppState, artifact: &SearchedArtifact, address: &str, is_last_part: bool) -> Response {
    if is_last_part {
        count(state, artifact.artifact_id);
    }
    let mut response = StatusCode::FOUND.into_response();
    insert(response.headers_mut(), header::LOCATION, address);
    // It soon leads nowhere.
    insert(response.headers_mut(), header::CACHE_CONTROL, "no-store");
    response
}

fn disposition(artifact: &SearchedArtifact) -> String {
    format!("attachment; filename=\"{}\"", artifact.file_name)
}

fn describe(headers: &mut HeaderMap, artifact: &SearchedArtifact, etag: &str) {
    insert(headers, header::ETAG, etag);
    insert(headers, header::CONTENT_TYPE, content_type(artifact));
    insert(headers, header::ACCEPT_RANGES, "bytes");
    insert(headers, header::CONTENT_DISPOSITION, &disposition(artifact));
    // Counted here, so that the counts are right; a cache in between asks each time and is answered with 304.
    insert(headers, header::CACHE_CONTROL, "public, no-cache");
}

fn insert(headers: &mut HeaderMap, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// Whether an `If-None-Match` names the `ETag`.
pub(crate) fn matches(known: &str, etag: &str) -> bool {
    known.trim() == "*" || known.split(',').any(|one| one.trim().trim_start_matches("W/") == etag)
}

/// Counts a download when the last of `length` bytes is handed over.
fn counted<E>(
    bytes: impl Stream<Item = Result<axum::body::Bytes, E>>,
    length: u64,
    state: AppState,
    artifact: i64,
) -> impl Stream<Item = Result<axum::body::Bytes, E>> {
    let mut left = length;
    bytes.inspect_ok(move |chunk| {
        let length = chunk.len() as u64;
        // Here and not behind the end of the stream: nobody asks further once all promised bytes are there.
        if length > 0 && left <= length {
            count(&state, artifact);
        }
        left = left.saturating_sub(length);
    })
}

fn count(state: &AppState, artifact: i64) {
    state.downloads.count(&state.clock, artifact);
    state.metrics.downloads.inc();
}

#[derive(Debug, PartialEq, Eq)]
enum Range {
    /// These bytes.
    Of(RangeInclusive<u64>),
    /// A range without a byte of the file.
    Outside,
    /// Not understood, or several ranges: the whole file is always a right answer.
    Ignored,
}

/// Reads a `Range` header (RFC 9110, section 14).
fn parse_range(text: &str, size: u64) -> Range {
    let Some((first, last)) = text.trim().strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return Range::Ignored;
    };
    let number = |text: &str| text.trim().parse::<u64>().ok();
    let range = match (first.trim(), last.trim()) {
        (_, last) if last.contains(',') => return Range::Ignored,
        ("", last) => match number(last) {
            Some(0) => return Range::Outside,
            Some(count) => size.saturating_sub(count)..=size.saturating_sub(1),
            None => return Range::Ignored,
        },
        (first, last) => match (number(first), number(last)) {
            (Some(first), None) if last.is_empty() => first..=size.saturating_sub(1),
            (Some(first), Some(last)) if first <= last => first..=last.min(size.saturating_sub(1)),
            _ => return Range::Ignored,
        },
    };
    if *range.start() >= size { Range::Outside } else { Range::Of(range) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_ranges() {
        for (text, expected) in [
            ("bytes=0-9", Range::Of(0..=9)),
            ("bytes=90-", Range::Of(90..=99)),
            ("bytes=-10", Range::Of(90..=99)),
            ("bytes=-1000", Range::Of(0..=99)),
            ("bytes=50-1000", Range::Of(50..=99)),
            ("bytes=100-", Range::Outside),
            ("bytes=-0", Range::Outside),
            ("bytes=9-1", Range::Ignored),
            ("bytes=0-1,5-6", Range::Ignored),
            ("bytes=a-b", Range::Ignored),
            ("bytes=", Range::Ignored),
            ("lines=1-2", Range::Ignored),
            ("bytes=99999999999999999999-", Range::Ignored),
        ] {
            assert_eq!(parse_range(text, 100), expected, "{text}");
        }
        assert_eq!(parse_range("bytes=0-", 0), Range::Outside);
    }

    #[test]
    fn compares_etags() {
        assert!(matches("\"a\"", "\"a\"") && matches("\"b\", W/\"a\"", "\"a\"") && matches("*", "\"a\""));
        assert!(!matches("\"b\"", "\"a\""));
    }
}
