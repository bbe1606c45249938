use model::{Handle, NamePattern, TokenAction};
use serde_json::json;
use time::OffsetDateTime;

use super::{Caller, Token};
use crate::{Registry, RegistryError};

/// What a new token should be able to do.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// What its owner calls it.
    pub name: String,
    /// What may be done with it.
    pub actions: Vec<TokenAction>,
    /// For which packages.
    pub patterns: Vec<NamePattern>,
    /// Until when; none for ever.
    pub expires_at: Option<OffsetDateTime>,
}

/// A token that was just made. It is shown to whoever asked for it, and never again.
#[derive(Clone, Debug)]
pub struct IssuedToken {
    /// The token.
    pub token: Token,
    /// Until when it can be used.
    pub expires_at: Option<OffsetDateTime>,
}

/// Why there is no new token.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// Nobody has the handle.
    #[error("there is no account {0}")]
    NoAccount(Handle),
    /// It is empty or too long.
    #[error("the name of a token has 1 to 200 bytes")]
    Name,
    /// It could do nothing.
    #[error("a token is for at least one action and one pattern of names")]
    Nothing,
    /// It would have ended already.
    #[error("a token cannot end in the past")]
    Expired,
    /// The database failed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl From<sqlx::Error> for IssueError {
    fn from(error: sqlx::Error) -> Self {
        Self::Registry(error.into())
    }
}

impl Registry {
    /// Makes `token`, which was just generated, known as one of the account with this handle, as an operator does it.
    pub async fn create_token(&self, handle: &Handle, new: &NewToken, token: Token) -> Result<IssuedToken, IssueError> {
        let principal = sqlx::query_scalar!(
            "select principal_id
            from principals
            where handle_folded = fold_name($1)
                and kind = 'account'",
            handle as _,
        )
        .fetch_optional(&self.pool)
        .await?
        .ok_or_else(|| IssueError::NoAccount(handle.clone()))?;
        self.issue(principal, new, token).await
    }

    /// Makes `token`, likewise, one that may do exactly what the caller's may, and ends no later.
    pub async fn reissue_token(&self, caller: &Caller, name: &str, token: Token) -> Result<IssuedToken, IssueError> {
        let new = NewToken {
            name: name.to_owned(),
            actions: caller.actions().to_vec(),
            patterns: caller.patterns().to_vec(),
            expires_at: caller.expires_at(),
        };
        self.issue(caller.principal(), &new, token).await
    }

    async fn issue(&self, principal: i64, new: &NewToken, token: Token) -> Result<IssuedToken, IssueError> {
        let now = self.clock.now();
        if new.name.is_empty() || new.name.len() > 200 || new.name.contains('\0') {
            return Err(IssueError::Name);
        }
        if new.actions.is_empty() || new.patterns.is_empty() {
            return Err(IssueError::Nothing);
        }
        if new.expires_at.is_some_and(|end| end <= now) {
            return Err(IssueError::Expired);
        }
        let mut transaction = self.pool.begin().await?;
        let id = sqlx::query_scalar!(
            "insert into tokens (principal_id, name, hash, actions, patterns, created_at, expires_at)
            values ($1, $2, $3, $4, $5, $6, $7)
            returning token_id",
            principal,
            new.name,
            token.hash() as _,
            &new.actions as _,
            &new.patterns as _,
            now,
            new.expires_at,
        )
        .fetch_one(&mut *transaction)
        .await?;
        sqlx::query!(
            "insert into audit (happened_at, principal_id, action, details)
            values ($1, $2, 'token.created', $3)",
            now,
            principal,
            json!({ "token": id, "name": new.name, "actions": new.actions, "patterns": new.patterns }),
        )
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(IssuedToken { token, expires_at: new.expires_at })
    }
}
