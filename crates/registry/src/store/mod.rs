//! The object store: bytes by their SHA-256.

mod disk;
pub(crate) mod objects;

use model::Sha256;

pub use disk::DiskStore;

use crate::spool::Spooled;

/// Where objects lie.
#[derive(Clone, Debug)]
pub enum Store {
    /// In a directory of this machine.
    Disk(DiskStore),
}

/// An object, open for reading.
#[derive(Debug)]
pub struct StoredObject {
    /// Its bytes.
    pub file: tokio::fs::File,
    /// How many they are.
    pub size_bytes: u64,
}

/// What can go wrong in the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store has no such object.
    #[error("the object {0} is not in the store")]
    Missing(Sha256),
    /// The disk is full.
    #[error("the disk of the object store is full; free some space and try again")]
    Full,
    /// It is being removed right now; trying again puts it back.
    #[error("the object {0} is being removed right now; try again")]
    Busy(Sha256),
    /// The store cannot be read or written.
    #[error("the object store cannot be used: {0}")]
    Io(std::io::Error),
}

impl StoreError {
    /// A stable code for machines.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing(_) => "object-missing",
            Self::Full => "store-full",
            Self::Busy(_) => "object-busy",
            Self::Io(_) => "store-unavailable",
        }
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Io(error),
        }
    }
}

impl Store {
    /// Opens an object.
    pub async fn open(&self, sha256: Sha256) -> Result<StoredObject, StoreError> {
        match self {
            Self::Disk(disk) => disk.open(sha256).await,
        }
    }

    /// The size of an object in bytes; none if it is not there.
    pub async fn size(&self, sha256: Sha256) -> Result<Option<u64>, StoreError> {
        match self {
            Self::Disk(disk) => disk.size(sha256).await,
        }
    }

    /// Puts a spooled file under its final key; it is on disk when this returns. The same object again is fine.
    async fn put(&self, spooled: Spooled) -> Result<(), StoreError> {
        match self {
            Self::Disk(disk) => disk.put(spooled).await,
        }
    }

    /// Removes an object; fine if it is not there.
    pub(crate) async fn remove(&self, sha256: Sha256) -> Result<(), StoreError> {
        match self {
            Self::Disk(disk) => disk.remove(sha256).await,
        }
    }

    /// Every object that lies in the store, whether the database knows it or not.
    pub async fn list(&self) -> Result<Vec<Sha256>, StoreError> {
        match self {
            Self::Disk(disk) => disk.list().await,
        }
    }
}
