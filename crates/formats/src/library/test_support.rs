//! Libraries with names as bad as can be, for tests.

/// A shared library for x86-64 of nothing but names.
#[derive(Default)]
pub(super) struct Elf {
    /// The texts; what points at one is its position here.
    pub(super) strings: Vec<u8>,
    /// The dynamic symbols: name and section, 0 for those that are imported.
    pub(super) symbols: Vec<(u32, u16)>,
    /// The names of the libraries it needs.
    pub(super) needed: Vec<u32>,
    /// The section of needed versions.
    pub(super) versions: Vec<u8>,
}

impl Elf {
    /// One record of needed versions with these names.
    pub(super) fn version(&mut self, names: &[u32]) {
        let count = u16::try_from(names.len()).expect("few");
        self.versions = [&1_u16.to_le_bytes()[..], &count.to_le_bytes(), &[0; 4], &[16, 0, 0, 0], &[0; 4]].concat();
        for (at, name) in names.iter().enumerate() {
            let next: u32 = if at + 1 == names.len() { 0 } else { 16 };
            self.versions.extend([[0; 4], [0; 4], name.to_le_bytes(), next.to_le_bytes()].concat());
        }
    }

    /// The file.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let symbols = self.symbols.iter().flat_map(|(name, section)| {
            [&name.to_le_bytes()[..], &[0x10, 0], &section.to_le_bytes(), &[0; 16]].concat()
        });
        let needed = self.needed.iter().flat_map(|name| [1, u64::from(*name)]).chain([0, 0]);
        // Type, size of an entry, content; all but the first point at the texts in section 1.
        let sections: [(u32, u64, Vec<u8>); 4] = [
            (3, 0, self.strings.clone()),
            (11, 24, symbols.collect()),
            (6, 16, needed.flat_map(u64::to_le_bytes).collect()),
            (0x6fff_fffe, 0, self.versions.clone()),
        ];
        let mut contents = Vec::new();
        let mut headers = vec![0; 64];
        for (kind, entry_bytes, content) in &sections {
            let offset = 64 + contents.len() as u64;
            let link = u32::from(*kind != 3);
            headers.extend([0_u32.to_le_bytes(), kind.to_le_bytes()].concat());
            headers.extend([0, 0, offset, content.len() as u64].map(u64::to_le_bytes).concat());
            headers.extend([link.to_le_bytes(), [1, 0, 0, 0]].concat());
            headers.extend([8, *entry_bytes].map(u64::to_le_bytes).concat());
            contents.extend(content);
            contents.resize(contents.len().next_multiple_of(8), 0);
        }
        let mut bytes = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0\x01\0\0\0".to_vec();
        bytes.extend([0, 0, 64 + contents.len() as u64].map(u64::to_le_bytes).concat());
        bytes.extend([0, 0, 0, 0, 64, 0, 56, 0, 0, 0, 64, 0, 5, 0, 1, 0]);
        [bytes, contents, headers].concat()
    }
}
