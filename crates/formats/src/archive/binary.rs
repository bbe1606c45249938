//! Binary archives: a gzip-compressed tar of regular files with `manifest.json` as its last entry.
//!
//! What is written depends on nothing but its content. What is read may be hostile.

use std::{
    collections::BTreeSet,
    io::{self, Read, Write},
};

use flate2::{Compression, GzBuilder};

use super::{
    error::ArchiveError,
    file::{Entry, check_size, visit_file},
    limits::Limits,
    path::Paths,
    tar_reader::TarReader,
};
use crate::{
    manifest::{self, FileKind, Manifest},
    quoted::quoted,
};

/// What was read from a binary archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// The manifest.
    pub manifest: Manifest,
    /// All other files in their order.
    pub entries: Vec<Entry>,
}

/// Writes an archive of `files` (path, content) and `manifest` to `output`, and returns `output`.
///
/// The bytes depend on the arguments only: no times, no owners, files in the order in which they are given.
pub fn write<W: Write>(output: W, files: &[(String, Vec<u8>)], manifest: &Manifest) -> io::Result<W> {
    // Operating system 255 is "unknown", whatever this runs on.
    let gzip = GzBuilder::new().mtime(0).operating_system(255).write(output, Compression::new(6));
    let mut tar = tar::Builder::new(gzip);
    let mut append = |path: &str, content: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Regular);
        header.set_mode(if FileKind::of_path(path) == FileKind::SharedObject { 0o755 } else { 0o644 });
        header.set_mtime(0);
        header.set_uid(0);
        header.set_gid(0);
        header.set_size(content.len() as u64);
        tar.append_data(&mut header, path, content)
    };
    for (path, content) in files {
        append(path, content)?;
    }
    append(manifest::FILE_NAME, manifest.to_json()?.as_bytes())?;
    tar.into_inner()?.finish()
}

/// Reads a binary archive to its end and shows each file but the manifest to `visit`, in their order.
///
/// `visit` may read as much of a file as it wants; an error of its own ends the reading. Whether it reads a file does not
/// change why an archive is refused.
pub fn read<R: Read>(
    input: R,
    limits: &Limits,
    mut visit: impl FnMut(&str, &mut dyn Read) -> io::Result<()>,
) -> Result<Contents, ArchiveError> {
    let mut tar = TarReader::new(input, limits)?;
    let result = read_members(&mut tar, limits, &mut visit);
    match tar.into_failure() {
        Some(failure) => Err(failure),
        None => result,
    }
}

fn read_members<R: Read>(
    tar: &mut TarReader<'_, R>,
    limits: &Limits,
    visit: &mut impl FnMut(&str, &mut dyn Read) -> io::Result<()>,
) -> Result<Contents, ArchiveError> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut paths = Paths::default();
    let mut manifest = None;
    while let Some(member) = tar.next()? {
        if member.is_directory {
            if !member.path.is_empty() {
                paths.add(&member.path, true)?;
            }
            continue;
        }
        let is_manifest = member.path == manifest::FILE_NAME;
        if is_manifest && manifest.is_some() {
            return Err(ArchiveError::SeveralManifests);
        }
        paths.add(&member.path, false)?;
        if is_manifest {
            if member.size_bytes > limits.manifest_bytes {
                return Err(ArchiveError::LargeManifest(limits.manifest_bytes));
            }
            let mut json = Vec::new();
            tar.read_to_end(&mut json).map_err(ArchiveError::Unreadable)?;
            manifest = Some(Manifest::parse(&json)?);
            continue;
        }
        check_size(&member.path, member.size_bytes, limits)?;
        entries.push(visit_file(member.path, tar, visit)?);
    }
    let manifest = manifest.ok_or(ArchiveError::NoManifest)?;
    let paths: BTreeSet<&str> = entries.iter().map(|entry| entry.path.as_str()).collect();
    if let Some(missing) = manifest.files.keys().find(|path| !paths.contains(path.as_str())) {
        return Err(ArchiveError::Missing(quoted(missing.as_bytes())));
    }
    Ok(Contents { manifest, entries })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::archive::test_support::{gzip, manifest, pax_record, tar, tar_without_end};

    type RawEntry<'a> = (&'a [u8], u8, &'a [u8]);

    fn read_all(bytes: &[u8], limits: &Limits) -> Result<Contents, ArchiveError> {
        read(bytes, limits, |_, _| Ok(()))
    }

    /// The code, which must be the same whether the files are read or not.
    fn code_within(bytes: &[u8], limits: &Limits) -> &'static str {
        let code = |result: Result<Contents, ArchiveError>| result.map_or_else(|error| error.code(), |_| "accepted");
        let reading = code(read(bytes, limits, |_, file| io::copy(file, &mut io::sink()).map(drop)));
        let wrapping = read(bytes, limits, |_, file| {
            io::copy(file, &mut io::sink()).map_err(|_| io::Error::other("an error of the visitor's own")).map(drop)
        });
        let swallowing = read(bytes, limits, |_, file| {
            drop(io::copy(file, &mut io::sink()));
            Ok(())
        });
        assert_eq!(code(read_all(bytes, limits)), reading, "not the same when the visitor reads");
        assert_eq!(code(wrapping), reading, "not the same when the visitor changes errors");
        assert_eq!(code(swallowing), reading, "not the same when the visitor ignores errors");
        reading
    }

    fn with_manifest(entries: &[RawEntry<'_>]) -> Vec<u8> {
        let json = manifest(&[]).to_json().expect("JSON");
        let mut entries = entries.to_vec();
        entries.push((b"manifest.json", b'0', json.as_bytes()));
        tar(&entries)
    }

    fn code(entries: &[RawEntry<'_>]) -> &'static str {
        code_within(&gzip(&with_manifest(entries)), &Limits::default())
    }

    #[test]
    fn what_is_written_is_read() {
        let files =
            vec![("extension/x.control".to_owned(), b"comment = 'x'".to_vec()), ("x.so".to_owned(), vec![0; 5000])];
        let manifest = manifest(&["extension/x.control", "x.so"]);
        let bytes = write(Vec::new(), &files, &manifest).expect("written");
        let mut seen = Vec::new();
        let contents = read(bytes.as_slice(), &Limits::default(), |path, file| {
            let mut content = Vec::new();
            file.read_to_end(&mut content)?;
            seen.push((path.to_owned(), content));
            Ok(())
        })
        .expect("readable");
        assert_eq!(seen, files);
        assert_eq!(contents.manifest, manifest);
        assert_eq!(contents.entries[1].size_bytes, 5000);
        assert_eq!(bytes, write(Vec::new(), &files, &manifest).expect("written"), "the same bytes again");
    }

    #[test]
    fn hashes_what_the_visitor_leaves_unread() {
        let files = vec![("a".to_owned(), b"abc".to_vec())];
        let bytes = write(Vec::new(), &files, &manifest(&["a"])).expect("written");
        let contents = read_all(&bytes, &Limits::default()).expect("readable");
        assert_eq!(
            contents.entries[0].sha256.to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn an_error_of_the_visitor_has_a_code_of_its_own() {
        let bytes = gzip(&with_manifest(&[(b"a", b'0', b"abc")]));
        let refused = read(bytes.as_slice(), &Limits::default(), |_, _| Err(io::Error::other("not wanted")));
        assert_eq!(refused.map_err(|error| error.code()), Err("archive-file-unusable"));
    }

    #[test]
    fn refuses_paths_that_leave() {
        assert_eq!(code(&[(b"/etc/passwd", b'0', b"")]), "archive-path-absolute");
        assert_eq!(code(&[(b"a/../../x", b'0', b"")]), "archive-path-leaves");
        assert_eq!(code(&[(b"../x/", b'5', b"")]), "archive-path-leaves");
        assert_eq!(code(&[(b"a\\b", b'0', b"")]), "archive-path");
        assert_eq!(code(&[(b"a/", b'0', b"")]), "archive-path", "a file named like a directory");
        assert_eq!(code(&[(b"a\xff", b'0', b"")]), "archive-path-not-utf-8");
        assert_eq!(code(&[(b"./", b'5', b""), (b"./a", b'0', b"")]), "accepted");
    }

    #[test]
    fn refuses_everything_but_files_and_directories() {
        for (kind, expected) in [
            (b'1', "archive-link"),
            (b'2', "archive-link"),
            (b'K', "archive-link"),
            (b'3', "archive-device"),
            (b'4', "archive-device"),
            (b'6', "archive-named-pipe"),
            (b'S', "archive-sparse-file"),
            (b'7', "archive-entry-kind"),
            (b'D', "archive-entry-kind"),
            (b'V', "archive-entry-kind"),
        ] {
            assert_eq!(code(&[(b"a", kind, b"")]), expected, "{}", char::from(kind));
        }
        let holes = pax_record("GNU.sparse.major", "1");
        assert_eq!(code(&[(b"p", b'x', &holes), (b"a", b'0', b"")]), "archive-sparse-file");
        let link = pax_record("linkpath", "b");
        assert_eq!(code(&[(b"p", b'x', &link), (b"a", b'0', b"")]), "archive-link");
    }

    #[test]
    fn refuses_paths_that_do_not_go_together() {
        assert_eq!(code(&[(b"a", b'0', b""), (b"./a", b'0', b"")]), "archive-duplicate-entry");
        assert_eq!(code(&[(b"a", b'0', b""), (b"A", b'0', b"")]), "archive-case-collision");
        assert_eq!(code(&[("ä".as_bytes(), b'0', b""), ("Ä".as_bytes(), b'0', b"")]), "archive-case-collision");
        assert_eq!(code(&[(b"a/b", b'0', b""), (b"a", b'0', b"")]), "archive-file-and-directory");
        assert_eq!(code(&[(b"manifest.json", b'0', b"{}")]), "archive-manifest");
        let json = manifest(&[]).to_json().expect("JSON");
        assert_eq!(code(&[(b"./manifest.json", b'0', json.as_bytes())]), "archive-several-manifests");
        assert_eq!(code(&[(b"x/manifest.json", b'0', json.as_bytes())]), "accepted", "a file like any other");
    }

    #[test]
    fn reads_long_paths_in_both_ways() {
        let long = "d/".repeat(60) + "file";
        let terminated = format!("{long}\0");
        let pax = pax_record("path", &long);
        for front in [
            (b"././@LongLink".as_slice(), b'L', terminated.as_bytes()),
            (b"././@LongLink", b'L', long.as_bytes()),
            (b"PaxHeaders/x", b'x', &pax),
        ] {
            let bytes = gzip(&with_manifest(&[front, (b"cut", b'0', b"abc")]));
            let contents = read_all(&bytes, &Limits::default()).expect("readable");
            assert_eq!(contents.entries[0].path, long);
            assert_eq!(contents.entries[0].size_bytes, 3);
        }
        let comment = pax_record("comment", "0123456789abcdef");
        assert_eq!(code(&[(b"pax_global_header", b'g', &comment), (b"a", b'0', b"")]), "accepted", "as git writes");
    }

    #[test]
    fn refuses_extended_headers_that_contradict() {
        let file: RawEntry<'_> = (b"a", b'0', b"abc");
        let (path, other) = (pax_record("path", "b"), pax_record("path", "c"));
        for headers in [
            vec![(b"p".as_slice(), b'x', path.as_slice()), (b"p", b'x', &other), file],
            vec![(b"l", b'L', b"c\0"), (b"p", b'x', &path), file],
            vec![(b"p", b'x', &path), (b"l", b'L', b"c\0"), file],
            vec![(b"l", b'L', b"c\0"), (b"l", b'L', b"d\0"), file],
            vec![(b"g", b'g', &path), file],
            vec![(b"p", b'x', b"nonsense"), file],
            vec![(b"g", b'g', b"nonsense"), file],
        ] {
            assert_eq!(code(&headers), "archive-extended-header", "{headers:?}");
        }
        assert_eq!(
            code_within(&gzip(&tar(&[(b"p", b'x', &path)])), &Limits::default()),
            "archive-extended-header",
            "no entry follows"
        );
        for size in ["0", "2", "4", "1024", "18446744073709551615"] {
            let size = pax_record("size", size);
            assert_eq!(code(&[(b"p", b'x', &size), file]), "archive-size-mismatch");
        }
        let size = pax_record("size", "3");
        assert_eq!(code(&[(b"p", b'x', &size), file]), "accepted");
        assert_eq!(code(&[(b"d/", b'5', b"content")]), "archive-size-mismatch");
    }

    #[test]
    fn refuses_huge_names_before_they_cost_memory() {
        let huge = "a".repeat(1 << 20);
        let pax = pax_record("path", &huge);
        let long = pax_record("path", &"a".repeat(300));
        for (kind, content, expected) in [
            (b'L', huge.as_bytes(), "archive-path-too-long"),
            (b'L', &[b'a'; 257], "archive-path-too-long"),
            (b'x', &long, "archive-path-too-long"),
            (b'x', &pax, "archive-extended-header"),
            (b'g', &pax, "archive-extended-header"),
        ] {
            assert_eq!(code(&[(b"n", kind, content), (b"a", b'0', b"")]), expected);
        }
        // Refused by the size that is announced: nothing of it is there to be read.
        let mut announced = tar_without_end(&[(b"n", b'L', &[b'a'; 512])]);
        announced[124..136].copy_from_slice(b"77777777777\0");
        crate::archive::test_support::set_checksum(&mut announced[..512]);
        assert_eq!(code_within(&gzip(&announced), &Limits::default()), "archive-path-too-long");
    }

    #[test]
    fn does_not_repeat_huge_names() {
        let limits = Limits { path_bytes: 60_000, ..Limits::default() };
        let path = pax_record("path", &format!("/{}", "a".repeat(50_000)));
        let bytes = gzip(&with_manifest(&[(b"p", b'x', &path), (b"a", b'0', b"")]));
        let message = read_all(&bytes, &limits).expect_err("absolute").to_string();
        assert!(message.contains("/aaaa") && message.len() < 300, "{} bytes", message.len());
        let gone = "a".repeat(10_000);
        let lacking = write(Vec::new(), &[], &manifest(&[&gone])).expect("written");
        let message = read_all(&lacking, &Limits::default()).expect_err("incomplete").to_string();
        assert!(message.len() < 300, "{} bytes", message.len());
    }

    #[test]
    fn refuses_bombs() {
        let small = Limits {
            total_bytes: 100_000,
            entries: 3,
            path_bytes: 20,
            manifest_bytes: 1000,
            control_file_bytes: 2000,
            compression_ratio: 20,
            ratio_free_bytes: 50_000,
        };
        let bytes = |files: &[(String, Vec<u8>)]| write(Vec::new(), files, &manifest(&[])).expect("written");
        let code = |bytes: &[u8]| code_within(bytes, &small);
        assert_eq!(code(&bytes(&[("zeros".to_owned(), vec![0; 40_000])])), "accepted");
        assert_eq!(code(&bytes(&[("zeros".to_owned(), vec![0; 80_000])])), "archive-compression-ratio");
        // Uncompressed, so that the ratio is not what is wrong.
        let stored = with_manifest(&[(b"zeros", b'0', &vec![0; 120_000])]);
        assert_eq!(code(&crate::archive::test_support::gzip_stored(&stored)), "archive-too-large");
        assert_eq!(code(&bytes(&[("a".repeat(21), vec![])])), "archive-path-too-long");
        let many: Vec<_> = (0..3).map(|number| (number.to_string(), vec![])).collect();
        assert_eq!(code(&bytes(&many[..2])), "accepted");
        assert_eq!(code(&bytes(&many)), "archive-too-many-entries");
        let directories: [RawEntry<'_>; 3] = [(b"a/", b'5', b""), (b"b/", b'5', b""), (b"c/", b'5', b"")];
        assert_eq!(code(&gzip(&with_manifest(&directories))), "archive-too-many-entries", "directories count");
        let comments: [RawEntry<'_>; 3] = [(b"g", b'g', b""); 3];
        assert_eq!(code(&gzip(&with_manifest(&comments))), "archive-too-many-entries", "global headers count");
        assert_eq!(code(&bytes(&[("x.control".to_owned(), vec![b'#'; 2000])])), "accepted");
        assert_eq!(code(&bytes(&[("x.control".to_owned(), vec![b'#'; 2001])])), "archive-control-file-too-large");
        let large = Limits { manifest_bytes: 100, ..Limits::default() };
        assert_eq!(code_within(&bytes(&[]), &large), "archive-manifest-too-large");
        let bomb = bytes(&[("zeros".to_owned(), vec![0; 65 << 20])]);
        assert_eq!(read_all(&bomb, &Limits::default()).map_err(|error| error.code()), Err("archive-compression-ratio"));
    }

    #[test]
    fn refuses_what_stands_behind_the_end() {
        let whole = with_manifest(&[]);
        let with_tail = |tail: &[u8]| code_within(&gzip(&[whole.as_slice(), tail].concat()), &Limits::default());
        assert_eq!(with_tail(&[]), "accepted");
        assert_eq!(with_tail(&[0; 10_240]), "accepted", "the rest of a record");
        assert_eq!(with_tail(&[0; 10_241]), "archive-trailing-data");
        assert_eq!(with_tail(b"x"), "archive-trailing-data");
        assert_eq!(with_tail(&[[0; 600].as_slice(), b"x"].concat()), "archive-trailing-data");
        assert_eq!(with_tail(&whole), "archive-trailing-data");
        // A second tar behind a single block of zeros.
        let ended = [&whole[..whole.len() - 512], &whole].concat();
        assert_eq!(code_within(&gzip(&ended), &Limits::default()), "archive-trailing-data");

        let member = gzip(&whole);
        for (tail, expected) in [
            (b"\0".as_slice(), "archive-trailing-data"),
            (b"garbage", "archive-trailing-data"),
            (&member, "archive-several-gzip-members"),
        ] {
            assert_eq!(code_within(&[&member, tail].concat(), &Limits::default()), expected);
        }
        assert_eq!(code_within(&gzip(&member), &Limits::default()), "archive-compressed-twice");
    }

    #[test]
    fn what_is_cut_off_is_unreadable() {
        // Not compressible, so that every part of it matters.
        let content: Vec<u8> =
            (0..3000_u32).flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        let bytes = write(Vec::new(), &[("a".to_owned(), content)], &manifest(&["a"])).expect("written");
        for end in (0..bytes.len()).step_by(97).chain(bytes.len() - 12..bytes.len()) {
            assert_eq!(code_within(&bytes[..end], &Limits::default()), "archive-unreadable", "{end}");
        }
        let whole = with_manifest(&[(b"a", b'0', &[7; 3000])]);
        for end in [0, 100, 512, 1000, 512 + 3000, 512 + 3072, whole.len() - 1024, whole.len() - 512, whole.len() - 1] {
            assert_eq!(code_within(&gzip(&whole[..end]), &Limits::default()), "archive-unreadable", "{end}");
        }
        let refused = read_all(&whole, &Limits::default()).expect_err("not compressed");
        assert_eq!(refused.code(), "archive-unreadable");
        assert!(refused.to_string().contains("a gzip-compressed tar is expected"), "{refused}");
    }

    #[test]
    fn refuses_what_is_incomplete() {
        assert_eq!(code_within(&gzip(&tar(&[])), &Limits::default()), "archive-without-manifest");
        let lacking = write(Vec::new(), &[], &manifest(&["gone"])).expect("written");
        assert_eq!(code_within(&lacking, &Limits::default()), "archive-missing-file");
    }

    proptest! {
        #[test]
        fn never_panics(tar in prop::collection::vec(any::<u8>(), 0..2000)) {
            let _ = read_all(&gzip(&tar), &Limits::default());
            let _ = read_all(&tar, &Limits::default());
        }

        #[test]
        fn survives_flipped_bytes(at in 0..3000_usize, with in any::<u8>()) {
            let mut tar = tar(&[(b"a/b", b'0', b"content"), (b"manifest.json", b'0', b"{}")]);
            let length = tar.len();
            tar[at % length] = with;
            code_within(&gzip(&tar), &Limits::default());
        }
    }
}
