use model::FullName;

/// What can go wrong when the registry is asked for something.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// There is no such thing, or not for this viewer.
    #[error("there is no such thing here")]
    NotFound,
    /// Several packages have this short name and none of them is its default.
    #[error("several packages have this name")]
    Ambiguous {
        /// Their full names.
        candidates: Vec<FullName>,
    },
    /// Admins have said that nothing changes for a while.
    #[error("the registry is read-only for a while: nothing was changed; try again later")]
    ReadOnly,
    /// The database or the store cannot be reached now; it may later.
    #[error("the registry's database or object store cannot be reached now")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A fault of ours.
    #[error("something went wrong in the registry")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl RegistryError {
    /// A stable code for machines.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::Ambiguous { .. } => "ambiguous-name",
            Self::ReadOnly => "read-only",
            Self::Unavailable(_) => "unavailable",
            Self::Internal(_) => "internal",
        }
    }
}

/// Whether an error of the database means that it is away rather than that the question was wrong.
pub(crate) fn is_unavailable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Tls(_) => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            // Connection failures, too many connections, disk full, shutting down or starting up, schema not there yet.
            code.starts_with("08")
                || code.starts_with("53")
                || code.starts_with("57P")
                || matches!(code.as_ref(), "42P01" | "3D000")
        }),
        _ => false,
    }
}

/// Whether a text has a character that PostgreSQL has not.
fn is_not_storable(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(sqlx::error::DatabaseError::code).is_some_and(|code| code == "22021")
}

impl From<sqlx::Error> for RegistryError {
    fn from(error: sqlx::Error) -> Self {
        if matches!(error, sqlx::Error::RowNotFound) {
            Self::NotFound
        } else if error.as_database_error().and_then(|error| error.constraint()) == Some("flags_read_only") {
            Self::ReadOnly
        } else if is_not_storable(&error) {
            // Somebody asked for a text with a NUL: no text of the database has one, so there is no such thing.
            Self::NotFound
        } else if is_unavailable(&error) {
            Self::Unavailable(Box::new(error))
        } else {
            Self::Internal(Box::new(error))
        }
    }
}

impl From<std::io::Error> for RegistryError {
    fn from(error: std::io::Error) -> Self {
        Self::Unavailable(Box::new(error))
    }
}
