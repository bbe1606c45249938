use crate::text::words;

words! {
    /// What the holder of a token may do with it, for the packages that its patterns match and its account has rights to.
    TokenAction, "action of a token", {
        /// Publish a package whose name is not there yet.
        PublishNew = "publish-new",
        /// Publish further releases and files of a package.
        PublishUpdate = "publish-update",
        /// Yank, take back and delete releases.
        Yank = "yank",
        /// Change who owns a package.
        Owners = "owners",
        /// Administer the registry.
        Admin = "admin",
        /// Look after the account itself: its tokens and sessions.
        Account = "account",
    }
}
