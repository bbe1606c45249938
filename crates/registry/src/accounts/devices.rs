//! Where somebody has logged in before.

use sha2::Digest as _;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use super::ClientInfo;
use crate::RegistryError;

/// How long a device stays known that nobody logs in with.
pub(super) const REMEMBERED: Duration = Duration::days(365);

/// Notes that somebody has logged in from here. Whether that is new: there were log-ins before, and none from this network with
/// this browser.
pub(super) async fn note(
    transaction: &mut PgConnection,
    principal: i64,
    client: &ClientInfo,
    now: OffsetDateTime,
) -> Result<bool, RegistryError> {
    let key = sha2::Sha256::digest(format!("{principal} {} {}", client.network(), client.user_agent));
    let known = sqlx::query!(
        r#"select
            exists (select from known_devices where principal_id = $1 and last_seen_at > $3) as "any!",
            exists (select from known_devices where principal_id = $1 and key = $2 and last_seen_at > $3) as "this!""#,
        principal,
        key.as_slice(),
        now - REMEMBERED,
    )
    .fetch_one(&mut *transaction)
    .await?;
    sqlx::query!(
        "insert into known_devices (principal_id, key, last_seen_at)
        values ($1, $2, $3)
        on conflict (principal_id, key) do update
        set last_seen_at = excluded.last_seen_at",
        principal,
        key.as_slice(),
        now,
    )
    .execute(transaction)
    .await?;
    Ok(known.any && !known.this)
}
