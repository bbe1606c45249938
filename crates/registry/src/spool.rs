//! Files on their way into the store: written and hashed once, before any database connection is held.

use std::{
    io::{self, Write},
    path::Path,
};

use model::Sha256;
use sha2::Digest as _;
use tempfile::NamedTempFile;

/// How the names of files on their way begin.
pub(crate) const SPOOL_PREFIX: &str = "spool-";

/// A file that lies complete in the temporary directory. Removed when dropped.
#[derive(Debug)]
pub(crate) struct Spooled {
    pub(crate) file: NamedTempFile,
    pub(crate) size_bytes: u64,
    pub(crate) sha256: Sha256,
    pub(crate) others: OtherDigests,
}

/// Digests of the same bytes for clients that ask for them.
#[derive(Clone, Debug)]
pub(crate) struct OtherDigests {
    pub(crate) sha512: [u8; 64],
    pub(crate) sha1: [u8; 20],
}

/// Writes into the temporary directory and hashes what goes through.
pub(crate) struct Spool {
    file: NamedTempFile,
    sha256: sha2::Sha256,
    sha512: sha2::Sha512,
    sha1: sha1::Sha1,
    size_bytes: u64,
}

impl Spool {
    pub(crate) fn create(temporary: &Path) -> io::Result<Self> {
        let file = tempfile::Builder::new().prefix(SPOOL_PREFIX).tempfile_in(temporary)?;
        Ok(Self {
            file,
            sha256: sha2::Sha256::new(),
            sha512: sha2::Sha512::new(),
            sha1: sha1::Sha1::new(),
            size_bytes: 0,
        })
    }

    /// Ends the writing; the bytes are on disk when this returns.
    pub(crate) fn finish(self) -> io::Result<Spooled> {
        self.file.as_file().sync_all()?;
        Ok(Spooled {
            file: self.file,
            size_bytes: self.size_bytes,
            sha256: Sha256::from_bytes(self.sha256.finalize().into()),
            others: OtherDigests { sha512: self.sha512.finalize().into(), sha1: self.sha1.finalize().into() },
        })
    }
}

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.sha256.update(&bytes[..count]);
        self.sha512.update(&bytes[..count]);
        self.sha1.update(&bytes[..count]);
        self.size_bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
