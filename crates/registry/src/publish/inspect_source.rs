//! Looks into a source distribution that a stranger sent.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read},
};

use formats::{
    archive::{self, Limits},
    distribution::{Distribution, DistributionError},
    manifest::FileKind,
};

use super::{
    ArtifactFile, UploadFinding,
    inspect::{LARGEST_CONTROL_FILE, LARGEST_README, MOST_CONTROL_FILES, is_readme, read_at_most, refusal},
};

/// Bytes of a META.json that are read.
const LARGEST_META: u64 = 1 << 20;

/// A path and what lies there.
type Kept = (String, Vec<u8>);

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
    let (mut meta, mut readme): (Option<Kept>, Option<Kept>) = (None, None);
    let contents = archive::read_source(file, &Limits::default(), |path, content| {
        let name = path.rsplit('/').next().unwrap_or(path);
        // What lies deeper is of something else: of a test, or of a copy of another extension.
        if name == "META.json" {
            keep_highest(&mut meta, path, content, LARGEST_META)?;
        } else if is_readme(name) {
            keep_highest(&mut readme, path, content, LARGEST_README)?;
        } else if let Some(extension) = name.strip_suffix(".control") {
            let known = controls.get(extension).map(|(known, _)| depth(known));
            if known.is_none() && controls.len() == MOST_CONTROL_FILES {
                return Err(io::Error::other(format!("there are more than {MOST_CONTROL_FILES} control files")));
            }
            if known.is_none_or(|known| depth(path) < known)
                && let Some(text) = read_at_most(content, LARGEST_CONTROL_FILE)?
            {
                controls.insert(extension.to_owned(), (path.to_owned(), text));
            }
        }
        Ok(())
    })
    .map_err(|error| refusal(&error))?;
    let at_the_top = |(path, _): &Kept| contents.path_below_top(path).split('/').count() == 1;
    let (meta, readme) = (meta.filter(at_the_top), readme.filter(at_the_top));
    Ok(SourceInspection {
        distribution: meta.map(|(_, bytes)| Distribution::parse(&bytes)),
        readme: readme
            .and_then(|(path, bytes)| Some((path, String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))?))),
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

/// Keeps a file unless one that lies as high is kept already: there is never more than one of a kind in memory.
fn keep_highest(kept: &mut Option<Kept>, path: &str, content: &mut dyn Read, limit: u64) -> io::Result<()> {
    if kept.as_ref().is_none_or(|(known, _)| depth(path) < depth(known))
        && let Some(bytes) = read_at_most(content, limit)?
    {
        *kept = Some((path.to_owned(), bytes));
    }
    Ok(())
}

fn depth(path: &str) -> usize {
    path.matches('/').count()
}
