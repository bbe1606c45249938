//! Archives of the same files with other manifests.
//!
//! Clients compare the architecture in the manifest with their own and list files by major. Where nothing is compiled one
//! upload serves them all, each with the manifest it expects.

use std::{
    fs::File,
    io::{self, BufReader, Seek as _},
    path::Path,
};

use formats::{archive, manifest::Manifest};
use model::{Arch, Platform, PostgresMajor};

use super::Publication;
use crate::spool::{Spool, Spooled};

/// The architectures that clients ask for.
const ARCHITECTURES: [Arch; 2] = [Arch::X86_64, Arch::Aarch64];
/// Larger archives are served as they were uploaded only: what is put together anew lies in memory meanwhile.
const LARGEST: i64 = 16 << 20;

/// What is served for a major and an architecture.
#[derive(Debug)]
pub(crate) struct Variant {
    pub(crate) major: PostgresMajor,
    pub(crate) arch: Arch,
    /// The archive; none where it is the upload itself.
    pub(crate) archive: Option<Spooled>,
}

/// The archives for the major of the publication, or for these where it is for any: the upload itself, and what is missing
/// beside it. None where something is compiled.
pub(crate) fn build(
    file: &mut File,
    publication: &Publication,
    manifest: &Manifest,
    majors: &[PostgresMajor],
    temporary: &Path,
) -> io::Result<Vec<Variant>> {
    if publication.artifact.platform != Platform::Any {
        return Ok(Vec::new());
    }
    let only = publication.artifact.postgres_major;
    let majors = only.as_ref().map_or(majors, std::slice::from_ref);
    let size: i64 = publication.artifact.files.iter().map(|file| file.size_bytes).sum();
    let is_upload = |major: PostgresMajor, arch: Arch| {
        // Of manifests of the first version nobody compares the architecture.
        let fits = manifest.manifest_version == 1 || manifest.architecture == arch.as_str();
        fits && manifest.postgres_major() == Some(major)
    };
    let wanted = majors.iter().flat_map(|major| ARCHITECTURES.map(|arch| (*major, arch)));
    if size > LARGEST {
        let itself = wanted.filter(|(major, arch)| is_upload(*major, *arch));
        return Ok(itself.map(|(major, arch)| Variant { major, arch, archive: None }).collect());
    }
    file.rewind()?;
    let mut files = Vec::new();
    archive::read(BufReader::new(file), &archive::Limits::default(), |path, content| {
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes)?;
        files.push((path.to_owned(), bytes));
        Ok(())
    })
    .map_err(io::Error::other)?;
    wanted
        .map(|(major, arch)| {
            if is_upload(major, arch) {
                return Ok(Variant { major, arch, archive: None });
            }
            let other =
                Manifest { pg_version: major.number(), architecture: arch.as_str().to_owned(), ..manifest.clone() };
            let archive = archive::write(Spool::create(temporary)?, &files, &other)?.finish()?;
            Ok(Variant { major, arch, archive: Some(archive) })
        })
        .collect()
}

/// For example `pgmq-1.4.0-pg17-linux-aarch64.tar.gz`, or `pgmq-1.4.0-any-pg17-linux-aarch64.tar.gz`.
pub(super) fn file_name(publication: &Publication, major: PostgresMajor, arch: Arch) -> String {
    // Where there is an upload for one major beside one for any, each has names of its own.
    let any = if publication.artifact.postgres_major.is_none() { "any-" } else { "" };
    format!("{}-{}-{any}pg{major}-linux-{arch}.tar.gz", publication.name, publication.version)
}
