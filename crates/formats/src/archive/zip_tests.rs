//! Source distributions, good ones and hostile ones, each built byte by byte.

use std::io::{self, Cursor, Write as _};

use flate2::{Compression, Crc, write::DeflateEncoder};
use proptest::prelude::*;

use super::{ArchiveError, Limits, SourceContents, read_source};

/// An entry and everything that its records say; the local header says the same unless it is changed afterwards.
#[derive(Clone)]
struct Raw {
    name: Vec<u8>,
    flags: u16,
    method: u16,
    checksum: u32,
    data: Vec<u8>,
    size: u32,
    attributes: u32,
    extra: Vec<u8>,
    comment: Vec<u8>,
}

fn file(name: &str, content: &[u8]) -> Raw {
    let mut crc = Crc::new();
    crc.update(content);
    Raw {
        name: name.as_bytes().to_vec(),
        flags: 0,
        method: 0,
        checksum: crc.sum(),
        data: content.to_vec(),
        size: u32::try_from(content.len()).expect("small"),
        attributes: 0o100_644 << 16,
        extra: Vec::new(),
        comment: Vec::new(),
    }
}

fn deflated(name: &str, content: &[u8]) -> Raw {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).expect("written");
    Raw { method: 8, data: encoder.finish().expect("finished"), ..file(name, content) }
}

fn directory(name: &str) -> Raw {
    Raw { attributes: 0o040_755 << 16, ..file(name, b"") }
}

fn descriptor(raw: &Raw) -> Vec<u8> {
    let length = u32::try_from(raw.data.len()).expect("small");
    [b"PK\x07\x08", &raw.checksum.to_le_bytes()[..], &length.to_le_bytes(), &raw.size.to_le_bytes()].concat()
}

/// Both records from the version on: flags, method, times, checksum, sizes, lengths of name and extra field.
fn common(raw: &Raw) -> Vec<u8> {
    let mut bytes = vec![20, 0];
    bytes.extend(raw.flags.to_le_bytes());
    bytes.extend(raw.method.to_le_bytes());
    bytes.extend([0, 0, 0x21, 0]);
    bytes.extend(raw.checksum.to_le_bytes());
    bytes.extend(u32::try_from(raw.data.len()).expect("small").to_le_bytes());
    bytes.extend(raw.size.to_le_bytes());
    bytes.extend(u16::try_from(raw.name.len()).expect("short").to_le_bytes());
    bytes.extend(u16::try_from(raw.extra.len()).expect("short").to_le_bytes());
    bytes
}

fn local(raw: &Raw) -> Vec<u8> {
    let mut bytes = [b"PK\x03\x04", &common(raw)[..], &raw.name, &raw.extra, &raw.data].concat();
    if raw.flags & 8 != 0 {
        // Known only later.
        bytes[14..26].fill(0);
        bytes.extend(descriptor(raw));
    }
    bytes
}

fn central(raw: &Raw, offset: usize) -> Vec<u8> {
    let mut bytes = [b"PK\x01\x02\x14\x03", &common(raw)[..]].concat();
    bytes.extend(u16::try_from(raw.comment.len()).expect("short").to_le_bytes());
    bytes.extend([0; 4]);
    bytes.extend(raw.attributes.to_le_bytes());
    bytes.extend(u32::try_from(offset).expect("small").to_le_bytes());
    [bytes, raw.name.clone(), raw.extra.clone(), raw.comment.clone()].concat()
}

fn end(entries: usize, bytes: usize, start: usize, comment: &[u8]) -> Vec<u8> {
    let entries = u16::try_from(entries).expect("few").to_le_bytes();
    let four = |number: usize| u32::try_from(number).expect("small").to_le_bytes();
    let comment_bytes = u16::try_from(comment.len()).expect("short").to_le_bytes();
    [b"PK\x05\x06\0\0\0\0", &entries[..], &entries, &four(bytes), &four(start), &comment_bytes, comment].concat()
}

/// The zip of `entries` after each of its parts went through `change`.
fn zip_with(entries: &[Raw], comment: &[u8], mut change: impl FnMut(&mut Vec<Vec<u8>>, &mut Vec<usize>)) -> Vec<u8> {
    let mut locals: Vec<Vec<u8>> = entries.iter().map(local).collect();
    let mut offsets: Vec<usize> =
        locals.iter().scan(0, |at, local| Some(std::mem::replace(at, *at + local.len()))).collect();
    change(&mut locals, &mut offsets);
    let start = locals.iter().map(Vec::len).sum();
    let directory: Vec<u8> = entries.iter().zip(offsets).flat_map(|(raw, offset)| central(raw, offset)).collect();
    let end = end(entries.len(), directory.len(), start, comment);
    [locals.concat(), directory, end].concat()
}

fn zip(entries: &[Raw]) -> Vec<u8> {
    zip_with(entries, b"", |_, _| {})
}

fn read_all(bytes: &[u8]) -> Result<SourceContents, ArchiveError> {
    read_source(Cursor::new(bytes), &Limits::default(), |_, _| Ok(()))
}

/// The code, which must be the same whether the files are read or not.
fn code_within(bytes: &[u8], limits: &Limits) -> &'static str {
    let code = |result: Result<SourceContents, ArchiveError>| result.map_or_else(|error| error.code(), |_| "accepted");
    let skipping = code(read_source(Cursor::new(bytes), limits, |_, _| Ok(())));
    let reading = read_source(Cursor::new(bytes), limits, |_, file| io::copy(file, &mut io::sink()).map(drop));
    assert_eq!(skipping, code(reading), "not the same when the visitor reads");
    let swallowing = read_source(Cursor::new(bytes), limits, |_, file| {
        drop(io::copy(file, &mut io::sink()));
        Ok(())
    });
    assert_eq!(skipping, code(swallowing), "not the same when the visitor ignores errors");
    skipping
}

fn code(bytes: &[u8]) -> &'static str {
    code_within(bytes, &Limits::default())
}

#[test]
fn reads_what_is_written() {
    let text = "text ".repeat(1000);
    let streamed = Raw { flags: 8, ..deflated("x-1.0/streamed", text.as_bytes()) };
    let bytes = zip_with(
        &[directory("x-1.0/"), file("x-1.0/META.json", b"{}"), deflated("x-1.0/sql/x.sql", text.as_bytes()), streamed],
        b"a comment",
        |_, _| {},
    );
    let mut seen = Vec::new();
    let contents = read_source(Cursor::new(bytes), &Limits::default(), |path, file| {
        let mut content = String::new();
        file.read_to_string(&mut content)?;
        seen.push((path.to_owned(), content));
        Ok(())
    })
    .expect("readable");
    assert_eq!(
        seen,
        [
            ("x-1.0/META.json".to_owned(), "{}".to_owned()),
            ("x-1.0/sql/x.sql".to_owned(), text.clone()),
            ("x-1.0/streamed".to_owned(), text),
        ]
    );
    assert_eq!(contents.top_directory.as_deref(), Some("x-1.0"));
    assert_eq!(contents.path_below_top(&contents.entries[1].path), "sql/x.sql");
    assert_eq!(contents.entries[2].size_bytes, 5000);
    assert_eq!(contents.entries[1].sha256, contents.entries[2].sha256);
}

#[test]
fn reads_what_other_programs_write() {
    let script: String = (1..=1000).flat_map(|number: u32| [number.to_string(), "\n".to_owned()]).collect();
    for name in ["source-git", "source-zip", "source-zip-streamed"] {
        let path = format!("{}/tests/fixtures/{name}.zip", env!("CARGO_MANIFEST_DIR"));
        let mut seen = Vec::new();
        let contents = read_source(std::fs::File::open(path).expect("a fixture"), &Limits::default(), |path, file| {
            let mut content = String::new();
            file.read_to_string(&mut content)?;
            seen.push((path.to_owned(), content));
            Ok(())
        });
        seen.sort();
        let expected = [
            ("x-1.0/META.json".to_owned(), "{\"name\": \"x\", \"version\": \"1.0.0\"}\n".to_owned()),
            ("x-1.0/empty".to_owned(), String::new()),
            ("x-1.0/sql/x--1.0.sql".to_owned(), script.clone()),
        ];
        assert_eq!(contents.expect("readable").top_directory.as_deref(), Some("x-1.0"), "{name}");
        assert_eq!(seen, expected, "{name}");
    }
}

#[test]
fn finds_the_top_directory() {
    for (names, expected) in [
        (vec!["x-1/a", "x-1/b/c"], Some("x-1")),
        (vec!["x-1/", "x-1/a"], Some("x-1")),
        (vec!["x-1/a", "y/b"], None),
        (vec!["x-1/a", "b"], None),
        (vec!["x-1/a", "x-12/b"], None),
        (vec!["x-1"], None),
        (vec![], None),
    ] {
        let entries: Vec<Raw> =
            names.iter().map(|name| if name.ends_with('/') { directory(name) } else { file(name, b"") }).collect();
        let contents = read_all(&zip(&entries)).expect("readable");
        assert_eq!(contents.top_directory.as_deref(), expected, "{names:?}");
        assert_eq!(contents.path_below_top("x-1/a"), if expected.is_some() { "a" } else { "x-1/a" });
    }
}

#[test]
fn refuses_bad_paths() {
    for (name, expected) in [
        ("/a", "archive-path-absolute"),
        ("../a", "archive-path-leaves"),
        ("x/../../a", "archive-path-leaves"),
        ("x\\a", "archive-path"),
        ("", "archive-path"),
    ] {
        assert_eq!(code(&zip(&[file(name, b"")])), expected, "{name:?}");
    }
    assert_eq!(code(&zip(&[file(&"a".repeat(256), b"")])), "archive-path-too-long");
    assert_eq!(code(&zip(&[Raw { name: b"a\xff".to_vec(), ..file("", b"") }])), "archive-path-not-utf-8");
    assert_eq!(code(&zip(&[file("a", b""), file("a", b"")])), "archive-duplicate-entry");
    assert_eq!(code(&zip(&[file("a", b""), file("A", b"")])), "archive-case-collision");
    assert_eq!(code(&zip(&[file("a/b", b""), file("a", b"")])), "archive-file-and-directory");
    let mut hidden = vec![1, 0, 0, 0, 0];
    hidden.extend(b"../a");
    let extra = [&[0x75, 0x70, 9, 0][..], &hidden].concat();
    assert_eq!(code(&zip(&[Raw { extra, ..file("a", b"") }])), "archive-directory-mismatch", "a second name");
}

#[test]
fn refuses_everything_but_files_and_directories() {
    for (mode, expected) in [
        (0o120_777, "archive-link"),
        (0o020_644, "archive-device"),
        (0o060_644, "archive-device"),
        (0o010_644, "archive-named-pipe"),
        (0o140_644, "archive-entry-kind"),
        (0o040_755, "archive-entry-kind"),
        (0, "accepted"),
    ] {
        assert_eq!(code(&zip(&[Raw { attributes: mode << 16, ..file("a", b"") }])), expected, "{mode:o}");
    }
    assert_eq!(code(&zip(&[Raw { attributes: 0o100_644 << 16, ..directory("a/") }])), "archive-entry-kind");
    assert_eq!(code(&zip(&[Raw { attributes: 0o040_755 << 16, ..file("a/", b"content") }])), "archive-size-mismatch");
}

#[test]
fn refuses_encryption_and_strange_compression() {
    for flag in [1, 1 << 6, 1 << 13] {
        assert_eq!(code(&zip(&[Raw { flags: flag, ..file("a", b"") }])), "archive-encrypted", "{flag}");
    }
    assert_eq!(code(&zip(&[Raw { method: 99, ..file("a", b"") }])), "archive-encrypted");
    assert_eq!(code(&zip(&[Raw { extra: vec![1, 0x99, 0, 0], ..file("a", b"") }])), "archive-encrypted");
    for method in [1, 9, 12, 14, 93] {
        assert_eq!(code(&zip(&[Raw { method, ..file("a", b"") }])), "archive-compression-method", "{method}");
    }
}

#[test]
fn refuses_a_directory_that_disagrees_with_a_header() {
    let entries = [deflated("name", b"content"), file("b", b"")];
    // Flags, method, checksum, compressed size, size, length of the name, name.
    for at in [7, 8, 14, 18, 22, 30] {
        let bytes = zip_with(&entries, b"", |locals, _| locals[0][at] ^= 8);
        assert_eq!(code(&bytes), "archive-directory-mismatch", "{at}");
    }
    let shorter = zip_with(&entries, b"", |locals, _| {
        locals[0][26] -= 1;
        locals[0].remove(33);
        locals[0].push(0);
    });
    assert_eq!(code(&shorter), "archive-directory-mismatch", "a shorter name");
    let elsewhere = zip_with(&entries, b"", |_, offsets| offsets[1] += 1);
    assert_eq!(code(&elsewhere), "archive-unlisted-data", "a header is not where it should be");
    let streamed = [Raw { flags: 8, ..deflated("name", b"content") }];
    for back in [16, 12, 8, 4] {
        let bytes = zip_with(&streamed, b"", |locals, _| {
            let at = locals[0].len() - back;
            locals[0][at] ^= 1;
        });
        assert_eq!(code(&bytes), "archive-directory-mismatch", "the descriptor, {back} from its end");
    }
    let unsigned = zip_with(&streamed, b"", |locals, _| {
        let at = locals[0].len() - 16;
        locals[0].drain(at..at + 4);
    });
    assert_eq!(code(&unsigned), "accepted", "a descriptor without signature");
    let stored = zip(&[Raw { flags: 8, ..file("a", b"content") }]);
    assert_eq!(code(&stored), "archive-directory-mismatch", "from the beginning nobody knows where it ends");
}

#[test]
fn refuses_wrong_sizes_and_checksums() {
    let raw = deflated("a", b"content");
    assert_eq!(code(&zip(&[Raw { checksum: 1, ..raw.clone() }])), "archive-checksum-mismatch");
    assert_eq!(code(&zip(&[Raw { checksum: 1, ..file("a", b"content") }])), "archive-checksum-mismatch");
    for size in [0, 6, 8, 1 << 20] {
        assert_eq!(code(&zip(&[Raw { size, ..raw.clone() }])), "archive-size-mismatch", "{size}");
        assert_eq!(code(&zip(&[Raw { size, ..file("a", b"content") }])), "archive-size-mismatch", "{size}");
    }
    let padded = Raw { data: [&raw.data, &b"hidden"[..]].concat(), ..raw.clone() };
    assert_eq!(code(&zip(&[padded])), "archive-size-mismatch", "data behind the end of the compressed content");
    let cut = Raw { data: raw.data[..raw.data.len() - 3].to_vec(), ..raw };
    assert_eq!(code(&zip(&[cut])), "archive-unreadable", "compressed content without an end");
}

#[test]
fn refuses_overlapping_entries() {
    // Both records lead to the same header.
    let twice = zip_with(&[file("a", b"x"), file("b", b"x")], b"", |locals, offsets| {
        locals.truncate(1);
        offsets[1] = 0;
    });
    assert_eq!(code(&twice), "archive-overlapping-entries");
    // The second stands inside of the content of the first.
    let inner = local(&file("b", b"x"));
    let nested = zip_with(&[file("a", &inner), file("b", b"x")], b"", |locals, offsets| {
        locals.truncate(1);
        offsets[1] = 31;
    });
    assert_eq!(code(&nested), "archive-overlapping-entries");
    let beyond = zip_with(&[file("a", b"x")], b"", |_, offsets| offsets[0] = 5000);
    assert_eq!(code(&beyond), "archive-overlapping-entries", "a header within or behind the directory");
}

#[test]
fn refuses_data_that_is_no_entry() {
    let entries = [file("a", b"x"), file("b", b"y")];
    let whole = zip(&entries);
    assert_eq!(code(&[b"#!/bin/sh\n", &whole[..]].concat()), "archive-leading-data", "offsets that lack the prefix");
    let shifted = zip_with(&entries, b"", |locals, offsets| {
        locals.insert(0, b"#!/bin/sh\n".to_vec());
        for offset in offsets {
            *offset += 10;
        }
    });
    assert_eq!(code(&shifted), "archive-leading-data", "offsets that count the prefix");
    let gap = zip_with(&entries, b"", |locals, offsets| {
        locals[0].extend(b"hidden");
        offsets[1] += 6;
    });
    assert_eq!(code(&gap), "archive-unlisted-data");
    let unlisted = zip_with(&entries, b"", |locals, _| locals.push(local(&file("c", b"hidden"))));
    assert_eq!(code(&unlisted), "archive-unlisted-data", "an entry that the directory does not list");
    assert_eq!(code(&[&whole[..], b"garbage"].concat()), "archive-trailing-data");
    assert_eq!(code(&[&whole[..], b"\0"].concat()), "archive-trailing-data");
    assert_eq!(code(&[&whole[..], &whole].concat()), "archive-leading-data");
    let before_end = [&whole[..whole.len() - 22], b"hidden", &whole[whole.len() - 22..]].concat();
    assert_eq!(code(&before_end), "archive-unlisted-data");
    assert_eq!(code(&zip_with(&entries, &[b'c'; 1024], |_, _| {})), "accepted");
    assert_eq!(code(&zip_with(&entries, &[b'c'; 1025], |_, _| {})), "archive-comment-too-long");
    let commented = Raw { comment: vec![b'c'; 1025], ..file("a", b"x") };
    assert_eq!(code(&zip(&[commented])), "archive-comment-too-long");
}

#[test]
fn refuses_zip64_and_several_disks() {
    let whole = zip(&[file("a", b"x")]);
    let at = whole.len() - 22;
    let changed = |offset: usize, with: &[u8]| {
        let mut bytes = whole.clone();
        bytes[at + offset..at + offset + with.len()].copy_from_slice(with);
        code(&bytes)
    };
    for (offset, with) in [(10, &[0xff; 2][..]), (12, &[0xff; 4]), (16, &[0xff; 4])] {
        assert_eq!(changed(offset, with), "archive-zip64");
    }
    for offset in [4, 6, 8] {
        assert_eq!(changed(offset, &[7, 0]), "archive-several-disks");
    }
    let located = [&whole[..at], b"PK\x06\x07", &[0; 16], &whole[at..]].concat();
    assert_eq!(code(&located), "archive-zip64");
    let extra = vec![1, 0, 8, 0, 1, 0, 0, 0, 0, 0, 0, 0];
    assert_eq!(code(&zip(&[Raw { extra, ..file("a", b"x") }])), "archive-zip64");
    assert_eq!(code(&zip(&[Raw { size: u32::MAX, ..deflated("a", b"x") }])), "archive-zip64");
}

#[test]
fn refuses_bombs() {
    let small = Limits {
        total_bytes: 100_000,
        entries: 2,
        control_file_bytes: 2000,
        compression_ratio: 20,
        ratio_free_bytes: 50_000,
        ..Limits::default()
    };
    let code = |entries: &[Raw]| code_within(&zip(entries), &small);
    assert_eq!(code(&[deflated("a", &vec![0; 50_000])]), "accepted");
    assert_eq!(code(&[deflated("a", &vec![0; 50_001])]), "archive-compression-ratio");
    assert_eq!(code(&[deflated("a", &vec![0; 30_000]), deflated("b", &vec![0; 30_000])]), "archive-compression-ratio");
    assert_eq!(code(&[file("a", &vec![0; 100_001])]), "archive-too-large");
    let lying = Raw { size: 10, ..deflated("a", &vec![0; 1 << 20]) };
    assert_eq!(code(&[lying]), "archive-size-mismatch", "a size that hides the rest");
    assert_eq!(code(&[file("a", b""), file("b", b""), file("c", b"")]), "archive-too-many-entries");
    assert_eq!(code(&[file("x.control", &[b'#'; 2001])]), "archive-control-file-too-large");
}

#[test]
fn what_is_no_zip_or_cut_off_is_unreadable() {
    let whole = zip_with(&[file("a", b"x"), deflated("b", b"content")], b"comment", |_, _| {});
    for end in 0..whole.len() {
        assert_eq!(code(&whole[..end]), "archive-unreadable", "{end}");
    }
    let refused = read_all(b"\x1f\x8b and so on").expect_err("gzip").to_string();
    assert!(refused.contains("a zip archive is expected"), "{refused}");
}

proptest! {
    #[test]
    fn never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        code(&bytes);
        // Something to begin with at the end.
        code(&[&bytes[..], &end(1, bytes.len().min(80), bytes.len().saturating_sub(80), b"")].concat());
    }

    #[test]
    fn survives_flipped_bytes(at in any::<prop::sample::Index>(), with in any::<u8>()) {
        let entries = [file("a/b", b"content"), Raw { flags: 8, ..deflated("c", b"content") }, directory("d/")];
        let mut bytes = zip(&entries);
        let at = at.index(bytes.len());
        bytes[at] = with;
        code(&bytes);
    }
}
