//! Looks into an archive that a stranger sent. Nothing of it is ever run.

use std::{
    fs::File,
    io::{self, BufReader, Read},
};

use formats::{
    archive::{self, ArchiveError, Limits},
    library::{self, LibraryError, LibraryFacts},
    manifest::{FileKind, Manifest},
};

use super::{ArtifactFile, UploadFinding};

/// Bytes of a control file that are read; PostgreSQL's own longest have a few hundred.
pub(super) const LARGEST_CONTROL_FILE: u64 = 64 << 10;
/// Control files of an archive: they are in memory all at once.
pub(super) const MOST_CONTROL_FILES: usize = 200;
/// Bytes of a README that are kept.
pub(super) const LARGEST_README: u64 = 1 << 20;
/// Bytes of a library that are looked at: it must be in memory as a whole, and an upload should take little of that.
const LARGEST_LIBRARY: u64 = 24 << 20;

/// What an archive holds.
#[derive(Debug)]
pub(super) struct Inspection {
    pub(super) manifest: Manifest,
    pub(super) files: Vec<ArtifactFile>,
    /// Control files in their order in the archive: name of the extension, path, content.
    pub(super) controls: Vec<(String, String, Vec<u8>)>,
    /// Libraries in their order in the archive: path, and what was found in it; nothing where it is too large to look at.
    pub(super) libraries: Vec<(String, Option<Result<LibraryFacts, LibraryError>>)>,
    /// The first README nearest to the root: path and text.
    pub(super) readme: Option<(String, String)>,
}

/// Reads an archive from its first byte to its last.
pub(super) fn inspect(file: &mut File) -> Result<Inspection, UploadFinding> {
    let mut controls = Vec::new();
    let mut libraries = Vec::new();
    let mut readme: Option<(String, String)> = None;
    io::Seek::rewind(file).map_err(|error| refusal(&ArchiveError::Unreadable(error)))?;
    let contents = archive::read(BufReader::with_capacity(64 << 10, file), &Limits::default(), |path, content| {
        let name = path.rsplit('/').next().unwrap_or(path);
        match FileKind::of_path(path) {
            FileKind::ControlFile => {
                if controls.len() == MOST_CONTROL_FILES {
                    return Err(io::Error::other(format!("there are more than {MOST_CONTROL_FILES} control files")));
                }
                let text = read_at_most(content, LARGEST_CONTROL_FILE)?
                    .ok_or_else(|| io::Error::other(format!("{path} has more than {LARGEST_CONTROL_FILE} bytes")))?;
                let extension = name.strip_suffix(".control").unwrap_or(name).to_owned();
                controls.push((extension, path.to_owned(), text));
            }
            FileKind::SharedObject => {
                let facts = read_at_most(content, LARGEST_LIBRARY)?.map(|bytes| library::read(&bytes));
                libraries.push((path.to_owned(), facts));
            }
            _ if is_readme(name) => {
                let depth = |path: &str| path.matches('/').count();
                if readme.as_ref().is_none_or(|(known, _)| depth(path) < depth(known)) {
                    let text = read_at_most(content, LARGEST_README)?;
                    readme = text
                        .and_then(|text| {
                            Some((path.to_owned(), String::from_utf8(text).ok().filter(|text| !text.contains('\0'))?))
                        })
                        .or(readme.take());
                }
            }
            _ => {}
        }
        Ok(())
    })
    .map_err(|error| refusal(&error))?;
    let files = contents
        .entries
        .into_iter()
        .map(|entry| ArtifactFile {
            kind: contents
                .manifest
                .files
                .get(&entry.path)
                .map_or_else(|| FileKind::of_path(&entry.path), |file| file.kind)
                .as_str(),
            path: entry.path,
            size_bytes: i64::try_from(entry.size_bytes).unwrap_or(i64::MAX),
            sha256: entry.sha256,
        })
        .collect();
    Ok(Inspection { manifest: contents.manifest, files, controls, libraries, readme })
}

pub(super) fn refusal(error: &ArchiveError) -> UploadFinding {
    UploadFinding::error(error.code(), error)
}

/// The whole content, or nothing where it has more bytes.
pub(super) fn read_at_most(content: &mut dyn Read, limit: u64) -> io::Result<Option<Vec<u8>>> {
    // Enough from the beginning: a buffer that grows is there twice while it does. What is not written to takes no memory.
    let mut bytes = Vec::with_capacity(usize::try_from(limit).unwrap_or(0).saturating_add(1));
    content.take(limit + 1).read_to_end(&mut bytes)?;
    bytes.shrink_to_fit();
    Ok((bytes.len() as u64 <= limit).then_some(bytes))
}

pub(super) fn is_readme(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    matches!(name.as_str(), "readme" | "readme.md" | "readme.markdown" | "readme.txt")
}
