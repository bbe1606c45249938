//! Source distributions: zips, usually with everything below one directory `NAME-VERSION/`.
//!
//! Accepted is what can be read in one way only, be it from the directory at the end or from the beginning: the entries
//! stand one behind the other, and nothing else stands in the file.

use std::io::{self, BufReader, Read, Seek, SeekFrom};

use super::{
    error::ArchiveError,
    file::{Entry, check_size, visit_file},
    limits::Limits,
    path::{Paths, check_path},
    zip_directory::{Record, read_directory},
    zip_entry::{EntryReader, read_descriptor, read_header},
};
use crate::quoted::quoted;

/// What was read from a source distribution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceContents {
    /// The directory that everything is in, without a slash; none if there is no such directory.
    pub top_directory: Option<String>,
    /// All files in the order in which they stand, with paths that begin with the top directory.
    pub entries: Vec<Entry>,
}

impl SourceContents {
    /// The path of one of the files below the top directory.
    pub fn path_below_top<'a>(&self, path: &'a str) -> &'a str {
        let below = self.top_directory.as_deref().and_then(|top| path.strip_prefix(top)?.strip_prefix('/'));
        below.unwrap_or(path)
    }
}

/// Reads a source distribution to its end and shows each file to `visit`, in the order in which they stand.
///
/// `visit` may read as much of a file as it wants; an error of its own ends the reading. Whether it reads a file does not
/// change why an archive is refused.
pub fn read_source<R: Read + Seek>(
    mut input: R,
    limits: &Limits,
    mut visit: impl FnMut(&str, &mut dyn Read) -> io::Result<()>,
) -> Result<SourceContents, ArchiveError> {
    let directory = read_directory(&mut input, limits)?;
    let mut paths = Paths::default();
    let mut names = Vec::new();
    for record in &directory.records {
        let path = check_path(&record.name, record.is_directory, limits)?;
        paths.add(&path, record.is_directory)?;
        check_size(&path, record.size_bytes, limits)?;
        names.push(path);
    }
    let top_directory = top_directory(&names, &directory.records);

    input.seek(SeekFrom::Start(0)).map_err(ArchiveError::Unreadable)?;
    let mut input = BufReader::new(input);
    let mut position = 0;
    let mut entries = Vec::new();
    let ends = directory.records.iter().skip(1).map(|record| record.offset).chain([directory.start]);
    if directory.records.first().map_or(directory.start, |first| first.offset) > 0 {
        return Err(ArchiveError::LeadingData);
    }
    for ((record, path), end) in directory.records.iter().zip(names).zip(ends) {
        position += read_header(&mut input, record)? + record.compressed_bytes;
        let available = end.checked_sub(position).ok_or_else(|| ArchiveError::Overlap(quoted(&record.name)))?;
        let mut content = EntryReader::new(&mut input, record);
        let entry = visit_record(record, path, &mut content, &mut visit);
        if let Some(failure) = content.into_failure() {
            return Err(failure);
        }
        entries.extend(entry?);
        read_descriptor(&mut input, record, available)?;
        position = end;
    }
    Ok(SourceContents { top_directory, entries })
}

fn visit_record<R: Read>(
    record: &Record,
    path: String,
    content: &mut R,
    visit: &mut impl FnMut(&str, &mut dyn Read) -> io::Result<()>,
) -> Result<Option<Entry>, ArchiveError> {
    if record.is_directory {
        io::copy(content, &mut io::sink()).map_err(ArchiveError::Unreadable)?;
        return Ok(None);
    }
    visit_file(path, content, visit).map(Some)
}

/// The first segment of all paths, if no file is called so.
fn top_directory(paths: &[String], records: &[Record]) -> Option<String> {
    let mut tops = paths.iter().zip(records).map(|(path, record)| match path.split_once('/') {
        Some((top, _)) => Some(top),
        None => record.is_directory.then_some(path.as_str()),
    });
    let first = tops.next()??;
    tops.all(|top| top == Some(first)).then(|| first.to_owned())
}
