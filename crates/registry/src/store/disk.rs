use std::{
    fs, io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use futures::{Stream, StreamExt as _, TryStreamExt as _, stream};
use model::Sha256;

use super::{ListedObject, StoreError, StoredObject, key, object::Source, object_of};
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
        self.root.join(key(sha256))
    }

    pub(super) async fn open(&self, sha256: Sha256) -> Result<StoredObject, StoreError> {
        match tokio::fs::File::open(self.path(sha256)).await {
            Ok(file) => {
                let size_bytes = file.metadata().await?.len();
                Ok(StoredObject { size_bytes, source: Source::Disk(file) })
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

    pub(super) fn list(&self) -> impl Stream<Item = Result<ListedObject, StoreError>> + Send + use<> {
        let root = self.root.clone();
        let parts = stream::once(blocking({
            let root = root.clone();
            move || children(&root)
        }))
        .map_ok(|directories| stream::iter(directories.into_iter().map(Ok)))
        .try_flatten();
        // One of the first 256 directories at a time, so that the whole list is never in memory.
        let objects = parts.and_then(move |first| {
            let root = root.clone();
            blocking(move || objects_below(&root, &first))
        });
        objects.map_ok(|objects| stream::iter(objects).map(Ok)).try_flatten()
    }
}

fn objects_below(root: &Path, first: &Path) -> io::Result<Vec<ListedObject>> {
    let mut objects = Vec::new();
    for second in children(first)? {
        for file in children(&second)? {
            let key = file.strip_prefix(root).ok().and_then(Path::to_str);
            let Some(sha256) = key.and_then(object_of) else { continue };
            match fs::metadata(&file) {
                Ok(metadata) => objects.push(ListedObject {
                    sha256,
                    size_bytes: metadata.len(),
                    written_at: metadata.modified()?.into(),
                }),
                // Removed since the directory was read.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(objects)
}

/// What lies in a directory, in order; nothing in what is none.
fn children(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T, StoreError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => Ok(result?),
        Err(error) => Err(StoreError::Io(io::Error::other(error))),
    }
}
