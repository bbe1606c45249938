//! What every store does, tried on each of them: files in a directory, and a real S3 server.

use std::{fs, io::Write as _, path::Path, sync::Mutex};

use aws_sdk_s3::config::{Credentials, SharedCredentialsProvider};
use futures::{TryStreamExt as _, future::join_all};
use model::Sha256;
use s3_server::{BUCKET, Quirk, S3Server};
use sha2::Digest as _;
use tempfile::TempDir;
use time::Duration;

use super::{CopyReport, DiskStore, ListedObject, S3Settings, S3Store, Store, StoreError, copy_objects, key};
use crate::{
    Clock,
    spool::{Spool, Spooled},
};

/// Three parts for S3.
const LARGE: usize = 20 << 20;

/// Bytes that look like nothing else.
fn noise(seed: u32, length: usize) -> Vec<u8> {
    let words = (0..).map(|number: u32| (number ^ seed).wrapping_mul(2_654_435_761).rotate_left(seed));
    words.flat_map(u32::to_le_bytes).take(length).collect()
}

fn spooled(temporary: &Path, bytes: &[u8]) -> Spooled {
    let mut spool = Spool::create(temporary).expect("a spool");
    spool.write_all(bytes).expect("written");
    spool.finish().expect("spooled")
}

fn digest(bytes: &[u8]) -> Sha256 {
    Sha256::from_bytes(sha2::Sha256::digest(bytes).into())
}

fn s3(server: &S3Server) -> Store {
    let settings = S3Settings { bucket: BUCKET.to_owned(), public_endpoint: None };
    Store::S3(S3Store::new(&server.config(), settings).expect("a region"))
}

/// A store and the directory in which its objects are files.
struct Case {
    store: Store,
    files: std::path::PathBuf,
    temporary: TempDir,
    _kept: (Option<TempDir>, Option<S3Server>),
}

impl Case {
    fn disk() -> Self {
        let root = tempfile::tempdir().expect("a directory");
        Self {
            store: Store::Disk(DiskStore::new(root.path().to_owned())),
            files: root.path().to_owned(),
            temporary: tempfile::tempdir().expect("a directory"),
            _kept: (Some(root), None),
        }
    }

    fn s3() -> Self {
        let server = S3Server::start();
        Self {
            store: s3(&server),
            files: server.bucket(),
            temporary: tempfile::tempdir().expect("a directory"),
            _kept: (None, Some(server)),
        }
    }

    async fn put(&self, bytes: &[u8]) -> Sha256 {
        let spooled = spooled(self.temporary.path(), bytes);
        let sha256 = spooled.sha256;
        self.store.put(spooled).await.expect("put");
        sha256
    }

    async fn read(&self, sha256: Sha256, first: u64, length: u64) -> Result<Vec<u8>, StoreError> {
        let parts = self.store.open(sha256).await?.read(first, length).await?;
        Ok(parts.try_collect::<Vec<_>>().await?.concat())
    }

    async fn read_all(&self, sha256: Sha256) -> Result<Vec<u8>, StoreError> {
        let parts = self.store.open(sha256).await?.read_all().await?;
        Ok(parts.try_collect::<Vec<_>>().await?.concat())
    }

    async fn list(&self) -> Vec<ListedObject> {
        let mut objects: Vec<_> = self.store.list().try_collect().await.expect("listed");
        objects.sort_by_key(|object| object.sha256);
        objects
    }

    /// Nothing lies in the store, and nothing in the temporary directory.
    async fn assert_empty(&self) {
        assert_eq!(self.list().await, []);
        assert_eq!(fs::read_dir(self.temporary.path()).expect("a directory").count(), 0);
    }
}

/// Everything that a store promises.
async fn conforms(case: Case) {
    what_is_put_is_there(&case).await;
    ranges_are_read(&case).await;
    what_is_missing_is_said(&case).await;
    puts_of_one_object_do_not_disturb_each_other(&case).await;
    what_is_cut_off_is_noticed(&case).await;
}

async fn what_is_put_is_there(case: &Case) {
    let before = Clock::system().now() - Duration::seconds(5);
    let contents = [Vec::new(), b"x".to_vec(), noise(1, 100_000), noise(2, 8 << 20), noise(3, LARGE)];
    for bytes in &contents {
        let sha256 = case.put(bytes).await;
        assert_eq!(sha256, digest(bytes));
        assert_eq!(case.store.size(sha256).await.expect("a size"), Some(bytes.len() as u64));
        assert_eq!(case.store.open(sha256).await.expect("open").size_bytes, bytes.len() as u64);
        assert!(case.read_all(sha256).await.expect("read") == *bytes, "the bytes of {}", bytes.len());
        assert_eq!(case.store.open(sha256).await.expect("open").digest().await.expect("read"), sha256);
        assert!(case.files.join(key(sha256)).is_file(), "it lies under its digest");
        // The same again changes nothing.
        assert_eq!(case.put(bytes).await, sha256);
        assert!(case.read_all(sha256).await.expect("read") == *bytes, "the bytes of {}", bytes.len());
    }
    // What is no object is not listed.
    fs::write(case.files.join("README"), "none").expect("written");
    fs::create_dir_all(case.files.join("ab/cd")).expect("a directory");
    fs::write(case.files.join("ab/cd/abcd"), "none").expect("written");
    fs::write(case.files.join("ab/cd").join(digest(b"x").to_string()), "in the wrong place").expect("written");
    let listed = case.list().await;
    let mut expected: Vec<_> = contents.iter().map(|bytes| (digest(bytes), bytes.len() as u64)).collect();
    expected.sort();
    assert_eq!(listed.iter().map(|object| (object.sha256, object.size_bytes)).collect::<Vec<_>>(), expected);
    let after = Clock::system().now() + Duration::seconds(5);
    assert!(listed.iter().all(|object| (before..after).contains(&object.written_at)), "{listed:?}");
    for (sha256, _) in expected {
        case.store.remove(sha256).await.expect("removed");
        assert_eq!(case.store.size(sha256).await.expect("an answer"), None);
        case.store.remove(sha256).await.expect("nothing to do");
    }
    case.assert_empty().await;
}

async fn ranges_are_read(case: &Case) {
    let bytes = noise(4, 200_001);
    let sha256 = case.put(&bytes).await;
    for (first, length) in [(0, 1), (0, 200_001), (200_000, 1), (5, 16), (65_535, 65_538), (7, 0), (100_000, 100_001)] {
        let read = case.read(sha256, first, length).await.expect("read");
        let range = usize::try_from(first).expect("small")..usize::try_from(first + length).expect("small");
        assert!(read == bytes[range], "{length} bytes from {first} on");
    }
    assert!(case.read(sha256, 200_000, 2).await.is_err(), "there are not as many");
    case.store.remove(sha256).await.expect("removed");
}

async fn what_is_missing_is_said(case: &Case) {
    let missing = digest(b"missing");
    assert_eq!(case.store.size(missing).await.expect("an answer"), None);
    assert!(matches!(case.store.open(missing).await, Err(StoreError::Missing(sha256)) if sha256 == missing));
    let sha256 = case.put(b"soon gone").await;
    let opened = case.store.open(sha256).await.expect("open");
    case.store.remove(sha256).await.expect("removed");
    match opened.read_all().await {
        // A file that is open can be read to its end.
        Ok(bytes) => assert_eq!(bytes.try_collect::<Vec<_>>().await.expect("read").concat(), b"soon gone"),
        Err(error) => assert!(matches!(error, StoreError::Missing(_)), "{error}"),
    }
}

async fn puts_of_one_object_do_not_disturb_each_other(case: &Case) {
    for bytes in [noise(5, 300_000), noise(6, LARGE)] {
        let sha256 = digest(&bytes);
        let puts = (0..4).map(|_| case.store.put(spooled(case.temporary.path(), &bytes)));
        for put in join_all(puts).await {
            put.expect("put");
        }
        assert!(case.read_all(sha256).await.expect("read") == bytes, "the bytes of {}", bytes.len());
        assert_eq!(case.list().await.len(), 1);
        case.store.remove(sha256).await.expect("removed");
    }
    case.assert_empty().await;
}

async fn what_is_cut_off_is_noticed(case: &Case) {
    for length in [1_000, LARGE] {
        let mut short = spooled(case.temporary.path(), &noise(7, length));
        short.size_bytes += 1;
        assert!(matches!(case.store.put(short).await, Err(StoreError::Io(_))), "a wrong size");
        let short = spooled(case.temporary.path(), &noise(7, length));
        short.file.as_file().set_len(length as u64 - 1).expect("cut off");
        assert!(matches!(case.store.put(short).await, Err(StoreError::Io(_))), "a file that was cut off");
    }
    case.assert_empty().await;
    let sha256 = case.put(&noise(8, 300_000)).await;
    let opened = case.store.open(sha256).await.expect("open");
    // As no store should do: by hand, behind its back.
    let path = case.files.join(key(sha256));
    fs::remove_file(&path).expect("removed");
    fs::write(&path, noise(8, 299_999)).expect("written");
    if matches!(case.store, Store::S3(_)) {
        let read = match opened.read_all().await {
            Ok(parts) => parts.try_collect::<Vec<_>>().await.map(|_| ()).map_err(StoreError::from),
            Err(error) => Err(error),
        };
        assert!(matches!(read, Err(StoreError::Io(_))), "{read:?}");
    }
    assert_ne!(case.store.open(sha256).await.expect("open").digest().await.expect("read"), sha256);
    case.store.remove(sha256).await.expect("removed");
}

#[tokio::test]
async fn a_store_on_disk_does_what_a_store_does() {
    conforms(Case::disk()).await;
}

#[tokio::test]
async fn a_store_on_s3_does_what_a_store_does() {
    conforms(Case::s3()).await;
}

#[tokio::test]
async fn long_lists_come_in_pages() {
    for case in [Case::disk(), Case::s3()] {
        for number in 0..2_100_u32 {
            let path = case.files.join(key(digest(&number.to_le_bytes())));
            fs::create_dir_all(path.parent().expect("a directory")).expect("created");
            fs::write(path, number.to_le_bytes()).expect("written");
        }
        let listed = case.list().await;
        assert_eq!(listed.len(), 2_100);
        assert!(listed.iter().all(|object| object.size_bytes == 4));
    }
}

#[tokio::test]
async fn a_server_without_checksums_gets_none() {
    let server = S3Server::start_with(Quirk::RefusesChecksums);
    let (store, temporary) = (s3(&server), tempfile::tempdir().expect("a directory"));
    for bytes in [noise(1, LARGE), noise(2, 1_000), noise(3, LARGE)] {
        store.put(spooled(temporary.path(), &bytes)).await.expect("put");
        let found = store.open(digest(&bytes)).await.expect("open").digest().await.expect("read");
        assert_eq!(found, digest(&bytes));
    }
    assert_eq!(server.unfinished_parts(), 0);
}

#[tokio::test]
async fn a_full_bucket_is_said_and_no_part_stays() {
    let server = S3Server::start_with(Quirk::Full);
    let (store, temporary) = (s3(&server), tempfile::tempdir().expect("a directory"));
    for bytes in [noise(1, 1_000), noise(2, LARGE)] {
        let full = store.put(spooled(temporary.path(), &bytes)).await;
        assert!(matches!(full, Err(StoreError::Full)), "{full:?}");
    }
    assert_eq!(server.unfinished_parts(), 0, "the upload in parts was taken back");
    assert_eq!(fs::read_dir(temporary.path()).expect("a directory").count(), 0);
}

#[tokio::test]
async fn what_the_server_refuses_is_an_error_and_not_an_absence() {
    let server = S3Server::start();
    let stranger = Credentials::new("loopback", "a wrong secret", None, None, "test");
    let stranger = server.config().to_builder().credentials_provider(SharedCredentialsProvider::new(stranger)).build();
    let settings = || S3Settings { bucket: BUCKET.to_owned(), public_endpoint: None };
    let store = Store::S3(S3Store::new(&stranger, settings()).expect("a region"));
    let temporary = tempfile::tempdir().expect("a directory");
    let put = store.put(spooled(temporary.path(), b"x")).await.expect_err("refused").to_string();
    assert!(put.contains("PutObject failed with status 403") && put.contains("SignatureDoesNotMatch"), "{put}");
    assert!(matches!(store.open(digest(b"x")).await, Err(StoreError::Io(_))));
    assert!(matches!(store.size(digest(b"x")).await, Err(StoreError::Io(_))));
    assert!(matches!(store.remove(digest(b"x")).await, Err(StoreError::Io(_))));

    let settings = S3Settings { bucket: "another".to_owned(), ..settings() };
    let store = Store::S3(S3Store::new(&server.config(), settings).expect("a region"));
    let listed = store.list().try_collect::<Vec<_>>().await.expect_err("there is no such bucket").to_string();
    assert!(listed.contains("ListObjectsV2 failed with status 404") && listed.contains("NoSuchBucket"), "{listed}");
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_given_up() {
    let mut server = S3Server::start();
    let store = s3(&server);
    let temporary = tempfile::tempdir().expect("a directory");
    server.stop();
    let start = std::time::Instant::now();
    for bytes in [b"x".to_vec(), noise(1, LARGE)] {
        let error = store.put(spooled(temporary.path(), &bytes)).await.expect_err("nobody is there");
        assert!(matches!(&error, StoreError::Io(_)) && error.to_string().contains("Connection refused"), "{error}");
        assert!(store.open(digest(&bytes)).await.is_err());
    }
    assert!(start.elapsed() < std::time::Duration::from_secs(40), "{:?}", start.elapsed());
    server.resume();
    store.put(spooled(temporary.path(), b"x")).await.expect("put");
}

#[tokio::test]
async fn without_a_region_or_an_address_it_is_said_what_to_set() {
    let nowhere = aws_config::SdkConfig::builder().behavior_version(aws_config::BehaviorVersion::latest()).build();
    let settings = S3Settings { bucket: BUCKET.to_owned(), public_endpoint: None };
    let error = S3Store::new(&nowhere, settings.clone()).expect_err("refused").to_string();
    assert!(error.contains("set AWS_REGION"), "{error}");
    let somewhere = nowhere.to_builder().endpoint_url("http://localhost:9000").build();
    S3Store::new(&somewhere, settings).expect("a server that is not AWS's has no region");
}

#[tokio::test]
async fn a_store_is_copied_and_the_copy_goes_on_where_it_ended() {
    let (disk, s3) = (Case::disk(), Case::s3());
    let contents = [Vec::new(), noise(1, 70_000), noise(2, LARGE), noise(3, 5)];
    for bytes in &contents {
        disk.put(bytes).await;
    }
    let copy = async |from: &Case, to: &Case| {
        let last = Mutex::new(None);
        let report = copy_objects(&from.store, &to.store, disk.temporary.path(), |progress| {
            *last.lock().expect("one thread") = Some(progress);
        })
        .await
        .expect("copied");
        let last = last.into_inner().expect("one thread").expect("progress");
        assert_eq!(last.done_bytes, last.total_bytes);
        report
    };
    let size = |bytes: &[Vec<u8>]| bytes.iter().map(|bytes| bytes.len() as u64).sum::<u64>();
    let expected = CopyReport { copied: 4, copied_bytes: size(&contents), present: 0, changed: vec![] };
    assert_eq!(copy(&disk, &s3).await, expected);
    assert_eq!(copy(&disk, &s3).await, CopyReport { present: 4, ..CopyReport::default() });
    for bytes in &contents {
        assert!(s3.read_all(digest(bytes)).await.expect("read") == *bytes, "the bytes of {}", bytes.len());
    }
    // One that is not there as a whole, and one that is not there, are copied again.
    fs::write(s3.files.join(key(digest(&contents[1]))), "half").expect("written");
    fs::remove_file(s3.files.join(key(digest(&contents[2])))).expect("removed");
    let again = copy(&disk, &s3).await;
    assert_eq!((again.copied, again.copied_bytes, again.present), (2, size(&contents[1..3]), 2));
    assert!(s3.read_all(digest(&contents[1])).await.expect("read") == contents[1], "it is whole");
    // What is damaged is not spread.
    let damaged = digest(&contents[3]);
    disk.store.remove(damaged).await.expect("removed");
    fs::write(s3.files.join(key(damaged)), "wrong").expect("written");
    assert_eq!(copy(&s3, &disk).await.changed, [damaged]);
    assert_eq!(disk.store.size(damaged).await.expect("an answer"), None);
    assert_eq!(fs::read_dir(disk.temporary.path()).expect("a directory").count(), 0);
}
