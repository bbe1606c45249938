use crate::text::words;

words!(
    /// What a package brings.
    PackageKind, "kind of package", {
        /// One or more extensions for `CREATE EXTENSION`.
        Extension = "extension",
        /// A loadable library without a control file, used by a setting instead of `CREATE EXTENSION`.
        Module = "module",
    }
);
