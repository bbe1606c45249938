use std::{
    fs, io,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use model::CategorySlug;
use moka::sync::Cache;
use tantivy::{
    DocId, Index, IndexReader, IndexSettings, IndexWriter, ReloadPolicy, TantivyDocument, Term, index::SegmentId,
};

use super::{facts::KnownSegments, schema::Fields};
use crate::{EventId, Listing};

/// Bytes of memory for documents before they are written.
const MEMORY: usize = 50_000_000;

/// Blocks of listings that are kept unpacked, of four kilobytes each.
const KEPT_BLOCKS: usize = 4096;

/// Listings that are kept as they are shown, a few kilobytes each.
const KEPT_LISTINGS: u64 = 10_000;

/// The index of this node. Cheap to clone.
#[derive(Clone)]
pub struct SearchIndex {
    inner: Arc<Inner>,
}

/// A category as searches know it.
#[derive(Clone, Debug)]
pub(super) struct KnownCategory {
    pub(super) slug: CategorySlug,
    pub(super) name: String,
    pub(super) number: i16,
}

pub(super) struct Inner {
    pub(super) fields: Fields,
    pub(super) index: Index,
    pub(super) reader: IndexReader,
    writer: Mutex<IndexWriter>,
    pub(super) segments: KnownSegments,
    /// Listings by the segment and the document they lie in; neither ever changes.
    pub(super) listings: Cache<(SegmentId, DocId), Arc<Listing>>,
    categories: RwLock<Arc<Vec<KnownCategory>>>,
    /// Whether it holds all packages; not before its first building is complete.
    is_complete: AtomicBool,
}

impl std::fmt::Debug for SearchIndex {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SearchIndex").field("is_complete", &self.is_complete()).finish_non_exhaustive()
    }
}

impl SearchIndex {
    /// Opens the index below `directory`, or begins an empty one where there is none, or a broken one, of this schema.
    pub fn open(directory: &Path) -> Result<Self, tantivy::TantivyError> {
        let fields = Fields::new();
        let path = directory.join(fields.hash());
        remove_others(directory, &path);
        Self::open_existing(&path, fields.clone()).or_else(|error| {
            if path.exists() {
                tracing::warn!(%error, "the search index cannot be used; it is built anew");
                fs::remove_dir_all(&path)?;
            }
            Self::create(&path, fields)
        })
    }

    fn create(path: &Path, fields: Fields) -> Result<Self, tantivy::TantivyError> {
        fs::create_dir_all(path)?;
        // Small blocks: a page of results reads twenty documents from anywhere.
        let settings = IndexSettings { docstore_blocksize: 4096, ..IndexSettings::default() };
        let index = Index::builder().schema(fields.schema.clone()).settings(settings).create_in_dir(path)?;
        Self::with_index(index, fields)
    }

    fn open_existing(path: &Path, fields: Fields) -> Result<Self, tantivy::TantivyError> {
        let index = Index::open_in_dir(path)?;
        // A file that is cut short is found now and not by somebody's search.
        if !index.validate_checksum()?.is_empty() {
            return Err(io::Error::other("a file of it is damaged").into());
        }
        Self::with_index(index, fields)
    }

    fn with_index(index: Index, fields: Fields) -> Result<Self, tantivy::TantivyError> {
        Fields::register(&index)?;
        let writer = index.writer_with_num_threads(1, MEMORY)?;
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .doc_store_cache_num_blocks(KEPT_BLOCKS)
            .try_into()?;
        let is_complete = AtomicBool::new(cursor_of(&index)?.is_some());
        let segments = KnownSegments::default();
        segments.refresh(&reader.searcher())?;
        Ok(Self {
            inner: Arc::new(Inner {
                fields,
                index,
                reader,
                writer: Mutex::new(writer),
                segments,
                listings: Cache::new(KEPT_LISTINGS),
                categories: RwLock::default(),
                is_complete,
            }),
        })
    }

    /// Whether it holds all packages.
    pub fn is_complete(&self) -> bool {
        self.inner.is_complete.load(Ordering::Acquire)
    }

    /// The categories as they were when the index last followed; empty where it did not yet.
    pub(super) fn categories(&self) -> Arc<Vec<KnownCategory>> {
        self.inner.categories.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set_categories(&self, categories: Vec<KnownCategory>) {
        *self.inner.categories.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(categories);
    }

    pub(super) fn inner(&self) -> &Inner {
        &self.inner
    }

    /// The event up to which it is complete; none if it never was.
    pub(super) fn cursor(&self) -> Result<Option<EventId>, tantivy::TantivyError> {
        cursor_of(&self.inner.index)
    }

    /// Replaces the documents of `packages` by `documents`, or all documents where no packages are named.
    ///
    /// Searches see the change as a whole, and that of `cursor` with it.
    pub(super) fn replace(
        &self,
        packages: Option<&[i64]>,
        documents: impl Iterator<Item = TantivyDocument>,
        cursor: EventId,
    ) -> Result<(), tantivy::TantivyError> {
        let mut writer = self.inner.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let written = (|| {
            match packages {
                Some(packages) => {
                    for package in packages {
                        writer.delete_term(Term::from_field_u64(self.inner.fields.package, package.cast_unsigned()));
                    }
                }
                None => _ = writer.delete_all_documents()?,
            }
            for document in documents {
                writer.add_document(document)?;
            }
            let mut commit = writer.prepare_commit()?;
            commit.set_payload(&cursor.to_string());
            commit.commit()?;
            if packages.is_none() {
                // Built anew: one segment, so that a search looks up each word once.
                let segments = self.inner.index.searchable_segment_ids()?;
                if segments.len() > 1 {
                    writer.merge(&segments).wait()?;
                }
            }
            Ok(())
        })();
        if let Err(error) = written {
            // What was begun must not slip into the next commit.
            let _ = writer.rollback();
            return Err(error);
        }
        self.inner.reader.reload()?;
        self.inner.segments.refresh(&self.inner.reader.searcher())?;
        self.inner.is_complete.store(true, Ordering::Release);
        Ok(())
    }
}

fn cursor_of(index: &Index) -> Result<Option<EventId>, tantivy::TantivyError> {
    Ok(index.load_metas()?.payload.and_then(|payload| payload.parse().ok()))
}

/// Removes indexes of other schemas.
fn remove_others(directory: &Path, path: &Path) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        if entry.path() != path {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
