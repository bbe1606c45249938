use super::StaffReader;
use crate::{Registry, RegistryError};

/// What waits, and what there is, for the first page of the staff.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StaffOverview {
    /// Cases that wait for a verdict.
    pub open_cases: i64,
    /// Accounts of people.
    pub accounts: i64,
    /// Of them, locked ones.
    pub locked_accounts: i64,
    /// Packages of all kinds, also those that only members see.
    pub packages: i64,
    /// Releases that were not deleted.
    pub releases: i64,
    /// Files, with the bytes of all objects.
    pub artifacts: i64,
    /// Bytes that the store has to keep.
    pub bytes: i64,
    /// Jobs that wait.
    pub waiting_jobs: i64,
    /// Jobs that were given up.
    pub failed_jobs: i64,
    /// Messages that could not be delivered.
    pub failed_mails: i64,
    /// The newest event.
    pub newest_event: i64,
    /// How far the lists have followed the log.
    pub listed_event: i64,
}

impl Registry {
    /// What waits, and what there is.
    pub async fn staff_overview(&self, _: StaffReader) -> Result<StaffOverview, RegistryError> {
        let overview = sqlx::query_as!(
            StaffOverview,
            r#"select
                (select count(*) from cases where closed_at is null) as "open_cases!",
                (select count(*) from accounts) as "accounts!",
                (select count(*) from accounts where locked_at is not null) as "locked_accounts!",
                (select count(*) from packages) as "packages!",
                (select count(*) from releases where state <> 'deleted') as "releases!",
                (select count(*) from artifacts where object_state is not null) as "artifacts!",
                (select coalesce(sum(size_bytes), 0)::bigint from objects where state = 'stored') as "bytes!",
                (select count(*) from jobs where failed_at is null) as "waiting_jobs!",
                (select count(*) from jobs where failed_at is not null) as "failed_jobs!",
                (select count(*) from mails where failed_at is not null) as "failed_mails!",
                (select coalesce(max(event_id), 0) from events) as "newest_event!",
                (select event_id from cursors where projection = 'listings') as "listed_event!""#,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(overview)
    }
}
