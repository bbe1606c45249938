use model::{Email, Handle};
use sqlx::error::ErrorKind;

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
        let principal = sqlx::query_scalar!(
            "insert into principals (kind, handle, created_at)
            values ('account', $1, $2)
            returning principal_id",
            handle as _,
            now,
        )
        .fetch_one(&mut *transaction)
        .await
        .map_err(|error| {
            if is_taken(&error) { CreateAccountError::HandleTaken(handle.clone()) } else { error.into() }
        })?;
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
        sqlx::query!(
            "insert into audit (happened_at, principal_id, action)
            values ($1, $2, 'account.created')",
            now,
            principal,
        )
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }
}

fn is_taken(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| error.kind() == ErrorKind::UniqueViolation)
}
