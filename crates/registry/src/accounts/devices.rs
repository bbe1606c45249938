//! Where somebody has logged in before.

use sha2::Digest as _;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use super::ClientInfo;
use crate::{Registry, RegistryError};

/// How long a device stays known that nobody logs in with.
pub(super) const REMEMBERED: Duration = Duration::days(365);

/// How long after it was made an account has its first device without a word.
const FIRST_DAY: Duration = Duration::days(1);

/// What is kept of a device.
fn key(principal: i64, client: &ClientInfo) -> Vec<u8> {
    sha2::Sha256::digest(format!("{principal} {} {}", client.network(), client.user_agent)).to_vec()
}

impl Registry {
    /// Whether somebody has logged in to the account from here before.
    pub(super) async fn is_known_device(&self, principal: i64, client: &ClientInfo) -> Result<bool, RegistryError> {
        let is_known = sqlx::query_scalar!(
            r#"select exists (
                select from known_devices where principal_id = $1 and key = $2 and last_seen_at > $3
            ) as "is_known!""#,
            principal,
            key(principal, client),
            self.clock.now() - REMEMBERED,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(is_known)
    }
}

/// Notes that somebody has logged in from here. Whether that is new: nobody has from this network with this browser, and it is
/// not the first log-in to an account that has just been made.
pub(super) async fn note(
    transaction: &mut PgConnection,
    principal: i64,
    client: &ClientInfo,
    now: OffsetDateTime,
) -> Result<bool, RegistryError> {
    let key = key(principal, client);
    let known = sqlx::query!(
        r#"select
            exists (select from known_devices where principal_id = $1)
                or exists (select from accounts where principal_id = $1 and created_at < $4) as "expected!",
            exists (select from known_devices where principal_id = $1 and key = $2 and last_seen_at > $3) as "this!""#,
        principal,
        key,
        now - REMEMBERED,
        now - FIRST_DAY,
    )
    .fetch_one(&mut *transaction)
    .await?;
    sqlx::query!(
        "insert into known_devices (principal_id, key, last_seen_at)
        values ($1, $2, $3)
        on conflict (principal_id, key) do update
        set last_seen_at = excluded.last_seen_at",
        principal,
        key,
        now,
    )
    .execute(transaction)
    .await?;
    Ok(known.expected && !known.this)
}
