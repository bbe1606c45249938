//! What a shared library says of itself.

use std::collections::{BTreeMap, BTreeSet};

use model::{Arch, Libc, PostgresMajor};
use object::{
    Endianness, elf,
    read::elf::{FileHeader, ProgramHeader as _},
};

use super::{
    capability::{Capabilities, Capability},
    magic::magic_major,
    names::Library,
};

/// What a shared library says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LibraryFacts {
    /// The architecture it was built for.
    pub arch: Arch,
    /// The C library it needs; none where it needs none.
    pub libc: Option<Libc>,
    /// The newest version of glibc that a symbol asks for, such as `2.34`.
    pub glibc_version: Option<String>,
    /// The libraries it names, sorted.
    pub needed: Vec<String>,
    /// What PostgreSQL finds when it loads it.
    pub module: Module,
    /// What it can do, inferred from the names that stand beside it: imported ones as PostgreSQL or the C library spell
    /// them, exported ones, or libraries that it needs. At most 100 names each, sorted.
    pub capabilities: BTreeMap<Capability, BTreeSet<String>>,
    /// Whether all dynamic symbols were looked at; if not, it may be able to do more.
    pub are_all_symbols_read: bool,
}

/// Whether PostgreSQL would load the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Module {
    /// It has no `Pg_magic_func`: not a loadable module.
    No,
    /// Its magic block cannot be read here, or it has more symbols than are looked at.
    Unknown,
    /// A module for this major version.
    For(PostgresMajor),
}

impl Module {
    /// The major it is for, where that is known.
    pub const fn major(self) -> Option<PostgresMajor> {
        match self {
            Self::For(major) => Some(major),
            Self::No | Self::Unknown => None,
        }
    }
}

/// Why nothing can be said of a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LibraryError {
    /// No ELF file, or a damaged one.
    #[error("not a readable ELF file")]
    Unreadable,
    /// A program or an object file.
    #[error("an ELF file, but not a shared library")]
    NotShared,
    /// An architecture without a name here.
    #[error("a library for an architecture that is not known here (machine {0})")]
    Architecture(u16),
}

/// Reads the facts of the library in `data`.
pub fn read(data: &[u8]) -> Result<LibraryFacts, LibraryError> {
    match data.get(..5) {
        Some([0x7f, b'E', b'L', b'F', 1]) => read_class::<elf::FileHeader32<Endianness>>(data),
        Some([0x7f, b'E', b'L', b'F', 2]) => read_class::<elf::FileHeader64<Endianness>>(data),
        _ => Err(LibraryError::Unreadable),
    }
}

fn architecture(machine: u16, little_endian: bool, is_64: bool) -> Option<Arch> {
    Some(match (elf::Machine(machine), little_endian, is_64) {
        (elf::EM_X86_64, true, true) => Arch::X86_64,
        (elf::EM_AARCH64, true, true) => Arch::Aarch64,
        (elf::EM_386, true, false) => Arch::X86,
        (elf::EM_ARM, true, false) => Arch::Arm,
        (elf::EM_PPC64, true, true) => Arch::Ppc64le,
        (elf::EM_RISCV, true, true) => Arch::Riscv64,
        (elf::EM_S390, false, true) => Arch::S390x,
        (elf::EM_LOONGARCH, true, true) => Arch::Loongarch64,
        _ => return None,
    })
}

fn read_class<Elf: FileHeader<Endian = Endianness>>(data: &[u8]) -> Result<LibraryFacts, LibraryError> {
    let unreadable = |_| LibraryError::Unreadable;
    let header = Elf::parse(data).map_err(unreadable)?;
    let endian = header.endian().map_err(unreadable)?;
    if header.e_type(endian) != elf::ET_DYN {
        return Err(LibraryError::NotShared);
    }
    let machine = header.e_machine(endian).0;
    let arch = architecture(machine, endian == Endianness::Little, header.is_class_64())
        .ok_or(LibraryError::Architecture(machine))?;
    let sections = header.sections(endian, data).map_err(unreadable)?;

    let library = Library { sections, endian, data };

    let needed = library.needed()?;
    let glibc_version = library.glibc_version()?;
    let libc = if needed
        .iter()
        .any(|name| name == "libc.so" || name.starts_with("libc.musl-") || name.starts_with("ld-musl-"))
    {
        Some(Libc::Musl)
    } else if glibc_version.is_some() || needed.contains("libc.so.6") {
        Some(Libc::Gnu)
    } else {
        None
    };

    let mut capabilities = Capabilities::default();
    for name in &needed {
        capabilities.add_library(name);
    }
    let mut magic = None;
    let are_all_symbols_read = library.visit_symbols(|symbol| {
        if !symbol.is_imported && symbol.name == b"Pg_magic_func" {
            magic.get_or_insert(symbol.address);
        }
        capabilities.add_symbol(&symbol);
    })?;
    let module = match magic {
        None if are_all_symbols_read => Module::No,
        None => Module::Unknown,
        Some(address) => {
            let headers = header.program_headers(endian, data).map_err(unreadable)?;
            // As much of `length` bytes at `address` as the file has.
            let bytes_at = |address: u64, length: u64| {
                headers
                    .iter()
                    .filter(|header| header.p_type(endian) == elf::PT_LOAD)
                    .find_map(|header| header.data_range(endian, data, address, length).ok().flatten())
            };
            magic_major(arch, address, bytes_at).map_or(Module::Unknown, Module::For)
        }
    };
    Ok(LibraryFacts {
        arch,
        libc,
        glibc_version,
        needed: needed.into_iter().collect(),
        module,
        capabilities: capabilities.finish(),
        are_all_symbols_read,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fixture(name: &str) -> Vec<u8> {
        std::fs::read(format!("{}/tests/fixtures/{name}.so", env!("CARGO_MANIFEST_DIR"))).expect("a fixture")
    }

    fn module(number: i64) -> Module {
        Module::For(PostgresMajor::try_from(number).expect("a major"))
    }

    #[test]
    fn tells_architectures_libraries_and_majors_apart() {
        for (name, arch, libc, major) in [
            ("x86_64-gnu-pg13", Arch::X86_64, Libc::Gnu, 13),
            ("x86_64-gnu-pg15", Arch::X86_64, Libc::Gnu, 15),
            ("x86_64-gnu-pg16", Arch::X86_64, Libc::Gnu, 16),
            ("x86_64-gnu-pg18", Arch::X86_64, Libc::Gnu, 18),
            ("x86_64-musl-pg15", Arch::X86_64, Libc::Musl, 15),
            ("aarch64-gnu-pg15", Arch::Aarch64, Libc::Gnu, 15),
            ("aarch64-gnu-pg18", Arch::Aarch64, Libc::Gnu, 18),
        ] {
            let facts = read(&fixture(name)).expect("readable");
            assert_eq!((facts.arch, facts.libc, facts.module), (arch, Some(libc), module(major)), "{name}");
        }
    }

    #[test]
    fn says_unknown_rather_than_guessing() {
        let mut data = fixture("x86_64-gnu-pg15");
        let block =
            data.windows(8).position(|window| window == [56, 0, 0, 0, 0xdc, 0x05, 0, 0]).expect("the magic block");
        data[block] = 57;
        assert_eq!(read(&data).map(|facts| facts.module), Ok(Module::Unknown), "a length of no known layout");
        let mut data = fixture("x86_64-gnu-pg15");
        let code = data.windows(3).position(|window| window == [0x48, 0x8d, 0x05]).expect("the instruction");
        data[code] = 0x90;
        assert_eq!(read(&data).map(|facts| facts.module), Ok(Module::Unknown), "code of no known form");
    }

    #[test]
    fn refuses_what_is_no_library() {
        assert_eq!(read(b""), Err(LibraryError::Unreadable));
        assert_eq!(read(b"#!/bin/sh\n"), Err(LibraryError::Unreadable));
        let data = fixture("x86_64-gnu-pg15");
        assert_eq!(read(&data[..100]), Err(LibraryError::Unreadable));
        let mut program = data.clone();
        program[16] = 2;
        assert_eq!(read(&program), Err(LibraryError::NotShared));
        let mut foreign = data;
        foreign[18] = 0xff;
        assert!(matches!(read(&foreign), Err(LibraryError::Architecture(_))));
    }

    proptest! {
        #[test]
        fn survives_flipped_bytes(at in any::<prop::sample::Index>(), with in any::<u8>()) {
            for name in ["x86_64-gnu-pg18", "aarch64-gnu-pg15"] {
                let mut data = fixture(name);
                let at = at.index(data.len());
                data[at] = with;
                let _ = read(&data);
            }
        }

        #[test]
        fn survives_being_cut(length in any::<prop::sample::Index>()) {
            let data = fixture("aarch64-gnu-pg18");
            let _ = read(&data[..length.index(data.len())]);
        }
    }
}
