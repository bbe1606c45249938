//! The names in a library: what it needs, which versions of glibc, and its dynamic symbols.
//!
//! A small file can point at the same text without end, so everything here is bounded: how many names are looked at, and
//! how far each is followed.

use std::collections::BTreeSet;

use object::{
    Endianness, SectionIndex, elf,
    read::elf::{Dyn as _, FileHeader, SectionHeader as _, SectionTable, Sym as _},
};

use super::facts::LibraryError;

/// Names that are read of one kind; real libraries have some dozens.
const MOST_NAMES: usize = 1000;
/// Bytes of a name; no file system has longer ones, and neither have PostgreSQL and the C library.
const LONGEST_NAME: usize = 255;
/// Dynamic symbols that are looked at; the largest libraries have some ten thousands.
const MOST_SYMBOLS: usize = 200_000;
/// Bytes of the names of dynamic symbols that are looked at.
const SYMBOL_NAME_BYTES: usize = 32 << 20;

/// A library whose header was read.
pub(super) struct Library<'data, Elf: FileHeader<Endian = Endianness>> {
    pub(super) sections: SectionTable<'data, Elf>,
    pub(super) endian: Endianness,
    pub(super) data: &'data [u8],
}

/// A dynamic symbol.
#[derive(Clone, Copy, Debug)]
pub(super) struct Symbol<'data> {
    pub(super) name: &'data [u8],
    pub(super) is_imported: bool,
    /// Whether it is known to be a function; what is imported often says nothing.
    pub(super) is_function: bool,
    pub(super) address: u64,
}

/// The text at `offset`; `Ok(None)` if it is longer than any that matters.
fn text_at(strings: &[u8], offset: u64) -> Result<Option<&[u8]>, LibraryError> {
    let start = usize::try_from(offset).ok().and_then(|offset| strings.get(offset..));
    let start = start.ok_or(LibraryError::Unreadable)?;
    let text = &start[..start.len().min(LONGEST_NAME + 1)];
    match text.iter().position(|byte| *byte == 0) {
        Some(end) => Ok(Some(&text[..end])),
        None if text.len() > LONGEST_NAME => Ok(None),
        None => Err(LibraryError::Unreadable),
    }
}

impl<'data, Elf: FileHeader<Endian = Endianness>> Library<'data, Elf> {
    fn strings(&self, section: SectionIndex) -> Result<&'data [u8], LibraryError> {
        if section == SectionIndex(0) {
            return Ok(&[]);
        }
        let section = self.sections.section(section).map_err(|_| LibraryError::Unreadable)?;
        if section.sh_type(self.endian) != elf::SHT_STRTAB {
            return Err(LibraryError::Unreadable);
        }
        section.data(self.endian, self.data).map_err(|_| LibraryError::Unreadable)
    }

    /// The libraries it names.
    pub(super) fn needed(&self) -> Result<BTreeSet<String>, LibraryError> {
        let dynamic = self.sections.dynamic(self.endian, self.data).map_err(|_| LibraryError::Unreadable)?;
        let Some((entries, strings)) = dynamic else { return Ok(BTreeSet::new()) };
        let strings = self.strings(strings)?;
        let names = entries.iter().filter(|entry| entry.tag(self.endian) == elf::DT_NEEDED);
        if names.clone().count() > MOST_NAMES {
            return Err(LibraryError::Unreadable);
        }
        names
            .map(|entry| {
                let name = text_at(strings, entry.val(self.endian))?.ok_or(LibraryError::Unreadable)?;
                Ok(String::from_utf8_lossy(name).into_owned())
            })
            .collect()
    }

    /// The newest version of glibc that a symbol asks for.
    pub(super) fn glibc_version(&self) -> Result<Option<String>, LibraryError> {
        let needs = self.sections.gnu_verneed(self.endian, self.data).map_err(|_| LibraryError::Unreadable)?;
        let Some((mut needs, strings)) = needs else { return Ok(None) };
        let strings = self.strings(strings)?;
        let mut newest: Option<Vec<u32>> = None;
        // Records may overlap, and be empty: each of either kind counts.
        let mut left = MOST_NAMES;
        let mut count = || {
            left = left.checked_sub(1).ok_or(LibraryError::Unreadable)?;
            Ok(())
        };
        while let Some((_, mut versions)) = needs.next().map_err(|_| LibraryError::Unreadable)? {
            count()?;
            while let Some(version) = versions.next().map_err(|_| LibraryError::Unreadable)? {
                count()?;
                let name = text_at(strings, version.vna_name.get(self.endian).into())?;
                newest = newest.max(name.and_then(glibc_numbers));
            }
        }
        Ok(newest.map(|numbers| numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(".")))
    }

    /// Shows the dynamic symbols whose names are of ordinary length, and returns whether those were all.
    pub(super) fn visit_symbols(&self, mut visit: impl FnMut(Symbol<'data>)) -> Result<bool, LibraryError> {
        let unreadable = |_| LibraryError::Unreadable;
        let table = self.sections.symbols(self.endian, self.data, elf::SHT_DYNSYM).map_err(unreadable)?;
        let strings = self.strings(table.string_section())?;
        let mut left = SYMBOL_NAME_BYTES;
        for symbol in table.iter().take(MOST_SYMBOLS) {
            let Ok(name) = text_at(strings, symbol.st_name(self.endian).into()) else { continue };
            let Some(rest) = left.checked_sub(name.map_or(LONGEST_NAME, <[u8]>::len)) else { return Ok(false) };
            left = rest;
            if let Some(name) = name {
                visit(Symbol {
                    name,
                    is_imported: symbol.st_shndx(self.endian) == elf::SHN_UNDEF,
                    is_function: symbol.st_type() == elf::STT_FUNC,
                    address: symbol.st_value(self.endian).into(),
                });
            }
        }
        Ok(table.len() <= MOST_SYMBOLS)
    }
}

/// The numbers of `GLIBC_2.34`.
fn glibc_numbers(name: &[u8]) -> Option<Vec<u32>> {
    let numbers = std::str::from_utf8(name).ok()?.strip_prefix("GLIBC_")?;
    numbers.split('.').map(|number| number.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::library::{Module, read, test_support::Elf};

    const FAST: Duration = Duration::from_secs(3);

    #[test]
    fn finds_the_end_of_names() {
        let strings = [b"\0ab\0", &[b'x'; 256][..], b"\0", &[b'y'; 255], b"\0", b"open"].concat();
        assert_eq!(text_at(&strings, 0), Ok(Some(&b""[..])));
        assert_eq!(text_at(&strings, 1), Ok(Some(&b"ab"[..])));
        assert_eq!(text_at(&strings, 4), Ok(None), "too long");
        assert_eq!(text_at(&strings, 5), Ok(Some(&[b'x'; 255][..])));
        assert_eq!(text_at(&strings, 517), Err(LibraryError::Unreadable), "without an end");
        assert_eq!(text_at(&strings, 1000), Err(LibraryError::Unreadable));
        assert_eq!(text_at(&strings, u64::MAX), Err(LibraryError::Unreadable));
    }

    #[test]
    fn long_names_cost_no_time() {
        // Each symbol and each version points at the same long text.
        let mut library = Elf { strings: vec![b'G'; 4 << 20], ..Elf::default() };
        library.strings[0] = 0;
        library.strings.extend(b"\0libc.so.6\0");
        let name = u32::try_from(library.strings.len() - 10).expect("small");
        library.needed = vec![name];
        library.symbols = vec![(1, 0); 150_000];
        library.version(&[1; 900]);
        let started = Instant::now();
        let facts = read(&library.bytes()).expect("readable");
        assert_eq!(facts.needed, ["libc.so.6"]);
        assert_eq!((facts.module, facts.glibc_version), (Module::Unknown, None));
        assert!(!facts.are_all_symbols_read, "more bytes of names than are looked at");
        assert!(started.elapsed() < FAST, "{:?}", started.elapsed());
    }

    #[test]
    fn says_when_there_are_too_many_symbols() {
        let mut library = Elf { strings: b"\0socket\0".to_vec(), ..Elf::default() };
        library.symbols = vec![(1, 0); MOST_SYMBOLS];
        let facts = read(&library.bytes()).expect("readable");
        assert!(facts.are_all_symbols_read);
        assert_eq!(facts.module, Module::No);
        library.symbols.push((1, 0));
        let facts = read(&library.bytes()).expect("readable");
        assert!(!facts.are_all_symbols_read);
        assert_eq!(facts.module, Module::Unknown, "the magic function may be among the others");
    }

    #[test]
    fn reads_a_thousand_versions_at_most() {
        let glibc_version = |library: &Elf| read(&library.bytes()).map(|facts| facts.glibc_version);
        let mut library = Elf { strings: b"\0GLIBC_2.4\0GLIBC_2.34\0GLIBC_PRIVATE\0".to_vec(), ..Elf::default() };
        library.version(&[1, 11, 22]);
        assert_eq!(glibc_version(&library), Ok(Some("2.34".to_owned())));
        // Records that name no version.
        let empty = [1, 16, 16, 16_u32].map(u32::to_le_bytes).concat();
        let named = std::mem::take(&mut library.versions);
        library.versions = [empty.repeat(996), named.clone()].concat();
        assert_eq!(glibc_version(&library), Ok(Some("2.34".to_owned())));
        library.versions = [empty.repeat(997), named].concat();
        assert_eq!(glibc_version(&library), Err(LibraryError::Unreadable));
        // Names that are the same.
        library.version(&[1; 1000]);
        assert_eq!(glibc_version(&library), Err(LibraryError::Unreadable));
    }

    #[test]
    fn reads_a_thousand_needed_libraries_at_most() {
        let mut library = Elf { strings: b"\0libx.so\0".to_vec(), needed: vec![1; 1000], ..Elf::default() };
        assert_eq!(read(&library.bytes()).map(|facts| facts.needed), Ok(vec!["libx.so".to_owned()]));
        library.needed.push(1);
        assert_eq!(read(&library.bytes()), Err(LibraryError::Unreadable));
    }
}
