//! Facts read from a shared library without running it.
//!
//! The magic block is found by decoding the first instructions of `Pg_magic_func` (x86-64 and AArch64); its layouts are
//! those of `PG_MODULE_MAGIC` in `fmgr.h`. What cannot be read is unknown, never guessed.

use std::collections::BTreeSet;

use model::{Arch, Libc, PostgresMajor};
use object::{
    Endianness, elf,
    read::elf::{Dyn as _, FileHeader, ProgramHeader as _, Sym as _},
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
}

/// Whether PostgreSQL would load the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Module {
    /// It has no `Pg_magic_func`: not a loadable module.
    No,
    /// A module whose magic block cannot be read here.
    Unknown,
    /// A module for this major version.
    For(PostgresMajor),
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

/// Names that are read of one kind: more are not looked at, since a small file can point at the same text without end.
const MOST_NAMES: usize = 1000;
/// Bytes of a name; no file system has longer ones.
const LONGEST_NAME: usize = 255;

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

    let mut needed = BTreeSet::new();
    if let Some((entries, strings)) = sections.dynamic(endian, data).map_err(unreadable)? {
        let strings = sections.strings(endian, data, strings).map_err(unreadable)?;
        for entry in entries.iter().filter(|entry| entry.tag(endian) == elf::DT_NEEDED).take(MOST_NAMES) {
            let name = entry.string(endian, strings).map_err(unreadable)?;
            if name.len() > LONGEST_NAME {
                return Err(LibraryError::Unreadable);
            }
            needed.insert(String::from_utf8_lossy(name).into_owned());
        }
    }
    let glibc_version = glibc_version(&sections, endian, data).map_err(unreadable)?;
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

    let symbols = sections.symbols(endian, data, elf::SHT_DYNSYM).map_err(unreadable)?;
    let magic = symbols
        .iter()
        .find(|symbol| {
            symbol.st_shndx(endian) != elf::SHN_UNDEF && symbol.name(endian, symbols.strings()) == Ok(b"Pg_magic_func")
        })
        .map(|symbol| symbol.st_value(endian).into());
    let module = match magic {
        None => Module::No,
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
    Ok(LibraryFacts { arch, libc, glibc_version, needed: needed.into_iter().collect(), module })
}

fn glibc_version<Elf: FileHeader<Endian = Endianness>>(
    sections: &object::read::elf::SectionTable<'_, Elf>,
    endian: Endianness,
    data: &[u8],
) -> object::read::Result<Option<String>> {
    let Some((mut needs, strings)) = sections.gnu_verneed(endian, data)? else { return Ok(None) };
    let strings = sections.strings(endian, data, strings)?;
    let mut newest: Option<Vec<u32>> = None;
    let mut seen = 0;
    while let Some((_, mut versions)) = needs.next()? {
        while let Some(version) = versions.next()? {
            seen += 1;
            if seen > MOST_NAMES {
                return Ok(newest.as_deref().map(version_text));
            }
            let name = version.name(endian, strings)?;
            let numbers = std::str::from_utf8(name)
                .ok()
                .and_then(|name| name.strip_prefix("GLIBC_"))
                .and_then(|numbers| numbers.split('.').map(|number| number.parse().ok()).collect::<Option<Vec<u32>>>());
            newest = newest.max(numbers);
        }
    }
    Ok(newest.as_deref().map(version_text))
}

fn version_text(numbers: &[u32]) -> String {
    numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(".")
}

/// Decodes `Pg_magic_func` and reads the major from the block whose address it returns.
fn magic_major<'data>(
    arch: Arch,
    function: u64,
    bytes_at: impl Fn(u64, u64) -> Option<&'data [u8]>,
) -> Option<PostgresMajor> {
    let block = match arch {
        Arch::X86_64 => {
            // The function may be shorter than the longest form that is understood, but not by much.
            let code = (8..=16).rev().find_map(|length| bytes_at(function, length))?;
            x86_64_returned_address(code, function)?
        }
        Arch::Aarch64 => (12..=16)
            .rev()
            .step_by(4)
            .find_map(|length| bytes_at(function, length))
            .and_then(|code| aarch64_returned_address(code, function))?,
        _ => return None,
    };
    // Up to 17: { int length; int version; … }; from 18 on: { int length; struct { int version; … } … }.
    // Both begin alike; the length tells whether it is one of them.
    let block = bytes_at(block, 8)?;
    let number = |at: usize| block.get(at..at + 4)?.try_into().ok().map(i32::from_le_bytes);
    let (length, version) = (number(0)?, number(4)?);
    let major = i64::from(version) / 100;
    let layout_fits = match major {
        10..=14 => length == 24,
        15..=17 => length == 56,
        // Two pointers behind the block.
        18.. => length == 72,
        _ => false,
    };
    (version % 100 == 0 && layout_fits).then(|| PostgresMajor::try_from(major).ok()).flatten()
}

/// The address that `lea rax, [rip + offset]` … `ret` returns, with or without `endbr64` and a frame.
fn x86_64_returned_address(code: &[u8], function: u64) -> Option<u64> {
    let mut at = 0;
    for prologue in [&[0xf3, 0x0f, 0x1e, 0xfa][..], &[0x55, 0x48, 0x89, 0xe5]] {
        if code[at..].starts_with(prologue) {
            at += prologue.len();
        }
    }
    let [0x48, 0x8d, 0x05, offset @ ..] = code.get(at..at + 7)? else { return None };
    let offset = i32::from_le_bytes(offset.try_into().ok()?);
    function.checked_add(at as u64 + 7)?.checked_add_signed(i64::from(offset))
}

/// The address that `adrp x0, page; add x0, x0, #offset; ret` returns, with or without `bti c`.
fn aarch64_returned_address(code: &[u8], function: u64) -> Option<u64> {
    const BTI_C: u32 = 0xd503_245f;
    let word = |index: usize| Some(u32::from_le_bytes(code.get(index * 4..index * 4 + 4)?.try_into().ok()?));
    let first = usize::from(word(0)? == BTI_C);
    let (adrp, add) = (word(first)?, word(first + 1)?);
    // adrp x0: 1 immlo(2) 10000 immhi(19) 00000; add x0, x0, #imm12: 1001000100 imm12 00000 00000.
    if adrp & 0x9f00_001f != 0x9000_0000 || add & 0xffc0_03ff != 0x9100_0000 {
        return None;
    }
    let pages = i64::from(adrp >> 5 & 0x7_ffff) << 2 | i64::from(adrp >> 29 & 3);
    // Sign-extended from 21 bits.
    let pages = pages << 43 >> 43;
    let page = (function.checked_add(first as u64 * 4)? & !0xfff).checked_add_signed(pages * 4096)?;
    page.checked_add(u64::from(add >> 10 & 0xfff))
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
