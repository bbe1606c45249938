use std::{error::Error, io};

use aws_sdk_s3::{
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
};

use super::StoreError;

/// Codes by which servers say that there is no room: for all, or within a quota.
const FULL: [&str; 4] = ["XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "QuotaExceeded", "InsufficientStorage"];
/// 507 Insufficient Storage (RFC 4918, section 11.5).
const INSUFFICIENT_STORAGE: u16 = 507;

/// What an error of the S3 server or on the way to it means.
pub(super) fn store_error<E>(operation: &'static str, error: &SdkError<E, HttpResponse>) -> StoreError
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    let status = error.raw_response().map(|response| response.status().as_u16());
    if status == Some(INSUFFICIENT_STORAGE) || error.code().is_some_and(|code| FULL.contains(&code)) {
        return StoreError::Full;
    }
    let status = status.map(|status| format!(" with status {status}")).unwrap_or_default();
    StoreError::Io(io::Error::other(format!("{operation} failed{status}: {}", sentence(error))))
}

/// The causes of an error on one line, without what a cause only repeats.
fn sentence(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let reason = error.to_string();
        if !text.contains(&reason) {
            text.push_str(": ");
            text.push_str(&reason);
        }
        cause = error.source();
    }
    text
}
