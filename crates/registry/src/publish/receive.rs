//! Takes an upload in: into the temporary directory, bounded, hashed while it arrives, with no connection to the database.

use std::io::{self, Write as _};

use bytes::Bytes;
use model::Sha256;
use tokio::{sync::mpsc, task::JoinHandle};

use crate::{
    Registry, StoreError,
    spool::{SPOOL_PREFIX, Spool, Spooled},
};

/// Parts that may wait for the disk.
const WAITING_PARTS: usize = 8;

/// Why an upload was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// It has more bytes than this registry takes.
    #[error("the file is larger than {limit} bytes, the most that this registry takes")]
    TooLarge {
        /// The most that is taken.
        limit: u64,
    },
    /// The disk is full, or cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An upload on its way in. Dropped before its end, nothing of it stays.
#[derive(Debug)]
pub struct UploadReceiver {
    parts: mpsc::Sender<Bytes>,
    writing: JoinHandle<io::Result<Spooled>>,
    received: u64,
    limit: u64,
}

/// An upload that has arrived as a whole.
#[derive(Debug)]
pub struct ReceivedFile(pub(super) Spooled);

impl ReceivedFile {
    /// Its digest.
    pub fn sha256(&self) -> Sha256 {
        self.0.sha256
    }

    /// Its size in bytes.
    pub fn size_bytes(&self) -> u64 {
        self.0.size_bytes
    }
}

impl Registry {
    /// The most bytes of a file that are taken in.
    pub fn upload_limit(&self) -> u64 {
        self.uploads.largest_bytes
    }

    /// Gets ready to take in a file.
    pub fn receive_upload(&self) -> UploadReceiver {
        let (parts, mut arriving) = mpsc::channel::<Bytes>(WAITING_PARTS);
        let temporary = self.uploads.temporary.clone();
        let writing = tokio::task::spawn_blocking(move || {
            let mut spool = Spool::create(&temporary)?;
            while let Some(part) = arriving.blocking_recv() {
                spool.write_all(&part)?;
            }
            spool.finish()
        });
        UploadReceiver { parts, writing, received: 0, limit: self.uploads.largest_bytes }
    }
}

/// After which time a file on its way in is one that a killed server has left.
const ABANDONED: std::time::Duration = std::time::Duration::from_hours(24);

impl Registry {
    /// Removes what killed servers have left in the temporary directory; returns how many files.
    pub async fn remove_abandoned_uploads(&self) -> io::Result<usize> {
        let temporary = self.uploads.temporary.clone();
        let work = move || {
            let mut removed = 0;
            for entry in std::fs::read_dir(temporary)? {
                let entry = entry?;
                let is_spool = entry.file_name().to_string_lossy().starts_with(SPOOL_PREFIX);
                // One that is being renamed right now is gone when it is looked at.
                let Ok(written) = entry.metadata().and_then(|metadata| metadata.modified()) else { continue };
                let is_old = written.elapsed().is_ok_and(|age| age > ABANDONED);
                if is_spool && is_old && std::fs::remove_file(entry.path()).is_ok() {
                    removed += 1;
                }
            }
            Ok(removed)
        };
        tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(io::Error::other(error)))
    }
}

impl UploadReceiver {
    /// Takes the next bytes.
    pub async fn write(&mut self, part: Bytes) -> Result<(), ReceiveError> {
        self.received += part.len() as u64;
        if self.received > self.limit {
            return Err(ReceiveError::TooLarge { limit: self.limit });
        }
        if self.parts.send(part).await.is_ok() {
            return Ok(());
        }
        // The writer has ended before the upload: only an error does that.
        let result = (&mut self.writing).await;
        Err(written(result).err().unwrap_or_else(|| io::Error::other("the file was closed early")).into())
    }

    /// Ends the file; its bytes are on disk when this returns.
    pub async fn finish(self) -> Result<ReceivedFile, ReceiveError> {
        drop(self.parts);
        Ok(ReceivedFile(written(self.writing.await)?))
    }
}

fn written(result: Result<io::Result<Spooled>, tokio::task::JoinError>) -> io::Result<Spooled> {
    result.unwrap_or_else(|error| Err(io::Error::other(error)))
}

impl From<io::Error> for ReceiveError {
    fn from(error: io::Error) -> Self {
        Self::Store(error.into())
    }
}
