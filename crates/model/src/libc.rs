use crate::text::words;

words!(
    /// The C library that a binary was linked against.
    Libc, "C library", {
        /// The GNU C library.
        Gnu = "gnu",
        /// musl, as on Alpine Linux.
        Musl = "musl",
    }
);
