//! What the registry does by itself, and what of it went wrong.

use model::StaffRole;
use serde_json::json;
use time::OffsetDateTime;

use crate::{
    EventId, MailTransport, Registry, RegistryError,
    accounts::ClientInfo,
    staff::{Reason, Staff, StaffError, StaffEvent, StaffReader},
};

/// Rows of a page.
const PAGE: i64 = 50;

/// A job that was given up.
#[derive(Clone, Debug)]
pub struct FailedJob {
    /// Its id.
    pub id: i64,
    /// What it does.
    pub kind: String,
    /// What it is about.
    pub key: String,
    /// How often it was tried.
    pub attempts: i32,
    /// What went wrong last.
    pub error: Option<String>,
    /// When it was given up.
    pub failed_at: OffsetDateTime,
}

/// A message in the log of deliveries, without its text.
#[derive(Clone, Debug)]
pub struct DeliveredMail {
    /// To whom.
    pub recipient: String,
    /// What it is about.
    pub kind: String,
    /// `sent`, `failed`, `waiting`, or `kept` where no SMTP server is named.
    pub state: String,
    /// What went wrong last.
    pub error: Option<String>,
    /// When it was written.
    pub created_at: OffsetDateTime,
}

impl Registry {
    /// The jobs that were given up, the newest first. For admins.
    pub async fn failed_jobs(&self, reader: StaffReader) -> Result<Vec<FailedJob>, RegistryError> {
        reader.needs(StaffRole::Admin)?;
        let jobs = sqlx::query_as!(
            FailedJob,
            r#"select job_id as id, kind, key, attempts, last_error as error, failed_at as "failed_at!"
            from jobs
            where failed_at is not null
            order by failed_at desc, job_id desc
            limit $1"#,
            PAGE,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(jobs)
    }

    /// The newest messages. For admins.
    pub async fn mail_log(&self, reader: StaffReader) -> Result<Vec<DeliveredMail>, RegistryError> {
        reader.needs(StaffRole::Admin)?;
        let mails = sqlx::query_as!(
            DeliveredMail,
            r#"select
                recipient,
                kind,
                case when sent_at is not null then 'sent' when failed_at is not null then 'failed' when $2 then 'kept' else 'waiting' end as "state!",
                last_error as error,
                created_at
            from mails
            order by mail_id desc
            limit $1"#,
            PAGE,
            matches!(self.mail, MailTransport::Kept),
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(mails)
    }

    /// Lets a job that was given up be tried again.
    pub async fn retry_job(
        &self,
        staff: &Staff,
        id: i64,
        reason: &Reason,
        client: &ClientInfo,
    ) -> Result<EventId, StaffError> {
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        staff.check(&mut transaction, StaffRole::Admin).await?;
        let job = sqlx::query!(
            "update jobs
            set failed_at = null, attempts = 0, lost_attempts = 0, run_after = $2, lease_until = null
            where job_id = $1
                and failed_at is not null
            returning kind, key",
            id,
            now,
        )
        .fetch_optional(&mut *transaction)
        .await?
        .ok_or(RegistryError::NotFound)?;
        let event = StaffEvent {
            kind: "job.retried",
            subject: "registry",
            payload: json!({ "job": job.kind, "key": job.key }),
            reason,
            is_public_reason: false,
        };
        let event = staff.act(&mut transaction, event, client, now).await?;
        transaction.commit().await?;
        Ok(event)
    }
}
