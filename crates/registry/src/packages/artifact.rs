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

    /// The source of a release, likewise.
    pub async fn source(
        &self,
        viewer: Viewer,
        name: &PackageName,
        version: &Version,
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
                and a.kind = 'source'"#,
            package,
            version as _,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(artifact)
    }

    /// A file of a release by its name, also one that was made of an upload for other architectures.
    pub async fn artifact_by_file_name(
        &self,
        name: &PackageName,
        version: &Version,
        file_name: &str,
    ) -> Result<SearchedArtifact, RegistryError> {
        let package = self.find_package(Viewer::Anonymous, name).await?;
        let artifact = sqlx::query_as!(
            SearchedArtifact,
            r#"with files as (
                select a.artifact_id, a.release_id, a.file_name, a.sha256, a.object_state, a.published_at
                from artifacts as a
                union all
                select v.artifact_id, a.release_id, v.file_name, v.sha256, v.object_state, a.published_at
                from artifact_variants as v
                join artifacts as a using (artifact_id)
            )
            select
                f.artifact_id as "artifact_id!",
                f.file_name as "file_name!",
                f.sha256 as "sha256!: Sha256",
                o.size_bytes,
                f.published_at as "published_at!"
            from files as f
            join releases as r using (release_id)
            join objects as o on o.sha256 = f.sha256
            where r.package_id = $1
                and r.version = $2
                and r.state in ('active', 'yanked')
                and f.object_state is not null
                and f.file_name = $3
            limit 1"#,
            package,
            version as _,
            file_name,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(artifact)
    }
}
