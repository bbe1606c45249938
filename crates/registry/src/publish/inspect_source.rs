//! Looks into a source distribution that a stranger sent.

use std::{collections::BTreeMap, fs::File};

use formats::{
    archive::{self, Limits},
    distribution::{Distribution, DistributionError},
    manifest::FileKind,
};

use super::{
    ArtifactFile, UploadFinding,
    inspect::{LARGEST_CONTROL_FILE, LARGEST_README, is_readme, read_at_most, refusal},
};

/// Bytes of a META.json that are read.
const LARGEST_META: u64 = 1 << 20;
/// Control files that are looked at.
const MOST_CONTROL_FILES: usize = 1000;

/// What a source distribution holds.
#[derive(Debug)]
pub(super) struct SourceInspection {
    /// The directory that everything is in, if there is one.
    pub(super) top_directory: Option<String>,
    pub(super) files: Vec<ArtifactFile>,
    /// What it says of itself; nothing where it has no META.json beside its other files.
    pub(super) distribution: Option<Result<Distribution, DistributionError>>,
    /// By the name of the extension: path and content of the control file, of several the one that lies highest.
    pub(super) controls: BTreeMap<String, (String, Vec<u8>)>,
    pub(super) readme: Option<(String, String)>,
}

/// Reads a source distribution from its first byte to its last.
pub(super) fn inspect_source(file: &mut File) -> Result<SourceInspection, UploadFinding> {
    let mut controls: BTreeMap<String, (String, Vec<u8>)> = BTreeMap::new();
    let mut metas: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut readmes: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let contents = archive::read_source(file, &Limits::default(), |path, content| {
        let name = path.rsplit('/').next().unwrap_or(path);
        // What lies deeper is of something else: of a test, or of a copy of another extension.
        let is_near_the_top = depth(path) <= 1;
        if is_near_the_top && name == "META.json" {
            metas.extend(read_at_most(content, LARGEST_META)?.map(|bytes| (path.to_owned(), bytes)));
        } else if is_near_the_top && is_readme(name) {
            readmes.extend(read_at_most(content, LARGEST_README)?.map(|bytes| (path.to_owned(), bytes)));
        } else if let Some(extension) = name.strip_suffix(".control")
            && controls.len() < MOST_CONTROL_FILES
            && controls.get(extension).is_none_or(|(known, _)| depth(path) < depth(known))
            && let Some(text) = read_at_most(content, LARGEST_CONTROL_FILE)?
        {
            controls.insert(extension.to_owned(), (path.to_owned(), text));
        }
        Ok(())
    })
    .map_err(|error| refusal(&error))?;
    let at_the_top = |path: &&String| contents.path_below_top(path).split('/').count() == 1;
    let meta = metas.iter().find(|(path, _)| at_the_top(path));
    let readme = readmes.iter().find(|(path, _)| at_the_top(path));
    Ok(SourceInspection {
        distribution: meta.map(|(_, bytes)| Distribution::parse(bytes)),
        readme: readme.and_then(|(path, bytes)| {
            let text = String::from_utf8(bytes.clone()).ok().filter(|text| !text.contains('\0'))?;
            Some((path.clone(), text))
        }),
        files: contents
            .entries
            .iter()
            .map(|entry| ArtifactFile {
                kind: FileKind::of_path(&entry.path).as_str(),
                path: entry.path.clone(),
                size_bytes: i64::try_from(entry.size_bytes).unwrap_or(i64::MAX),
                sha256: entry.sha256,
            })
            .collect(),
        top_directory: contents.top_directory,
        controls,
    })
}

fn depth(path: &str) -> usize {
    path.matches('/').count()
}
