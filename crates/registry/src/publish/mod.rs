//! The one way in which anything is published. Façades and the import put a [`Publication`] together; this decides.

mod artifact;
mod package;
mod release;

use model::{
    CategorySlug, ControlVersion, ExtensionName, FullName, LoadKind, PackageKind, PackageName, Platform, PostgresMajor,
    Sha256, Source, Version,
};
use serde_json::json;
use sqlx::PgPool;
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

pub(crate) use artifact::is_published;

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
    // Somebody else may have published the same files since the caller looked; what was received is then left over.
    if is_published(&mut transaction, publication).await? {
        return Ok(Published::Unchanged);
    }
    let package = package::find_or_create_package(&mut transaction, publication, now).await?;
    let (release, is_new) = release::find_or_create_release(&mut transaction, publication, package, now).await?;
    objects::claim(&mut transaction, sha256).await?;
    let build = artifact::add_artifact(&mut transaction, publication, release, sha256, now).await?;
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
