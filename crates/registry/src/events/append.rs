use sqlx::PgConnection;
use time::OffsetDateTime;

use super::EventId;
use crate::RegistryError;

/// A change of public state.
pub(crate) struct Event<'a> {
    /// One of `event_kinds`.
    pub(crate) kind: &'a str,
    /// The principal who made it.
    pub(crate) actor: i64,
    /// What changed, for example `package:localhost/hstore`.
    pub(crate) subject: &'a str,
    /// Ids and public facts.
    pub(crate) payload: serde_json::Value,
    pub(crate) happened_at: OffsetDateTime,
}

/// Appends an event. The last statement of its transaction: whoever appends next waits for its end.
pub(crate) async fn append(transaction: &mut PgConnection, event: Event<'_>) -> Result<EventId, RegistryError> {
    let id = sqlx::query_scalar!(
        r#"select append_event($1, $2, $3, $4, $5) as "id!""#,
        event.kind,
        event.actor,
        event.subject,
        event.payload.to_string(),
        event.happened_at,
    )
    .fetch_one(transaction)
    .await?;
    Ok(id)
}

/// Appends an event with a text that can be erased later: only its salted hash is in the chain.
pub(crate) async fn append_with_details(
    transaction: &mut PgConnection,
    event: Event<'_>,
    details: &str,
) -> Result<EventId, RegistryError> {
    let salt = rand::random::<[u8; 16]>();
    let id = sqlx::query_scalar!(
        r#"select append_event($1, $2, $3, $4, $5, $6, $7) as "id!""#,
        event.kind,
        event.actor,
        event.subject,
        event.payload.to_string(),
        event.happened_at,
        details,
        &salt[..],
    )
    .fetch_one(transaction)
    .await?;
    Ok(id)
}
