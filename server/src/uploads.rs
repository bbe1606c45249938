//! Takes in what clients send: files as the body of a request, tokens in its headers.

use axum::{
    body::{Body, BodyDataStream, Bytes},
    http::{HeaderMap, header},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use futures::{Stream, StreamExt as _};
use multer::Multipart;
use registry::{PublishError, ReceiveError, ReceivedFile, Registry};

/// Bytes that are read and thrown away of an upload that was refused, so that its sender gets to read why.
const MOST_DRAINED: u64 = 1 << 30;

/// Bytes that a form may have beside its file.
const MOST_BESIDES: u64 = 16 << 20;

/// Why a body was not taken in.
#[derive(Debug)]
pub(crate) enum UploadError {
    /// It ended before its end.
    CutOff,
    /// It cannot be kept.
    Publish(Box<PublishError>),
}

impl From<ReceiveError> for UploadError {
    fn from(error: ReceiveError) -> Self {
        Self::Publish(Box::new(error.into()))
    }
}

/// The token in an `Authorization` header: as it is, or behind `Bearer`.
pub(crate) fn shown_token(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?.trim();
    let token = match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim().to_owned(),
        Some((scheme, pair)) if scheme.eq_ignore_ascii_case("basic") => basic_token(pair)?,
        _ => value.to_owned(),
    };
    (!token.is_empty()).then_some(token)
}

/// The token in the place of a password, or of a user without one (RFC 7617): for clients that can be told an address only.
fn basic_token(pair: &str) -> Option<String> {
    let pair = String::from_utf8(BASE64_STANDARD.decode(pair.trim()).ok()?).ok()?;
    let (user, password) = pair.split_once(':')?;
    Some(if password.is_empty() { user } else { password }.to_owned())
}

/// Takes in a file that is the whole body.
pub(crate) async fn receive_body(registry: &Registry, body: Body) -> Result<ReceivedFile, UploadError> {
    let mut stream = body.into_data_stream();
    let mut receiver = registry.receive_upload();
    while let Some(bytes) = stream.next().await {
        let Ok(bytes) = bytes else { return Err(UploadError::CutOff) };
        if let Err(error) = receiver.write(bytes).await {
            drain(stream).await;
            return Err(error.into());
        }
    }
    Ok(receiver.finish().await?)
}

/// Reads what is left of a body: most clients read the answer only when they have sent everything.
pub(crate) async fn drain(mut stream: BodyDataStream) {
    let mut left = MOST_DRAINED;
    while let Some(Ok(bytes)) = stream.next().await {
        left = left.saturating_sub(bytes.len() as u64);
        if left == 0 {
            return;
        }
    }
}

/// The parts of a form, of which no more is read than an upload may have; none where the request is no such form.
pub(crate) fn form_parts(headers: &HeaderMap, body: Body, upload_limit: u64) -> Option<Multipart<'static>> {
    let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let boundary = multer::parse_boundary(kind).ok()?;
    Some(Multipart::new(bounded(body, upload_limit), boundary))
}

/// Reads what is left of a form, likewise.
pub(crate) async fn drain_parts(mut parts: Multipart<'_>) {
    while let Ok(Some(_)) = parts.next_field().await {}
}

/// The bytes of a body; an error where it has far more than an upload may have.
fn bounded(body: Body, upload_limit: u64) -> impl Stream<Item = Result<Bytes, axum::Error>> {
    let mut left = upload_limit.saturating_add(MOST_BESIDES);
    body.into_data_stream().map(move |bytes| {
        let bytes = bytes?;
        left = left.checked_sub(bytes.len() as u64).ok_or_else(|| axum::Error::new("the body does not end"))?;
        Ok(bytes)
    })
}
