//! Codes for those who have lost their second factor: each is good once.

use model::Sha256;
use serde_json::json;
use sha2::Digest as _;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{
    ClientInfo, Limited, Proved, Visitor,
    audit::{self, Act},
    mails,
};
use crate::{Registry, RegistryError, mail};

/// How many there are.
const COUNT: usize = 10;
/// Without letters that are taken for others, so that 32 are left: five bits each.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
/// Letters of a code: 80 bits.
const LETTERS: usize = 16;

/// Why a code was not taken.
#[derive(Debug, thiserror::Error)]
pub enum RecoveryError {
    /// It is not one of them, or was used.
    #[error("that is none of your recovery codes, or it was used already")]
    Code,
    /// Too often.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// The database failed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl From<sqlx::Error> for RecoveryError {
    fn from(error: sqlx::Error) -> Self {
        Self::Registry(error.into())
    }
}

fn generate(random: &mut impl rand::Rng) -> String {
    let letters: Vec<u8> = (0..LETTERS).map(|_| ALPHABET[(random.next_u32() % 32) as usize]).collect();
    let parts: Vec<&str> = letters.chunks(4).map(|part| std::str::from_utf8(part).unwrap_or_default()).collect();
    parts.join("-")
}

/// What is kept of a code, however somebody has typed it.
fn hash(code: &str) -> Sha256 {
    let letters: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    Sha256::from_bytes(sha2::Sha256::digest(letters.to_ascii_lowercase()).into())
}

/// Uses a code up; whether it was one.
async fn burn(
    transaction: &mut PgConnection,
    principal: i64,
    code: &str,
    now: OffsetDateTime,
) -> Result<bool, RegistryError> {
    let burnt = sqlx::query!(
        "update recovery_codes
        set used_at = $3
        where principal_id = $1
            and hash = $2
            and used_at is null",
        principal,
        hash(code) as _,
        now,
    )
    .execute(transaction)
    .await?;
    Ok(burnt.rows_affected() == 1)
}

/// Takes a code in place of a second factor: how many are left; none where it was none, or where nobody has shown yet that the
/// codes were kept.
pub(super) async fn take(
    transaction: &mut PgConnection,
    principal: i64,
    code: &str,
    now: OffsetDateTime,
) -> Result<Option<i64>, RegistryError> {
    let is_tested = sqlx::query_scalar!(
        r#"select recovery_tested_at is not null as "is_tested!" from accounts where principal_id = $1 for update"#,
        principal
    )
    .fetch_optional(&mut *transaction)
    .await?;
    if is_tested != Some(true) || !burn(transaction, principal, code, now).await? {
        return Ok(None);
    }
    let left = sqlx::query_scalar!(
        r#"select count(*) as "left!" from recovery_codes where principal_id = $1 and used_at is null"#,
        principal
    )
    .fetch_one(transaction)
    .await?;
    Ok(Some(left))
}

impl Registry {
    /// Makes new codes and returns them, this once. Earlier ones are good for nothing any more, and these only when one of them
    /// was typed in.
    pub async fn make_recovery_codes(
        &self,
        proved: &Proved,
        client: &ClientInfo,
    ) -> Result<Vec<String>, RegistryError> {
        let codes: Vec<String> = {
            let mut random = rand::rng();
            (0..COUNT).map(|_| generate(&mut random)).collect()
        };
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        sqlx::query!("update accounts set recovery_tested_at = null where principal_id = $1", proved.principal())
            .execute(&mut *transaction)
            .await?;
        sqlx::query!("delete from recovery_codes where principal_id = $1", proved.principal())
            .execute(&mut *transaction)
            .await?;
        for code in &codes {
            sqlx::query!(
                "insert into recovery_codes (principal_id, hash) values ($1, $2)",
                proved.principal(),
                hash(code) as _
            )
            .execute(&mut *transaction)
            .await?;
        }
        audit::note(&mut transaction, proved.principal(), Act::RecoveryCodesMade, client, json!({}), now).await?;
        let what = "New recovery codes were made. Those that were made before are good for nothing any more.";
        let message = mails::security_changed(&self.public_url, proved.email(), "New recovery codes were made", what);
        mail::send(&mut transaction, &self.mail, Some(proved.principal()), &message, now).await?;
        transaction.commit().await?;
        Ok(codes)
    }

    /// Uses one of the visitor's new codes up, which shows that they were kept: from now on the others count.
    pub async fn test_recovery_code(
        &self,
        visitor: &Visitor,
        code: &str,
        client: &ClientInfo,
    ) -> Result<(), RecoveryError> {
        self.limits.code_by_account.count(&visitor.principal.to_string())?;
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        // Before the codes, as everybody who uses one does.
        sqlx::query!("select from accounts where principal_id = $1 for update", visitor.principal)
            .execute(&mut *transaction)
            .await?;
        if !burn(&mut transaction, visitor.principal, code, now).await? {
            return Err(RecoveryError::Code);
        }
        sqlx::query!("update accounts set recovery_tested_at = $2 where principal_id = $1", visitor.principal, now)
            .execute(&mut *transaction)
            .await?;
        audit::note(&mut transaction, visitor.principal, Act::RecoveryCodesTested, client, json!({}), now).await?;
        transaction.commit().await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_the_same_however_it_is_typed() {
        let code = generate(&mut rand::rng());
        assert_eq!((code.len(), code.matches('-').count()), (19, 3), "{code}");
        for typed in [code.replace('-', ""), code.to_uppercase(), code.replace('-', " "), format!(" {code}\n")] {
            assert_eq!(hash(&typed), hash(&code), "{typed}");
        }
        assert_ne!(hash(&generate(&mut rand::rng())), hash(&code));
    }
}
