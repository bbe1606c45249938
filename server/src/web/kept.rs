//! What a session remembers between two pages of a visitor, by name.

use serde::de::DeserializeOwned;
use tower_sessions::Session;

/// What was done, to be said once.
pub(in crate::web) const NOTICE: &str = "notice";
/// A challenge that a passkey is to answer.
pub(super) const PASSKEY_CHALLENGE: &str = "passkey_challenge";
/// The same for a passkey that is to be made.
pub(super) const NEW_PASSKEY_CHALLENGE: &str = "new_passkey_challenge";
/// Who has shown the first of two factors.
pub(super) const HALF_WAY: &str = "half_way";
/// Where somebody wanted to go before they were asked to log in.
pub(super) const NEXT: &str = "next";
/// A log-in elsewhere that was begun.
pub(super) const SIGN_IN: &str = "sign_in";
/// Who is known elsewhere, and has no account here yet.
pub(in crate::web) const NEWCOMER: &str = "newcomer";
/// A form to go on with when its sender has come back from elsewhere.
pub(super) const HELD: &str = "held";

/// Takes a value out: it is good once, whatever the request ends with. A session of which nothing is taken is left as it is.
pub(super) async fn take<T: DeserializeOwned>(session: &Session, name: &str) -> Option<T> {
    session.get_value(name).await.ok().flatten()?;
    let taken = session.remove(name).await.ok().flatten();
    // Where a request fails in the end, its session is not written otherwise.
    if let Err(error) = session.save().await {
        tracing::warn!(%error, name, "what was taken out of a session may still be there");
        return None;
    }
    taken
}
