//! Compares the database, the store and the log with each other.

use std::collections::BTreeSet;

use futures::TryStreamExt as _;
use model::Sha256;

use crate::{BrokenChain, EventId, Registry, RegistryError, StoreError, events};

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckReport {
    /// Events in the log, all of them verified unless a finding says otherwise.
    pub events: EventId,
    /// Objects that belong to a file.
    pub objects: u64,
    /// Objects that belong to nothing: left by uploads that did not end. Harmless.
    pub leftovers: u64,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// The chain of the event log does not hold.
    #[error("the event log is broken: {0}")]
    Chain(#[from] BrokenChain),
    /// The bytes of a file are gone.
    #[error("the object {0} of a published file is not in the store")]
    Missing(Sha256),
    /// The bytes of a file are not what they were.
    #[error("the object {0} of a published file was changed in the store")]
    Changed(Sha256),
    /// A release without any file is visible.
    #[error("the release {0} has no file")]
    EmptyRelease(String),
    /// A package without any release is visible.
    #[error("the package {0} has no release")]
    EmptyPackage(String),
    /// A projection is ahead of the log it follows.
    #[error("the projection {0} is ahead of the event log")]
    Ahead(String),
}

impl Registry {
    /// Reads the whole log, every object and every row that could be half done.
    pub async fn check(&self) -> Result<CheckReport, RegistryError> {
        let mut findings = Vec::new();
        let events = match events::verify(&self.pool).await? {
            Ok(events) => events,
            Err(broken) => {
                findings.push(broken.into());
                0
            }
        };
        let referenced = self.check_objects(&mut findings).await?;
        findings.extend(self.check_rows().await?);
        let mut in_store = self.store.list();
        let mut leftovers = 0;
        while let Some(object) = in_store.try_next().await.map_err(store_error)? {
            leftovers += u64::from(!referenced.contains(&object.sha256));
        }
        Ok(CheckReport { events, objects: referenced.len() as u64, leftovers, findings })
    }

    async fn check_objects(&self, findings: &mut Vec<Finding>) -> Result<BTreeSet<Sha256>, RegistryError> {
        let mut rows = sqlx::query_scalar!(
            r#"select sha256 as "sha256!: Sha256"
            from artifacts
            where object_state is not null
            union
            select sha256
            from artifact_variants
            where object_state is not null"#
        )
        .fetch(&self.pool);
        let mut referenced = BTreeSet::new();
        while let Some(sha256) = rows.try_next().await? {
            referenced.insert(sha256);
            match self.digest_in_store(sha256).await {
                Ok(found) if found == sha256 => {}
                Ok(_) => findings.push(Finding::Changed(sha256)),
                Err(StoreError::Missing(_)) => findings.push(Finding::Missing(sha256)),
                Err(error) => return Err(store_error(error)),
            }
        }
        Ok(referenced)
    }

    async fn digest_in_store(&self, sha256: Sha256) -> Result<Sha256, StoreError> {
        self.store.open(sha256).await?.digest().await
    }

    async fn check_rows(&self) -> Result<Vec<Finding>, RegistryError> {
        let rows = sqlx::query!(
            r#"select 'release' as "kind!", p.full_name || ' ' || r.version as "name!"
            from releases as r
            join packages as p using (package_id)
            where not exists (select from artifacts as a where a.release_id = r.release_id)
            union all
            select 'package', p.full_name
            from packages as p
            where not exists (select from releases as r where r.package_id = p.package_id)
            union all
            select 'projection', c.projection
            from cursors as c
            where c.event_id > (select coalesce(max(event_id), 0) from events)"#
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| match row.kind.as_str() {
                "release" => Finding::EmptyRelease(row.name),
                "package" => Finding::EmptyPackage(row.name),
                _ => Finding::Ahead(row.name),
            })
            .collect())
    }
}

pub(crate) fn store_error(error: StoreError) -> RegistryError {
    RegistryError::Unavailable(Box::new(error))
}
