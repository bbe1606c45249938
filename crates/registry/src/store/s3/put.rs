use std::{
    fs::File,
    io::{self, Read as _, Seek as _},
    path::{Path, PathBuf},
    sync::atomic::Ordering,
    time::Duration,
};

use aws_config::timeout::TimeoutConfig;
use aws_sdk_s3::{
    config::{Config, http::HttpResponse},
    error::{ProvideErrorMetadata, SdkError},
    operation::upload_part::UploadPartOutput,
    primitives::{ByteStream, Length},
    types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use model::Sha256;
use sha2::Digest as _;

use super::{CONNECT, S3Store, error::store_error};
use crate::{
    spool::Spooled,
    store::{StoreError, key},
};

/// Up to here an object is put by one request, above in parts of this size. S3 takes 10,000 parts, of 5 MiB at least.
pub(super) const PART_BYTES: u64 = 8 << 20;
/// How long it may take until a part has been sent and is answered.
const SENDING: Duration = Duration::from_secs(30);

impl S3Store {
    pub(in crate::store) async fn put(&self, spooled: Spooled) -> Result<(), StoreError> {
        let store = self.clone();
        // A task of its own, so that it also ends in order when whoever asked for it goes away.
        let putting = tokio::spawn(async move {
            let path = spooled.file.path().to_owned();
            if spooled.size_bytes <= PART_BYTES {
                store.put_at_once(path, &spooled).await
            } else {
                store.put_in_parts(path, &spooled).await
            }
        });
        putting.await.map_err(|error| StoreError::Io(io::Error::other(error)))?
    }

    async fn put_at_once(&self, path: PathBuf, spooled: &Spooled) -> Result<(), StoreError> {
        loop {
            let checksum = self.checksum(spooled.sha256);
            let is_checked = checksum.is_some();
            let body = part_of(path.clone(), 0, spooled.size_bytes).await?;
            let request = self.client.put_object().bucket(&self.bucket).key(key(spooled.sha256)).body(body);
            let request = request.set_checksum_sha256(checksum).customize().config_override(patient());
            match request.send().await {
                Ok(_) => return Ok(()),
                Err(error) if is_checked && refuses_checksum(&error) => self.do_without_checksums(),
                Err(error) => return Err(store_error("PutObject", &error)),
            }
        }
    }

    async fn put_in_parts(&self, path: PathBuf, spooled: &Spooled) -> Result<(), StoreError> {
        let upload = self.begin_parts(spooled.sha256).await?;
        let result = self.put_parts(path, spooled, &upload).await;
        if result.is_err() {
            let abort = self.client.abort_multipart_upload().bucket(&self.bucket).key(key(spooled.sha256));
            if let Err(error) = abort.upload_id(&upload).send().await {
                let error = store_error("AbortMultipartUpload", &error);
                tracing::warn!(%error, "parts of an object that was not stored are left in the bucket");
            }
        }
        result
    }

    async fn begin_parts(&self, sha256: Sha256) -> Result<String, StoreError> {
        loop {
            let checksum = self.checksum(sha256).map(|_| ChecksumAlgorithm::Sha256);
            let is_checked = checksum.is_some();
            let request = self.client.create_multipart_upload().bucket(&self.bucket).key(key(sha256));
            match request.set_checksum_algorithm(checksum).send().await {
                Ok(upload) => {
                    let id = upload.upload_id.ok_or_else(|| io::Error::other("a multipart upload has no id"))?;
                    return Ok(id);
                }
                Err(error) if is_checked && refuses_checksum(&error) => self.do_without_checksums(),
                Err(error) => return Err(store_error("CreateMultipartUpload", &error)),
            }
        }
    }

    /// Sends one part after the other, so that no more than a piece of one is in memory.
    async fn put_parts(&self, path: PathBuf, spooled: &Spooled, upload: &str) -> Result<(), StoreError> {
        let mut parts = Vec::new();
        let mut offset = 0;
        for number in 1.. {
            let length = PART_BYTES.min(spooled.size_bytes - offset);
            let sent = self.put_part(&path, spooled.sha256, upload, number, (offset, length)).await?;
            parts.push(
                CompletedPart::builder()
                    .part_number(number)
                    .set_e_tag(sent.e_tag)
                    .set_checksum_sha256(sent.checksum_sha256)
                    .build(),
            );
            offset += length;
            if offset == spooled.size_bytes {
                break;
            }
        }
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let request = self.client.complete_multipart_upload().bucket(&self.bucket).key(key(spooled.sha256));
        // Putting many parts together can take its time.
        let request = request.upload_id(upload).multipart_upload(parts).customize().config_override(patient());
        request.send().await.map(|_| ()).map_err(|error| store_error("CompleteMultipartUpload", &error))
    }

    async fn put_part(
        &self,
        path: &Path,
        sha256: Sha256,
        upload: &str,
        number: i32,
        (offset, length): (u64, u64),
    ) -> Result<UploadPartOutput, StoreError> {
        loop {
            let checksum = match self.checksum(sha256) {
                Some(_) => Some(checksum_of(path.to_owned(), offset, length).await?),
                None => None,
            };
            let is_checked = checksum.is_some();
            let body = part_of(path.to_owned(), offset, length).await?;
            let request = self.client.upload_part().bucket(&self.bucket).key(key(sha256)).upload_id(upload);
            let request = request.part_number(number).body(body).set_checksum_sha256(checksum);
            match request.customize().config_override(patient()).send().await {
                Ok(sent) => return Ok(sent),
                Err(error) if is_checked && refuses_checksum(&error) => self.do_without_checksums(),
                Err(error) => return Err(store_error("UploadPart", &error)),
            }
        }
    }

    /// The checksum of a whole object as it is sent along; none for a server that takes none.
    fn checksum(&self, sha256: Sha256) -> Option<String> {
        self.takes_checksums.load(Ordering::Relaxed).then(|| BASE64_STANDARD.encode(sha256.as_bytes()))
    }

    fn do_without_checksums(&self) {
        if self.takes_checksums.swap(false, Ordering::Relaxed) {
            tracing::info!("the S3 server takes no checksums of SHA-256; objects are sent without");
        }
    }
}

/// Whether the server only does not know the checksum that came with the request.
fn refuses_checksum<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    let is_about_headers =
        matches!(error.code(), Some("InvalidArgument" | "InvalidRequest" | "NotImplemented" | "UnsupportedArgument"));
    let names_it = |message: &str| ["x-amz-checksum", "x-amz-sdk-checksum"].iter().any(|name| message.contains(name));
    is_about_headers && error.message().is_some_and(|message| names_it(&message.to_ascii_lowercase()))
}

/// Time enough for a request that carries a part.
fn patient() -> aws_sdk_s3::config::Builder {
    let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT).read_timeout(SENDING).build();
    Config::builder().timeout_config(timeouts)
}

/// Bytes of a file, read while they are sent, and anew where they have to be sent again.
async fn part_of(path: PathBuf, offset: u64, length: u64) -> Result<ByteStream, StoreError> {
    let part = ByteStream::read_from().path(path).offset(offset).length(Length::Exact(length)).build();
    part.await.map_err(|error| StoreError::Io(io::Error::other(error)))
}

/// The checksum of bytes of a file.
async fn checksum_of(path: PathBuf, offset: u64, length: u64) -> Result<String, StoreError> {
    let work = move || -> io::Result<String> {
        let mut file = File::open(path)?;
        file.seek(io::SeekFrom::Start(offset))?;
        let (mut part, mut hash, mut buffer) = (file.take(length), sha2::Sha256::new(), vec![0; 64 << 10]);
        loop {
            match part.read(&mut buffer)? {
                0 => return Ok(BASE64_STANDARD.encode(hash.finalize())),
                count => hash.update(&buffer[..count]),
            }
        }
    };
    let checksum = tokio::task::spawn_blocking(work).await.map_err(|error| StoreError::Io(io::Error::other(error)))?;
    Ok(checksum?)
}
