use crate::text::words;

words! {
    /// What somebody may do with a package or in an organisation.
    Role, "role", {
        /// Whoever decides who looks after it, and does all that others do.
        Owner = "owner",
        /// Whoever publishes and yanks releases of a package.
        Maintainer = "maintainer",
        /// Whoever belongs to an organisation, and does what maintainers do with its packages.
        Member = "member",
    }
}
