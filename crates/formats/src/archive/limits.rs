//! What an archive may cost its reader.

use super::error::ArchiveError;

/// What an archive may cost its reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes after decompression, of everything together.
    pub total_bytes: u64,
    /// Entries: files, the manifest among them, directories and global headers.
    pub entries: usize,
    /// Bytes of a path.
    pub path_bytes: usize,
    /// Bytes of `manifest.json`.
    pub manifest_bytes: u64,
    /// Bytes of a control file.
    pub control_file_bytes: u64,
    /// How many bytes may come out for each byte that goes in.
    pub compression_ratio: u64,
    /// Bytes after decompression up to which the ratio does not matter: small files of zeros are no harm.
    pub ratio_free_bytes: u64,
}

impl Default for Limits {
    /// The ratio is far above that of code and text, which is about 10, and far below the 1,000 that gzip can reach.
    fn default() -> Self {
        Self {
            total_bytes: 4 << 30,
            entries: 20_000,
            path_bytes: 255,
            manifest_bytes: 4 << 20,
            control_file_bytes: 1 << 20,
            compression_ratio: 200,
            ratio_free_bytes: 64 << 20,
        }
    }
}

impl Limits {
    /// Whether `decompressed` bytes may come out of `compressed` ones.
    pub(super) const fn check_bytes(&self, compressed: u64, decompressed: u64) -> Result<(), ArchiveError> {
        if decompressed > self.total_bytes {
            return Err(ArchiveError::TooLarge(self.total_bytes));
        }
        let is_much = decompressed > self.ratio_free_bytes;
        if is_much && decompressed > compressed.saturating_mul(self.compression_ratio) {
            return Err(ArchiveError::CompressionRatio(self.compression_ratio));
        }
        Ok(())
    }
}
