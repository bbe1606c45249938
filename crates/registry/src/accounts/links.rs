//! Links that are good once, for accounts that are there.

use model::Email;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use super::secret::LinkSecret;
use crate::RegistryError;

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkPurpose {
    /// To show that the account's address is its owner's.
    VerifyEmail,
    /// To show the same of the address that should take its place.
    ChangeEmail,
    /// To choose a new password without the old one.
    ResetPassword,
}

impl LinkPurpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify-email",
            Self::ChangeEmail => "change-email",
            Self::ResetPassword => "reset-password",
        }
    }

    /// How long a link is good.
    pub(crate) const fn lifetime(self) -> Duration {
        match self {
            Self::VerifyEmail => Duration::days(3),
            Self::ChangeEmail => Duration::days(1),
            Self::ResetPassword => Duration::hours(1),
        }
    }
}

/// Whom a link belongs to.
pub(crate) struct LinkOwner {
    pub(crate) principal: i64,
    /// The address that the link was sent to.
    pub(crate) email: Email,
}

/// Makes a link. Older ones for the same are good no more.
pub(crate) async fn create(
    transaction: &mut PgConnection,
    purpose: LinkPurpose,
    principal: i64,
    email: &Email,
    now: OffsetDateTime,
) -> Result<LinkSecret, RegistryError> {
    // Whoever asks for the same at the same time comes after this: there is never more than one.
    sqlx::query!("select from accounts where principal_id = $1 for update", principal)
        .execute(&mut *transaction)
        .await?;
    revoke(transaction, purpose, principal).await?;
    let secret = LinkSecret::generate();
    sqlx::query!(
        "insert into one_time_links (hash, purpose, principal_id, email, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6)",
        secret.hash() as _,
        purpose.as_str(),
        principal,
        email as _,
        now,
        now + purpose.lifetime(),
    )
    .execute(transaction)
    .await?;
    Ok(secret)
}

/// Whose link it is; it is used up by it. None where it was never made, was used, or its time is over.
pub(crate) async fn take(
    transaction: &mut PgConnection,
    purpose: LinkPurpose,
    secret: &str,
    now: OffsetDateTime,
) -> Result<Option<LinkOwner>, RegistryError> {
    let owner = sqlx::query_as!(
        LinkOwner,
        r#"delete from one_time_links
        where hash = $1
            and purpose = $2
            and expires_at > $3
        returning principal_id as principal, email as "email: Email""#,
        LinkSecret::hash_of(secret) as _,
        purpose.as_str(),
        now,
    )
    .fetch_optional(transaction)
    .await?;
    Ok(owner)
}

/// Makes all links of an account useless: who has asked for them may not be its owner.
pub(crate) async fn revoke_all(transaction: &mut PgConnection, principal: i64) -> Result<(), RegistryError> {
    sqlx::query!("delete from one_time_links where principal_id = $1", principal).execute(transaction).await?;
    Ok(())
}

/// Makes links of a kind useless.
async fn revoke(transaction: &mut PgConnection, purpose: LinkPurpose, principal: i64) -> Result<(), RegistryError> {
    sqlx::query!("delete from one_time_links where principal_id = $1 and purpose = $2", principal, purpose.as_str())
        .execute(transaction)
        .await?;
    Ok(())
}
