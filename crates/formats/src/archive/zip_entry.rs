//! One entry of a zip: its header, its content and what follows, all of which must be what the directory says.
//!
//! Source: APPNOTE.TXT 6.3.10, sections 4.3.7 to 4.3.9.

use std::io::{self, BufRead, Read, Take};

use flate2::{Crc, bufread::DeflateDecoder};

use super::{
    error::ArchiveError,
    zip_directory::{DESCRIPTOR_FLAG, READING_FLAGS, Record, check_extra, u16_at, u32_at},
};
use crate::quoted::quoted;

const HEADER_BYTES: usize = 30;
const HEADER_SIGNATURE: &[u8] = b"PK\x03\x04";
const DESCRIPTOR_SIGNATURE: &[u8] = b"PK\x07\x08";

/// Reads the header of `record` and returns its length in bytes.
pub(super) fn read_header(input: &mut impl Read, record: &Record) -> Result<u64, ArchiveError> {
    let disagrees = |field| Err(ArchiveError::Directory { path: quoted(&record.name), field });
    let mut fixed = [0; HEADER_BYTES];
    input.read_exact(&mut fixed).map_err(ArchiveError::Unreadable)?;
    if !fixed.starts_with(HEADER_SIGNATURE) {
        return disagrees("position");
    }
    let (name_bytes, extra_bytes) = (usize::from(u16_at(&fixed, 26)), usize::from(u16_at(&fixed, 28)));
    if name_bytes != record.name.len() {
        return disagrees("name");
    }
    let mut variable = vec![0; name_bytes + extra_bytes];
    input.read_exact(&mut variable).map_err(ArchiveError::Unreadable)?;
    let (name, extra) = variable.split_at(name_bytes);
    if name != record.name {
        return disagrees("name");
    }
    check_extra(name, extra)?;
    let flags = u16_at(&fixed, 6);
    if (flags ^ record.flags) & READING_FLAGS != 0 {
        return disagrees("flags");
    }
    if u16_at(&fixed, 8) != record.method {
        return disagrees("method");
    }
    // What is written behind the content may be left out here, but not be something else; and only where the content shows
    // its end, for those who read from the beginning.
    let is_later = flags & DESCRIPTOR_FLAG != 0 && record.method != 0;
    let fits = |at, expected| {
        let value = u64::from(u32_at(&fixed, at));
        value == expected || is_later && value == 0
    };
    if !fits(14, record.checksum.into()) {
        return disagrees("checksum");
    }
    if !fits(18, record.compressed_bytes) {
        return disagrees("compressed size");
    }
    if !fits(22, record.size_bytes) {
        return disagrees("size");
    }
    Ok((HEADER_BYTES + variable.len()) as u64)
}

/// Reads the descriptor behind the content of `record`, which is all of the `available` bytes up to the next entry.
pub(super) fn read_descriptor(input: &mut impl Read, record: &Record, available: u64) -> Result<(), ArchiveError> {
    let has_descriptor = record.flags & DESCRIPTOR_FLAG != 0;
    let mut descriptor = [0; 16];
    let rest = match available {
        0 if !has_descriptor => return Ok(()),
        // The signature may be left out.
        12 if has_descriptor => &mut descriptor[4..],
        16 if has_descriptor => &mut descriptor[..],
        _ => return Err(ArchiveError::UnlistedData),
    };
    input.read_exact(rest).map_err(ArchiveError::Unreadable)?;
    let values = [4, 8, 12].map(|at| u64::from(u32_at(&descriptor, at)));
    let is_signed = available == 12 || descriptor.starts_with(DESCRIPTOR_SIGNATURE);
    if !is_signed || values != [record.checksum.into(), record.compressed_bytes, record.size_bytes] {
        return Err(ArchiveError::Directory { path: quoted(&record.name), field: "descriptor" });
    }
    Ok(())
}

enum Content<B> {
    Stored(Take<B>),
    Deflated(DeflateDecoder<Take<B>>),
}

/// Reads the content of an entry, and remembers if it is not what the directory says.
pub(super) struct EntryReader<'a, B> {
    content: Content<B>,
    record: &'a Record,
    checksum: Crc,
    is_complete: bool,
    failure: Option<ArchiveError>,
}

impl<'a, B: BufRead> EntryReader<'a, B> {
    pub(super) fn new(input: B, record: &'a Record) -> Self {
        let input = input.take(record.compressed_bytes);
        let content = match record.method {
            0 => Content::Stored(input),
            _ => Content::Deflated(DeflateDecoder::new(input)),
        };
        Self { content, record, checksum: Crc::new(), is_complete: false, failure: None }
    }

    /// Why the content could not be read; none if it could.
    pub(super) fn into_failure(self) -> Option<ArchiveError> {
        self.failure
    }

    fn fail(&mut self, error: ArchiveError) -> io::Error {
        let told = io::Error::new(io::ErrorKind::InvalidData, error.to_string());
        self.failure.get_or_insert(error);
        told
    }

    fn size_mismatch(&mut self) -> io::Error {
        let error = ArchiveError::Size(quoted(&self.record.name));
        self.fail(error)
    }

    fn check_end(&mut self) -> io::Result<()> {
        let unread = match &self.content {
            Content::Stored(input) => input.limit(),
            Content::Deflated(decoder) => decoder.get_ref().limit(),
        };
        if unread > 0 || self.count() != self.record.size_bytes {
            return Err(self.size_mismatch());
        }
        if self.checksum.sum() != self.record.checksum {
            let error = ArchiveError::Checksum(quoted(&self.record.name));
            return Err(self.fail(error));
        }
        self.is_complete = true;
        Ok(())
    }

    /// Bytes that came out so far.
    fn count(&self) -> u64 {
        match &self.content {
            Content::Stored(input) => self.record.compressed_bytes - input.limit(),
            Content::Deflated(decoder) => decoder.total_out(),
        }
    }
}

impl<B: BufRead> Read for EntryReader<'_, B> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.failure.is_some() {
            return Err(io::Error::other("the entry could not be read before"));
        }
        if self.is_complete || buffer.is_empty() {
            return Ok(0);
        }
        let read = match &mut self.content {
            Content::Stored(input) => input.read(buffer),
            Content::Deflated(decoder) => decoder.read(buffer),
        };
        match read {
            Ok(0) => self.check_end().map(|()| 0),
            Ok(_) if self.count() > self.record.size_bytes => Err(self.size_mismatch()),
            Ok(count) => {
                self.checksum.update(&buffer[..count]);
                Ok(count)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => Err(self.fail(ArchiveError::Unreadable(error))),
        }
    }
}
