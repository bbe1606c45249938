use model::{PackageName, Platform, PostgresMajor, Sha256, Version};
use time::OffsetDateTime;

use crate::{Registry, RegistryError, Viewer};

/// A file that somebody wants to have.
#[derive(Clone, Debug)]
pub struct SearchedArtifact {
    /// Its id, for counting.
    pub artifact_id: i64,
    /// The name to save it under.
    pub file_name: String,
    /// Its digest, and with it its place in the store.
    pub sha256: Sha256,
    /// Its size in bytes.
    pub size_bytes: i64,
    /// When it was published.
    pub published_at: OffsetDateTime,
}

impl Registry {
    /// The newest build of a file for `major` and `platform`, or the build with the digest `sha256`.
    ///
    /// Quarantined and deleted releases have no files; yanked ones do.
    pub async fn artifact(
        &self,
        viewer: Viewer,
        name: &PackageName,
        version: &Version,
        major: Option<PostgresMajor>,
        platform: &Platform,
        sha256: Option<Sha256>,
    ) -> Result<SearchedArtifact, RegistryError> {
        let package = self.find_package(viewer, name).await?;
        let artifact = sqlx::query_as!(
            SearchedArtifact,
            r#"select
                a.artifact_id,
                a.file_name,
                a.sha256 as "sha256: Sha256",
                o.size_bytes,
                a.published_at
            from artifacts as a
            join releases as r using (release_id)
            join objects as o on o.sha256 = a.sha256
            where r.package_id = $1
                and r.version = $2
                and r.state in ('active', 'yanked')
                and a.kind = 'binary'
                and a.postgres_major is not distinct from $3
                and a.os is not distinct from $4
                and a.os_version is not distinct from $5
                and a.arch is not distinct from $6
                and a.libc is not distinct from $7
                and ($8::bytea is null or a.sha256 = $8)
            order by a.build desc
            limit 1"#,
            package,
            version as _,
            major as _,
            platform.os(),
            platform.os_version(),
            platform.arch().map(model::Arch::as_str),
            platform.libc().map(model::Libc::as_str),
            sha256 as _,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(artifact)
    }
}
