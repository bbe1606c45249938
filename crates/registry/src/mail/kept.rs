use model::Email;
use time::OffsetDateTime;

use crate::{Registry, RegistryError, jobs::JobKind};

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailState {
    /// It is kept here, because there is no SMTP server.
    Kept,
    /// It is on its way to the SMTP server.
    Waiting,
    /// The SMTP server took it.
    Sent,
    /// The SMTP server refused it, or could not be reached until the last attempt.
    Failed,
}

impl MailState {
    /// The state in a word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Failed => "failed",
        }
    }
}

/// A message as it was put down, for those who run the registry.
#[derive(Clone, Debug)]
pub struct KeptMail {
    /// Its number.
    pub id: i64,
    /// What it is about, see [`MailKind`](super::MailKind).
    pub kind: String,
    /// Who gets it.
    pub recipient: Email,
    /// The subject.
    pub subject: String,
    /// The message as text; none once it was sent or has failed.
    pub text: Option<String>,
    /// The message as HTML; none once it was sent or has failed.
    pub html: Option<String>,
    /// When it was written.
    pub created_at: OffsetDateTime,
    /// What became of it.
    pub state: MailState,
    /// How often it was offered to the SMTP server.
    pub attempts: i32,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
}

impl Registry {
    /// The newest messages, the newest first; only those to `recipient` where one is named.
    pub async fn kept_mails(&self, recipient: Option<&Email>, limit: u32) -> Result<Vec<KeptMail>, RegistryError> {
        let rows = sqlx::query!(
            r#"select
                mail_id,
                kind,
                recipient as "recipient: Email",
                subject,
                body_text,
                body_html,
                created_at,
                sent_at,
                failed_at,
                attempts,
                last_error,
                exists (select from jobs where kind = $3 and key = m.mail_id::text) as "is_waiting!"
            from mails as m
            where ($1::text is null or lower(recipient) = lower($1))
            order by mail_id desc
            limit $2"#,
            recipient.map(Email::as_str),
            i64::from(limit),
            JobKind::SendMail.as_str(),
        )
        .fetch_all(&self.pool)
        .await?;
        let mails = rows.into_iter().map(|row| KeptMail {
            id: row.mail_id,
            kind: row.kind,
            recipient: row.recipient,
            subject: row.subject,
            text: row.body_text,
            html: row.body_html,
            created_at: row.created_at,
            state: match (row.sent_at, row.failed_at) {
                (Some(_), _) => MailState::Sent,
                (None, Some(_)) => MailState::Failed,
                (None, None) if row.is_waiting => MailState::Waiting,
                (None, None) => MailState::Kept,
            },
            attempts: row.attempts,
            last_error: row.last_error,
        });
        Ok(mails.collect())
    }
}
