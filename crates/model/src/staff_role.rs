use crate::text::words;

words! {
    /// What somebody may do who keeps the registry in order.
    StaffRole, "role of staff", {
        /// Decides about reports.
        Moderator = "moderator",
        /// Decides about everything.
        Admin = "admin",
    }
}
