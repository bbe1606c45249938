use std::{collections::BTreeMap, io::Write as _, path::Path};

use futures::TryStreamExt as _;
use model::Sha256;

use super::{Store, StoreError};
use crate::spool::{Spool, Spooled};

/// How far a copy has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopyProgress {
    /// Bytes that were looked at so far.
    pub done_bytes: u64,
    /// Bytes of all objects.
    pub total_bytes: u64,
}

/// What a copy did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CopyReport {
    /// Objects that were copied.
    pub copied: u64,
    /// Their bytes.
    pub copied_bytes: u64,
    /// Objects that were there already.
    pub present: u64,
    /// Objects whose bytes are not those of their digest; they were not copied.
    pub changed: Vec<Sha256>,
}

/// Copies what `to` does not have from `from`, by way of the directory `temporary`. It can be interrupted and run again.
///
/// An object that is there with the same number of bytes is taken to be there.
pub async fn copy_objects(
    from: &Store,
    to: &Store,
    temporary: &Path,
    report: impl Fn(CopyProgress),
) -> Result<CopyReport, StoreError> {
    let present: BTreeMap<Sha256, u64> = sizes(to).await?;
    let objects = sizes(from).await?;
    let total_bytes = objects.values().sum();
    let (mut result, mut done_bytes) = (CopyReport::default(), 0);
    for (sha256, size) in objects {
        report(CopyProgress { done_bytes, total_bytes });
        if present.get(&sha256) == Some(&size) {
            result.present += 1;
        } else {
            match fetch(from, sha256, temporary).await {
                Ok(spooled) if spooled.sha256 == sha256 => {
                    to.put(spooled).await?;
                    result.copied += 1;
                    result.copied_bytes += size;
                }
                Ok(_) => result.changed.push(sha256),
                // Removed since it was listed.
                Err(StoreError::Missing(_)) => {}
                Err(error) => return Err(error),
            }
        }
        done_bytes += size;
    }
    report(CopyProgress { done_bytes, total_bytes });
    Ok(result)
}

async fn sizes(store: &Store) -> Result<BTreeMap<Sha256, u64>, StoreError> {
    store.list().map_ok(|object| (object.sha256, object.size_bytes)).try_collect().await
}

async fn fetch(from: &Store, sha256: Sha256, temporary: &Path) -> Result<Spooled, StoreError> {
    let mut bytes = from.open(sha256).await?.read_all().await?;
    let mut spool = Spool::create(temporary)?;
    while let Some(part) = bytes.try_next().await? {
        // Nothing else waits for this thread.
        spool.write_all(&part)?;
    }
    Ok(spool.finish()?)
}
