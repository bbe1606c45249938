use model::Sha256;

/// What can go wrong in the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store has no such object.
    #[error("the object {0} is not in the store")]
    Missing(Sha256),
    /// The disk is full, or the bucket.
    #[error("the object store is full; free some space and try again")]
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
