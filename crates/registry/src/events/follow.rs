use std::time::Duration;

use sqlx::{PgPool, postgres::PgListener};
use tokio::{sync::watch, time::timeout};
use tokio_util::sync::CancellationToken;

use super::EventId;

/// How long the log is not looked at when nobody notifies.
const INTERVAL: Duration = Duration::from_millis(500);

/// Shows the id of the newest event to `latest` until `stop`; waits out a database that is away.
///
/// A notification only wakes: the log itself is read, also after a reconnection and every 500 ms.
pub async fn follow_events(pool: PgPool, latest: watch::Sender<EventId>, stop: CancellationToken) {
    let follow = async {
        loop {
            if let Err(error) = follow_connected(&pool, &latest).await {
                tracing::debug!(%error, "the event log cannot be read now");
            }
            tokio::time::sleep(INTERVAL).await;
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = follow => {}
    }
}

async fn follow_connected(pool: &PgPool, latest: &watch::Sender<EventId>) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen("events").await?;
    loop {
        let id = newest(pool).await?;
        latest.send_if_modified(|known| std::mem::replace(known, id) != id);
        if let Ok(notification) = timeout(INTERVAL, listener.try_recv()).await {
            // None: the connection broke; the next round reads the log on a new one.
            if notification?.is_none() {
                return Ok(());
            }
        }
    }
}

async fn newest(pool: &PgPool) -> Result<EventId, sqlx::Error> {
    sqlx::query_scalar!(r#"select coalesce(max(event_id), 0) as "id!" from events"#).fetch_one(pool).await
}
