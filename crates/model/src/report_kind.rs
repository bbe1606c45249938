use crate::text::words;

words! {
    /// What is wrong with something that was reported.
    ReportKind, "kind of report", {
        /// It does harm.
        Malware = "malware",
        /// It is there for something else than to be used.
        Spam = "spam",
        /// Its name is there to be taken for another one.
        TypoSquatting = "typo-squatting",
        /// It may not be given away like this.
        Licence = "licence",
        /// Somebody is treated badly by it.
        Abuse = "abuse",
        /// Anything else.
        Other = "other",
        /// Its owner asks that a verdict be looked at again.
        Appeal = "appeal",
        /// Somebody says that a package which nobody owns is theirs.
        Claim = "claim",
    }
}
