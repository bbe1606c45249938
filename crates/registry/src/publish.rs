//! The one way in which anything is published. Façades and the import put a [`Publication`] together; this decides.

use model::{
    CategorySlug, ControlVersion, ExtensionName, Folded, FullName, LoadKind, PackageKind, PackageName, Platform,
    PostgresMajor, Sha256, Source, Version,
};
use serde_json::json;
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

use crate::{
    RegistryError,
    events::{self, Event},
    spool::Spooled,
    store::{Store, StoreError, objects},
};

/// Where a package or an artifact came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// From the packages of a server.
    Import,
}

impl Origin {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Import => "import",
        }
    }
}

/// What is published: one artifact, with everything that its package and release need if it is their first.
#[derive(Clone, Debug)]
pub(crate) struct Publication {
    pub(crate) actor: i64,
    pub(crate) origin: Origin,
    pub(crate) name: PackageName,
    pub(crate) full_name: FullName,
    pub(crate) kind: PackageKind,
    pub(crate) version: Version,
    pub(crate) settings: Settings,
    pub(crate) facts: Facts,
    pub(crate) artifact: Artifact,
}

/// What the first upload says of the package, and only settings change later.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    pub(crate) summary: Option<String>,
    pub(crate) categories: Vec<CategorySlug>,
    pub(crate) tags: Vec<String>,
    /// Kind and address.
    pub(crate) links: Vec<(&'static str, String)>,
}

/// What the first upload says of the release, frozen from then on.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) licence: Option<String>,
    pub(crate) extensions: Vec<Extension>,
    pub(crate) modules: Vec<Module>,
}

/// A name for `CREATE EXTENSION` and what its control file says.
#[derive(Clone, Debug)]
pub(crate) struct Extension {
    pub(crate) name: ExtensionName,
    pub(crate) version: Option<ControlVersion>,
    pub(crate) comment: Option<String>,
    pub(crate) requires: Vec<String>,
    pub(crate) trusted: bool,
    pub(crate) superuser: bool,
    pub(crate) relocatable: bool,
    pub(crate) schema: Option<String>,
}

/// A loadable library and how it comes into a server.
#[derive(Clone, Debug)]
pub(crate) struct Module {
    pub(crate) library: String,
    pub(crate) load_kind: LoadKind,
    pub(crate) load_source: Source,
    pub(crate) without_preload: Option<String>,
    pub(crate) restart_on_install: Option<bool>,
    pub(crate) restart_on_upgrade: Option<bool>,
    pub(crate) usage: Vec<String>,
}

/// One binary archive.
#[derive(Clone, Debug)]
pub(crate) struct Artifact {
    pub(crate) postgres_major: Option<PostgresMajor>,
    pub(crate) platform: Platform,
    pub(crate) postgres_version: Option<String>,
    /// Name and version of the distribution's package it was taken from.
    pub(crate) distribution: Option<(String, String)>,
    pub(crate) files: Vec<ArtifactFile>,
    pub(crate) libraries: Vec<ArtifactLibrary>,
}

/// A file in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ArtifactFile {
    pub(crate) path: String,
    pub(crate) kind: &'static str,
    pub(crate) size_bytes: i64,
    pub(crate) sha256: Sha256,
}

/// What a library in an archive needs.
#[derive(Clone, Debug)]
pub(crate) struct ArtifactLibrary {
    pub(crate) path: String,
    pub(crate) facts: formats::library::LibraryFacts,
}

/// What publishing did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    /// The same files were there already.
    Unchanged,
    /// A release that was not there before.
    Release,
    /// A further artifact of a release that was there.
    Artifact {
        /// 1 for the first of its major and platform.
        build: i32,
    },
}

/// Why something was not published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// Another spelling of the name is taken.
    #[error("the name {name} is read like {taken}, which is published already")]
    NameTaken {
        /// The name that was refused.
        name: PackageName,
        /// The name that is there.
        taken: PackageName,
    },
    /// Somebody publishes the package here; what comes from a server's packages does not replace it.
    #[error("{0} is published here by its owner")]
    Owned(PackageName),
    /// Another package provides the extension.
    #[error("the extension {name} is provided by the package {by}")]
    ExtensionTaken {
        /// The extension.
        name: ExtensionName,
        /// The full name of its package.
        by: FullName,
    },
    /// A category that is not there.
    #[error("there is no category {0}")]
    UnknownCategory(CategorySlug),
    /// The release was taken back and its version is not used again.
    #[error("version {0} was deleted; a version is never used again")]
    Deleted(Version),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The database failed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl From<sqlx::Error> for PublishError {
    fn from(error: sqlx::Error) -> Self {
        Self::Registry(error.into())
    }
}

/// Whether the newest build under the publication's key has these files already.
pub(crate) async fn is_published(pool: &PgPool, publication: &Publication) -> Result<bool, PublishError> {
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
    .fetch_all(pool)
    .await?;
    let mut offered: Vec<_> = artifact.files.iter().map(|file| (file.path.as_str(), file.sha256)).collect();
    offered.sort_unstable();
    Ok(!offered.is_empty() && files.iter().map(|file| (file.path.as_str(), file.sha256)).eq(offered))
}

/// Stores the archive and publishes it in one transaction: everything of it becomes visible, or nothing.
pub(crate) async fn publish(
    pool: &PgPool,
    store: &Store,
    publication: &Publication,
    archive: Spooled,
    now: OffsetDateTime,
) -> Result<Published, PublishError> {
    let sha256 = archive.sha256;
    store.receive(pool, archive, now).await?;
    let mut transaction = pool.begin().await?;
    let folded = publication.name.folded();
    // One publication of a short name at a time: what is looked up below stays true until the end.
    sqlx::query!(
        r#"select pg_advisory_xact_lock(hashtextextended('publish ' || $1, 0)) as "locked!: ()""#,
        folded.as_str()
    )
    .fetch_one(&mut *transaction)
    .await?;
    let package = find_or_create_package(&mut transaction, publication, now).await?;
    let (release, is_new) = find_or_create_release(&mut transaction, publication, package, now).await?;
    objects::claim(&mut transaction, sha256).await?;
    let build = add_artifact(&mut transaction, publication, release, sha256, now).await?;
    events::append(
        &mut transaction,
        Event {
            kind: if is_new { "release.published" } else { "artifact.added" },
            actor: publication.actor,
            subject: &format!("package:{}", publication.full_name),
            payload: json!({
                "package": package,
                "name": publication.name,
                "version": publication.version,
                "postgres": publication.artifact.postgres_major,
                "platform": publication.artifact.platform,
                "build": build,
                "sha256": sha256,
            }),
            happened_at: now,
        },
    )
    .await?;
    transaction.commit().await?;
    Ok(if is_new { Published::Release } else { Published::Artifact { build } })
}

async fn find_or_create_package(
    transaction: &mut PgConnection,
    publication: &Publication,
    now: OffsetDateTime,
) -> Result<i64, PublishError> {
    let folded = publication.name.folded();
    let holders = sqlx::query!(
        r#"select package_id, full_name as "full_name: FullName", name as "name: PackageName", origin, is_default
        from packages
        where name_folded = $1"#,
        folded.as_str(),
    )
    .fetch_all(&mut *transaction)
    .await?;
    if let Some(holder) = holders.iter().find(|holder| holder.full_name == publication.full_name) {
        if publication.origin == Origin::Import && holder.origin != Origin::Import.as_str() {
            return Err(PublishError::Owned(holder.name.clone()));
        }
        return Ok(holder.package_id);
    }
    // On one host, names that are read alike are the same name.
    let host = |name: &FullName| name.as_str().split('/').next().map(str::to_owned);
    if let Some(holder) = holders.iter().find(|holder| host(&holder.full_name) == host(&publication.full_name)) {
        return Err(PublishError::NameTaken { name: publication.name.clone(), taken: holder.name.clone() });
    }
    let package = sqlx::query_scalar!(
        "insert into packages
            (full_name, name, is_default, kind, visibility, origin, is_orphaned, summary, created_at, updated_at)
        values ($1, $2, $3, $4, 'public', $5, true, $6, $7, $7)
        returning package_id",
        publication.full_name as _,
        publication.name as _,
        !holders.iter().any(|holder| holder.is_default),
        publication.kind as _,
        publication.origin.as_str(),
        publication.settings.summary,
        now,
    )
    .fetch_one(&mut *transaction)
    .await?;
    add_settings(transaction, package, &publication.settings).await?;
    Ok(package)
}

async fn add_settings(transaction: &mut PgConnection, package: i64, settings: &Settings) -> Result<(), PublishError> {
    for (slug, position) in settings.categories.iter().zip(1_i16..) {
        sqlx::query!(
            "insert into package_categories (package_id, slug, position)
            values ($1, $2, $3)",
            package,
            slug as _,
            position,
        )
        .execute(&mut *transaction)
        .await
        .map_err(|error| match error.as_database_error().and_then(|error| error.constraint()) {
            Some("package_categories_slug_fkey") => PublishError::UnknownCategory(slug.clone()),
            _ => error.into(),
        })?;
    }
    sqlx::query!(
        "insert into tags (tag)
        select unnest($1::text[])
        on conflict do nothing",
        &settings.tags,
    )
    .execute(&mut *transaction)
    .await?;
    sqlx::query!(
        "insert into package_tags (package_id, tag)
        select $1, tag
        from unnest($2::text[]) as tag
        on conflict do nothing",
        package,
        &settings.tags,
    )
    .execute(&mut *transaction)
    .await?;
    for (kind, url) in &settings.links {
        sqlx::query!(
            "insert into package_links (package_id, kind, url)
            values ($1, $2, $3)",
            package,
            kind,
            url,
        )
        .execute(&mut *transaction)
        .await?;
    }
    Ok(())
}

async fn find_or_create_release(
    transaction: &mut PgConnection,
    publication: &Publication,
    package: i64,
    now: OffsetDateTime,
) -> Result<(i64, bool), PublishError> {
    let known = sqlx::query!(
        "select release_id, state
        from releases
        where package_id = $1
            and version = $2",
        package,
        publication.version as _,
    )
    .fetch_optional(&mut *transaction)
    .await?;
    match known {
        Some(release) if release.state == "deleted" => return Err(PublishError::Deleted(publication.version.clone())),
        Some(release) => return Ok((release.release_id, false)),
        None => {}
    }
    let release = sqlx::query_scalar!(
        "insert into releases
            (package_id, version, version_key, is_prerelease, state, licence, published_by, published_at)
        values ($1, $2, $3, $4, 'active', $5, $6, $7)
        returning release_id",
        package,
        publication.version as _,
        publication.version.sort_key(),
        publication.version.is_prerelease(),
        publication.facts.licence,
        publication.actor,
        now,
    )
    .fetch_one(&mut *transaction)
    .await?;
    for extension in &publication.facts.extensions {
        add_extension(transaction, package, release, extension).await?;
    }
    for module in &publication.facts.modules {
        sqlx::query!(
            "insert into modules
                (release_id, library, load_kind, load_source, without_preload, restart_on_install, restart_on_upgrade, usage)
            values ($1, $2, $3, $4, $5, $6, $7, $8)",
            release,
            module.library,
            module.load_kind as _,
            module.load_source as _,
            module.without_preload,
            module.restart_on_install,
            module.restart_on_upgrade,
            &module.usage,
        )
        .execute(&mut *transaction)
        .await?;
    }
    Ok((release, true))
}

async fn add_extension(
    transaction: &mut PgConnection,
    package: i64,
    release: i64,
    extension: &Extension,
) -> Result<(), PublishError> {
    provide_extension(transaction, package, &extension.name).await?;
    sqlx::query!(
        "insert into extensions
            (release_id, name, version, comment, requires, is_trusted, needs_superuser, is_relocatable, schema)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        release,
        extension.name as _,
        extension.version as _,
        extension.comment,
        &extension.requires,
        extension.trusted,
        extension.superuser,
        extension.relocatable,
        extension.schema,
    )
    .execute(transaction)
    .await?;
    Ok(())
}

/// Records that the package provides the extension: as the first, or beside others with which it shares an owner.
async fn provide_extension(
    transaction: &mut PgConnection,
    package: i64,
    name: &ExtensionName,
) -> Result<(), PublishError> {
    let folded: Folded = name.folded();
    sqlx::query!(
        "insert into extension_names (name_folded, name, default_package_id)
        values ($1, $2, $3)
        on conflict do nothing",
        folded.as_str(),
        name as _,
        package,
    )
    .execute(&mut *transaction)
    .await?;
    let stranger = sqlx::query_scalar!(
        r#"select p.full_name as "full_name: FullName"
        from extension_names as n
        join packages as p on p.package_id = n.default_package_id
        where n.name_folded = $1
            and n.default_package_id <> $2
            and not exists (
                select from package_owners as theirs
                join package_owners as ours using (principal_id)
                where theirs.package_id = n.default_package_id
                    and ours.package_id = $2
                    and theirs.role = 'owner'
                    and ours.role = 'owner'
            )"#,
        folded.as_str(),
        package,
    )
    .fetch_optional(&mut *transaction)
    .await?;
    if let Some(by) = stranger {
        return Err(PublishError::ExtensionTaken { name: name.clone(), by });
    }
    sqlx::query!(
        "insert into extension_providers (name_folded, package_id)
        values ($1, $2)
        on conflict do nothing",
        folded.as_str(),
        package,
    )
    .execute(transaction)
    .await?;
    Ok(())
}

async fn add_artifact(
    transaction: &mut PgConnection,
    publication: &Publication,
    release: i64,
    sha256: Sha256,
    now: OffsetDateTime,
) -> Result<i32, PublishError> {
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
    let build = sqlx::query_scalar!(
        r#"select coalesce(max(build), 0) + 1 as "build!"
        from artifacts
        where release_id = $1
            and kind = 'binary'
            and postgres_major is not distinct from $2
            and os is not distinct from $3
            and os_version is not distinct from $4
            and arch is not distinct from $5
            and libc is not distinct from $6"#,
        release,
        artifact.postgres_major as _,
        artifact.platform.os(),
        artifact.platform.os_version(),
        artifact.platform.arch().map(model::Arch::as_str),
        artifact.platform.libc().map(model::Libc::as_str),
    )
    .fetch_one(&mut *transaction)
    .await?;
    let id = sqlx::query_scalar!(
        "insert into artifacts (
            release_id, kind, postgres_major, os, os_version, arch, libc, build, origin, file_name, sha256,
            postgres_version, distribution_package, distribution_version, published_by, published_at
        )
        values ($1, 'binary', $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
        returning artifact_id",
        release,
        artifact.postgres_major as _,
        artifact.platform.os(),
        artifact.platform.os_version(),
        artifact.platform.arch().map(model::Arch::as_str),
        artifact.platform.libc().map(model::Libc::as_str),
        build,
        publication.origin.as_str(),
        file_name(publication, build),
        sha256 as _,
        artifact.postgres_version,
        artifact.distribution.as_ref().map(|(package, _)| package),
        artifact.distribution.as_ref().map(|(_, version)| version),
        publication.actor,
        now,
    )
    .fetch_one(&mut *transaction)
    .await?;
    add_contents(transaction, id, artifact).await?;
    Ok(build)
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
            "insert into artifact_libraries (artifact_id, path, arch, libc, glibc_version, needed)
            values ($1, $2, $3, $4, $5, $6)",
            id,
            library.path,
            library.facts.arch as _,
            library.facts.libc.map(model::Libc::as_str),
            library.facts.glibc_version,
            &library.facts.needed,
        )
        .execute(&mut *transaction)
        .await?;
    }
    Ok(())
}

/// For example `hstore-1.8.0-pg15-debian-12-x86_64-gnu.tar.gz`; further builds say which they are.
fn file_name(publication: &Publication, build: i32) -> String {
    let Publication { name, version, artifact, .. } = publication;
    let major = artifact.postgres_major.map(|major| format!("-pg{major}")).unwrap_or_default();
    let build = if build == 1 { String::new() } else { format!("-build{build}") };
    format!("{name}-{version}{major}-{}{build}.tar.gz", artifact.platform)
}
