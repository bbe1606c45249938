//! Binary archives: a gzip-compressed tar of regular files with `manifest.json` as its last entry.
//!
//! What is written depends on nothing but its content. What is read may be hostile.

use std::{
    collections::BTreeSet,
    io::{self, Read, Write},
};

use flate2::{Compression, GzBuilder, read::MultiGzDecoder};
use model::Sha256;
use sha2::Digest as _;

use crate::manifest::{self, FileKind, Manifest, ManifestError};

/// What an archive may cost its reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes after decompression, of everything together.
    pub total_bytes: u64,
    /// Entries, the manifest among them.
    pub entries: usize,
    /// Bytes of a path.
    pub path_bytes: usize,
    /// Bytes of `manifest.json`.
    pub manifest_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { total_bytes: 4 << 30, entries: 20_000, path_bytes: 255, manifest_bytes: 4 << 20 }
    }
}

/// A file in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its path: relative, without `.` and `..`.
    pub path: String,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// The digest of its bytes.
    pub sha256: Sha256,
}

/// What was read from an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// The manifest.
    pub manifest: Manifest,
    /// All other files in their order.
    pub entries: Vec<Entry>,
}

/// Why an archive is refused.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// It ends too early, or is no gzip-compressed tar.
    #[error("the archive cannot be read: {0}")]
    Unreadable(#[source] io::Error),
    /// A path that leaves the archive or is not plain.
    #[error("the archive has an entry with the path {0:?}, which is absolute, leaves the archive or is not plain text")]
    Path(String),
    /// A path longer than allowed.
    #[error("the archive has an entry whose path is longer than {0} bytes")]
    LongPath(usize),
    /// A link, a device or anything else that is neither file nor directory.
    #[error("the archive has an entry {0:?} that is neither a file nor a directory")]
    Kind(String),
    /// Two entries that would be the same file, at least where case does not matter.
    #[error("the archive has more than one entry for {0:?}")]
    Duplicate(String),
    /// More entries than allowed.
    #[error("the archive has more than {0} entries")]
    TooMany(usize),
    /// More bytes than allowed.
    #[error("the archive has more than {0} bytes when it is decompressed")]
    TooLarge(u64),
    /// No `manifest.json`.
    #[error("the archive has no manifest.json")]
    NoManifest,
    /// A manifest that cannot be used.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A file that the manifest lists and the archive lacks.
    #[error("manifest.json lists {0:?}, which the archive does not have")]
    Missing(String),
    /// The receiver of the files failed.
    #[error("a file of the archive cannot be used: {0}")]
    Visitor(#[source] io::Error),
}

impl ArchiveError {
    /// A stable code for machines.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "archive-unreadable",
            Self::Path(_) => "archive-path",
            Self::LongPath(_) => "archive-path-too-long",
            Self::Kind(_) => "archive-entry-kind",
            Self::Duplicate(_) => "archive-duplicate-entry",
            Self::TooMany(_) => "archive-too-many-entries",
            Self::TooLarge(_) => "archive-too-large",
            Self::NoManifest => "archive-without-manifest",
            Self::Manifest(_) => "archive-manifest",
            Self::Missing(_) => "archive-missing-file",
            Self::Visitor(_) => "archive-file-unusable",
        }
    }
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

/// Stops a bomb: an error once more than `left` bytes were read.
struct Bounded<R> {
    inner: R,
    left: u64,
    exceeded: bool,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        if count as u64 > self.left {
            self.exceeded = true;
            return Err(io::Error::other("too many bytes"));
        }
        self.left -= count as u64;
        Ok(count)
    }
}

/// Hashes and counts what is read through it.
struct Hashing<'a, R> {
    inner: &'a mut R,
    hash: sha2::Sha256,
    count: u64,
}

impl<R: Read> Read for Hashing<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hash.update(&buffer[..count]);
        self.count += count as u64;
        Ok(count)
    }
}

fn checked_path(bytes: &[u8], limits: &Limits) -> Result<String, ArchiveError> {
    let invalid = || ArchiveError::Path(String::from_utf8_lossy(bytes).into_owned());
    if bytes.len() > limits.path_bytes {
        return Err(ArchiveError::LongPath(limits.path_bytes));
    }
    let path = std::str::from_utf8(bytes).map_err(|_| invalid())?;
    let path = path.strip_prefix("./").unwrap_or(path);
    let plain = |segment: &str| !matches!(segment, "" | "." | "..") && !segment.contains(char::is_control);
    let path = path.strip_suffix('/').unwrap_or(path);
    if path.contains('\\') || !path.split('/').all(plain) {
        return Err(invalid());
    }
    Ok(path.to_owned())
}

/// Reads an archive to its end and shows each file but the manifest to `visit`.
///
/// `visit` may read as much of a file as it wants; an error of its own ends the reading.
pub fn read<R: Read>(
    input: R,
    limits: &Limits,
    mut visit: impl FnMut(&str, &mut dyn Read) -> io::Result<()>,
) -> Result<Contents, ArchiveError> {
    let mut archive =
        tar::Archive::new(Bounded { inner: MultiGzDecoder::new(input), left: limits.total_bytes, exceeded: false });
    let result = read_entries(&mut archive, limits, &mut visit);
    let mut stream = archive.into_inner();
    // What follows the end of the tar counts too, and a damaged end is an error.
    let result = result.and_then(|contents| {
        io::copy(&mut stream, &mut io::sink()).map_err(ArchiveError::Unreadable)?;
        Ok(contents)
    });
    if stream.exceeded { Err(ArchiveError::TooLarge(limits.total_bytes)) } else { result }
}

fn read_entries<R: Read>(
    archive: &mut tar::Archive<R>,
    limits: &Limits,
    visit: &mut impl FnMut(&str, &mut dyn Read) -> io::Result<()>,
) -> Result<Contents, ArchiveError> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut manifest = None;
    for entry in archive.entries().map_err(ArchiveError::Unreadable)? {
        let mut entry = entry.map_err(ArchiveError::Unreadable)?;
        let path = match entry.header().entry_type() {
            tar::EntryType::Directory => {
                let name = entry.path_bytes();
                if !matches!(name.as_ref(), b"." | b"./") {
                    checked_path(&name, limits)?;
                }
                continue;
            }
            tar::EntryType::Regular => checked_path(&entry.path_bytes(), limits)?,
            _ => return Err(ArchiveError::Kind(String::from_utf8_lossy(&entry.path_bytes()).into_owned())),
        };
        if seen.len() == limits.entries {
            return Err(ArchiveError::TooMany(limits.entries));
        }
        if !seen.insert(path.to_lowercase()) {
            return Err(ArchiveError::Duplicate(path));
        }
        if path == manifest::FILE_NAME {
            let mut json = Vec::new();
            (&mut entry).take(limits.manifest_bytes + 1).read_to_end(&mut json).map_err(ArchiveError::Unreadable)?;
            if json.len() as u64 > limits.manifest_bytes {
                return Err(ArchiveError::TooLarge(limits.manifest_bytes));
            }
            manifest = Some(Manifest::parse(&json)?);
            continue;
        }
        let mut file = Hashing { inner: &mut entry, hash: sha2::Sha256::new(), count: 0 };
        visit(&path, &mut file).map_err(ArchiveError::Visitor)?;
        io::copy(&mut file, &mut io::sink()).map_err(ArchiveError::Unreadable)?;
        let sha256 = Sha256::from_bytes(file.hash.finalize().into());
        entries.push(Entry { path, size_bytes: file.count, sha256 });
    }
    let manifest = manifest.ok_or(ArchiveError::NoManifest)?;
    let paths: BTreeSet<&str> = entries.iter().map(|entry| entry.path.as_str()).collect();
    if let Some(missing) = manifest.files.keys().find(|path| !paths.contains(path.as_str())) {
        return Err(ArchiveError::Missing(missing.clone()));
    }
    Ok(Contents { manifest, entries })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::manifest::ManifestFile;

    fn manifest(paths: &[&str]) -> Manifest {
        Manifest {
            name: "x".to_owned(),
            extension_name: Some("x".to_owned()),
            dependencies: None,
            extension_dependencies: None,
            version: "1.0.0".to_owned(),
            manifest_version: 2,
            sys: "linux".to_owned(),
            architecture: "x86_64".to_owned(),
            files: paths
                .iter()
                .map(|path| ((*path).to_owned(), ManifestFile { kind: FileKind::of_path(path) }))
                .collect::<BTreeMap<_, _>>(),
            configurations: None,
            loadable_libraries: None,
            pg_version: 15,
        }
    }

    fn gzip(tar: &[u8]) -> Vec<u8> {
        let mut gzip = GzBuilder::new().write(Vec::new(), Compression::fast());
        gzip.write_all(tar).expect("written");
        gzip.finish().expect("finished")
    }

    /// A tar of raw entries, so that names may be as bad as can be.
    fn tar(entries: &[(&[u8], tar::EntryType, &[u8])]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (name, kind, content) in entries {
            let mut header = tar::Header::new_gnu();
            header.as_mut_bytes()[..name.len()].copy_from_slice(name);
            header.set_entry_type(*kind);
            header.set_mode(0o644);
            header.set_size(content.len() as u64);
            header.set_cksum();
            builder.append(&header, *content).expect("appended");
        }
        builder.into_inner().expect("finished")
    }

    fn read_all(bytes: &[u8], limits: &Limits) -> Result<Contents, ArchiveError> {
        read(bytes, limits, |_, _| Ok(()))
    }

    fn code(entries: &[(&[u8], tar::EntryType, &[u8])]) -> &'static str {
        let json = manifest(&[]).to_json().expect("JSON");
        let mut entries = entries.to_vec();
        entries.push((b"manifest.json", tar::EntryType::Regular, json.as_bytes()));
        read_all(&gzip(&tar(&entries)), &Limits::default()).map_or_else(|error| error.code(), |_| "accepted")
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
    fn refuses_paths_that_leave() {
        use tar::EntryType::{Directory, Regular};
        for path in ["/etc/passwd", "../x", "a/../../x", "a//b", "a\\b", "a/./b", "a\nb", "", "./", ".//x", "~/../x"] {
            assert_eq!(code(&[(path.as_bytes(), Regular, b"")]), "archive-path", "{path:?}");
        }
        assert_eq!(code(&[(b"a\xff", Regular, b"")]), "archive-path");
        assert_eq!(code(&[(b"../x/", Directory, b"")]), "archive-path");
        assert_eq!(code(&[(b"./", Directory, b""), (b"./a", Regular, b"")]), "accepted");
    }

    #[test]
    fn refuses_everything_but_files_and_directories() {
        use tar::EntryType::{Block, Char, Fifo, GNUSparse, Link, Symlink};
        for kind in [Symlink, Link, Char, Block, Fifo, GNUSparse] {
            assert!(matches!(code(&[(b"a", kind, b"")]), "archive-entry-kind" | "archive-unreadable"), "{kind:?}");
        }
    }

    #[test]
    fn refuses_duplicates_also_by_case() {
        use tar::EntryType::Regular;
        assert_eq!(code(&[(b"a", Regular, b""), (b"a", Regular, b"")]), "archive-duplicate-entry");
        assert_eq!(code(&[(b"a", Regular, b""), (b"./A", Regular, b"")]), "archive-duplicate-entry");
    }

    #[test]
    fn refuses_bombs() {
        let small = Limits { total_bytes: 10_000, entries: 3, path_bytes: 20, manifest_bytes: 1000 };
        let bytes = |files: &[(String, Vec<u8>)]| write(Vec::new(), files, &manifest(&[])).expect("written");
        let code = |bytes: &[u8]| read_all(bytes, &small).expect_err("refused").code();
        assert_eq!(code(&bytes(&[("zeros".to_owned(), vec![0; 1 << 20])])), "archive-too-large");
        assert_eq!(code(&bytes(&[("a".repeat(21), vec![])])), "archive-path-too-long");
        let many: Vec<_> = (0..4).map(|number| (number.to_string(), vec![])).collect();
        assert_eq!(code(&bytes(&many)), "archive-too-many-entries");
        // Behind the end of the tar too.
        let mut tail =
            tar(&[(b"manifest.json", tar::EntryType::Regular, manifest(&[]).to_json().expect("JSON").as_bytes())]);
        tail.extend(vec![0; 1 << 20]);
        assert_eq!(code(&gzip(&tail)), "archive-too-large");
    }

    #[test]
    fn refuses_what_is_cut_off_or_incomplete() {
        let bytes = write(Vec::new(), &[("a".to_owned(), vec![7; 3000])], &manifest(&["a"])).expect("written");
        for end in [0, 5, 20, bytes.len() - 1] {
            assert!(read_all(&bytes[..end], &Limits::default()).is_err(), "{end}");
        }
        assert_eq!(
            read_all(&gzip(&tar(&[])), &Limits::default()).expect_err("refused").code(),
            "archive-without-manifest"
        );
        let lacking = write(Vec::new(), &[], &manifest(&["gone"])).expect("written");
        assert_eq!(read_all(&lacking, &Limits::default()).expect_err("refused").code(), "archive-missing-file");
    }

    proptest! {
        #[test]
        fn never_panics(tar in prop::collection::vec(any::<u8>(), 0..2000)) {
            let _ = read_all(&gzip(&tar), &Limits::default());
            let _ = read_all(&tar, &Limits::default());
        }

        #[test]
        fn survives_flipped_bytes(at in 0..3000_usize, with in any::<u8>()) {
            let mut tar = tar(&[(b"a/b", tar::EntryType::Regular, b"content"), (b"manifest.json", tar::EntryType::Regular, b"{}")]);
            let length = tar.len();
            tar[at % length] = with;
            let _ = read_all(&gzip(&tar), &Limits::default());
        }
    }
}
