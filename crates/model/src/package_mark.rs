use crate::text::words;

words!(
    /// What those who keep a registry in order should know of a package at a glance.
    PackageMark, "mark", {
        /// All of it is held back.
        HeldBack = "held-back",
        /// One of its releases is.
        ReleaseHeldBack = "release-held-back",
        /// A case about it waits for a verdict.
        Waiting = "waiting",
        /// It is for its members only.
        Members = "members",
        /// Nobody owns it.
        Orphaned = "orphaned",
        /// It was taken from the packages of a server.
        Imported = "imported",
        /// Its owners say that something else should be used.
        Deprecated = "deprecated",
        /// Its owners say that nothing more comes.
        Archived = "archived",
        /// The home page shows it first.
        Featured = "featured",
        /// Others have its short name too.
        Shared = "shared",
    }
);
