//! Requests that are sent again: whoever names a request gets the same answer again.

use model::Sha256;
use time::Duration;

use super::Caller;
use crate::{Registry, RegistryError};

/// How long an answer is kept.
const KEPT: Duration = Duration::hours(24);

/// An answer that was given before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAnswer {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: String,
}

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// It is empty or too long.
    #[error("an idempotency key has 1 to 255 visible characters")]
    Form,
    /// It was used for something else.
    #[error("this idempotency key was used for another request")]
    Reused,
    /// The database failed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

/// Whether requests can be named so.
pub fn is_idempotency_key(key: &str) -> bool {
    (1..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
}

impl Registry {
    /// The answer to an earlier request of the caller with the same key. `request` is a digest of all that matters in it.
    pub async fn kept_answer(
        &self,
        caller: &Caller,
        key: &str,
        request: Sha256,
    ) -> Result<Option<KeptAnswer>, KeyError> {
        if !is_idempotency_key(key) {
            return Err(KeyError::Form);
        }
        let kept = sqlx::query!(
            r#"select request as "request: Sha256", status, body
            from idempotency_keys
            where principal_id = $1
                and key = $2
                and created_at > $3"#,
            caller.principal(),
            key,
            self.clock().now() - KEPT,
        )
        .fetch_optional(self.pool())
        .await
        .map_err(RegistryError::from)?;
        match kept {
            Some(kept) if kept.request != request => Err(KeyError::Reused),
            Some(kept) => Ok(Some(KeptAnswer { status: kept.status.try_into().unwrap_or_default(), body: kept.body })),
            None => Ok(None),
        }
    }

    /// Keeps an answer for the next day, and returns the one that counts: of two at once the first.
    pub async fn keep_answer(
        &self,
        caller: &Caller,
        key: &str,
        request: Sha256,
        answer: KeptAnswer,
    ) -> Result<KeptAnswer, KeyError> {
        let now = self.clock().now();
        sqlx::query!(
            "delete from idempotency_keys
            where principal_id = $1
                and created_at <= $2",
            caller.principal(),
            now - KEPT,
        )
        .execute(self.pool())
        .await
        .map_err(RegistryError::from)?;
        let kept = sqlx::query!(
            "insert into idempotency_keys (principal_id, key, request, status, body, created_at)
            values ($1, $2, $3, $4, $5, $6)
            on conflict do nothing",
            caller.principal(),
            key,
            request as _,
            i16::try_from(answer.status).unwrap_or_default(),
            answer.body,
            now,
        )
        .execute(self.pool())
        .await
        .map_err(RegistryError::from)?;
        if kept.rows_affected() == 1 {
            return Ok(answer);
        }
        Ok(self.kept_answer(caller, key, request).await?.unwrap_or(answer))
    }
}
