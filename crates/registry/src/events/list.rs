//! The log itself, for those who follow it or check it.

use model::{Handle, PackageName, Sha256};
use sqlx::PgPool;
use time::OffsetDateTime;

use super::{EventId, verify::moment};
use crate::{Registry, RegistryError, Viewer};

/// What of the log is asked for.
#[derive(Clone, Debug, Default)]
pub struct EventQuery {
    /// Events after this one.
    pub after: EventId,
    /// Only of this kind.
    pub kind: Option<String>,
    /// Only of this public package.
    pub package: Option<PackageName>,
    /// How many at most.
    pub limit: i64,
}

/// An event as it is hashed. What not everybody may read is left out; its place in the chain is not.
#[derive(Clone, Debug)]
pub struct LoggedEvent {
    /// Its id.
    pub id: EventId,
    /// What everybody may read of it.
    pub content: Option<EventContent>,
    /// SHA-256 of the text that can be erased, with its salt before it; none where there is no such text.
    pub details_hash: Option<Sha256>,
    /// The hash of the event before it.
    pub previous_hash: Sha256,
    /// Its own.
    pub hash: Sha256,
}

/// What everybody may read of an event.
#[derive(Clone, Debug)]
pub struct EventContent {
    /// Its kind.
    pub kind: String,
    /// The principal who made it.
    pub actor_id: i64,
    /// Their handle, as it is now.
    pub actor: Option<Handle>,
    /// What changed.
    pub subject: String,
    /// The JSON text that was hashed.
    pub payload: String,
    /// When, as it was hashed: RFC 3339 in UTC with six digits of a second.
    pub happened_at: String,
}

impl Registry {
    /// The events that were asked for, the oldest first.
    pub async fn events(&self, query: &EventQuery) -> Result<Vec<LoggedEvent>, RegistryError> {
        let subject = match &query.package {
            None => None,
            Some(name) => match self.find_package(Viewer::Anonymous, name).await {
                Ok(package) => {
                    let full_name =
                        sqlx::query_scalar!("select full_name from packages where package_id = $1", package)
                            .fetch_one(&self.pool)
                            .await?;
                    Some(format!("package:{full_name}"))
                }
                // Of a package that is not there, nothing has happened.
                Err(RegistryError::NotFound | RegistryError::Ambiguous { .. }) => return Ok(Vec::new()),
                Err(error) => return Err(error),
            },
        };
        events(&self.pool, query, subject.as_deref()).await
    }
}

struct Row {
    event_id: EventId,
    kind: String,
    actor_id: i64,
    actor: Option<Handle>,
    subject: String,
    payload: String,
    happened_at: OffsetDateTime,
    details_hash: Option<Sha256>,
    previous_hash: Sha256,
    hash: Sha256,
    is_public: bool,
}

async fn events(pool: &PgPool, query: &EventQuery, subject: Option<&str>) -> Result<Vec<LoggedEvent>, RegistryError> {
    let rows = sqlx::query_as!(
        Row,
        r#"select
            e.event_id,
            e.kind,
            e.actor_id,
            case when a.kind <> 'ci' and a.handle not like 'deleted-%' then a.handle end as "actor: Handle",
            e.subject,
            e.payload,
            e.happened_at,
            e.details_hash as "details_hash: Sha256",
            e.previous_hash as "previous_hash: Sha256",
            e.hash as "hash: Sha256",
            k.is_public and (not (e.payload::jsonb ? 'package') or coalesce(p.visibility = 'public', false)) as "is_public!"
        from events as e
        join event_kinds as k on k.kind = e.kind
        join principals as a on a.principal_id = e.actor_id
        left join packages as p on p.package_id = (e.payload::jsonb ->> 'package')::bigint
        where e.event_id > $1
            and (
                $2::text is null
                or e.kind = $2 and k.is_public and (not (e.payload::jsonb ? 'package') or coalesce(p.visibility = 'public', false))
            )
            and ($3::text is null or e.subject = $3)
        order by e.event_id
        limit $4"#,
        query.after,
        query.kind,
        subject,
        query.limit,
    )
    .fetch_all(pool)
    .await?;
    let events = rows.into_iter().map(|row| LoggedEvent {
        id: row.event_id,
        content: row.is_public.then(|| EventContent {
            kind: row.kind,
            actor_id: row.actor_id,
            actor: row.actor,
            subject: row.subject,
            payload: row.payload,
            happened_at: moment(row.happened_at),
        }),
        details_hash: row.details_hash,
        previous_hash: row.previous_hash,
        hash: row.hash,
    });
    Ok(events.collect())
}
