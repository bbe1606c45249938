//! The directory in which a node keeps what is its own.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

/// The layout of the data directory.
///
/// ```text
/// objects/           the Disk store
/// index/             the search index
/// tmp/               uploads on their way in
/// postgres/          the private PostgreSQL, with postgres.password, postgres.log and postgres.lock beside it
/// run/               its socket
/// ```
#[derive(Clone, Debug)]
pub struct DataDirectory {
    path: PathBuf,
}

/// The directory cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the data directory {} cannot be used: {source}. Make it writable or choose another with --data-dir", path.display())]
pub struct DataDirectoryError {
    path: PathBuf,
    source: io::Error,
}

impl DataDirectory {
    /// Opens the directory and creates what is missing in it.
    pub fn open(path: &Path) -> Result<Self, DataDirectoryError> {
        Self::prepare(path).map_err(|source| DataDirectoryError { path: path.to_owned(), source })
    }

    fn prepare(path: &Path) -> io::Result<Self> {
        // Entered, but not read, by the user that PostgreSQL runs as.
        fs::DirBuilder::new().recursive(true).mode(0o711).create(path)?;
        let directory = Self { path: fs::canonicalize(path)? };
        for child in [directory.objects(), directory.temporary()] {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(&child)?;
        }
        // Says now, not in the middle of the first upload, that nothing can be written.
        tempfile::tempfile_in(directory.temporary())?;
        Ok(directory)
    }

    /// The directory itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the Disk store keeps its objects.
    pub fn objects(&self) -> PathBuf {
        self.path.join("objects")
    }

    /// Where the search index is.
    pub fn index(&self) -> PathBuf {
        self.path.join("index")
    }

    /// Where uploads are spooled; on the same file system as the objects.
    pub fn temporary(&self) -> PathBuf {
        self.path.join("tmp")
    }

    /// Creates a directory that only its owner may enter, or says why an existing one is not such a directory.
    pub(crate) fn private_directory(path: &Path, owner: Option<(u32, u32)>) -> io::Result<()> {
        use std::os::unix::fs::MetadataExt as _;
        match fs::DirBuilder::new().mode(0o700).create(path) {
            Ok(()) => {
                if let Some((user, group)) = owner {
                    std::os::unix::fs::chown(path, Some(user), Some(group))?;
                }
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let metadata = fs::symlink_metadata(path)?;
                let user = owner.map_or_else(|| rustix::process::geteuid().as_raw(), |(user, _)| user);
                if !metadata.is_dir() || metadata.uid() != user {
                    return Err(io::Error::other(format!("{} belongs to somebody else", path.display())));
                }
                if metadata.mode() & 0o777 != 0o700 {
                    fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
                }
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}
