//! Sends a file of the store: whole or a range of it, with what caches and resuming clients need.

use std::{io::SeekFrom, ops::RangeInclusive};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use futures::{Stream, TryStreamExt as _};
use registry::{SearchedArtifact, StoreError};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio_util::io::ReaderStream;

use crate::state::AppState;

/// The response to a request for `artifact`. What is sent to its end from the first byte counts as a download.
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
    let mut object = state.registry.store().open(artifact.sha256).await?;
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
    let (first, length) = range.as_ref().map_or((0, size), |range| (*range.start(), range.end() - range.start() + 1));
    let body = if *method == Method::HEAD {
        Body::empty()
    } else {
        object.file.seek(SeekFrom::Start(first)).await?;
        let bytes = ReaderStream::with_capacity(object.file.take(length), 64 << 10);
        if first + length == size {
            // Also the last part of an interrupted download completes it, once.
            Body::from_stream(counted(bytes, length, state.clone(), artifact.artifact_id))
        } else {
            Body::from_stream(bytes)
        }
    };
    let mut response = Response::new(body);
    describe(response.headers_mut(), &artifact, &etag);
    insert(response.headers_mut(), header::CONTENT_LENGTH, &length.to_string());
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

fn describe(headers: &mut HeaderMap, artifact: &SearchedArtifact, etag: &str) {
    insert(headers, header::ETAG, etag);
    insert(headers, header::CONTENT_TYPE, "application/gzip");
    insert(headers, header::ACCEPT_RANGES, "bytes");
    insert(headers, header::CONTENT_DISPOSITION, &format!("attachment; filename=\"{}\"", artifact.file_name));
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
        let count = chunk.len() as u64;
        // Here and not behind the end of the stream: nobody asks further once all promised bytes are there.
        if count > 0 && left <= count {
            state.downloads.count(&state.clock, artifact);
            state.metrics.downloads.inc();
        }
        left = left.saturating_sub(count);
    })
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
