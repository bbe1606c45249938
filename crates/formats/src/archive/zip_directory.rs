//! The central directory of a zip, of which only the plainest form is accepted.
//!
//! Source: APPNOTE.TXT 6.3.10, sections 4.3.12 and 4.3.16.

use std::io::{BufReader, Read, Seek, SeekFrom};

use super::{error::ArchiveError, limits::Limits};
use crate::quoted::quoted;

/// Bytes of a comment.
const COMMENT_BYTES: usize = 1024;
/// Bytes of the end record without its comment.
const END_BYTES: usize = 22;
/// Bytes of a directory record without names.
const RECORD_BYTES: usize = 46;
const END_SIGNATURE: &[u8] = b"PK\x05\x06";
const RECORD_SIGNATURE: &[u8] = b"PK\x01\x02";
const LOCATOR_SIGNATURE: &[u8] = b"PK\x06\x07";
/// What a field holds whose value stands in a zip64 record.
const ELSEWHERE: u64 = 0xffff_ffff;

/// The flags that say how an entry is to be read; the others are notes of the compressor.
pub(super) const READING_FLAGS: u16 = ENCRYPTION_FLAGS | DESCRIPTOR_FLAG | UTF_8_FLAG;
/// Sizes and checksum follow the content.
pub(super) const DESCRIPTOR_FLAG: u16 = 1 << 3;
const UTF_8_FLAG: u16 = 1 << 11;
/// Encrypted, strongly encrypted, and with a masked header.
const ENCRYPTION_FLAGS: u16 = 1 | 1 << 6 | 1 << 13;

/// One record of the directory.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) name: Vec<u8>,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) checksum: u32,
    pub(super) compressed_bytes: u64,
    pub(super) size_bytes: u64,
    /// Where its header begins.
    pub(super) offset: u64,
    pub(super) is_directory: bool,
}

/// The records of the directory in the order of their headers, and where the directory begins.
#[derive(Debug)]
pub(super) struct Directory {
    pub(super) records: Vec<Record>,
    pub(super) start: u64,
}

/// The two bytes at `at`, which must be there.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

/// The four bytes at `at`, which must be there.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// What is read of the input: the end record, its position and what stands before it.
struct End {
    entries: usize,
    directory_start: u64,
    directory_bytes: u64,
    position: u64,
}

fn read_end<R: Read + Seek>(input: &mut R, limits: &Limits) -> Result<End, ArchiveError> {
    let length = input.seek(SeekFrom::End(0)).map_err(ArchiveError::Unreadable)?;
    // The longest comment, and the locator of zip64 before the record.
    let tail_bytes = length.min((END_BYTES + 0xffff + 20) as u64);
    input.seek(SeekFrom::Start(length - tail_bytes)).map_err(ArchiveError::Unreadable)?;
    let mut tail = Vec::new();
    input.take(tail_bytes).read_to_end(&mut tail).map_err(ArchiveError::Unreadable)?;
    let at = tail
        .windows(END_SIGNATURE.len())
        .rposition(|window| window == END_SIGNATURE)
        .ok_or_else(|| ArchiveError::unreadable("it has no directory at its end; a zip archive is expected"))?;
    let record =
        tail.get(at..at + END_BYTES).ok_or_else(|| ArchiveError::unreadable("it ends within its directory"))?;
    let comment_bytes = usize::from(u16_at(record, 20));
    match tail.len() - at - END_BYTES {
        there if there < comment_bytes => return Err(ArchiveError::unreadable("it ends within its comment")),
        there if there > comment_bytes => return Err(ArchiveError::TrailingData),
        _ if comment_bytes > COMMENT_BYTES => return Err(ArchiveError::LongComment(COMMENT_BYTES)),
        _ => {}
    }
    let has_locator = at.checked_sub(20).is_some_and(|locator| tail[locator..].starts_with(LOCATOR_SIGNATURE));
    let (directory_bytes, directory_start) = (u64::from(u32_at(record, 12)), u64::from(u32_at(record, 16)));
    let entries = u16_at(record, 10);
    if has_locator || entries == 0xffff || directory_bytes == ELSEWHERE || directory_start == ELSEWHERE {
        return Err(ArchiveError::Zip64);
    }
    if u16_at(record, 4) != 0 || u16_at(record, 6) != 0 || u16_at(record, 8) != entries {
        return Err(ArchiveError::SeveralDisks);
    }
    let entries = usize::from(entries);
    if entries > limits.entries {
        return Err(ArchiveError::TooMany(limits.entries));
    }
    Ok(End { entries, directory_start, directory_bytes, position: length - tail_bytes + at as u64 })
}

/// Reads the directory and judges all that it says.
pub(super) fn read_directory<R: Read + Seek>(input: &mut R, limits: &Limits) -> Result<Directory, ArchiveError> {
    let end = read_end(input, limits)?;
    let Some(unlisted) = end.position.checked_sub(end.directory_start + end.directory_bytes) else {
        return Err(ArchiveError::unreadable("its directory is larger than the archive"));
    };
    if unlisted > 0 {
        // If the directory is where it belongs, all offsets lack what was put in front.
        let mut signature = [0; 4];
        input.seek(SeekFrom::Start(end.position - end.directory_bytes)).map_err(ArchiveError::Unreadable)?;
        input.read_exact(&mut signature).map_err(ArchiveError::Unreadable)?;
        let is_directory = signature == RECORD_SIGNATURE || end.directory_bytes == 0;
        return Err(if is_directory { ArchiveError::LeadingData } else { ArchiveError::UnlistedData });
    }
    input.seek(SeekFrom::Start(end.directory_start)).map_err(ArchiveError::Unreadable)?;
    let mut rest = BufReader::new(input).take(end.directory_bytes);
    let mut records = Vec::new();
    for _ in 0..end.entries {
        let record = read_record(&mut rest, limits)?;
        if record.offset >= end.directory_start {
            return Err(ArchiveError::Overlap(quoted(&record.name)));
        }
        records.push(record);
    }
    if rest.limit() > 0 {
        return Err(ArchiveError::UnlistedData);
    }
    let sum = |size: fn(&Record) -> u64| records.iter().map(size).fold(0, u64::saturating_add);
    limits.check_bytes(sum(|record| record.compressed_bytes), sum(|record| record.size_bytes))?;
    records.sort_by_key(|record| record.offset);
    Ok(Directory { records, start: end.directory_start })
}

fn read_record(rest: &mut impl Read, limits: &Limits) -> Result<Record, ArchiveError> {
    let mut fixed = [0; RECORD_BYTES];
    rest.read_exact(&mut fixed).map_err(ArchiveError::Unreadable)?;
    if !fixed.starts_with(RECORD_SIGNATURE) {
        return Err(ArchiveError::unreadable("its directory is damaged"));
    }
    let (name_bytes, extra_bytes) = (usize::from(u16_at(&fixed, 28)), usize::from(u16_at(&fixed, 30)));
    let comment_bytes = usize::from(u16_at(&fixed, 32));
    if name_bytes > limits.path_bytes {
        return Err(ArchiveError::LongPath(limits.path_bytes));
    }
    if comment_bytes > COMMENT_BYTES {
        return Err(ArchiveError::LongComment(COMMENT_BYTES));
    }
    let mut variable = vec![0; name_bytes + extra_bytes + comment_bytes];
    rest.read_exact(&mut variable).map_err(ArchiveError::Unreadable)?;
    let (name, variable) = variable.split_at(name_bytes);
    let (flags, method) = (u16_at(&fixed, 8), u16_at(&fixed, 10));
    let compressed_bytes = u64::from(u32_at(&fixed, 20));
    let size_bytes = u64::from(u32_at(&fixed, 24));
    let offset = u64::from(u32_at(&fixed, 42));
    check_extra(name, &variable[..extra_bytes])?;
    if [compressed_bytes, size_bytes, offset].contains(&ELSEWHERE) {
        return Err(ArchiveError::Zip64);
    }
    if u16_at(&fixed, 34) != 0 {
        return Err(ArchiveError::SeveralDisks);
    }
    // 99 stands for any method under AES.
    if flags & ENCRYPTION_FLAGS != 0 || method == 99 {
        return Err(ArchiveError::Encrypted(quoted(name)));
    }
    if !matches!(method, 0 | 8) {
        return Err(ArchiveError::Method { path: quoted(name), method });
    }
    let is_directory = is_directory(name, u32_at(&fixed, 38))?;
    if is_directory && size_bytes > 0 || method == 0 && compressed_bytes != size_bytes {
        return Err(ArchiveError::Size(quoted(name)));
    }
    Ok(Record {
        name: name.to_owned(),
        flags,
        method,
        checksum: u32_at(&fixed, 16),
        compressed_bytes,
        size_bytes,
        offset,
        is_directory,
    })
}

/// Extra fields that change what an entry is or is called.
pub(super) fn check_extra(name: &[u8], mut extra: &[u8]) -> Result<(), ArchiveError> {
    const ZIP64: u16 = 0x0001;
    const UNICODE_PATH: u16 = 0x7075;
    const AES: u16 = 0x9901;
    // Fewer bytes are padding.
    while extra.len() >= 4 {
        let (kind, length) = (u16_at(extra, 0), usize::from(u16_at(extra, 2)));
        let field = extra.get(4..4 + length).ok_or_else(|| ArchiveError::unreadable("an extra field is cut off"))?;
        match kind {
            ZIP64 => return Err(ArchiveError::Zip64),
            AES => return Err(ArchiveError::Encrypted(quoted(name))),
            // A version, a checksum and the name.
            UNICODE_PATH if field.get(5..) != Some(name) => {
                return Err(ArchiveError::Directory { path: quoted(name), field: "Unicode path" });
            }
            _ => {}
        }
        extra = &extra[4 + length..];
    }
    Ok(())
}

/// Whether an entry is a directory, by its name and, where the upper half of the attributes has one, the mode of Unix,
/// whichever system claims to have written it.
fn is_directory(name: &[u8], attributes: u32) -> Result<bool, ArchiveError> {
    let is_directory = name.ends_with(b"/");
    match attributes >> 16 & 0o170_000 {
        0 => Ok(is_directory),
        0o100_000 if !is_directory => Ok(false),
        0o040_000 if is_directory => Ok(true),
        0o120_000 => Err(ArchiveError::Link(quoted(name))),
        0o020_000 | 0o060_000 => Err(ArchiveError::Device(quoted(name))),
        0o010_000 => Err(ArchiveError::Pipe(quoted(name))),
        _ => Err(ArchiveError::Kind(quoted(name))),
    }
}
