use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{
    MailTransport,
    transport::{NotTaken, Outgoing},
};
use crate::{
    Registry, RegistryError,
    jobs::{self, Job},
};

/// Why a message has not left yet.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DeliverError {
    /// The SMTP server did not take it.
    #[error("the mail server has not taken the message: {0}")]
    NotTaken(String),
    /// The database failed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl From<sqlx::Error> for DeliverError {
    fn from(error: sqlx::Error) -> Self {
        Self::Registry(error.into())
    }
}

/// How an attempt ended.
struct Outcome<'a> {
    sent_at: Option<OffsetDateTime>,
    failed_at: Option<OffsetDateTime>,
    error: Option<&'a str>,
}

/// Hands a message to the SMTP server and notes what became of it.
///
/// It may arrive twice where this ends between the server's answer and the commit; never not at all.
pub(crate) async fn deliver(registry: &Registry, job: &Job) -> Result<(), DeliverError> {
    let id: i64 = job.key.parse().map_err(|error| RegistryError::Internal(Box::new(error)))?;
    let mail = sqlx::query_as!(
        Outgoing,
        r#"select
            mail_id as id,
            recipient,
            subject,
            body_text as "text!",
            body_html as "html!",
            created_at
        from mails
        where mail_id = $1
            and body_text is not null
            and body_html is not null"#,
        id,
    )
    .fetch_optional(&registry.pool)
    .await?;
    // It was sent already, or nobody sends mail any more: then it is kept.
    let (Some(mail), MailTransport::Smtp(server)) = (mail, &registry.mail) else {
        return Ok(jobs::finish(&mut *registry.pool.acquire().await?, job).await?);
    };
    let result = server.hand_over(&mail).await;
    let now = registry.clock.now();
    let outcome = match &result {
        Ok(()) => Outcome { sent_at: Some(now), failed_at: None, error: None },
        Err(NotTaken::Refused(reason)) => Outcome { sent_at: None, failed_at: Some(now), error: Some(reason) },
        Err(NotTaken::NotNow(reason)) => {
            // After the last attempt the queue gives the job up.
            Outcome { sent_at: None, failed_at: job.is_last_attempt().then_some(now), error: Some(reason) }
        }
    };
    let mut transaction = registry.pool.begin().await?;
    note(&mut transaction, id, &outcome).await?;
    if let Err(NotTaken::NotNow(reason)) = result {
        transaction.commit().await?;
        return Err(DeliverError::NotTaken(reason));
    }
    if let Some(reason) = outcome.error {
        tracing::warn!(mail = id, reason, "a message was refused and is not sent again");
    }
    jobs::finish(&mut transaction, job).await?;
    transaction.commit().await?;
    Ok(())
}

/// Writes the outcome into the log of deliveries. The bodies, which have secrets, go with the last attempt.
async fn note(transaction: &mut PgConnection, mail: i64, outcome: &Outcome<'_>) -> Result<(), RegistryError> {
    let is_over = outcome.sent_at.is_some() || outcome.failed_at.is_some();
    sqlx::query!(
        "update mails
        set sent_at = $2,
            failed_at = $3,
            last_error = $4,
            attempts = attempts + 1,
            body_text = case when $5 then null else body_text end,
            body_html = case when $5 then null else body_html end
        where mail_id = $1
            and body_text is not null",
        mail,
        outcome.sent_at,
        outcome.failed_at,
        outcome.error,
        is_over,
    )
    .execute(transaction)
    .await?;
    Ok(())
}
