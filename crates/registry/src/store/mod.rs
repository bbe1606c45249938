//! The object store: bytes by their SHA-256.

mod copy;
mod disk;
mod error;
mod object;
pub(crate) mod objects;
mod s3;
#[cfg(test)]
mod tests;

use std::{path::Path, time::Duration};

use futures::{StreamExt as _, stream::BoxStream};
use model::Sha256;

pub use copy::{CopyProgress, CopyReport, copy_objects};
pub use disk::DiskStore;
pub use error::StoreError;
pub use object::{ListedObject, ObjectBytes, StoredObject};
pub use s3::{NoRegion, S3Settings, S3Store};

use crate::spool::Spooled;

/// Where objects lie.
#[derive(Clone, Debug)]
pub enum Store {
    /// In a directory of this machine.
    Disk(DiskStore),
    /// In a bucket of an S3 server.
    S3(S3Store),
}

/// What somebody who fetches an object from the store itself is told of it.
#[derive(Clone, Copy, Debug)]
pub struct Presentation<'a> {
    /// The value of `Content-Type`.
    pub content_type: &'a str,
    /// The value of `Content-Disposition`.
    pub content_disposition: &'a str,
}

impl Store {
    /// Opens an object.
    pub async fn open(&self, sha256: Sha256) -> Result<StoredObject, StoreError> {
        match self {
            Self::Disk(disk) => disk.open(sha256).await,
            Self::S3(s3) => s3.open(sha256).await,
        }
    }

    /// The size of an object in bytes; none if it is not there.
    pub async fn size(&self, sha256: Sha256) -> Result<Option<u64>, StoreError> {
        match self {
            Self::Disk(disk) => disk.size(sha256).await,
            Self::S3(s3) => s3.size(sha256).await,
        }
    }

    /// An address at which everybody can fetch the object for a while; none where the store has none to give.
    pub async fn public_address(
        &self,
        sha256: Sha256,
        presentation: Presentation<'_>,
        valid: Duration,
    ) -> Result<Option<String>, StoreError> {
        match self {
            Self::Disk(_) => Ok(None),
            Self::S3(s3) => s3.public_address(sha256, presentation, valid).await,
        }
    }

    /// Puts a spooled file under its final key; it is there to stay when this returns. The same object again is fine.
    async fn put(&self, spooled: Spooled) -> Result<(), StoreError> {
        let size = spooled.file.as_file().metadata()?.len();
        if size != spooled.size_bytes {
            let reason = format!("a file to be stored has {size} bytes in place of {}", spooled.size_bytes);
            return Err(std::io::Error::other(reason).into());
        }
        match self {
            Self::Disk(disk) => disk.put(spooled).await,
            Self::S3(s3) => s3.put(spooled).await,
        }
    }

    /// Removes an object; fine if it is not there.
    pub(crate) async fn remove(&self, sha256: Sha256) -> Result<(), StoreError> {
        match self {
            Self::Disk(disk) => disk.remove(sha256).await,
            Self::S3(s3) => s3.remove(sha256).await,
        }
    }

    /// Every object that lies in the store, whether the database knows it or not.
    pub fn list(&self) -> BoxStream<'static, Result<ListedObject, StoreError>> {
        match self {
            Self::Disk(disk) => disk.list().boxed(),
            Self::S3(s3) => s3.list().boxed(),
        }
    }
}

/// The name of an object in a store: a file below a directory, or a key in a bucket.
fn key(sha256: Sha256) -> String {
    let name = sha256.to_string();
    format!("{}/{}/{name}", &name[..2], &name[2..4])
}

/// The object that has this name, if any has.
fn object_of(key: &str) -> Option<Sha256> {
    let sha256 = Path::new(key).file_name()?.to_str()?.parse().ok()?;
    (self::key(sha256) == key).then_some(sha256)
}
