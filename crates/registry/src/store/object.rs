use std::io;

use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, stream, stream::BoxStream};
use model::Sha256;
use sha2::Digest as _;
use time::OffsetDateTime;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio_util::io::ReaderStream;

use super::{StoreError, s3::S3Object};

/// Bytes that a file of this machine is read in.
const PART: usize = 64 << 10;

/// Bytes of an object, in parts. An error where the object ends too early.
pub type ObjectBytes = BoxStream<'static, io::Result<Bytes>>;

/// An object, found and ready to be read.
#[derive(Debug)]
pub struct StoredObject {
    /// How many bytes it has.
    pub size_bytes: u64,
    pub(super) source: Source,
}

/// Where the bytes of an object come from.
#[derive(Debug)]
pub(super) enum Source {
    /// A file of this machine.
    Disk(tokio::fs::File),
    /// An S3 server.
    S3(S3Object),
}

/// An object as the store lists it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListedObject {
    /// Its name, which is the digest that its bytes should have.
    pub sha256: Sha256,
    /// How many bytes it has.
    pub size_bytes: u64,
    /// When it was written, by the clock of the store.
    pub written_at: OffsetDateTime,
}

impl StoredObject {
    /// All of its bytes.
    pub async fn read_all(self) -> Result<ObjectBytes, StoreError> {
        let size = self.size_bytes;
        self.read(0, size).await
    }

    /// `length` bytes from `first` on, which the object has to have.
    pub async fn read(self, first: u64, length: u64) -> Result<ObjectBytes, StoreError> {
        if length == 0 {
            // An S3 server refuses to send an empty range.
            return Ok(stream::empty().boxed());
        }
        let bytes = match self.source {
            Source::Disk(mut file) => {
                file.seek(io::SeekFrom::Start(first)).await?;
                ReaderStream::with_capacity(file.take(length), PART).boxed()
            }
            Source::S3(object) => {
                let is_whole = first == 0 && length == self.size_bytes;
                object.read((!is_whole).then_some((first, length))).await?
            }
        };
        Ok(exactly(length, bytes))
    }

    /// The digest that its bytes really have.
    pub(crate) async fn digest(self) -> Result<Sha256, StoreError> {
        let mut bytes = self.read_all().await?;
        let mut hash = sha2::Sha256::new();
        while let Some(part) = bytes.try_next().await? {
            hash.update(&part);
        }
        Ok(Sha256::from_bytes(hash.finalize().into()))
    }
}

/// The same bytes, with an error where they are not as many as was said.
fn exactly(length: u64, bytes: ObjectBytes) -> ObjectBytes {
    let checked = stream::try_unfold((bytes, length), |(mut bytes, left)| async move {
        let Some(part) = bytes.try_next().await? else {
            return match left {
                0 => Ok(None),
                left => Err(io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    format!("an object of the store ended {left} bytes too early"),
                )),
            };
        };
        let left = left
            .checked_sub(part.len() as u64)
            .ok_or_else(|| io::Error::other("an object of the store has more bytes than was said"))?;
        Ok(Some((part, (bytes, left))))
    });
    checked.boxed()
}
