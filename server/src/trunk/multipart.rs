//! Takes apart what `trunk publish` and `curl -F` send: the parts in any order, the token in their headers or in the request's.

use axum::{
    body::Body,
    http::{HeaderMap, StatusCode},
};
use model::{PackageName, Version};
use registry::{AuthenticationError, Caller, ClientInfo, ReceivedFile, Registry};

use super::error::TrunkError;
use crate::uploads::{drain_parts, form_parts, shown_token};

/// Bytes of the part with metadata.
const LARGEST_METADATA: usize = 1 << 20;

/// What has arrived of an upload so far.
#[derive(Debug, Default)]
pub(super) struct Received {
    pub(super) caller: Option<Caller>,
    /// The metadata as text.
    pub(super) metadata: Option<Vec<u8>>,
    pub(super) file: Option<ReceivedFile>,
}

/// Reads of which release the metadata is.
type ReleaseOf = fn(&[u8]) -> Result<(PackageName, Version), TrunkError>;

/// Reads the whole request. What cannot be published is refused as soon as the metadata is known; `release_of` reads it.
pub(super) async fn receive(
    registry: &Registry,
    client: &ClientInfo,
    headers: &HeaderMap,
    body: Body,
    release_of: ReleaseOf,
    received: &mut Received,
) -> Result<(), TrunkError> {
    let mut parts = form_parts(headers, body, registry.upload_limit()).ok_or_else(|| {
        TrunkError::Request(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "the request should be multipart/form-data with the parts metadata and file".to_owned(),
        )
    })?;
    let result = read_parts(registry, client, headers, &mut parts, release_of, received).await;
    if result.is_err() {
        drain_parts(parts).await;
    }
    result
}

async fn read_parts(
    registry: &Registry,
    client: &ClientInfo,
    headers: &HeaderMap,
    parts: &mut multer::Multipart<'_>,
    release_of: ReleaseOf,
    received: &mut Received,
) -> Result<(), TrunkError> {
    let Received { caller, metadata, file } = received;
    if let Some(token) = shown_token(headers) {
        *caller = Some(registry.authenticate(&token, client).await?);
    }
    while let Some(mut part) = parts.next_field().await.map_err(unreadable)? {
        if let (None, Some(token)) = (&*caller, shown_token(part.headers())) {
            *caller = Some(registry.authenticate(&token, client).await?);
        }
        match part.name() {
            Some("metadata") if metadata.is_none() => {
                let mut text = Vec::new();
                while let Some(bytes) = part.chunk().await.map_err(unreadable)? {
                    text.extend_from_slice(&bytes);
                    if text.len() > LARGEST_METADATA {
                        return Err(TrunkError::Request(
                            StatusCode::PAYLOAD_TOO_LARGE,
                            format!("the part metadata has more than {LARGEST_METADATA} bytes"),
                        ));
                    }
                }
                let text = metadata.insert(text);
                if let Some(caller) = &caller {
                    let (name, version) = release_of(text)?;
                    registry.authorise_publishing(caller, &name, &version).await?;
                }
            }
            Some("file") if file.is_none() => {
                // Nobody unknown fills the disk.
                if caller.is_none() {
                    return Err(AuthenticationError::Missing.into());
                }
                let mut upload = registry.receive_upload();
                while let Some(bytes) = part.chunk().await.map_err(unreadable)? {
                    upload.write(bytes).await?;
                }
                *file = Some(upload.finish().await?);
            }
            Some(name @ ("metadata" | "file")) => {
                return Err(TrunkError::Request(StatusCode::BAD_REQUEST, format!("there are two parts {name}")));
            }
            // What newer clients may add.
            _ => while part.chunk().await.map_err(unreadable)?.is_some() {},
        }
    }
    Ok(())
}

fn unreadable(error: multer::Error) -> TrunkError {
    let text = match error {
        multer::Error::StreamReadFailed(_)
        | multer::Error::IncompleteStream
        | multer::Error::IncompleteFieldData { .. } => "the upload ended before its end; nothing was stored".to_owned(),
        error => format!("the upload cannot be read: {error}"),
    };
    TrunkError::Request(StatusCode::BAD_REQUEST, text)
}
