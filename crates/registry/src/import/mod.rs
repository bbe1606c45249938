//! Makes packages of the extensions and modules of a PostgreSQL that is installed on this machine.

mod contrib;
mod debian;
mod discover;
mod installation;
mod package;
mod server_libraries;

use std::path::PathBuf;

use model::{FullName, PackageName};

pub use installation::{Installation, InstallationError};

use crate::{
    PublishError, Published, Registry, RegistryError, StoreError,
    accounts::system_principal,
    publish::{self, Publication},
    spool::Spool,
};

/// Something that did not become a package, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The name of the extension or library.
    pub name: String,
    /// The major it was found under.
    pub installation: String,
    /// Why.
    pub reason: String,
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// What became of each extension and module that could be imported: name and outcome.
    pub outcomes: Vec<(String, Outcome)>,
    /// What could not.
    pub problems: Vec<Problem>,
}

impl ImportReport {
    /// How many had this outcome.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.outcomes.iter().filter(|(_, found)| *found == outcome).count()
    }
}

/// What became of one extension or module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is new here, or a new version.
    Added,
    /// Its release was there; this adds a file for another major or platform.
    FileAdded,
    /// The same version was built again: a further build.
    Rebuilt,
    /// Nothing new.
    Unchanged,
}

/// How far an import is.
#[derive(Clone, Debug)]
pub struct Progress<'a> {
    /// How many are done.
    pub done: usize,
    /// Of how many.
    pub total: usize,
    /// The name of the one that was just done.
    pub name: &'a str,
}

/// What ends an import as a whole.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// An installation cannot be read.
    #[error(transparent)]
    Installation(#[from] InstallationError),
    /// The store is full or cannot be used: it would fail for everything that follows too.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The database is away: likewise.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl Registry {
    /// Imports every extension and module of `installations`, one transaction each; what is there already stays.
    ///
    /// Can be interrupted at any time and run again. `temporary` is where archives are put together.
    pub async fn import(
        &self,
        installations: Vec<Installation>,
        temporary: PathBuf,
        mut progress: impl FnMut(Progress<'_>),
    ) -> Result<ImportReport, ImportError> {
        let mut report = ImportReport::default();
        let mut found = Vec::new();
        for installation in installations {
            let (candidates, problems) = blocking({
                let installation = installation.clone();
                move || discover::discover(&installation)
            })
            .await?;
            report.problems.extend(problems);
            found.extend(candidates.into_iter().map(|candidate| (installation.clone(), candidate)));
        }
        let actor = system_principal(&mut *self.pool.acquire().await.map_err(RegistryError::from)?).await?;
        let total = found.len();
        for (done, (installation, candidate)) in found.into_iter().enumerate() {
            let name = candidate.name.clone();
            match self.import_one(actor, &installation, candidate, temporary.clone()).await {
                Ok(outcome) => report.outcomes.push((name.clone(), outcome)),
                Err(Refusal::Fatal(error)) => return Err(error),
                Err(Refusal::Reason(reason)) => {
                    report.problems.push(Problem {
                        name: name.clone(),
                        installation: installation.to_string(),
                        reason,
                    });
                }
            }
            progress(Progress { done: done + 1, total, name: &name });
        }
        self.project().await?;
        Ok(report)
    }

    async fn import_one(
        &self,
        actor: i64,
        installation: &Installation,
        candidate: discover::Candidate,
        temporary: PathBuf,
    ) -> Result<Outcome, Refusal> {
        let name: PackageName = candidate.name.parse().map_err(Refusal::because)?;
        let full_name = FullName::local(&self.host, &name).map_err(Refusal::because)?;
        let prepared = blocking({
            let installation = installation.clone();
            move || package::prepare(actor, name, full_name, &installation, &candidate)
        })
        .await
        .map_err(Refusal::Fatal)?
        .map_err(Refusal::because)?;
        let mut connection = self.pool.acquire().await.map_err(PublishError::from)?;
        if publish::is_published(&mut connection, &prepared.publication).await? {
            return Ok(Outcome::Unchanged);
        }
        drop(connection);
        let package::Prepared { publication, files, manifest } = prepared;
        let (publication, archive, variants) = blocking(move || {
            let archive = Spool::create(&temporary)?;
            let mut archive = formats::archive::write(archive, &files, &manifest)?.finish()?;
            let variants =
                publish::build_variants(archive.file.as_file_mut(), &publication, &manifest, &[], &temporary)?;
            Ok::<_, std::io::Error>((publication, archive, variants))
        })
        .await
        .map_err(Refusal::Fatal)?
        .map_err(StoreError::from)
        .map_err(PublishError::from)?;
        Ok(self.publish_import(&publication, archive, variants).await?)
    }

    async fn publish_import(
        &self,
        publication: &Publication,
        archive: crate::spool::Spooled,
        variants: Vec<publish::Variant>,
    ) -> Result<Outcome, PublishError> {
        Ok(match publish::publish(self, publication, archive, variants).await?.published {
            Published::Release => Outcome::Added,
            Published::Artifact { build: 1 } => Outcome::FileAdded,
            Published::Artifact { .. } => Outcome::Rebuilt,
            Published::Unchanged => Outcome::Unchanged,
        })
    }
}

/// Why one extension or module was not imported.
enum Refusal {
    /// The others can be.
    Reason(String),
    /// The others cannot be either.
    Fatal(ImportError),
}

impl Refusal {
    fn because(reason: impl std::fmt::Display) -> Self {
        Self::Reason(reason.to_string())
    }
}

impl From<PublishError> for Refusal {
    fn from(error: PublishError) -> Self {
        match error {
            PublishError::Store(error @ (StoreError::Full | StoreError::Io(_))) => Self::Fatal(error.into()),
            PublishError::Registry(error @ (RegistryError::Unavailable(_) | RegistryError::Internal(_))) => {
                Self::Fatal(error.into())
            }
            error => Self::because(error),
        }
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ImportError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| RegistryError::Internal(Box::new(error)).into())
}
