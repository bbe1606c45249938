mod error;
mod put;

use std::{
    io,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use aws_config::{
    BehaviorVersion, Region, SdkConfig, environment::EnvironmentVariableRegionProvider,
    meta::region::RegionProviderChain, profile::ProfileFileRegionProvider, timeout::TimeoutConfig,
};
use aws_sdk_s3::{
    Client,
    config::{
        Builder, RequestChecksumCalculation, ResponseChecksumValidation, StalledStreamProtectionConfig,
        retry::RetryConfig,
    },
    operation::{get_object::GetObjectError, head_object::HeadObjectError},
    presigning::PresigningConfig,
    primitives::ByteStream,
    types::Object,
};
use aws_types::service_config::ServiceConfigKey;
use futures::{Stream, StreamExt as _, TryStreamExt as _, stream};
use model::Sha256;
use time::OffsetDateTime;
use url::Url;

use super::{ListedObject, ObjectBytes, Presentation, StoreError, StoredObject, key, object::Source, object_of};
use error::store_error;

/// How long it may take to reach the server.
const CONNECT: Duration = Duration::from_secs(5);
/// How long the server may think before it begins to answer.
const ANSWER: Duration = Duration::from_secs(10);
/// How often each request is sent at most.
const ATTEMPTS: u32 = 3;
/// How long no byte of an object may arrive while somebody waits for it.
const STALLED: Duration = Duration::from_secs(20);
/// For servers that are not AWS and so have no regions.
const REGION_OF_NOTHING: &str = "us-east-1";

/// Which bucket, beside what AWS's own settings say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct S3Settings {
    /// The bucket; it exists.
    pub bucket: String,
    /// Under which address clients of the registry reach the S3 server; none if they do not.
    pub public_endpoint: Option<Url>,
}

/// It is not known in which region of AWS the bucket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "it is not known where the bucket is: set AWS_REGION, or AWS_ENDPOINT_URL to the address of an S3 server that is not AWS"
)]
pub struct NoRegion;

/// Objects under the keys `ab/cd/abcd…` of a bucket.
#[derive(Clone, Debug)]
pub struct S3Store {
    client: Client,
    /// Makes addresses for others; none where bytes go through this server.
    public: Option<Client>,
    bucket: String,
    /// Whether the server takes checksums in headers, as far as is known.
    takes_checksums: Arc<AtomicBool>,
}

impl S3Store {
    /// A store as the environment and the files of AWS's own programs describe it.
    ///
    /// The credentials are looked up with the first request.
    pub async fn from_environment(settings: S3Settings) -> Result<Self, NoRegion> {
        let said = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
            .or_else(ProfileFileRegionProvider::new());
        let mut config = aws_config::defaults(BehaviorVersion::latest()).region(said).load().await;
        if config.region().is_none() && !has_endpoint(&config) {
            // A machine of AWS's knows where it is. Elsewhere the question is in vain and takes time.
            config = aws_config::load_defaults(BehaviorVersion::latest()).await;
        }
        Self::new(&config, settings)
    }

    /// A store on the server that `config` describes.
    pub fn new(config: &SdkConfig, settings: S3Settings) -> Result<Self, NoRegion> {
        let has_endpoint = has_endpoint(config);
        if !has_endpoint && config.region().is_none() {
            return Err(NoRegion);
        }
        let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT).read_timeout(ANSWER).build();
        let builder = Builder::from(config)
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
            .stalled_stream_protection(StalledStreamProtectionConfig::enabled().grace_period(STALLED).build())
            .timeout_config(timeouts)
            .region(config.region().cloned().unwrap_or(Region::from_static(REGION_OF_NOTHING)));
        let client = if has_endpoint { off_aws(builder.clone()) } else { builder.clone() };
        let public = settings.public_endpoint.map(|endpoint| {
            // Without a slash behind it: the path of an object begins with one.
            let endpoint = endpoint.as_str().trim_end_matches('/').to_owned();
            Client::from_conf(off_aws(builder.endpoint_url(endpoint)).build())
        });
        Ok(Self {
            client: Client::from_conf(client.build()),
            public,
            bucket: settings.bucket,
            takes_checksums: Arc::new(AtomicBool::new(true)),
        })
    }

    pub(super) async fn open(&self, sha256: Sha256) -> Result<StoredObject, StoreError> {
        let size_bytes = self.size(sha256).await?.ok_or(StoreError::Missing(sha256))?;
        Ok(StoredObject { size_bytes, source: Source::S3(S3Object { store: self.clone(), sha256 }) })
    }

    pub(super) async fn size(&self, sha256: Sha256) -> Result<Option<u64>, StoreError> {
        match self.client.head_object().bucket(&self.bucket).key(key(sha256)).send().await {
            Ok(head) => Ok(Some(unsigned(head.content_length()))),
            Err(error) if error.as_service_error().is_some_and(HeadObjectError::is_not_found) => Ok(None),
            Err(error) => Err(store_error("HeadObject", &error)),
        }
    }

    pub(super) async fn remove(&self, sha256: Sha256) -> Result<(), StoreError> {
        let request = self.client.delete_object().bucket(&self.bucket).key(key(sha256));
        request.send().await.map(|_| ()).map_err(|error| store_error("DeleteObject", &error))
    }

    pub(super) fn list(&self) -> impl Stream<Item = Result<ListedObject, StoreError>> + Send + use<> {
        let pages = self.client.list_objects_v2().bucket(&self.bucket).into_paginator().send();
        let pages = stream::try_unfold(pages, |mut pages| async {
            match pages.next().await {
                None => Ok(None),
                Some(Ok(page)) => Ok(Some((page.contents.unwrap_or_default(), pages))),
                Some(Err(error)) => Err(store_error("ListObjectsV2", &error)),
            }
        });
        pages
            .map_ok(|page| stream::iter(page).filter_map(|object| async move { listed(&object).map(Ok) }))
            .try_flatten()
    }

    pub(super) async fn public_address(
        &self,
        sha256: Sha256,
        presentation: Presentation<'_>,
        valid: Duration,
    ) -> Result<Option<String>, StoreError> {
        let Some(client) = &self.public else { return Ok(None) };
        let valid = PresigningConfig::expires_in(valid).map_err(io::Error::other)?;
        let request = client
            .get_object()
            .bucket(&self.bucket)
            .key(key(sha256))
            .response_content_type(presentation.content_type)
            .response_content_disposition(presentation.content_disposition);
        let request = request.presigned(valid).await.map_err(|error| store_error("GetObject", &error))?;
        Ok(Some(request.uri().to_owned()))
    }
}

/// An object of an S3 server.
#[derive(Debug)]
pub(super) struct S3Object {
    store: S3Store,
    sha256: Sha256,
}

impl S3Object {
    /// Its bytes: all of them, or as many as are asked for from a first one on.
    pub(super) async fn read(self, range: Option<(u64, u64)>) -> Result<ObjectBytes, StoreError> {
        let Self { store, sha256 } = self;
        let range = range.map(|(first, length)| format!("bytes={first}-{}", first + length - 1));
        let request = store.client.get_object().bucket(&store.bucket).key(key(sha256)).set_range(range);
        match request.send().await {
            Ok(object) => Ok(bytes(object.body)),
            Err(error) if error.as_service_error().is_some_and(GetObjectError::is_no_such_key) => {
                Err(StoreError::Missing(sha256))
            }
            Err(error) => Err(store_error("GetObject", &error)),
        }
    }
}

fn bytes(body: ByteStream) -> ObjectBytes {
    let parts = stream::try_unfold(body, |mut body| async {
        let part = body.try_next().await.map_err(io::Error::other)?;
        Ok(part.map(|part| (part, body)))
    });
    parts.boxed()
}

/// An object of a list, if it is one of ours.
fn listed(object: &Object) -> Option<ListedObject> {
    let written_at = object.last_modified().and_then(|time| OffsetDateTime::from_unix_timestamp(time.secs()).ok());
    Some(ListedObject {
        sha256: object.key().and_then(object_of)?,
        size_bytes: unsigned(object.size()),
        // One whose age is not told is taken to be young, so that nobody removes it.
        written_at: written_at.unwrap_or(OffsetDateTime::new_utc(time::Date::MAX, time::Time::MIDNIGHT)),
    })
}

fn unsigned(number: Option<i64>) -> u64 {
    number.and_then(|number| u64::try_from(number).ok()).unwrap_or(0)
}

/// What servers other than AWS understand: the bucket in the path, and only the checksums of old.
fn off_aws(builder: Builder) -> Builder {
    builder
        .force_path_style(true)
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
}

/// Whether the address of a server was set, for everything or for S3 alone.
fn has_endpoint(config: &SdkConfig) -> bool {
    let of_s3 = ServiceConfigKey::builder().service_id("S3").env("AWS_ENDPOINT_URL").profile("endpoint_url").build();
    let of_s3 = of_s3.ok().zip(config.service_config()).and_then(|(key, config)| config.load_config(key));
    config.endpoint_url().is_some() || of_s3.is_some()
}
