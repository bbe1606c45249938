//! Which package of the distribution a file belongs to, where `dpkg` knows.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
};

/// Packages of the distribution by file.
#[derive(Clone, Debug, Default)]
pub(super) struct Packages {
    by_file: BTreeMap<PathBuf, String>,
    versions: BTreeMap<String, String>,
}

impl Packages {
    /// Asks `dpkg` for `files`; on a machine without it, nothing is known.
    pub(super) fn of(files: &[PathBuf]) -> Self {
        let by_file = search(files).unwrap_or_default();
        let mut names: Vec<&String> = by_file.values().collect();
        names.sort_unstable();
        names.dedup();
        let versions = versions(&names).unwrap_or_default();
        Self { by_file, versions }
    }

    /// The package of a file and its version.
    pub(super) fn of_file(&self, file: &Path) -> Option<(String, String)> {
        let name = self.by_file.get(file)?;
        Some((name.clone(), self.versions.get(name)?.clone()))
    }
}

fn search(files: &[PathBuf]) -> Option<BTreeMap<PathBuf, String>> {
    if files.is_empty() {
        return None;
    }
    // Fails for files of no package, and prints the others all the same.
    let output = Command::new("dpkg-query").arg("--search").args(files).env("LC_ALL", "C").output().ok()?;
    Some(parse_search(&String::from_utf8_lossy(&output.stdout)))
}

fn parse_search(text: &str) -> BTreeMap<PathBuf, String> {
    text.lines()
        .filter(|line| !line.starts_with("diversion "))
        .filter_map(|line| line.split_once(": "))
        // A file in several packages names them all; the architecture follows a colon.
        .filter_map(|(packages, path)| {
            Some((PathBuf::from(path), packages.split([',', ':']).next()?.trim().to_owned()))
        })
        .collect()
}

fn versions(names: &[&String]) -> Option<BTreeMap<String, String>> {
    if names.is_empty() {
        return None;
    }
    let output = Command::new("dpkg-query")
        .args(["--show", "--showformat=${Package}\\t${Version}\\n"])
        .args(names)
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    Some(
        text.lines()
            .filter_map(|line| line.split_once('\t'))
            .map(|(name, version)| (name.to_owned(), version.to_owned()))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_dpkg_prints() {
        let text =
            "diversion by x from: /a\npostgresql-15: /usr/lib/postgresql/15/lib/hstore.so\na:amd64, b:amd64: /usr/x\n";
        let found = parse_search(text);
        assert_eq!(
            found.get(Path::new("/usr/lib/postgresql/15/lib/hstore.so")).map(String::as_str),
            Some("postgresql-15")
        );
        assert_eq!(found.get(Path::new("/usr/x")).map(String::as_str), Some("a"));
        assert_eq!(found.len(), 2);
    }
}
