use crate::text::words;

words! {
    /// What moderators have decided.
    Verdict, "verdict", {
        /// Nothing has to be done.
        Dismissed = "dismissed",
        /// It is held back: visible as such, and not to be installed.
        Quarantined = "quarantined",
        /// It is held back no longer.
        Released = "released",
        /// Nobody logs in to the account.
        Locked = "locked",
        /// Its owner logs in again.
        Unlocked = "unlocked",
        /// Whoever has claimed a package that nobody owned owns it.
        Granted = "granted",
    }
}
