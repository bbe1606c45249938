use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{MailMessage, MailTransport};
use crate::{
    Registry, RegistryError,
    jobs::{self, JobKind},
    mail,
};

/// Puts a message down, as part of the transaction that makes it necessary; it leaves once that is committed.
///
/// `principal` is whose account it is about, for the log of deliveries.
pub(crate) async fn send(
    transaction: &mut PgConnection,
    transport: &MailTransport,
    principal: Option<i64>,
    message: &MailMessage,
    now: OffsetDateTime,
) -> Result<(), RegistryError> {
    let mail = sqlx::query_scalar!(
        "insert into mails (principal_id, recipient, kind, subject, body_text, body_html, created_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        returning mail_id",
        principal,
        message.recipient().as_str(),
        message.kind().as_str(),
        message.subject(),
        message.text(),
        message.html(),
        now,
    )
    .fetch_one(&mut *transaction)
    .await?;
    if let MailTransport::Smtp(_) = transport {
        jobs::ask(transaction, JobKind::SendMail, &mail.to_string(), now).await?;
    }
    Ok(())
}

impl Registry {
    /// Sends a message that belongs to no other change.
    pub async fn send_mail(&self, message: &MailMessage) -> Result<(), RegistryError> {
        let mut transaction = self.pool.begin().await?;
        mail::send(&mut transaction, &self.mail, None, message, self.clock.now()).await?;
        transaction.commit().await?;
        Ok(())
    }
}
