//! Checks the hash chain without trusting the database's own arithmetic.

use futures::TryStreamExt as _;
use model::Sha256;
use sha2::Digest as _;
use sqlx::PgPool;
use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};

use super::EventId;
use crate::{Registry, RegistryError};

/// The first event at which the chain does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BrokenChain {
    /// An id is missing.
    #[error("event {0} is missing")]
    Gap(EventId),
    /// It does not name the hash of the event before it.
    #[error("event {0} does not follow the one before it")]
    Link(EventId),
    /// Its content is not what was hashed.
    #[error("event {0} was changed after it was written")]
    Content(EventId),
    /// Its details are not what was hashed.
    #[error("the details of event {0} were changed after they were written")]
    Details(EventId),
}

/// Microseconds, always six digits, in UTC.
const MOMENT: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");

struct Row {
    event_id: EventId,
    kind: String,
    actor_id: i64,
    subject: String,
    payload: String,
    happened_at: OffsetDateTime,
    details_hash: Option<Sha256>,
    previous_hash: Sha256,
    hash: Sha256,
    salt: Option<Vec<u8>>,
    details: Option<String>,
}

impl Registry {
    /// Checks the hash chain of the whole log: how many events there are, or the first that is wrong.
    pub async fn verify_log(&self) -> Result<Result<EventId, BrokenChain>, RegistryError> {
        verify(&self.pool).await
    }
}

/// Reads the whole log and returns the number of its events, or the first that is wrong.
pub(crate) async fn verify(pool: &PgPool) -> Result<Result<EventId, BrokenChain>, RegistryError> {
    let mut rows = sqlx::query_as!(
        Row,
        r#"select
            e.event_id,
            e.kind,
            e.actor_id,
            e.subject,
            e.payload,
            e.happened_at,
            e.details_hash as "details_hash: Sha256",
            e.previous_hash as "previous_hash: Sha256",
            e.hash as "hash: Sha256",
            d.salt as "salt?",
            d.details as "details?"
        from events as e
        left join event_details as d using (event_id)
        order by e.event_id"#
    )
    .fetch(pool);
    let mut count = 0;
    let mut previous = Sha256::from_bytes([0; 32]);
    while let Some(row) = rows.try_next().await? {
        count += 1;
        if row.event_id != count {
            return Ok(Err(BrokenChain::Gap(count)));
        }
        if row.previous_hash != previous {
            return Ok(Err(BrokenChain::Link(count)));
        }
        if row.hash != hash(&row) {
            return Ok(Err(BrokenChain::Content(count)));
        }
        // Erased details leave their hash behind; present ones must match it.
        if let (Some(salt), Some(details)) = (&row.salt, &row.details)
            && row.details_hash != Some(digest([salt.as_slice(), details.as_bytes()]))
        {
            return Ok(Err(BrokenChain::Details(count)));
        }
        previous = row.hash;
    }
    Ok(Ok(count))
}

fn digest<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Sha256 {
    let mut hash = sha2::Sha256::new();
    parts.into_iter().for_each(|part| hash.update(part));
    Sha256::from_bytes(hash.finalize().into())
}

/// A moment as it is hashed.
pub(super) fn moment(moment: OffsetDateTime) -> String {
    moment.to_offset(time::UtcOffset::UTC).format(MOMENT).unwrap_or_default()
}

fn hash(row: &Row) -> Sha256 {
    let fields = [
        row.event_id.to_string(),
        row.kind.clone(),
        row.actor_id.to_string(),
        row.subject.clone(),
        row.payload.clone(),
        moment(row.happened_at),
        row.details_hash.map(|hash| hash.to_string()).unwrap_or_default(),
    ];
    let mut bytes = row.previous_hash.as_bytes().to_vec();
    for field in fields {
        bytes.extend(u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend(field.as_bytes());
    }
    digest([bytes.as_slice()])
}
