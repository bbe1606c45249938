use crate::text::words;

words!(
    /// How much a banner above every page wants to be seen.
    BannerTone, "tone", {
        /// Something to know.
        Notice = "notice",
        /// Something to mind.
        Caution = "caution",
        /// Something that is wrong.
        Danger = "danger",
    }
);
