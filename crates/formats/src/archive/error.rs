//! Why an archive is refused.

use std::io;

use crate::manifest::ManifestError;

/// Why an archive is refused. Names are cut to 100 characters.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// It ends too early, is damaged, or is something else.
    #[error("the archive cannot be read: {0}")]
    Unreadable(#[source] io::Error),
    /// A path that is not plain: with an empty segment, `.`, a backslash or a control character.
    #[error("the archive has an entry with the path {0:?}, which is not plain")]
    Path(String),
    /// A path that begins at the root of the file system.
    #[error("the archive has an entry with the absolute path {0:?}")]
    AbsolutePath(String),
    /// A path with `..`.
    #[error("the archive has an entry with the path {0:?}, which leaves the archive")]
    LeavingPath(String),
    /// A path that is not UTF-8.
    #[error("the archive has an entry with the path {0:?}, which is not UTF-8")]
    PathEncoding(String),
    /// A path longer than allowed.
    #[error("the archive has an entry whose path is longer than {0} bytes")]
    LongPath(usize),
    /// A symbolic or hard link.
    #[error("the archive has the link {0:?}; only files and directories are allowed")]
    Link(String),
    /// A device.
    #[error("the archive has the device {0:?}; only files and directories are allowed")]
    Device(String),
    /// A named pipe.
    #[error("the archive has the named pipe {0:?}; only files and directories are allowed")]
    Pipe(String),
    /// A file with holes, whose content two programs may read differently.
    #[error("the archive has the sparse file {0:?}; write it without holes")]
    Sparse(String),
    /// Anything else that is neither file nor directory.
    #[error("the archive has an entry {0:?} that is neither a file nor a directory")]
    Kind(String),
    /// The same file twice.
    #[error("the archive has more than one entry for {0:?}")]
    Duplicate(String),
    /// Two paths that are one where case does not matter.
    #[error("the archive has entries for {0:?} and {1:?}, which differ in case only")]
    CaseCollision(String, String),
    /// A file where another path needs a directory.
    #[error("the archive has both a file and a directory {0:?}")]
    FileAndDirectory(String),
    /// More entries than allowed.
    #[error("the archive has more than {0} entries")]
    TooMany(usize),
    /// More bytes than allowed.
    #[error("the archive has more than {0} bytes when it is decompressed")]
    TooLarge(u64),
    /// More bytes for each compressed one than allowed.
    #[error("the archive is more than {0} times as large when it is decompressed")]
    CompressionRatio(u64),
    /// A gzip member inside a gzip member.
    #[error("the archive is compressed twice; compress it once")]
    CompressedTwice,
    /// A further gzip member, which other programs skip.
    #[error("the archive has more than one gzip member; write it as one")]
    SeveralMembers,
    /// Something behind the end.
    #[error("the archive has data behind its end")]
    TrailingData,
    /// Something before the first entry of a zip.
    #[error("the archive has data before its first entry")]
    LeadingData,
    /// Something between the entries of a zip.
    #[error("the archive has data between its entries that its directory does not list")]
    UnlistedData,
    /// Two entries of a zip that share bytes.
    #[error("the archive's entry {0:?} overlaps with another")]
    Overlap(String),
    /// A PAX or GNU header in front of an entry that is malformed, too large, contradicts another, or names no entry.
    #[error("the archive has an extended header that cannot be used: {0}")]
    ExtendedHeader(&'static str),
    /// Sizes that contradict each other.
    #[error("the archive has contradicting sizes for {0:?}")]
    Size(String),
    /// The directory of a zip contradicts the header of an entry.
    #[error("the archive's directory and the header of {path:?} have different values: {field}")]
    Directory {
        /// The path in the directory.
        path: String,
        /// What differs.
        field: &'static str,
    },
    /// Content that is not what was written.
    #[error("the archive's content of {0:?} does not have the checksum that is written beside it")]
    Checksum(String),
    /// An encrypted entry.
    #[error("the archive's entry {0:?} is encrypted")]
    Encrypted(String),
    /// A way of compression other than none and deflate.
    #[error("the archive's entry {path:?} is compressed by method {method}; deflate it")]
    Method {
        /// The path.
        path: String,
        /// The number of the method.
        method: u16,
    },
    /// Fields that only a zip of more than 4 GB needs.
    #[error("the archive uses zip64, which only an archive of more than 4 GB needs; write it without")]
    Zip64,
    /// A zip in pieces.
    #[error("the archive is one of several parts; write it as one")]
    SeveralDisks,
    /// A comment that could hide something.
    #[error("the archive has a comment of more than {0} bytes")]
    LongComment(usize),
    /// No `manifest.json`.
    #[error("the archive has no manifest.json")]
    NoManifest,
    /// More than one `manifest.json`.
    #[error("the archive has more than one manifest.json")]
    SeveralManifests,
    /// A manifest larger than allowed.
    #[error("the archive's manifest.json has more than {0} bytes")]
    LargeManifest(u64),
    /// A manifest that cannot be used.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A file that the manifest lists and the archive lacks.
    #[error("manifest.json lists {0:?}, which the archive does not have")]
    Missing(String),
    /// A control file larger than allowed.
    #[error("the archive's control file {path:?} has more than {bytes} bytes")]
    LargeControlFile {
        /// The path.
        path: String,
        /// The bytes that are allowed.
        bytes: u64,
    },
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
            Self::AbsolutePath(_) => "archive-path-absolute",
            Self::LeavingPath(_) => "archive-path-leaves",
            Self::PathEncoding(_) => "archive-path-not-utf-8",
            Self::LongPath(_) => "archive-path-too-long",
            Self::Link(_) => "archive-link",
            Self::Device(_) => "archive-device",
            Self::Pipe(_) => "archive-named-pipe",
            Self::Sparse(_) => "archive-sparse-file",
            Self::Kind(_) => "archive-entry-kind",
            Self::Duplicate(_) => "archive-duplicate-entry",
            Self::CaseCollision(..) => "archive-case-collision",
            Self::FileAndDirectory(_) => "archive-file-and-directory",
            Self::TooMany(_) => "archive-too-many-entries",
            Self::TooLarge(_) => "archive-too-large",
            Self::CompressionRatio(_) => "archive-compression-ratio",
            Self::CompressedTwice => "archive-compressed-twice",
            Self::SeveralMembers => "archive-several-gzip-members",
            Self::TrailingData => "archive-trailing-data",
            Self::LeadingData => "archive-leading-data",
            Self::UnlistedData => "archive-unlisted-data",
            Self::Overlap(_) => "archive-overlapping-entries",
            Self::ExtendedHeader(_) => "archive-extended-header",
            Self::Size(_) => "archive-size-mismatch",
            Self::Directory { .. } => "archive-directory-mismatch",
            Self::Checksum(_) => "archive-checksum-mismatch",
            Self::Encrypted(_) => "archive-encrypted",
            Self::Method { .. } => "archive-compression-method",
            Self::Zip64 => "archive-zip64",
            Self::SeveralDisks => "archive-several-disks",
            Self::LongComment(_) => "archive-comment-too-long",
            Self::NoManifest => "archive-without-manifest",
            Self::SeveralManifests => "archive-several-manifests",
            Self::LargeManifest(_) => "archive-manifest-too-large",
            Self::Manifest(_) => "archive-manifest",
            Self::Missing(_) => "archive-missing-file",
            Self::LargeControlFile { .. } => "archive-control-file-too-large",
            Self::Visitor(_) => "archive-file-unusable",
        }
    }

    /// What is no archive, or no whole one.
    pub(super) fn unreadable(why: &'static str) -> Self {
        Self::Unreadable(io::Error::new(io::ErrorKind::InvalidData, why))
    }
}
