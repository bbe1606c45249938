use crate::{Registry, RegistryError};

/// A file in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchivedFile {
    /// Its path.
    pub path: String,
    /// `control-file`, `sql-file`, `shared-object`, `bitcode`, `extra` or `license-file`.
    pub kind: String,
    /// Its size in bytes.
    pub size_bytes: i64,
}

impl Registry {
    /// What lies in an archive, by path.
    pub async fn archived_files(&self, artifact_id: i64) -> Result<Vec<ArchivedFile>, RegistryError> {
        let files = sqlx::query_as!(
            ArchivedFile,
            "select path, kind, size_bytes
            from artifact_files
            where artifact_id = $1
            order by path",
            artifact_id,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(files)
    }
}
