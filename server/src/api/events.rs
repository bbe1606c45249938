//! The event log, for those who follow it or check it.

use std::time::Duration;

use axum::{
    Json,
    extract::{RawQuery, State},
};
use model::{PackageName, wire};
use registry::{EventQuery, LoggedEvent};

use super::{ApiError, parameters::Query};
use crate::state::AppState;

/// Events of an answer, usually and at most.
const USUAL: i64 = 100;
const MOST: i64 = 1000;
/// Seconds that an answer waits at most for something to come.
const LONGEST_WAIT: u64 = 30;

/// The log after an event. At its end an answer waits for what comes, as long as it is told to and few others do.
#[utoipa::path(
    get,
    path = "/api/v1/events",
    operation_id = "listEvents",
    params(
        ("after" = Option<i64>, Query, description = "Events after this one; 0 is before all"),
        ("limit" = Option<i64>, Query, description = "1 to 1000; 100 where nothing is said"),
        ("kind" = Option<String>, Query, description = "Only of this kind, such as release.published"),
        ("package" = Option<String>, Query, description = "Only of this package"),
        ("wait" = Option<u64>, Query, description = "Seconds to wait for an event where there is none yet, at most 30"),
    ),
    responses((status = 200, body = wire::EventList), (status = 400, body = wire::Problem))
)]
pub(super) async fn list(
    State(state): State<AppState>,
    RawQuery(query): RawQuery,
) -> Result<Json<wire::EventList>, ApiError> {
    let query = Query::read(query.as_deref());
    let limit = query.get::<i64>("limit")?.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        return Err(ApiError::Parameter { name: "limit", reason: format!("it should be 1 to {MOST}") });
    }
    let after = query.get::<i64>("after")?.unwrap_or(0).max(0);
    let kind = query.get::<String>("kind")?;
    if kind.as_deref().is_some_and(|kind| kind.contains('\0')) {
        return Err(ApiError::Parameter { name: "kind", reason: "it has a character that no kind has".to_owned() });
    }
    let package = query.get::<PackageName>("package")?;
    let wait = Duration::from_secs(query.get::<u64>("wait")?.unwrap_or(0).min(LONGEST_WAIT));
    let asked = EventQuery { after, kind, package, limit };
    let mut events = state.registry.events(&asked).await?;
    let deadline = tokio::time::Instant::now() + wait;
    let mut latest = state.latest.clone();
    // Each asks the log again when something comes: who finds no place among them is answered at once, and asks again later.
    let waits = state.log_waiters.try_acquire();
    let deadline = if waits.is_ok() { deadline } else { tokio::time::Instant::now() };
    while events.is_empty() && tokio::time::Instant::now() < deadline {
        // Marked as seen before the log is read again, so that nothing that comes in between is missed.
        if tokio::time::timeout_at(deadline, latest.changed()).await.is_err() {
            break;
        }
        events = state.registry.events(&asked).await?;
    }
    let next = events.last().map_or(after, |last| last.id).to_string();
    Ok(Json(wire::EventList { items: events.into_iter().map(item).collect(), next }))
}

fn item(event: LoggedEvent) -> wire::EventItem {
    let content = event.content;
    let of = |part: fn(&registry::EventContent) -> String| content.as_ref().map(part);
    wire::EventItem {
        id: event.id,
        kind: of(|content| content.kind.clone()),
        actor_id: content.as_ref().map(|content| content.actor_id),
        actor: content.as_ref().and_then(|content| content.actor.clone()),
        subject: of(|content| content.subject.clone()),
        payload: of(|content| content.payload.clone()),
        happened_at: of(|content| content.happened_at.clone()),
        details_hash: event.details_hash,
        previous_hash: event.previous_hash,
        hash: event.hash,
    }
}
