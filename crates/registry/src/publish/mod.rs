//! The one way in which anything is published. Façades and the import put a [`Publication`] together; this decides.

mod artifact;
mod assess;
mod assess_source;
mod error;
mod finding;
mod inspect;
mod inspect_source;
mod metadata;
mod package;
mod receive;
mod refusal;
mod release;
mod settings;
mod upload;
mod variants;
mod withdraw;

use std::collections::BTreeMap;

use model::{
    CategorySlug, ControlVersion, ExtensionName, FullName, LoadKind, PackageKind, PackageName, Platform, PostgresMajor,
    Sha256, Source, Version,
};
use serde_json::json;
use sqlx::PgConnection;

use crate::{
    EventId, Registry, RegistryError, WorkflowRun,
    accounts::{Caller, CallingPublisher},
    catalogue::keep_catalogue,
    events::{self, Event},
    spool::Spooled,
    store::objects,
};

/// By whose right something is published.
#[derive(Clone, Debug)]
pub(crate) enum Authority {
    /// The registry's own: what comes from the packages of a server. With the id of the system's principal.
    System(i64),
    /// That of somebody who has shown a token.
    Caller(Box<Caller>),
}

/// Where a package or an artifact came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// From the packages of a server.
    Import,
    /// From somebody with the right to publish it.
    Upload,
}

impl Origin {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Upload => "upload",
        }
    }
}

/// What a file of a release is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArtifactKind {
    /// Its source, of which a release has one.
    Source,
    /// What runs for one major and platform, or for any.
    Binary,
}

impl ArtifactKind {
    /// The spelling in the API and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Binary => "binary",
        }
    }
}

/// What is published: one artifact, with everything that its package and release need if it is their first.
#[derive(Clone, Debug)]
pub(crate) struct Publication {
    pub(crate) authority: Authority,
    pub(crate) name: PackageName,
    pub(crate) full_name: FullName,
    pub(crate) kind: PackageKind,
    pub(crate) version: Version,
    pub(crate) settings: Settings,
    pub(crate) facts: Facts,
    pub(crate) artifact: Artifact,
}

impl Publication {
    pub(crate) const fn origin(&self) -> Origin {
        match self.authority {
            Authority::System(_) => Origin::Import,
            Authority::Caller(_) => Origin::Upload,
        }
    }

    /// The workflow that publishes, where it is one.
    pub(crate) fn publisher(&self) -> Option<&CallingPublisher> {
        match &self.authority {
            Authority::System(_) => None,
            Authority::Caller(caller) => caller.publisher(),
        }
    }

    /// The run of it.
    pub(crate) fn run(&self) -> Option<&WorkflowRun> {
        self.publisher().map(|publisher| &publisher.run)
    }

    pub(crate) fn actor(&self) -> i64 {
        match &self.authority {
            Authority::System(principal) => *principal,
            Authority::Caller(caller) => caller.principal(),
        }
    }
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
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    pub(crate) licence: Option<String>,
    pub(crate) extensions: Vec<Extension>,
    pub(crate) modules: Vec<Module>,
    pub(crate) settings: Vec<Setting>,
    /// Extensions that must be installed first although no control file requires them.
    pub(crate) depends_on: Vec<String>,
    /// Packages of operating systems, by package manager.
    pub(crate) system_dependencies: BTreeMap<String, Vec<String>>,
    /// The path and the text of its README.
    pub(crate) readme: Option<(String, String)>,
}

/// A setting of `postgresql.conf` that a release needs or recommends.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    pub(crate) name: String,
    pub(crate) is_required: bool,
    pub(crate) recommended_value: Option<String>,
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
    /// The whole control file.
    pub(crate) control_file: Option<String>,
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
    /// Lower ones are loaded first.
    pub(crate) preload_priority: Option<i64>,
}

/// One archive. A source is for any major and platform.
#[derive(Clone, Debug)]
pub(crate) struct Artifact {
    pub(crate) kind: ArtifactKind,
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
    /// The same file was there already.
    Unchanged,
    /// A release that was not there before.
    Release,
    /// A further artifact of a release that was there.
    Artifact {
        /// 1 for the first of its kind, major and platform.
        build: i32,
    },
}

pub(crate) use artifact::is_published;
pub(crate) use assess_source::is_tag;
pub use error::PublishError;
pub use finding::{Severity, UploadFinding};
pub use metadata::Metadata;
pub(crate) use metadata::tidy_text;
pub(crate) use package::needs_second_factor;
pub use receive::{ReceiveError, ReceivedFile, UploadReceiver};
pub use refusal::Refusal;
pub use upload::{ArchiveLabel, Receipt, Target, UploadRequest};
pub(crate) use variants::{Variant, build as build_variants};
pub use withdraw::WithdrawError;

/// What became of a publication.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) published: Published,
    /// The name under which the package is known.
    pub(crate) name: PackageName,
    /// What of the package's description and links changed.
    pub(crate) updated: Vec<&'static str>,
    /// The package that many use whose name is near to that of this new one.
    pub(crate) near: Option<PackageName>,
    /// How the facts differ from those of the release, which stay.
    pub(crate) differences: Vec<String>,
    /// The event that tells of it; none where nothing changed.
    pub(crate) event: Option<EventId>,
}

/// Stores the archive and its variants and publishes them in one transaction: everything becomes visible, or nothing.
pub(crate) async fn publish(
    registry: &Registry,
    publication: &Publication,
    archive: Spooled,
    variants: Vec<Variant>,
) -> Result<Outcome, PublishError> {
    let (pool, store, now) = (&registry.pool, &registry.store, registry.clock.now());
    let sha256 = archive.sha256;
    store.receive(pool, archive, now).await?;
    let mut stored_variants = Vec::new();
    for Variant { major, arch, archive } in variants {
        stored_variants.push((major, arch, archive.as_ref().map_or(sha256, |archive| archive.sha256)));
        if let Some(archive) = archive {
            store.receive(pool, archive, now).await?;
        }
    }
    let mut transaction = pool.begin().await?;
    lock_name(&mut transaction, &publication.name).await?;
    keep_catalogue(&mut transaction).await?;
    // Somebody else may have published the same files since the caller looked; what was received is then left over.
    if publication.origin() == Origin::Import && is_published(&mut transaction, publication).await? {
        return Ok(Outcome::unchanged(publication.name.clone(), Vec::new()));
    }
    let package = package::find_or_create_package(registry, &mut transaction, publication, now).await?;
    let updated = match (package.is_new, publication.origin()) {
        (false, Origin::Upload) => settings::update(&mut transaction, package.id, publication, now).await?,
        _ => Vec::new(),
    };
    let release = release::find_or_create_release(&mut transaction, publication, package.id, now).await?;
    release::provide_extensions(&mut transaction, publication, package.id).await?;
    let differences = if release.is_new {
        Vec::new()
    } else {
        release::differences(&mut transaction, release.id, &publication.facts).await?
    };
    let known = match publication.origin() {
        Origin::Upload if !release.is_new => {
            artifact::newest_build(&mut transaction, release.id, &publication.artifact).await?
        }
        _ => None,
    };
    let payload = |build: Option<i32>| {
        let mut payload = json!({
            "package": package.id,
            "name": package.name,
            "version": publication.version,
            "kind": publication.artifact.kind.as_str(),
            "postgres": publication.artifact.postgres_major,
            "platform": publication.artifact.platform,
            "build": build,
            "sha256": sha256,
            "changed": updated,
        });
        if let Some(run) = publication.run() {
            payload["run"] = json!(run);
        }
        payload
    };
    let subject = format!("package:{}", package.full_name);
    let (kind, payload, published) = match known {
        Some(known) if known.sha256 != sha256 => {
            return Err(PublishError::Exists {
                name: package.name,
                version: publication.version.clone(),
                kind: publication.artifact.kind,
                postgres_major: publication.artifact.postgres_major,
                platform: publication.artifact.platform.clone(),
            });
        }
        Some(_) if updated.is_empty() => return Ok(Outcome::unchanged(package.name, differences)),
        Some(_) => (
            "package.updated",
            json!({ "package": package.id, "name": package.name, "changed": updated }),
            Published::Unchanged,
        ),
        None => {
            objects::claim(&mut transaction, sha256).await?;
            for (_, _, sha256) in &stored_variants {
                objects::claim(&mut transaction, *sha256).await?;
            }
            let (id, build) = artifact::add_artifact(&mut transaction, publication, release.id, sha256, now).await?;
            artifact::add_variants(&mut transaction, publication, id, &stored_variants).await?;
            artifact::add_run(&mut transaction, publication, id).await?;
            if release.is_new {
                ("release.published", payload(Some(build)), Published::Release)
            } else {
                ("artifact.added", payload(Some(build)), Published::Artifact { build })
            }
        }
    };
    let event = events::append(
        &mut transaction,
        Event { kind, actor: publication.actor(), subject: &subject, payload, happened_at: now },
    )
    .await?;
    transaction.commit().await?;
    Ok(Outcome { published, name: package.name, near: package.near, updated, differences, event: Some(event) })
}

/// One publication of a short name at a time: what is looked up after this stays true until the end.
pub(crate) async fn lock_name(transaction: &mut PgConnection, name: &PackageName) -> Result<(), RegistryError> {
    let folded = name.folded();
    sqlx::query!(
        r#"select pg_advisory_xact_lock(hashtextextended('publish ' || $1, 0)) as "locked!: ()""#,
        folded.as_str()
    )
    .fetch_one(transaction)
    .await?;
    Ok(())
}

/// Does in a transaction what [`publish`] does, without the bytes, and takes it back.
pub(crate) async fn rehearse(
    registry: &Registry,
    publication: &Publication,
    sha256: Sha256,
) -> Result<Vec<String>, PublishError> {
    let now = registry.clock.now();
    let mut transaction = registry.pool.begin().await?;
    lock_name(&mut transaction, &publication.name).await?;
    keep_catalogue(&mut transaction).await?;
    let package = package::find_or_create_package(registry, &mut transaction, publication, now).await?;
    let release = release::find_or_create_release(&mut transaction, publication, package.id, now).await?;
    release::provide_extensions(&mut transaction, publication, package.id).await?;
    if release.is_new {
        transaction.rollback().await?;
        return Ok(Vec::new());
    }
    let known = artifact::newest_build(&mut transaction, release.id, &publication.artifact).await?;
    let differences = release::differences(&mut transaction, release.id, &publication.facts).await?;
    transaction.rollback().await?;
    if known.is_some_and(|known| known.sha256 != sha256) {
        return Err(PublishError::Exists {
            name: package.name,
            version: publication.version.clone(),
            kind: publication.artifact.kind,
            postgres_major: publication.artifact.postgres_major,
            platform: publication.artifact.platform.clone(),
        });
    }
    Ok(differences)
}

impl Outcome {
    fn unchanged(name: PackageName, differences: Vec<String>) -> Self {
        Self { published: Published::Unchanged, name, near: None, updated: Vec::new(), differences, event: None }
    }
}
