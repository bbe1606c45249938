use model::{Email, Handle};
use serde_json::json;
use sqlx::{PgConnection, error::ErrorKind};
use time::OffsetDateTime;

use super::{
    ClientInfo,
    audit::{self, Act},
};
use crate::{Registry, RegistryError};

/// Why there is no new account.
#[derive(Debug, thiserror::Error)]
pub enum CreateAccountError {
    /// Another account, organisation or the system has the handle, or one that is read alike.
    #[error("the handle {0} is taken")]
    HandleTaken(Handle),
    /// Another account has the address.
    #[error("another account has the address {0}")]
    EmailTaken(Email),
    /// The database failed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl From<sqlx::Error> for CreateAccountError {
    fn from(error: sqlx::Error) -> Self {
        Self::Registry(error.into())
    }
}

impl Registry {
    /// Makes an account, as an operator does it.
    pub async fn create_account(&self, handle: &Handle, email: &Email) -> Result<(), CreateAccountError> {
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        let principal = insert_account(&mut transaction, handle, email, now).await?;
        // Whoever has the console vouches for the address.
        sqlx::query!("update accounts set email_verified_at = $2 where principal_id = $1", principal, now)
            .execute(&mut *transaction)
            .await?;
        audit::note(&mut transaction, principal, Act::AccountCreated, &ClientInfo::default(), json!({}), now).await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// Puts an account into the database.
pub(super) async fn insert_account(
    transaction: &mut PgConnection,
    handle: &Handle,
    email: &Email,
    now: OffsetDateTime,
) -> Result<i64, CreateAccountError> {
    let principal = insert_principal(transaction, "account", handle, now).await?;
    let principal = principal.ok_or_else(|| CreateAccountError::HandleTaken(handle.clone()))?;
    sqlx::query!(
        "insert into accounts (principal_id, email, created_at)
        values ($1, $2, $3)",
        principal,
        email as _,
        now,
    )
    .execute(&mut *transaction)
    .await
    .map_err(|error| if is_taken(&error) { CreateAccountError::EmailTaken(email.clone()) } else { error.into() })?;
    Ok(principal)
}

/// Puts whoever acts or owns into the database; none where the handle is somebody's, or was.
pub(crate) async fn insert_principal(
    transaction: &mut PgConnection,
    kind: &str,
    handle: &Handle,
    now: OffsetDateTime,
) -> Result<Option<i64>, RegistryError> {
    let principal = sqlx::query_scalar!(
        "insert into principals (kind, handle, created_at)
        select $1, $2, $3
        where not exists (select from retired_handles where hash = sha256(convert_to(fold_name($2), 'UTF8')))
        on conflict do nothing
        returning principal_id",
        kind,
        handle as _,
        now,
    )
    .fetch_optional(transaction)
    .await?;
    Ok(principal)
}

/// Makes a handle nobody's for ever: its principal stays, for the log, and nobody else is taken for it.
pub(crate) async fn retire_handle(
    transaction: &mut PgConnection,
    principal: i64,
    now: OffsetDateTime,
) -> Result<(), RegistryError> {
    sqlx::query!(
        "insert into retired_handles (hash, retired_at)
        select sha256(convert_to(handle_folded, 'UTF8')), $2
        from principals
        where principal_id = $1
        on conflict do nothing",
        principal,
        now,
    )
    .execute(&mut *transaction)
    .await?;
    sqlx::query!("update principals set handle = 'deleted-' || principal_id where principal_id = $1", principal)
        .execute(transaction)
        .await?;
    Ok(())
}

pub(super) fn is_taken(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| error.kind() == ErrorKind::UniqueViolation)
}
