//! Names of an extension's SQL scripts and the update paths between its versions.
//!
//! Source: `src/backend/commands/extension.c` (`get_ext_ver_list`, `find_update_path`, `find_install_path`,
//! `pg_extension_update_paths`).

use std::collections::{BTreeMap, BTreeSet};

/// What a script does, read from its file name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Script {
    /// `NAME--VERSION.sql` installs a version.
    Install {
        /// The version.
        version: String,
    },
    /// `NAME--FROM--TO.sql` updates from one version to another.
    Update {
        /// The version before.
        from: String,
        /// The version after.
        to: String,
    },
}

/// Reads a file name of `extension`'s script directory; none if it is no script of it.
pub fn parse_script_name(extension: &str, file_name: &str) -> Option<Script> {
    let versions = file_name.strip_suffix(".sql")?.strip_prefix(extension)?.strip_prefix("--")?;
    match versions.split_once("--") {
        None => Some(Script::Install { version: versions.to_owned() }),
        // More than two versions: not a script.
        Some((_, to)) if to.contains("--") => None,
        Some((from, to)) => Some(Script::Update { from: from.to_owned(), to: to.to_owned() }),
    }
}

/// The version of an auxiliary control file `NAME--VERSION.control`; none if it is no such file of `extension`.
pub fn parse_auxiliary_control_name<'a>(extension: &str, file_name: &'a str) -> Option<&'a str> {
    file_name.strip_suffix(".control")?.strip_prefix(extension)?.strip_prefix("--")
}

/// The versions of an extension and the scripts between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VersionGraph {
    /// For each version: whether a script installs it, and where scripts lead from it.
    versions: BTreeMap<String, (bool, BTreeSet<String>)>,
}

/// One row of `pg_extension_update_paths`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UpdatePath {
    /// The version before.
    pub source: String,
    /// The version after.
    pub target: String,
    /// All versions on the shortest way, with both ends; none if there is no way.
    pub path: Option<Vec<String>>,
}

impl VersionGraph {
    /// The graph of the scripts among `file_names`.
    pub fn new<'a>(extension: &str, file_names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut graph = Self::default();
        for script in file_names.into_iter().filter_map(|name| parse_script_name(extension, name)) {
            match script {
                Script::Install { version } => graph.versions.entry(version).or_default().0 = true,
                Script::Update { from, to } => {
                    graph.versions.entry(to.clone()).or_default();
                    graph.versions.entry(from).or_default().1.insert(to);
                }
            }
        }
        graph
    }

    /// The versions that can be installed, each with the version whose script begins the installation.
    ///
    /// These are the rows of `pg_available_extension_versions`.
    pub fn installable(&self) -> BTreeMap<&str, &str> {
        self.versions
            .iter()
            .filter_map(|(version, (has_script, _))| {
                if *has_script {
                    Some((version.as_str(), version.as_str()))
                } else {
                    Some((version, self.install_start(version)?))
                }
            })
            .collect()
    }

    /// The rows of `pg_extension_update_paths`, sorted by source and target.
    pub fn update_paths(&self) -> Vec<UpdatePath> {
        let pairs = self.versions.keys().flat_map(|source| self.versions.keys().map(move |target| (source, target)));
        pairs
            .filter(|(source, target)| source != target)
            .map(|(source, target)| UpdatePath {
                source: source.clone(),
                target: target.clone(),
                path: self.shortest(source, target, false).map(|path| path.into_iter().map(str::to_owned).collect()),
            })
            .collect()
    }

    /// The version from whose script on `target` is installed: the nearest, of equally near ones the last by byte order.
    fn install_start(&self, target: &str) -> Option<&str> {
        self.versions
            .iter()
            .filter(|(_, (has_script, _))| *has_script)
            .filter_map(|(start, _)| Some((self.shortest(start, target, true)?.len(), start)))
            .min_by(|left, right| left.0.cmp(&right.0).then(right.1.cmp(left.1)))
            .map(|(_, start)| start.as_str())
    }

    /// The shortest way from `source` to `target`, with both ends; of equally short ones the one whose steps, read from the
    /// end, come first by byte order. `direct` leaves out ways over versions that have a script of their own.
    fn shortest<'a>(&'a self, source: &'a str, target: &str, direct: bool) -> Option<Vec<&'a str>> {
        let mut previous: BTreeMap<&str, &str> = BTreeMap::new();
        let mut seen: BTreeSet<&str> = BTreeSet::from([source]);
        let mut nearest: BTreeSet<&str> = BTreeSet::from([source]);
        while !nearest.is_empty() && !nearest.contains(target) {
            let mut next: BTreeSet<&str> = BTreeSet::new();
            // In byte order, so that the first to reach a version is the first by byte order.
            for version in nearest {
                for to in self.versions.get(version).into_iter().flat_map(|(_, to)| to) {
                    let has_script = self.versions.get(to).is_some_and(|(has_script, _)| *has_script);
                    if !(seen.contains(to.as_str()) || direct && has_script) && next.insert(to) {
                        previous.insert(to, version);
                    }
                }
            }
            seen.extend(&next);
            nearest = next;
        }
        let (mut step, _) = self.versions.get_key_value(target).filter(|_| nearest.contains(target))?;
        let mut path = vec![step.as_str()];
        while let Some((key, before)) = previous.get_key_value(step.as_str()) {
            debug_assert_eq!(*key, step);
            path.push(before);
            (step, _) = self.versions.get_key_value(*before)?;
        }
        path.reverse();
        Some(path)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn graph(names: &[&str]) -> VersionGraph {
        VersionGraph::new("x", names.iter().copied())
    }

    fn path(graph: &VersionGraph, source: &str, target: &str) -> Option<String> {
        graph.shortest(source, target, false).map(|path| path.join("--"))
    }

    #[test]
    fn reads_script_names() {
        assert_eq!(parse_script_name("x", "x--1.0.sql"), Some(Script::Install { version: "1.0".to_owned() }));
        assert_eq!(
            parse_script_name("uuid-ossp", "uuid-ossp--1.0--1.1.sql"),
            Some(Script::Update { from: "1.0".to_owned(), to: "1.1".to_owned() })
        );
        for name in ["x--1--2--3.sql", "x-1.sql", "xy--1.sql", "x--1.control", "x.sql"] {
            assert_eq!(parse_script_name("x", name), None, "{name}");
        }
        assert_eq!(parse_auxiliary_control_name("x", "x--1.1.control"), Some("1.1"));
        assert_eq!(parse_auxiliary_control_name("x", "x.control"), None);
    }

    #[test]
    fn finds_shortest_paths() {
        let graph = graph(&["x--1.sql", "x--1--2.sql", "x--2--3.sql", "x--3--4.sql", "x--2--4.sql", "x--4--3.sql"]);
        assert_eq!(path(&graph, "1", "4").as_deref(), Some("1--2--4"));
        assert_eq!(path(&graph, "4", "1"), None);
        assert_eq!(graph.update_paths().len(), 12);
    }

    #[test]
    fn breaks_ties_by_byte_order() {
        let graph = graph(&["x--a--c.sql", "x--a--b.sql", "x--b--z.sql", "x--c--z.sql"]);
        assert_eq!(path(&graph, "a", "z").as_deref(), Some("a--b--z"));
    }

    #[test]
    fn installs_from_the_nearest_script() {
        let graph = graph(&["x--1.sql", "x--2.sql", "x--1--3.sql", "x--2--3.sql", "x--3--4.sql", "x--5--6.sql"]);
        assert_eq!(
            graph.installable().into_iter().collect::<Vec<_>>(),
            [("1", "1"), ("2", "2"), ("3", "2"), ("4", "2")]
        );
    }

    proptest! {
        #[test]
        fn paths_are_made_of_scripts(edges in prop::collection::vec((0..6_u8, 0..6_u8), 0..20)) {
            let names: Vec<String> = edges.iter().map(|(from, to)| format!("x--{from}--{to}.sql")).collect();
            let graph = VersionGraph::new("x", names.iter().map(String::as_str));
            for update in graph.update_paths() {
                for step in update.path.iter().flat_map(|path| path.windows(2)) {
                    let script = format!("x--{}--{}.sql", step[0], step[1]);
                    prop_assert!(names.contains(&script), "no script for a step");
                }
            }
        }

        #[test]
        fn never_panics(names in prop::collection::vec("x(-{1,3}[a-c.]{0,3}){0,4}(.sql)?", 0..20)) {
            let graph = VersionGraph::new("x", names.iter().map(String::as_str));
            let _ = (graph.installable(), graph.update_paths());
        }
    }
}
