use crate::text::words;

words!(
    /// How a loadable library comes into a server.
    LoadKind, "load kind", {
        /// The server loads it when one of its functions is first called.
        OnDemand = "on-demand",
        /// It is loaded into sessions: `session_preload_libraries`, `local_preload_libraries` or `LOAD`.
        SessionPreload = "session-preload",
        /// It works on demand; with `shared_preload_libraries` it does more.
        SharedPreloadOptional = "shared-preload-optional",
        /// It works only in `shared_preload_libraries`, so installing it needs a restart.
        SharedPreloadRequired = "shared-preload-required",
        /// A logical decoding output plugin, named when a replication slot is created.
        OutputPlugin = "output-plugin",
        /// A write-ahead log archiver, named by `archive_library`.
        ArchiveModule = "archive-module",
        /// Not known yet.
        Unknown = "unknown",
    }
);

impl LoadKind {
    /// A few words for a list of facts.
    pub const fn label(self) -> &'static str {
        match self {
            Self::OnDemand => "Loaded on demand",
            Self::SessionPreload => "Loaded into sessions",
            Self::SharedPreloadOptional => "Shared preload optional",
            Self::SharedPreloadRequired => "Shared preload required",
            Self::OutputPlugin => "Output plugin",
            Self::ArchiveModule => "Archive module",
            Self::Unknown => "Not known yet",
        }
    }
}
