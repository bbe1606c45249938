//! What is accepted keeps the limits, has plain relative paths, and is the same when it is written and read again.
//!
//! The input is taken as an archive, as the tar in one, and as such a tar with its checksums put right: mutations would
//! hardly ever get past those.
#![no_main]

use std::{collections::BTreeSet, io::Read};

use flate2::Crc;
use formats::archive::{self, Contents, Limits};
use libfuzzer_sys::fuzz_target;

const LIMITS: Limits = Limits {
    total_bytes: 64 << 10,
    entries: 8,
    path_bytes: 120,
    manifest_bytes: 4 << 10,
    control_file_bytes: 1 << 10,
    compression_ratio: 20,
    ratio_free_bytes: 8 << 10,
};

const BLOCK: usize = 512;

fn with_checksums(tar: &[u8]) -> Vec<u8> {
    let mut tar = tar.to_vec();
    let mut at = 0;
    while let Some(header) = tar.get_mut(at..at + BLOCK) {
        at += BLOCK;
        // The end of an archive has none.
        if header.iter().all(|byte| *byte == 0) {
            continue;
        }
        header[148..156].fill(b' ');
        let sum: u32 = header.iter().copied().map(u32::from).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        let digits = header[124..136].iter().take_while(|byte| matches!(byte, b'0'..=b'7'));
        at += digits.fold(0, |size, digit| size * 8 + usize::from(digit - b'0')).next_multiple_of(BLOCK);
    }
    tar
}

/// Not compressed, which is much faster.
fn gzip(tar: &[u8]) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(tar);
    let mut gzip = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    for block in tar.chunks(0xffff) {
        let [low, high, ..] = block.len().to_le_bytes();
        gzip.extend([0, low, high, !low, !high]);
        gzip.extend(block);
    }
    gzip.extend([1, 0, 0, 0xff, 0xff]);
    gzip.extend(crc.sum().to_le_bytes());
    gzip.extend(crc.amount().to_le_bytes());
    gzip
}

fn check<R: Read>(input: impl Fn() -> R) {
    let mut files = Vec::new();
    let visited = archive::read(input(), &LIMITS, |path, file| {
        let mut content = Vec::new();
        file.read_to_end(&mut content)?;
        files.push((path.to_owned(), content));
        Ok(())
    });
    let skipped = archive::read(input(), &LIMITS, |_, _| Ok(()));
    let contents = match visited {
        Ok(contents) => contents,
        Err(error) => {
            let code = skipped.as_ref().map_err(archive::ArchiveError::code).err();
            assert_eq!(code, Some(error.code()), "another error where no file is read");
            return;
        }
    };
    assert!(skipped.is_ok_and(|skipped| skipped == contents), "other contents where no file is read");
    check_contents(&contents, &files);

    let written = archive::write(Vec::new(), &files, &contents.manifest);
    let again = written.map(|bytes| archive::read(bytes.as_slice(), &Limits::default(), |_, _| Ok(())));
    assert!(matches!(again, Ok(Ok(again)) if again == contents), "other contents when written again");
}

fn check_contents(contents: &Contents, files: &[(String, Vec<u8>)]) {
    let Contents { manifest, entries } = contents;
    // The manifest is an entry too.
    assert!(entries.len() < LIMITS.entries, "too many entries");
    assert!(entries.iter().map(|entry| entry.size_bytes).sum::<u64>() <= LIMITS.total_bytes, "too many bytes");
    for entry in entries {
        let path = &entry.path;
        assert!(path.len() <= LIMITS.path_bytes, "a long path: {path:?}");
        assert!(!path.contains(['\\', '\0', '\n']), "not plain: {path:?}");
        assert!(path.split('/').all(|segment| !matches!(segment, "" | "." | "..")), "not relative: {path:?}");
    }
    let paths: BTreeSet<&str> = entries.iter().map(|entry| entry.path.as_str()).collect();
    assert_eq!(paths.len(), entries.len(), "a path twice");
    assert!(manifest.files.keys().all(|path| paths.contains(path.as_str())), "a listed file is missing");
    assert!(
        entries
            .iter()
            .map(|entry| (&entry.path, entry.size_bytes))
            .eq(files.iter().map(|(path, content)| (path, content.len() as u64))),
        "other files than were shown"
    );
}

fuzz_target!(|data: &[u8]| {
    let (plain, fixed) = (gzip(data), gzip(&with_checksums(data)));
    check(|| data);
    check(|| plain.as_slice());
    check(|| fixed.as_slice());
});
