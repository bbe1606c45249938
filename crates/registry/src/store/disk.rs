use std::{
    fs, io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use model::Sha256;

use super::{StoreError, StoredObject};
use crate::spool::Spooled;

/// Objects as read-only files `ab/cd/abcd…` below one directory.
#[derive(Clone, Debug)]
pub struct DiskStore {
    root: PathBuf,
}

impl DiskStore {
    /// A store in `root`, which exists.
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    fn path(&self, sha256: Sha256) -> PathBuf {
        let name = sha256.to_string();
        self.root.join(&name[..2]).join(&name[2..4]).join(name)
    }

    pub(super) async fn open(&self, sha256: Sha256) -> Result<StoredObject, StoreError> {
        match tokio::fs::File::open(self.path(sha256)).await {
            Ok(file) => {
                let size_bytes = file.metadata().await?.len();
                Ok(StoredObject { file, size_bytes })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(StoreError::Missing(sha256)),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) async fn size(&self, sha256: Sha256) -> Result<Option<u64>, StoreError> {
        match tokio::fs::metadata(self.path(sha256)).await {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) async fn put(&self, spooled: Spooled) -> Result<(), StoreError> {
        let path = self.path(spooled.sha256);
        let root = self.root.clone();
        blocking(move || {
            let directory = path.parent().ok_or_else(|| io::Error::other("an object has a directory"))?;
            fs::create_dir_all(directory)?;
            spooled.file.as_file().set_permissions(fs::Permissions::from_mode(0o444))?;
            spooled.file.persist(&path).map_err(|error| error.error)?;
            // The rename is on disk only once its directories are.
            for directory in [Some(directory), directory.parent(), Some(root.as_path())].into_iter().flatten() {
                fs::File::open(directory)?.sync_all()?;
            }
            Ok(())
        })
        .await
    }

    pub(super) async fn remove(&self, sha256: Sha256) -> Result<(), StoreError> {
        match tokio::fs::remove_file(self.path(sha256)).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    pub(super) async fn list(&self) -> Result<Vec<Sha256>, StoreError> {
        let root = self.root.clone();
        blocking(move || {
            let mut objects = Vec::new();
            for first in children(&root)? {
                for second in children(&first)? {
                    for file in children(&second)? {
                        objects.extend(
                            file.file_name()
                                .and_then(|name| name.to_str())
                                .and_then(|name| name.parse::<Sha256>().ok()),
                        );
                    }
                }
            }
            Ok(objects)
        })
        .await
    }
}

fn children(directory: &Path) -> io::Result<Vec<PathBuf>> {
    fs::read_dir(directory)?.map(|entry| Ok(entry?.path())).collect()
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T, StoreError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => Ok(result?),
        Err(error) => Err(StoreError::Io(io::Error::other(error))),
    }
}
