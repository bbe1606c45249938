//! What is accepted keeps the limits, has plain relative paths, and leaves no room for anything before or behind it.
//!
//! The input is taken as a zip, and as content and changes of a sound one: mutations would hardly ever make one.
#![no_main]

use std::{
    collections::BTreeSet,
    io::{Cursor, Write as _},
};

use flate2::{Compression, Crc, write::DeflateEncoder};
use formats::archive::{ArchiveError, Limits, read_source};
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

/// Bytes of the position and the value of a change.
const CHANGE_BYTES: usize = 3;
const MOST_CHANGES: usize = 4;

fn deflate(content: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    let _ = encoder.write_all(content);
    encoder.finish().unwrap_or_default()
}

/// A zip of a directory, a stored file, a deflated one, and one whose sizes follow its content.
fn sound(content: &[u8]) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(content);
    let deflated = deflate(content);
    let (size, compressed) = (content.len().to_le_bytes(), deflated.len().to_le_bytes());
    let mut zip = Vec::new();
    let mut directory = Vec::new();
    let entries: [(&[u8], u8, u8, &[u8]); 4] =
        [(b"x-1/", 0, 0, b""), (b"x-1/a", 0, 0, content), (b"x-1/b", 0, 8, &deflated), (b"x-1/c", 8, 8, &deflated)];
    for (name, flags, method, data) in entries {
        let is_empty = name.ends_with(b"/");
        let sum = if is_empty { 0 } else { crc.sum() };
        let size = if is_empty { [0; 8] } else { size };
        let compressed = if method == 0 { size } else { compressed };
        let values = [&sum.to_le_bytes()[..], &compressed[..4], &size[..4]].concat();
        let known = if flags == 0 { values.clone() } else { vec![0; 12] };
        let offset = zip.len().to_le_bytes();
        // Version, flags, method, time and date; the length of the name.
        let begin = [20, 0, flags, 0, method, 0, 0, 0, 0x21, 0];
        let [low, high, ..] = name.len().to_le_bytes();
        zip.extend([b"PK\x03\x04", &begin[..], &known, &[low, high, 0, 0], name, data].concat());
        if flags != 0 {
            zip.extend([b"PK\x07\x08", &values[..]].concat());
        }
        let end = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let lengths = [low, high, 0, 0];
        directory.extend([b"PK\x01\x02\x14\x03", &begin[..], &values, &lengths, &end, &offset[..4], name].concat());
    }
    let (start, length) = (zip.len().to_le_bytes(), directory.len().to_le_bytes());
    zip.extend(directory);
    zip.extend([b"PK\x05\x06\0\0\0\0\x04\0\x04\0", &length[..4], &start[..4], b"\0\0"].concat());
    zip
}

fn code(zip: &[u8]) -> Option<&'static str> {
    read_source(Cursor::new(zip), &LIMITS, |_, _| Ok(())).as_ref().map_err(ArchiveError::code).err()
}

fn check(zip: &[u8]) {
    let mut files = Vec::new();
    let visited = read_source(Cursor::new(zip), &LIMITS, |path, file| {
        let mut content = Vec::new();
        file.read_to_end(&mut content)?;
        files.push((path.to_owned(), content.len() as u64));
        Ok(())
    });
    assert_eq!(code(zip), visited.as_ref().map_err(ArchiveError::code).err(), "another result where no file is read");
    let Ok(contents) = visited else { return };
    let entries = &contents.entries;
    assert!(entries.len() <= LIMITS.entries, "too many entries");
    assert!(entries.iter().map(|entry| entry.size_bytes).sum::<u64>() <= LIMITS.total_bytes, "too many bytes");
    for path in entries.iter().map(|entry| &entry.path) {
        assert!(path.len() <= LIMITS.path_bytes, "a long path: {path:?}");
        assert!(!path.contains(['\\', '\0', '\n']), "not plain: {path:?}");
        assert!(path.split('/').all(|segment| !matches!(segment, "" | "." | "..")), "not relative: {path:?}");
        if let Some(top) = &contents.top_directory {
            assert_eq!(*path, format!("{top}/{}", contents.path_below_top(path)), "not below the top directory");
        }
    }
    let paths: BTreeSet<&str> = entries.iter().map(|entry| entry.path.as_str()).collect();
    assert_eq!(paths.len(), entries.len(), "a path twice");
    assert!(
        entries.iter().map(|entry| (&entry.path, entry.size_bytes)).eq(files.iter().map(|(path, size)| (path, *size)))
    );
    assert!(code(&[b"x", zip].concat()).is_some(), "something before it");
    assert!(code(&[zip, b"x"].concat()).is_some(), "something behind it");
}

fuzz_target!(|data: &[u8]| {
    check(data);
    let (changes, content) = data.split_at(data.len().min(MOST_CHANGES * CHANGE_BYTES));
    let mut zip = sound(content);
    if content.len() < 1 << 10 {
        assert_eq!(code(&zip), None, "a sound one");
    }
    for change in changes.chunks_exact(CHANGE_BYTES) {
        let at = usize::from(u16::from_le_bytes([change[0], change[1]])) % zip.len();
        zip[at] ^= change[2];
    }
    check(&zip);
});
