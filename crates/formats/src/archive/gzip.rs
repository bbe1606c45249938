//! The one gzip member of a binary archive, read within limits.

use std::io::{self, BufRead, BufReader, Chain, Cursor, Read};

use flate2::bufread::GzDecoder;

use super::{error::ArchiveError, limits::Limits};

const MAGIC: [u8; 2] = [0x1f, 0x8b];
/// Bytes that are decompressed at once.
const STEP: usize = 32 << 10;

/// Whether these bytes begin a gzip member.
pub(super) fn is_beginning(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC)
}

/// Counts what is read through it.
struct Counting<R> {
    inner: R,
    count: u64,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.count += count as u64;
        Ok(count)
    }
}

/// The beginning that was looked at, and the rest.
type Input<R> = Counting<Chain<Cursor<[u8; 2]>, R>>;

/// A stream that remembers why it failed, whatever its reader makes of the error.
pub(super) struct Gzip<'a, R> {
    decoder: GzDecoder<BufReader<Input<R>>>,
    /// What came out last. It is asked for in steps of one size, so that the same archive is always judged alike.
    buffer: Vec<u8>,
    /// How much of that was read.
    taken: usize,
    decompressed: u64,
    limits: &'a Limits,
    failure: Option<ArchiveError>,
}

impl<'a, R: Read> Gzip<'a, R> {
    /// Begins to read; what does not begin as gzip is refused.
    pub(super) fn new(mut input: R, limits: &'a Limits) -> Result<Self, ArchiveError> {
        let mut magic = [0; 2];
        match input.read_exact(&mut magic) {
            Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => return Err(ArchiveError::Unreadable(error)),
            Ok(()) | Err(_) => {}
        }
        if !is_beginning(&magic) {
            return Err(ArchiveError::unreadable("it is not compressed by gzip; a gzip-compressed tar is expected"));
        }
        let input = Counting { inner: Cursor::new(magic).chain(input), count: 0 };
        let decoder = GzDecoder::new(BufReader::new(input));
        Ok(Self { decoder, buffer: Vec::new(), taken: 0, decompressed: 0, limits, failure: None })
    }

    /// Takes `error` for the reason why nothing more can be read, unless there is one already.
    pub(super) fn fail(&mut self, error: ArchiveError) -> io::Error {
        let told = io::Error::new(io::ErrorKind::InvalidData, error.to_string());
        self.failure.get_or_insert(error);
        told
    }

    /// Why nothing more could be read; none if all could.
    pub(super) fn into_failure(self) -> Option<ArchiveError> {
        self.failure
    }

    /// Whether the compressed data ends here; to be asked once nothing more comes out.
    pub(super) fn check_end(&mut self) -> Result<(), ArchiveError> {
        loop {
            match self.decoder.get_mut().fill_buf() {
                Ok([]) => return Ok(()),
                Ok([first, ..]) if *first == MAGIC[0] => return Err(ArchiveError::SeveralMembers),
                Ok(_) => return Err(ArchiveError::TrailingData),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(ArchiveError::Unreadable(error)),
            }
        }
    }
}

impl<R: Read> Gzip<'_, R> {
    /// Fills the buffer, with nothing at the end.
    fn fill(&mut self) -> io::Result<()> {
        self.buffer.resize(STEP, 0);
        let result = self.decoder.read(&mut self.buffer);
        self.taken = 0;
        self.buffer.truncate(*result.as_ref().unwrap_or(&0));
        match result {
            Ok(count) => {
                self.decompressed += count as u64;
                let compressed = self.decoder.get_ref().get_ref().count;
                self.limits.check_bytes(compressed, self.decompressed).map_err(|error| self.fail(error))
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => Err(self.fail(ArchiveError::Unreadable(error))),
        }
    }
}

impl<R: Read> Read for Gzip<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.failure.is_some() {
            return Err(io::Error::other("the archive could not be read before"));
        }
        if self.taken == self.buffer.len() {
            self.fill()?;
        }
        let count = (&self.buffer[self.taken..]).read(buffer)?;
        self.taken += count;
        Ok(count)
    }
}
