//! Paths of entries, and whether an archive's paths go together.

use std::collections::BTreeMap;

use super::{error::ArchiveError, limits::Limits};
use crate::quoted::quoted;

/// The path of an entry: relative, plain, without a leading `./`. That of a directory may end with `/`, which is cut.
pub(super) fn check_path(bytes: &[u8], is_directory: bool, limits: &Limits) -> Result<String, ArchiveError> {
    if bytes.len() > limits.path_bytes {
        return Err(ArchiveError::LongPath(limits.path_bytes));
    }
    let path = std::str::from_utf8(bytes).map_err(|_| ArchiveError::PathEncoding(quoted(bytes)))?;
    if path.starts_with('/') {
        return Err(ArchiveError::AbsolutePath(quoted(bytes)));
    }
    if path.split('/').any(|segment| segment == "..") {
        return Err(ArchiveError::LeavingPath(quoted(bytes)));
    }
    let path = path.strip_prefix("./").unwrap_or(path);
    let path = if is_directory { path.strip_suffix('/').unwrap_or(path) } else { path };
    let plain = |segment: &str| !matches!(segment, "" | ".") && !segment.contains(char::is_control);
    if path.contains('\\') || !path.split('/').all(plain) {
        return Err(ArchiveError::Path(quoted(bytes)));
    }
    Ok(path.to_owned())
}

/// What two paths have in common where case does not matter. Upper case first: ß is SS, and ς is σ.
fn folded(path: &str) -> String {
    path.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

/// All paths of an archive.
#[derive(Default)]
pub(super) struct Paths {
    /// By their folded form; directories end with `/`. So what is below a directory stands together.
    paths: BTreeMap<String, String>,
}

impl Paths {
    /// Adds a path that was checked, unless it is another's file, directory or spelling.
    pub(super) fn add(&mut self, path: &str, is_directory: bool) -> Result<(), ArchiveError> {
        let end = if is_directory { "/" } else { "" };
        let (key, path) = (folded(path) + end, path.to_owned() + end);
        if let Some(there) = self.paths.get(&key) {
            return if *there != path {
                Err(collision(there, &path))
            } else if is_directory {
                Ok(())
            } else {
                Err(ArchiveError::Duplicate(quoted(path.as_bytes())))
            };
        }
        for (at, _) in key.match_indices('/') {
            if let Some(file) = self.paths.get(&key[..at]) {
                return Err(ArchiveError::FileAndDirectory(quoted(file.as_bytes())));
            }
        }
        if !is_directory {
            let directory = key.clone() + "/";
            if self.paths.range(directory.clone()..).next().is_some_and(|(next, _)| next.starts_with(&directory)) {
                return Err(ArchiveError::FileAndDirectory(quoted(path.as_bytes())));
            }
        }
        // Of all paths those beside it share most directories with it.
        let before = self.paths.range(..key.clone()).next_back();
        for (_, neighbour) in before.into_iter().chain(self.paths.range(key.clone()..).next()) {
            if has_another_spelling(neighbour, &path) {
                return Err(collision(neighbour, &path));
            }
        }
        self.paths.insert(key, path);
        Ok(())
    }
}

fn collision(one: &str, other: &str) -> ArchiveError {
    ArchiveError::CaseCollision(quoted(one.as_bytes()), quoted(other.as_bytes()))
}

/// Whether a directory above both is spelled in two ways.
fn has_another_spelling(one: &str, other: &str) -> bool {
    // What stands behind the last slash is no directory.
    fn directories(path: &str) -> impl Iterator<Item = &str> {
        path.split_inclusive('/').filter(|segment| segment.ends_with('/'))
    }
    directories(one)
        .zip(directories(other))
        .find(|(one, other)| one != other)
        .is_some_and(|(one, other)| folded(one) == folded(other))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn add_all(paths: &[&str]) -> Result<(), &'static str> {
        let mut seen = Paths::default();
        paths
            .iter()
            .try_for_each(|path| seen.add(path.trim_end_matches('/'), path.ends_with('/')))
            .map_err(|error| error.code())
    }

    #[test]
    fn tells_what_is_wrong_with_a_path() {
        let limits = Limits { path_bytes: 20, ..Limits::default() };
        let code = |path: &[u8]| check_path(path, false, &limits).map_err(|error| error.code());
        for path in ["/etc/passwd", "//x", "/"] {
            assert_eq!(code(path.as_bytes()), Err("archive-path-absolute"), "{path}");
        }
        for path in ["..", "../x", "a/../../x", "a/..", "./../x", "~/../x"] {
            assert_eq!(code(path.as_bytes()), Err("archive-path-leaves"), "{path}");
        }
        for path in ["", ".", "./", "a//b", "a/./b", ".//x", "a/", "a\\b", "..\\b", "a\nb", "a\0b", "a\u{85}b"] {
            assert_eq!(code(path.as_bytes()), Err("archive-path"), "{path:?}");
        }
        assert_eq!(code(b"a\xff"), Err("archive-path-not-utf-8"));
        assert_eq!(code(&[b'a'; 21]), Err("archive-path-too-long"));
        assert_eq!(code(b"./a/b...c"), Ok("a/b...c".to_owned()));
        assert!(check_path(b"a/b/", true, &limits).is_ok_and(|path| path == "a/b"));
    }

    #[test]
    fn refuses_a_path_twice() {
        assert_eq!(add_all(&["a", "b", "a"]), Err("archive-duplicate-entry"));
        assert_eq!(add_all(&["a/", "a/b", "a/"]), Ok(()), "a directory may be named again");
    }

    #[test]
    fn refuses_paths_that_differ_in_case_only() {
        for [one, other] in [
            ["a", "A"],
            ["ä", "Ä"],
            ["straße", "STRASSE"],
            ["ας", "ΑΣ"],
            ["a/x", "A/y"],
            ["a/", "A/"],
            ["a/", "A/b"],
            ["x/a/1", "x/A/2"],
            ["a/b/c", "a/B/"],
        ] {
            assert_eq!(add_all(&[one, other]), Err("archive-case-collision"), "{one} {other}");
            assert_eq!(add_all(&[other, one]), Err("archive-case-collision"), "{other} {one}");
        }
        // Whatever stands between them.
        assert_eq!(add_all(&["a/m", "a/x", "A/n"]), Err("archive-case-collision"));
        assert_eq!(add_all(&["a/b/z", "a/a", "a/c", "A/d"]), Err("archive-case-collision"));
        assert_eq!(add_all(&["a/x", "b/X", "a-b", "a.b", "a/X1"]), Ok(()));
    }

    #[test]
    fn refuses_a_file_that_is_a_directory_too() {
        for paths in [["a", "a/b"], ["a/b", "a"], ["a/", "a"], ["a", "a/"], ["x/a", "x/a/b/c"], ["A", "a/b"]] {
            assert_eq!(add_all(&paths), Err("archive-file-and-directory"), "{paths:?}");
        }
        assert_eq!(add_all(&["a-b", "a/b", "ab"]), Ok(()));
    }

    proptest! {
        /// The neighbours are enough: looking at every pair finds the same.
        #[test]
        fn finds_what_looking_at_all_pairs_finds(paths in prop::collection::vec("[aAbB](/[aAbB]){0,2}/?", 0..12)) {
            let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
            let clash = paths.iter().enumerate().any(|(at, one)| paths[..at].iter().any(|other| {
                let (one, other, spelled, other_spelled) = (folded(one), folded(other), one, other);
                let same = one == other && (spelled != other_spelled || !one.ends_with('/'));
                let below = |file: &str, path: &str| !file.ends_with('/') && path.starts_with(&format!("{file}/"));
                same || below(&one, &other) || below(&other, &one) || has_another_spelling(spelled, other_spelled)
            }));
            prop_assert_eq!(add_all(&paths).is_err(), clash, "{:?}", paths);
        }
    }
}
