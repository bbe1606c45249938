//! What a library can do, inferred from the names that it takes from PostgreSQL and the C library, and those that it gives.
//!
//! A name that is there may never be used, and a library can do without names what it likes: these are hints, not proofs.
//! They say nothing on how a library is to be loaded.

use std::{
    collections::{BTreeMap, BTreeSet},
    str::FromStr,
};

use super::names::Symbol;

/// Names that are kept for one capability.
const MOST_NAMES: usize = 100;

/// Something that a library can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Capability {
    /// It can take part in what the server does, by the hooks that are named.
    Hooks,
    /// It can start background workers.
    BackgroundWorker,
    /// It can use shared memory of its own.
    SharedMemory,
    /// It can use the network, itself or by a library that does.
    Network,
    /// It can open files.
    Files,
    /// It can start other programs.
    Processes,
    /// It defines settings.
    Settings,
    /// It is a plug-in for logical decoding.
    OutputPlugin,
    /// It is a module for `archive_library`.
    ArchiveModule,
    /// It runs code when it is loaded.
    Initialises,
}

/// Names that PostgreSQL or the C library gives.
const IMPORTED: &[(Capability, &[&str])] = &[
    (Capability::BackgroundWorker, &["RegisterBackgroundWorker", "RegisterDynamicBackgroundWorker"]),
    (
        Capability::SharedMemory,
        &[
            "GetNamedDSMSegment",
            "RequestAddinShmemSpace",
            "RequestNamedLWLockTranche",
            "ShmemInitHash",
            "ShmemInitStruct",
            "shmem_request_hook",
            "shmem_startup_hook",
        ],
    ),
    (
        Capability::Network,
        &["accept", "accept4", "bind", "connect", "getaddrinfo", "gethostbyname", "listen", "sendto", "socket"],
    ),
    (
        Capability::Files,
        &[
            "AllocateFile",
            "BasicOpenFile",
            "BasicOpenFilePerm",
            "OpenTransientFile",
            "OpenTransientFilePerm",
            "PathNameOpenFile",
            "PathNameOpenFilePerm",
            "__open64_2",
            "__open_2",
            "__openat64_2",
            "__openat_2",
            "creat",
            "creat64",
            "fopen",
            "fopen64",
            "open",
            "open64",
            "openat",
            "openat64",
        ],
    ),
    (
        Capability::Processes,
        &[
            "OpenPipeStream",
            "execl",
            "execle",
            "execlp",
            "execv",
            "execve",
            "execvp",
            "execvpe",
            "fexecve",
            "fork",
            "fork_process",
            "popen",
            "posix_spawn",
            "posix_spawnp",
            "system",
            "vfork",
        ],
    ),
    (
        Capability::Settings,
        &[
            "DefineCustomBoolVariable",
            "DefineCustomEnumVariable",
            "DefineCustomIntVariable",
            "DefineCustomRealVariable",
            "DefineCustomStringVariable",
        ],
    ),
];

/// Names that PostgreSQL looks for in a library.
const EXPORTED: &[(Capability, &str)] = &[
    (Capability::ArchiveModule, "_PG_archive_module_init"),
    (Capability::Initialises, "_PG_init"),
    (Capability::OutputPlugin, "_PG_output_plugin_init"),
];

/// Libraries that use the network: the beginnings of their names.
const NETWORK_LIBRARIES: &[&str] = &["libcurl-gnutls.so", "libcurl.so", "libpq.so", "libssl.so"];

/// PostgreSQL's hooks that are not called `SOMETHING_hook`.
const OTHER_HOOKS: &[&str] =
    &["object_access_hook_str", "row_security_policy_hook_permissive", "row_security_policy_hook_restrictive"];

/// A spelling that means no capability.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such capability")]
pub struct UnknownCapability;

impl FromStr for Capability {
    type Err = UnknownCapability;

    fn from_str(text: &str) -> Result<Self, UnknownCapability> {
        Self::ALL.into_iter().find(|capability| capability.as_str() == text).ok_or(UnknownCapability)
    }
}

impl Capability {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Hooks,
        Self::BackgroundWorker,
        Self::SharedMemory,
        Self::Network,
        Self::Files,
        Self::Processes,
        Self::Settings,
        Self::OutputPlugin,
        Self::ArchiveModule,
        Self::Initialises,
    ];

    /// The spelling for machines.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hooks => "hooks",
            Self::BackgroundWorker => "background-worker",
            Self::SharedMemory => "shared-memory",
            Self::Network => "network",
            Self::Files => "files",
            Self::Processes => "processes",
            Self::Settings => "settings",
            Self::OutputPlugin => "output-plugin",
            Self::ArchiveModule => "archive-module",
            Self::Initialises => "initialises",
        }
    }
}

/// Whether an imported name is that of a hook. Names with two underscores in front are the C library's.
fn is_hook(name: &str) -> bool {
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_plain && name.ends_with("_hook") && !name.starts_with("__") || OTHER_HOOKS.contains(&name)
}

/// What was inferred so far: for each capability the names that it was inferred from.
#[derive(Default)]
pub(super) struct Capabilities(BTreeMap<Capability, BTreeSet<String>>);

impl Capabilities {
    fn add(&mut self, capability: Capability, name: &str) {
        let names = self.0.entry(capability).or_default();
        if names.len() < MOST_NAMES {
            names.insert(name.to_owned());
        }
    }

    /// Takes a dynamic symbol into account.
    pub(super) fn add_symbol(&mut self, symbol: &Symbol<'_>) {
        let Ok(name) = std::str::from_utf8(symbol.name) else { return };
        if !symbol.is_imported {
            if let Some((capability, _)) = EXPORTED.iter().find(|(_, exported)| *exported == name) {
                self.add(*capability, name);
            }
            return;
        }
        for (capability, _) in IMPORTED.iter().filter(|(_, names)| names.contains(&name)) {
            self.add(*capability, name);
        }
        if !symbol.is_function && is_hook(name) {
            self.add(Capability::Hooks, name);
        }
    }

    /// Takes a needed library into account.
    pub(super) fn add_library(&mut self, name: &str) {
        if NETWORK_LIBRARIES.iter().any(|library| name.starts_with(library)) {
            self.add(Capability::Network, name);
        }
    }

    /// All that was inferred.
    pub(super) fn finish(self) -> BTreeMap<Capability, BTreeSet<String>> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::{read, test_support::Elf};

    /// A library that imports, exports and needs these names.
    fn capabilities(imported: &[&str], exported: &[&str], needed: &[&str]) -> Vec<String> {
        let mut library = Elf { strings: vec![0], ..Elf::default() };
        let text = |library: &mut Elf, name: &str| {
            let at = u32::try_from(library.strings.len()).expect("small");
            library.strings.extend(name.bytes().chain([0]));
            at
        };
        for (names, section) in [(imported, 0), (exported, 1)] {
            for name in names {
                let at = text(&mut library, name);
                library.symbols.push((at, section));
            }
        }
        for name in needed {
            let at = text(&mut library, name);
            library.needed.push(at);
        }
        let facts = read(&library.bytes()).expect("readable");
        let line = |(capability, names): (&Capability, &BTreeSet<String>)| {
            format!("{}: {}", capability.as_str(), names.iter().map(String::as_str).collect::<Vec<_>>().join(" "))
        };
        facts.capabilities.iter().map(line).collect()
    }

    #[test]
    fn reads_what_a_compiler_wrote() {
        let path = format!("{}/tests/fixtures/x86_64-gnu-capabilities.so", env!("CARGO_MANIFEST_DIR"));
        let facts = read(&std::fs::read(path).expect("a fixture")).expect("readable");
        assert!(facts.are_all_symbols_read);
        let names: Vec<_> = facts
            .capabilities
            .iter()
            .map(|(capability, names)| (capability.as_str(), names.iter().map(String::as_str).collect::<Vec<_>>()))
            .collect();
        assert_eq!(
            names,
            [
                ("hooks", vec!["ExecutorStart_hook", "planner_hook", "shmem_request_hook"]),
                ("background-worker", vec!["RegisterBackgroundWorker"]),
                ("shared-memory", vec!["ShmemInitStruct", "shmem_request_hook"]),
                ("network", vec!["connect", "socket"]),
                ("files", vec!["open"]),
                ("processes", vec!["system"]),
                ("settings", vec!["DefineCustomIntVariable"]),
                ("output-plugin", vec!["_PG_output_plugin_init"]),
                ("archive-module", vec!["_PG_archive_module_init"]),
                ("initialises", vec!["_PG_init"]),
            ]
        );
    }

    #[test]
    fn infers_nothing_from_what_is_only_similar() {
        assert_eq!(
            capabilities(
                &["__malloc_hook", "hook", "planner_hook_", "re_hook-x", "sockets", "_PG_init", "Socket"],
                &["socket", "system", "planner_hook", "pg_init"],
                &["libc.so.6", "libcrypto.so.3", "libpqtypes.so.0", "libcurlpp.so.0"],
            ),
            Vec::<String>::new()
        );
    }

    #[test]
    fn needed_libraries_count_for_the_network() {
        assert_eq!(
            capabilities(&["fork"], &[], &["libpq.so.5", "libcurl-gnutls.so.4", "libssl.so.3"]),
            ["network: libcurl-gnutls.so.4 libpq.so.5 libssl.so.3", "processes: fork"]
        );
    }

    #[test]
    fn keeps_a_hundred_names() {
        let names: Vec<String> = (0..300).map(|number| format!("x{number}_hook")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let lines = capabilities(&names, &[], &[]);
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].split(' ').count(), 101);
    }

    #[test]
    fn knows_the_hooks_with_other_names() {
        assert_eq!(
            capabilities(&["row_security_policy_hook_permissive", "check_password_hook"], &[], &[]),
            ["hooks: check_password_hook row_security_policy_hook_permissive"]
        );
    }
}
