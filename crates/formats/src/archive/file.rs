//! A file of an archive, and its digest.

use std::io::{self, Read};

use model::Sha256;
use sha2::Digest as _;

use super::{error::ArchiveError, limits::Limits};
use crate::{manifest::FileKind, quoted::quoted};

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

/// Shows the file `path` to `visit` and reads what that leaves.
pub(super) fn visit_file<R: Read>(
    path: String,
    content: &mut R,
    visit: &mut impl FnMut(&str, &mut dyn Read) -> io::Result<()>,
) -> Result<Entry, ArchiveError> {
    let mut file = Hashing { inner: content, hash: sha2::Sha256::new(), count: 0 };
    visit(&path, &mut file).map_err(ArchiveError::Visitor)?;
    io::copy(&mut file, &mut io::sink()).map_err(ArchiveError::Unreadable)?;
    let sha256 = Sha256::from_bytes(file.hash.finalize().into());
    Ok(Entry { path, size_bytes: file.count, sha256 })
}

/// Whether a file of this path may have this size.
pub(super) fn check_size(path: &str, size_bytes: u64, limits: &Limits) -> Result<(), ArchiveError> {
    if size_bytes > limits.control_file_bytes && FileKind::of_path(path) == FileKind::ControlFile {
        return Err(ArchiveError::LargeControlFile { path: quoted(path.as_bytes()), bytes: limits.control_file_bytes });
    }
    Ok(())
}
