use model::Sha256;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{Artifact, ArtifactKind, Publication, PublishError, variants};

/// Whether the newest build under the publication's key has these files already.
pub(crate) async fn is_published(
    connection: &mut PgConnection,
    publication: &Publication,
) -> Result<bool, PublishError> {
    let artifact = &publication.artifact;
    let files = sqlx::query!(
        r#"select f.path, f.sha256 as "sha256: Sha256"
        from artifact_files as f
        where f.artifact_id = (
            select a.artifact_id
            from artifacts as a
            join releases as r using (release_id)
            join packages as p using (package_id)
            where p.full_name = $1
                and r.version = $2
                and a.kind = 'binary'
                and a.postgres_major is not distinct from $3
                and a.os is not distinct from $4
                and a.os_version is not distinct from $5
                and a.arch is not distinct from $6
                and a.libc is not distinct from $7
            order by a.build desc
            limit 1
        )
        order by f.path collate "C""#,
        publication.full_name as _,
        publication.version as _,
        artifact.postgres_major as _,
        artifact.platform.os(),
        artifact.platform.os_version(),
        artifact.platform.arch().map(model::Arch::as_str),
        artifact.platform.libc().map(model::Libc::as_str),
    )
    .fetch_all(connection)
    .await?;
    let mut offered: Vec<_> = artifact.files.iter().map(|file| (file.path.as_str(), file.sha256)).collect();
    offered.sort_unstable();
    Ok(!offered.is_empty() && files.iter().map(|file| (file.path.as_str(), file.sha256)).eq(offered))
}

pub(super) async fn add_artifact(
    transaction: &mut PgConnection,
    publication: &Publication,
    release: i64,
    sha256: Sha256,
    now: OffsetDateTime,
) -> Result<(i64, i32), PublishError> {
    let artifact = &publication.artifact;
    if let Some(major) = artifact.postgres_major {
        sqlx::query!(
            "insert into postgres_majors (major)
            values ($1)
            on conflict do nothing",
            major as _,
        )
        .execute(&mut *transaction)
        .await?;
    }
    let build = newest_build(transaction, release, artifact).await?.map_or(1, |newest| newest.build + 1);
    let id = sqlx::query_scalar!(
        "insert into artifacts (
            release_id, kind, postgres_major, os, os_version, arch, libc, build, origin, file_name, sha256,
            postgres_version, distribution_package, distribution_version, published_by, published_at
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
        returning artifact_id",
        release,
        artifact.kind.as_str(),
        artifact.postgres_major as _,
        artifact.platform.os(),
        artifact.platform.os_version(),
        artifact.platform.arch().map(model::Arch::as_str),
        artifact.platform.libc().map(model::Libc::as_str),
        build,
        publication.origin().as_str(),
        file_name(publication, build),
        sha256 as _,
        artifact.postgres_version,
        artifact.distribution.as_ref().map(|(package, _)| package),
        artifact.distribution.as_ref().map(|(_, version)| version),
        publication.actor(),
        now,
    )
    .fetch_one(&mut *transaction)
    .await?;
    add_contents(transaction, id, artifact).await?;
    Ok((id, build))
}

/// The newest of the builds for one major and platform.
pub(super) struct NewestBuild {
    pub(super) build: i32,
    pub(super) sha256: Sha256,
}

/// The newest build of a release for the artifact's major and platform, if there is one.
pub(super) async fn newest_build(
    transaction: &mut PgConnection,
    release: i64,
    artifact: &Artifact,
) -> Result<Option<NewestBuild>, PublishError> {
    let newest = sqlx::query_as!(
        NewestBuild,
        r#"select build, sha256 as "sha256: Sha256"
        from artifacts
        where release_id = $1
            and kind = $2
            and postgres_major is not distinct from $3
            and os is not distinct from $4
            and os_version is not distinct from $5
            and arch is not distinct from $6
            and libc is not distinct from $7
        order by build desc
        limit 1"#,
        release,
        artifact.kind.as_str(),
        artifact.postgres_major as _,
        artifact.platform.os(),
        artifact.platform.os_version(),
        artifact.platform.arch().map(model::Arch::as_str),
        artifact.platform.libc().map(model::Libc::as_str),
    )
    .fetch_optional(transaction)
    .await?;
    Ok(newest)
}

/// Records the archives of the same files with other manifests.
pub(super) async fn add_variants(
    transaction: &mut PgConnection,
    publication: &Publication,
    artifact: i64,
    stored: &[(model::PostgresMajor, model::Arch, Sha256)],
) -> Result<(), PublishError> {
    for (major, arch, sha256) in stored {
        sqlx::query!(
            "insert into artifact_variants (artifact_id, postgres_major, arch, file_name, sha256)
            values ($1, $2, $3, $4, $5)",
            artifact,
            major as _,
            arch as _,
            variants::file_name(publication, *major, *arch),
            sha256 as _,
        )
        .execute(&mut *transaction)
        .await?;
    }
    Ok(())
}

async fn add_contents(transaction: &mut PgConnection, id: i64, artifact: &Artifact) -> Result<(), PublishError> {
    let files = &artifact.files;
    sqlx::query!(
        "insert into artifact_files (artifact_id, path, kind, size_bytes, sha256)
        select $1, *
        from unnest($2::text[], $3::text[], $4::bigint[], $5::bytea[])",
        id,
        &files.iter().map(|file| file.path.clone()).collect::<Vec<_>>(),
        &files.iter().map(|file| file.kind.to_owned()).collect::<Vec<_>>(),
        &files.iter().map(|file| file.size_bytes).collect::<Vec<_>>(),
        &files.iter().map(|file| file.sha256.as_bytes().to_vec()).collect::<Vec<_>>(),
    )
    .execute(&mut *transaction)
    .await?;
    for library in &artifact.libraries {
        sqlx::query!(
            "insert into artifact_libraries (artifact_id, path, arch, libc, glibc_version, needed, postgres_major, capabilities)
            values ($1, $2, $3, $4, $5, $6, $7, $8)",
            id,
            library.path,
            library.facts.arch as _,
            library.facts.libc.map(model::Libc::as_str),
            library.facts.glibc_version,
            &library.facts.needed,
            library.facts.module.major() as _,
            &library.facts.capabilities.keys().map(|capability| capability.as_str().to_owned()).collect::<Vec<_>>(),
        )
        .execute(&mut *transaction)
        .await?;
    }
    Ok(())
}

/// For example `hstore-1.8.0-pg15-debian-12-x86_64-gnu.tar.gz`, or `hstore-1.8.0.zip` for a source; further builds say which they are.
fn file_name(publication: &Publication, build: i32) -> String {
    let Publication { name, version, artifact, .. } = publication;
    if artifact.kind == ArtifactKind::Source {
        return format!("{name}-{version}.zip");
    }
    let major = artifact.postgres_major.map(|major| format!("-pg{major}")).unwrap_or_default();
    let build = if build == 1 { String::new() } else { format!("-build{build}") };
    format!("{name}-{version}{major}-{}{build}.tar.gz", artifact.platform)
}

/// Notes from which run of a workflow a file came.
pub(super) async fn add_run(
    transaction: &mut PgConnection,
    publication: &Publication,
    artifact: i64,
) -> Result<(), PublishError> {
    let Some(run) = publication.run() else { return Ok(()) };
    sqlx::query!("insert into artifact_runs (artifact_id, run) values ($1, $2)", artifact, serde_json::json!(run))
        .execute(transaction)
        .await?;
    Ok(())
}
