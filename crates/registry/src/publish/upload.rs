//! Publishing an archive that somebody sent: the use case behind every façade.

use std::{
    fs::File,
    io::{self, Read, Seek as _},
};

use model::{FullName, PackageName, Platform, PostgresMajor, Sha256, Version};

use super::{
    ArtifactKind, Authority, Publication, PublishError, Published, ReceivedFile, Settings, UploadFinding, Variant,
    assess::{Assessed, assess},
    assess_source::{assess_source, tags, with_distribution},
    finding::any_error,
    inspect::inspect,
    inspect_source::inspect_source,
    metadata::{Metadata, tidy_text},
    package, publish, rehearse, variants,
};
use crate::{
    EventId, Registry, RegistryError,
    accounts::Caller,
    catalogue::{ForbiddenTag, meant_tags},
    spool::Spooled,
    store::StoreError,
};

/// For what a file is, where its publisher says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// A major; none for any.
    pub postgres_major: Option<PostgresMajor>,
    /// A platform.
    pub platform: Platform,
}

/// What is to be published.
#[derive(Clone, Debug)]
pub struct UploadRequest {
    /// The short name of the package.
    pub name: PackageName,
    /// The version of the release.
    pub version: Version,
    /// What the file is.
    pub kind: ArtifactKind,
    /// For what a binary is; found out from the file where nothing is said.
    pub target: Option<Target>,
    /// What is said beside the file.
    pub metadata: Metadata,
}

/// What an archive is, by its own word.
#[derive(Clone, Debug)]
pub struct ArchiveLabel {
    /// A zip is a source, a tar a binary.
    pub kind: ArtifactKind,
    /// The short name of its package.
    pub name: PackageName,
    /// The release.
    pub version: Version,
}

/// What became of an upload.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// What was done.
    pub published: Published,
    /// The package, spelled as it was first published.
    pub name: PackageName,
    /// The release.
    pub version: Version,
    /// What the file is.
    pub kind: ArtifactKind,
    /// The major that the file is for; none for any.
    pub postgres_major: Option<PostgresMajor>,
    /// The platform that it is for.
    pub platform: Platform,
    /// The digest of the file.
    pub sha256: Sha256,
    /// What of the package's description and links changed.
    pub updated: Vec<&'static str>,
    /// What its publisher should know.
    pub warnings: Vec<UploadFinding>,
    /// The event that tells of it; none where nothing changed.
    pub event: Option<EventId>,
}

/// An upload that was looked at and could be published.
struct Prepared {
    publication: Publication,
    archive: Spooled,
    variants: Vec<Variant>,
    warnings: Vec<UploadFinding>,
}

impl Registry {
    /// Whether the caller may publish to the package at all; said before anything is received.
    pub async fn authorise_publishing(
        &self,
        caller: &Caller,
        name: &PackageName,
        version: &Version,
    ) -> Result<(), PublishError> {
        let result = self.authorise(caller, name).await;
        if let Err(error) = &result {
            self.note_refusal(caller, name, &version.to_string(), error).await;
        }
        result
    }

    /// The same, and nothing is noted.
    pub async fn may_publish(&self, caller: &Caller, name: &PackageName) -> Result<(), PublishError> {
        self.authorise(caller, name).await
    }

    async fn authorise(&self, caller: &Caller, name: &PackageName) -> Result<(), PublishError> {
        let mut connection = self.pool.acquire().await?;
        package::authorise(&mut connection, caller, name, self.clock.now().date()).await
    }

    /// Looks at an upload as [`Registry::publish_archive`] does, and publishes nothing: everything that is to be said of it.
    ///
    /// Fails only where nothing can be said: the database or the store is away.
    pub async fn check_archive(
        &self,
        caller: &Caller,
        request: &UploadRequest,
        file: ReceivedFile,
    ) -> Result<Vec<UploadFinding>, PublishError> {
        let mut findings = Vec::new();
        if let Err(error) = self.authorise(caller, &request.name).await {
            findings.push(as_finding(error)?);
        }
        match self.prepare(caller, request, file).await {
            Ok(Prepared { publication, archive, warnings, .. }) => {
                // Whoever may not publish there has no release to compare with.
                if !any_error(&findings) {
                    let rehearsed = rehearse(self, &publication, archive.sha256).await;
                    match rehearsed {
                        Ok(differences) => {
                            findings
                                .extend(differences.iter().map(|text| UploadFinding::warning("facts-differ", text)));
                        }
                        Err(error) => findings.push(as_finding(error)?),
                    }
                }
                findings.extend(warnings);
            }
            Err(PublishError::Faults(faults)) => {
                findings.extend(faults);
                if let Some(error) = self.known_release(request).await? {
                    findings.push(as_finding(error)?);
                }
            }
            Err(error) => return Err(error),
        }
        Ok(findings)
    }

    /// Why nothing can be added to the release, whatever the archive is.
    async fn known_release(&self, request: &UploadRequest) -> Result<Option<PublishError>, PublishError> {
        let folded = request.name.folded();
        let state = sqlx::query_scalar!(
            r#"select r.state as "state: model::ReleaseState"
            from releases as r
            join packages as p using (package_id)
            where p.name_folded = $1
                and p.is_default
                and r.version = $2"#,
            folded.as_str(),
            &request.version as _,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(match state {
            Some(model::ReleaseState::Deleted) => Some(PublishError::Deleted(request.version.clone())),
            Some(model::ReleaseState::Quarantined) => Some(PublishError::HeldBack(request.version.clone())),
            _ => None,
        })
    }

    /// What an archive is and of which release, by its own word.
    pub async fn label(&self, file: &ReceivedFile) -> Result<ArchiveLabel, PublishError> {
        let mut file = file.0.file.reopen()?;
        let turn = self.inspections.clone().acquire_owned().await.map_err(internal)?;
        let work = move || {
            let _turn = turn;
            let faults = |finding| PublishError::Faults(vec![finding]);
            let kind = if is_zip(&mut file)? { ArtifactKind::Source } else { ArtifactKind::Binary };
            let (name, version) = match kind {
                ArtifactKind::Binary => {
                    let manifest = inspect(&mut file).map_err(faults)?.manifest;
                    (manifest.name, manifest.version)
                }
                ArtifactKind::Source => match inspect_source(&mut file).map_err(faults)?.distribution {
                    Some(Ok(distribution)) => (distribution.name, distribution.version),
                    Some(Err(error)) => return Err(faults(UploadFinding::error(error.code(), error))),
                    None => {
                        let sentence = "the archive has no META.json, so it does not say of which release it is";
                        return Err(faults(UploadFinding::error("meta-missing", sentence)));
                    }
                },
            };
            let name = name.parse().map_err(|error| UploadFinding::error("name-invalid", error));
            let version = version.parse().map_err(|error| UploadFinding::error("version-invalid", error));
            match (name, version) {
                (Ok(name), Ok(version)) => Ok(ArchiveLabel { kind, name, version }),
                (name, version) => Err(PublishError::Faults(name.err().into_iter().chain(version.err()).collect())),
            }
        };
        tokio::task::spawn_blocking(work).await.map_err(internal)?
    }

    /// Publishes an archive: everything of it becomes visible, or nothing.
    ///
    /// The same bytes again are fine; other bytes in the place of published ones are not.
    pub async fn publish_archive(
        &self,
        caller: &Caller,
        request: &UploadRequest,
        file: ReceivedFile,
    ) -> Result<Receipt, PublishError> {
        let result = self.prepare_and_publish(caller, request, file).await;
        if let Err(error) = &result {
            self.note_refusal(caller, &request.name, &request.version.to_string(), error).await;
        }
        result
    }

    async fn prepare_and_publish(
        &self,
        caller: &Caller,
        request: &UploadRequest,
        file: ReceivedFile,
    ) -> Result<Receipt, PublishError> {
        self.limits.publish.count(caller.handle().folded().as_str())?;
        self.authorise(caller, &request.name).await?;
        let Prepared { publication, archive, variants, mut warnings } = self.prepare(caller, request, file).await?;
        let sha256 = archive.sha256;
        let outcome = publish(self, &publication, archive, variants).await?;
        warnings.extend(outcome.differences.iter().map(|text| UploadFinding::warning("facts-differ", text)));
        if let Some(near) = &outcome.near {
            warnings.push(UploadFinding::warning(
                "name-near",
                format_args!("the name is near to {near}, which many use; those who run this registry look at it"),
            ));
        }
        if outcome.name != request.name {
            warnings.push(UploadFinding::warning(
                "name-spelled-otherwise",
                format_args!("the package is known as {}", outcome.name),
            ));
        }
        Ok(Receipt {
            published: outcome.published,
            name: outcome.name,
            version: publication.version,
            kind: publication.artifact.kind,
            postgres_major: publication.artifact.postgres_major,
            platform: publication.artifact.platform,
            sha256,
            updated: outcome.updated,
            warnings,
            event: outcome.event,
        })
    }

    async fn prepare(
        &self,
        caller: &Caller,
        request: &UploadRequest,
        file: ReceivedFile,
    ) -> Result<Prepared, PublishError> {
        let known =
            sqlx::query_scalar!(r#"select slug as "slug!: model::CategorySlug" from categories union all select slug from former_categories"#)
                .fetch_all(&self.pool)
                .await?;
        let majors = sqlx::query_scalar!(
            r#"select major as "major: PostgresMajor" from postgres_majors where released_on is not null order by major"#
        )
        .fetch_all(&self.pool)
        .await?;
        let full_name = FullName::local(&self.host, &request.name).map_err(internal)?;
        let (caller, request, temporary) = (caller.clone(), request.clone(), self.uploads.temporary.clone());
        // Each may have a library in memory: few at a time.
        let turn = self.inspections.clone().acquire_owned().await.map_err(internal)?;
        let work = move || {
            let _turn = turn;
            let mut archive = file.0;
            let file = archive.file.as_file_mut();
            let faults = |finding| PublishError::Faults(vec![finding]);
            let mut findings = Vec::new();
            let (settings, assessed, manifest) = match request.kind {
                ArtifactKind::Binary => {
                    let inspection = inspect(file).map_err(faults)?;
                    let settings = settings(&request.metadata, &known, &mut findings);
                    let manifest = inspection.manifest.clone();
                    (settings, assess(&request, inspection, &mut findings), Some(manifest))
                }
                ArtifactKind::Source => {
                    let inspection = inspect_source(file).map_err(faults)?;
                    let metadata = with_distribution(&request.metadata, &inspection);
                    let settings = Settings { tags: tags(&inspection), ..settings(&metadata, &known, &mut findings) };
                    let newest = majors.last().copied();
                    (settings, Some(assess_source(&request, inspection, newest, &mut findings)), None)
                }
            };
            let assessed = match assessed {
                Some(assessed) if !any_error(&findings) => assessed,
                _ => return Err(PublishError::Faults(findings)),
            };
            let Assessed { kind, facts, artifact } = assessed;
            let publication = Publication {
                authority: Authority::Caller(Box::new(caller)),
                name: request.name,
                full_name,
                kind,
                version: request.version,
                settings,
                facts,
                artifact,
            };
            let file = archive.file.as_file_mut();
            let variants = match manifest {
                Some(manifest) => variants::build(file, &publication, &manifest, &majors, &temporary),
                // Whoever builds it decides for what.
                None => Ok(Vec::new()),
            };
            let variants = variants.map_err(StoreError::from)?;
            Ok(Prepared { publication, archive, variants, warnings: findings })
        };
        let mut prepared = tokio::task::spawn_blocking(work).await.map_err(internal)??;
        let mut connection = self.pool.acquire().await?;
        let (_, forbidden) = meant_tags(&mut connection, &prepared.publication.settings.tags).await?;
        prepared.warnings.extend(forbidden.into_iter().map(|ForbiddenTag { tag, reason }| {
            UploadFinding::warning(
                "tag-left-out",
                format_args!("the tag {tag} is left out, nobody may use it: {reason}"),
            )
        }));
        Ok(prepared)
    }
}

/// A refusal as one of the things that are said; what cannot be helped by its publisher stays an error.
fn as_finding(error: PublishError) -> Result<UploadFinding, PublishError> {
    match error {
        PublishError::Registry(_) | PublishError::Store(_) => Err(error),
        error => Ok(UploadFinding::error(error.code(), &error)),
    }
}

/// Whether the file begins as a zip does; it is at its beginning afterwards.
fn is_zip(file: &mut File) -> io::Result<bool> {
    let mut beginning = Vec::new();
    file.rewind()?;
    Read::by_ref(file).take(2).read_to_end(&mut beginning)?;
    file.rewind()?;
    Ok(beginning == *b"PK")
}

fn settings(metadata: &Metadata, known: &[model::CategorySlug], findings: &mut Vec<UploadFinding>) -> Settings {
    Settings {
        summary: tidy_text(metadata.description.as_deref()),
        categories: metadata.known_categories(known, findings),
        tags: Vec::new(),
        links: metadata.links(findings),
    }
}

fn internal(error: impl std::error::Error + Send + Sync + 'static) -> PublishError {
    RegistryError::Internal(Box::new(error)).into()
}

impl From<io::Error> for PublishError {
    fn from(error: io::Error) -> Self {
        StoreError::from(error).into()
    }
}
