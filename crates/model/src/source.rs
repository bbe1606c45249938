use crate::text::words;

words!(
    /// How a fact is known.
    Source, "source of a fact", {
        /// Somebody who knows said so: the maintainer, or this registry's own catalogue.
        Declared = "declared",
        /// Read from the files.
        Inferred = "inferred",
        /// Seen when it was run.
        Tested = "tested",
    }
);
