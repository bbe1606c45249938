//! Archives as bad as can be, for tests.

use std::{collections::BTreeMap, io::Write as _};

use flate2::{Compression, GzBuilder};

use crate::manifest::{FileKind, Manifest, ManifestFile};

/// A manifest that lists `paths`.
pub(super) fn manifest(paths: &[&str]) -> Manifest {
    Manifest {
        name: "x".to_owned(),
        extension_name: Some("x".to_owned()),
        dependencies: None,
        extension_dependencies: None,
        version: "1.0.0".to_owned(),
        manifest_version: 2,
        sys: "linux".to_owned(),
        architecture: "x86_64".to_owned(),
        files: paths
            .iter()
            .map(|path| ((*path).to_owned(), ManifestFile { kind: FileKind::of_path(path) }))
            .collect::<BTreeMap<_, _>>(),
        configurations: None,
        loadable_libraries: None,
        pg_version: 15,
    }
}

/// A member of compressed `content`.
pub(super) fn gzip(content: &[u8]) -> Vec<u8> {
    compress(content, Compression::fast())
}

/// A member of `content` as it is.
pub(super) fn gzip_stored(content: &[u8]) -> Vec<u8> {
    compress(content, Compression::none())
}

fn compress(content: &[u8], compression: Compression) -> Vec<u8> {
    let mut gzip = GzBuilder::new().write(Vec::new(), compression);
    gzip.write_all(content).expect("written");
    gzip.finish().expect("finished")
}

/// Writes the checksum of a tar's header into it.
pub(super) fn set_checksum(header: &mut [u8]) {
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().copied().map(u32::from).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

/// A tar of raw entries (name, type, content) without its end.
pub(super) fn tar_without_end(entries: &[(&[u8], u8, &[u8])]) -> Vec<u8> {
    let mut tar = Vec::new();
    for (name, kind, content) in entries {
        let mut header = [0; 512];
        header[..name.len()].copy_from_slice(name);
        header[100..108].copy_from_slice(b"0000644\0");
        header[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
        header[156] = *kind;
        header[257..265].copy_from_slice(b"ustar  \0");
        set_checksum(&mut header);
        tar.extend(header);
        tar.extend(*content);
        tar.resize(tar.len().next_multiple_of(512), 0);
    }
    tar
}

/// A tar of raw entries (name, type, content).
pub(super) fn tar(entries: &[(&[u8], u8, &[u8])]) -> Vec<u8> {
    let mut tar = tar_without_end(entries);
    tar.resize(tar.len() + 1024, 0);
    tar
}

/// A record of a PAX header.
pub(super) fn pax_record(key: &str, value: &str) -> Vec<u8> {
    let rest = format!(" {key}={value}\n");
    let mut length = rest.len();
    while length != rest.len() + length.to_string().len() {
        length = rest.len() + length.to_string().len();
    }
    format!("{length}{rest}").into_bytes()
}
