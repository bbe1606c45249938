use crate::text::words;

words! {
    /// Something that is not possible for a while, in the whole registry.
    Flag, "flag", {
        /// Nothing changes.
        ReadOnly = "read-only",
        /// No account begins.
        NoRegistration = "no-registration",
        /// Nothing is published.
        NoPublishing = "no-publishing",
    }
}
