use crate::text::words;

words!(
    /// Whether a release can be found and fetched.
    ReleaseState, "release state", {
        /// Listed and downloadable.
        Active = "active",
        /// Downloadable by exact version, left out of "current".
        Yanked = "yanked",
        /// Held back by a moderator: visible, not downloadable.
        Quarantined = "quarantined",
        /// Gone; its name and version are never used again.
        Deleted = "deleted",
    }
);
