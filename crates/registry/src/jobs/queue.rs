use std::time::Duration;

use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

use crate::RegistryError;

/// How long a job belongs to whoever took it.
const LEASE: Duration = Duration::from_mins(5);
/// A job of which so many attempts never came to an end, as if each had ended its server, is left for people to look at.
const MOST_LOST_ATTEMPTS: i32 = 3;

/// What there is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JobKind {
    /// Make the README of a release ready to be read. The key is the id of the release.
    RenderReadme,
    /// Hand a message to the SMTP server. The key is the id of the message.
    SendMail,
}

impl JobKind {
    /// All of them.
    pub(super) const ALL: &[Self] = &[Self::RenderReadme, Self::SendMail];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::RenderReadme => "render-readme",
            Self::SendMail => "send-mail",
        }
    }

    /// After so many attempts a job is given up: a README after about twenty minutes, a message after about six hours.
    const fn most_attempts(self) -> i32 {
        match self {
            Self::RenderReadme => 8,
            Self::SendMail => 12,
        }
    }
}

/// A job that somebody has taken.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) id: i64,
    pub(crate) kind: JobKind,
    pub(crate) key: String,
    asked: i32,
    attempts: i32,
}

impl Job {
    /// Whether the job is given up if it cannot be done now.
    pub(crate) const fn is_last_attempt(&self) -> bool {
        self.attempts >= self.kind.most_attempts()
    }
}

/// Asks for a job, as part of the transaction that makes it necessary. Asked for again, it is done once more.
pub(crate) async fn ask(
    transaction: &mut PgConnection,
    kind: JobKind,
    key: &str,
    now: OffsetDateTime,
) -> Result<(), RegistryError> {
    sqlx::query!(
        "insert into jobs as known (kind, key, run_after, created_at)
        values ($1, $2, $3, $3)
        on conflict on constraint jobs_key do update
        set asked = known.asked + 1,
            attempts = 0,
            lost_attempts = 0,
            run_after = excluded.run_after,
            failed_at = null,
            last_error = null",
        kind.as_str(),
        key,
        now,
    )
    .execute(transaction)
    .await?;
    Ok(())
}

/// Takes the job of a kind that has been due for longest; none where nothing is due.
pub(super) async fn take(pool: &PgPool, kind: JobKind, now: OffsetDateTime) -> Result<Option<Job>, RegistryError> {
    let row = sqlx::query!(
        "update jobs
        set lease_until = $2,
            attempts = attempts + 1,
            lost_attempts = lost_attempts + (lease_until is not null)::int
        where job_id = (
            select job_id
            from jobs
            where kind = $3
                and failed_at is null
                and run_after <= $1
                and (lease_until is null or lease_until < $1)
                and lost_attempts < $4
            order by run_after, job_id
            limit 1
            for update skip locked
        )
        returning job_id, key, asked, attempts",
        now,
        now + LEASE,
        kind.as_str(),
        MOST_LOST_ATTEMPTS,
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| Job { id: row.job_id, kind, key: row.key, asked: row.asked, attempts: row.attempts }))
}

/// The job is done; part of the transaction that did it. What was asked for meanwhile stays to be done.
pub(crate) async fn finish(transaction: &mut PgConnection, job: &Job) -> Result<(), RegistryError> {
    let removed = sqlx::query!("delete from jobs where job_id = $1 and asked = $2", job.id, job.asked)
        .execute(&mut *transaction)
        .await?;
    if removed.rows_affected() == 0 {
        sqlx::query!("update jobs set lease_until = null where job_id = $1", job.id).execute(transaction).await?;
    }
    Ok(())
}

/// The job could not be done: later once more, until it is given up. What was asked for meanwhile comes at once.
pub(super) async fn postpone(pool: &PgPool, job: &Job, error: &str, now: OffsetDateTime) -> Result<(), RegistryError> {
    // Ten seconds, then twice as long each time.
    let pause = Duration::from_secs(5) * 2_u32.saturating_pow(u32::try_from(job.attempts).unwrap_or(0));
    sqlx::query!(
        "update jobs
        set lease_until = null,
            run_after = case when asked = $2 then $3 else run_after end,
            last_error = $4,
            failed_at = case when asked = $2 then $5::timestamptz end
        where job_id = $1",
        job.id,
        job.asked,
        now + pause,
        error,
        job.is_last_attempt().then_some(now),
    )
    .execute(pool)
    .await?;
    Ok(())
}
