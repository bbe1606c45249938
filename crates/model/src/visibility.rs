use crate::text::words;

words!(
    /// Who may see a package.
    Visibility, "visibility", {
        /// Everybody.
        Public = "public",
        /// Its members only.
        Members = "members",
    }
);
