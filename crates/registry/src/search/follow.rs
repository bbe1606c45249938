//! Keeps the index up to date with the listings.

use std::time::Duration;

use model::CategorySlug;
use sqlx::{Connection as _, PgConnection, PgPool};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{
    documents::{self, Row},
    index::{KnownCategory, SearchIndex},
};
use crate::{EventId, RegistryError};

/// Rows that are read at once.
const BATCH: i64 = 5000;

/// Commits are at least this far apart.
const PAUSE: Duration = Duration::from_millis(300);

/// Builds the index if it was never complete, then follows the listings whenever `projected` moves, until `stop`. Shows in
/// `indexed` how far it is.
pub async fn run_search_index(
    index: SearchIndex,
    pool: PgPool,
    mut projected: watch::Receiver<EventId>,
    indexed: watch::Sender<EventId>,
    stop: CancellationToken,
) {
    loop {
        match catch_up(&index, &pool).await {
            Ok(cursor) => {
                indexed.send_if_modified(|known| std::mem::replace(known, cursor) != cursor);
            }
            Err(error) => tracing::debug!(%error, "the search index waits for the database"),
        }
        let pause = async {
            tokio::time::sleep(PAUSE).await;
            // Also without news, in case the database was away.
            let _ = tokio::time::timeout(Duration::from_secs(2), projected.changed()).await;
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = pause => {}
        }
    }
}

/// Brings the index up to the listings and returns the event up to which they were complete.
pub(crate) async fn catch_up(index: &SearchIndex, pool: &PgPool) -> Result<EventId, RegistryError> {
    let known = index.cursor().map_err(internal)?;
    let mut connection = pool.acquire().await?;
    // One snapshot: the cursor is that of the very rows that are read.
    let mut transaction = connection.begin_with("begin isolation level repeatable read read only").await?;
    let cursor = sqlx::query_scalar!("select event_id from cursors where projection = 'listings'")
        .fetch_one(&mut *transaction)
        .await?;
    let packages = match known {
        Some(known) if known == cursor => return Ok(cursor),
        Some(known) if known < cursor => Some(
            sqlx::query_scalar!(
                r#"with new as materialized (
                    select payload::jsonb as payload
                    from events
                    where event_id > $1
                        and event_id <= $2
                )
                select (payload ->> 'package')::bigint as "package!" from new where payload ? 'package'
                union
                select package::bigint from new cross join jsonb_array_elements_text(payload -> 'packages') as package"#,
                known,
                cursor,
            )
            .fetch_all(&mut *transaction)
            .await?,
        ),
        // Never complete, or of another database's future.
        _ => None,
    };
    let mut rows: Vec<Row> = Vec::new();
    loop {
        let after = rows.last().map_or(0, Row::package_id);
        let batch = documents::rows(&mut transaction, packages.as_deref(), after, BATCH).await?;
        let is_last = batch.len() < usize::try_from(BATCH).unwrap_or(usize::MAX);
        rows.extend(batch);
        if is_last {
            break;
        }
    }
    let categories = categories(&mut transaction).await?;
    transaction.rollback().await?;
    let index = index.clone();
    tokio::task::spawn_blocking(move || {
        let documents = rows.iter().map(|row| row.document(&index.inner().fields));
        index.replace(packages.as_deref(), documents, cursor)?;
        index.set_categories(categories);
        Ok::<_, tantivy::TantivyError>(())
    })
    .await
    .map_err(internal)?
    .map_err(internal)?;
    Ok(cursor)
}

/// All categories in their order.
pub(super) async fn categories(connection: &mut PgConnection) -> Result<Vec<KnownCategory>, RegistryError> {
    let categories = sqlx::query_as!(
        KnownCategory,
        r#"select slug as "slug: CategorySlug", name, number
        from categories
        order by position"#
    )
    .fetch_all(connection)
    .await?;
    Ok(categories)
}

pub(super) fn internal(error: impl std::error::Error + Send + Sync + 'static) -> RegistryError {
    RegistryError::Internal(Box::new(error))
}
