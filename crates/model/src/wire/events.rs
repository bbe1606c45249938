//! The event log.

use serde::{Deserialize, Serialize};

use super::wire;
use crate::{Handle, Sha256};

wire! {
    /// A part of the log.
    EventList {
        /// The oldest first.
        items: Vec<EventItem>,
        /// The value of `after` that continues: also at the end, where it waits for what comes.
        next: String,
    }

    /// An event. Its hash is SHA-256 over the previous hash and, each with its length in bytes as four big-endian bytes before it:
    /// id, kind, `actor_id`, subject, payload, `happened_at` and `details_hash`, in that order, as text. What not everybody may read is
    /// null; its place in the chain is not.
    EventItem {
        /// Its id: gapless.
        id: i64,
        /// Its kind.
        kind: Option<String>,
        /// The number of who made it.
        actor_id: Option<i64>,
        /// Their handle, as it is now; null of a workflow, and of who is no more.
        actor: Option<Handle>,
        /// What changed.
        subject: Option<String>,
        /// JSON of ids and public facts, as the text that was hashed.
        payload: Option<String>,
        /// When: RFC 3339 in UTC with six digits of a second.
        happened_at: Option<String>,
        /// SHA-256 of a text that can be erased, with its salt before it, in hex; null where there is none.
        details_hash: Option<Sha256>,
        /// The hash of the event before it, in hex; zeros for the first.
        previous_hash: Sha256,
        /// Its own.
        hash: Sha256,
    }
}
