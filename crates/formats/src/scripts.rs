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
    /// By byte order.
    versions: Vec<Node>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Node {
    name: String,
    /// Whether a script installs it.
    has_script: bool,
    /// Where scripts lead from it, by byte order.
    next: Vec<usize>,
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
        let mut versions: BTreeMap<String, (bool, BTreeSet<String>)> = BTreeMap::new();
        for script in file_names.into_iter().filter_map(|name| parse_script_name(extension, name)) {
            match script {
                Script::Install { version } => versions.entry(version).or_default().0 = true,
                Script::Update { from, to } => {
                    versions.entry(to.clone()).or_default();
                    versions.entry(from).or_default().1.insert(to);
                }
            }
        }
        let indexes: BTreeMap<&str, usize> = versions.keys().map(String::as_str).zip(0..).collect();
        let nodes = versions.iter().map(|(name, (has_script, next))| Node {
            name: name.clone(),
            has_script: *has_script,
            next: next.iter().filter_map(|to| indexes.get(to.as_str()).copied()).collect(),
        });
        Self { versions: nodes.collect() }
    }

    /// The versions that can be installed, each with the version whose script begins the installation: the nearest, of
    /// equally near ones the last by byte order.
    ///
    /// These are the rows of `pg_available_extension_versions`. PostgreSQL leaves out ways over versions that have a
    /// script of their own; the way from the nearest script has none.
    pub fn installable(&self) -> BTreeMap<&str, &str> {
        let mut starts: Vec<Option<usize>> = vec![None; self.versions.len()];
        let mut nearest: Vec<usize> = Vec::new();
        for (index, _) in self.versions.iter().enumerate().filter(|(_, node)| node.has_script) {
            starts[index] = Some(index);
            nearest.push(index);
        }
        while !nearest.is_empty() {
            let mut next: BTreeMap<usize, usize> = BTreeMap::new();
            for version in nearest {
                let Some(start) = starts[version] else { continue };
                for to in self.versions[version].next.iter().filter(|to| starts[**to].is_none()) {
                    let there = next.entry(*to).or_insert(start);
                    *there = start.max(*there);
                }
            }
            for (version, start) in &next {
                starts[*version] = Some(*start);
            }
            nearest = next.into_keys().collect();
        }
        let name = |index: usize| self.versions[index].name.as_str();
        starts.iter().enumerate().filter_map(|(version, start)| Some((name(version), name((*start)?)))).collect()
    }

    /// The rows of `pg_extension_update_paths`, sorted by source and target.
    ///
    /// There is one for each pair of versions, and each has a whole path: where versions are many, take only as many as
    /// are needed. A row costs no more than its path, the first one of a source as much as there are scripts.
    pub fn update_paths(&self) -> impl Iterator<Item = UpdatePath> {
        (0..self.versions.len()).flat_map(|source| self.paths_from(source))
    }

    /// The rows of `pg_extension_update_paths` that begin with `source`, sorted by target; none if there is no such
    /// version.
    pub fn update_paths_from(&self, source: &str) -> impl Iterator<Item = UpdatePath> {
        let source = self.versions.binary_search_by(|node| node.name.as_str().cmp(source)).ok();
        source.into_iter().flat_map(|source| self.paths_from(source))
    }

    fn paths_from(&self, source: usize) -> impl Iterator<Item = UpdatePath> {
        let previous = self.steps_before(source);
        let targets = (0..self.versions.len()).filter(move |target| *target != source);
        targets.map(move |target| {
            let steps =
                std::iter::successors(Some(target), |version| previous[*version].filter(|_| *version != source));
            let mut path: Vec<String> = steps.map(|version| self.versions[version].name.clone()).collect();
            path.reverse();
            UpdatePath {
                source: self.versions[source].name.clone(),
                target: self.versions[target].name.clone(),
                path: previous[target].is_some().then_some(path),
            }
        })
    }

    /// For each version the one before it on the shortest way from `source`; of equally short ways the one whose steps,
    /// read from the end, come first by byte order.
    fn steps_before(&self, source: usize) -> Vec<Option<usize>> {
        let mut previous = vec![None; self.versions.len()];
        let mut nearest = vec![source];
        while !nearest.is_empty() {
            // In byte order, so that the first to reach a version is the first by byte order.
            nearest.sort_unstable();
            let mut next = Vec::new();
            for version in nearest {
                for to in &self.versions[version].next {
                    if *to != source && previous[*to].is_none() {
                        previous[*to] = Some(version);
                        next.push(*to);
                    }
                }
            }
            nearest = next;
        }
        previous
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
        let mut rows = graph.update_paths_from(source);
        rows.find(|row| row.target == target).and_then(|row| row.path).map(|path| path.join("--"))
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
        assert_eq!(graph.update_paths().count(), 12);
        assert!(graph.update_paths().is_sorted(), "by source and target");
        assert_eq!(graph.update_paths_from("2").collect::<Vec<_>>()[0].target, "1");
        assert_eq!(graph.update_paths_from("5").count(), 0);
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

    #[test]
    fn many_versions_are_no_burden() {
        // A chain, of which every version is some steps from the first, and a script from each version to the last.
        let names: Vec<String> = (1..2000)
            .flat_map(|number| [format!("x--{number:04}--{:04}.sql", number + 1), format!("x--{number:04}--last.sql")])
            .chain(["x--0001.sql".to_owned()])
            .collect();
        let started = std::time::Instant::now();
        let graph = VersionGraph::new("x", names.iter().map(String::as_str));
        let installable = graph.installable();
        assert_eq!((installable.len(), installable.get("2000")), (2001, Some(&"0001")));
        assert_eq!(graph.update_paths_from("0001").map(|row| row.path.map_or(0, |path| path.len())).max(), Some(2000));
        assert_eq!(graph.update_paths().filter(|row| row.target == "last").take(3).count(), 3);
        assert_eq!(path(&graph, "1999", "last").as_deref(), Some("1999--last"));
        assert!(started.elapsed() < std::time::Duration::from_secs(5), "{:?}", started.elapsed());
    }

    /// What `find_install_path` does: looks for the way from each script on, and leaves out ways over other scripts.
    fn installable_one_by_one(graph: &VersionGraph) -> BTreeMap<&str, &str> {
        let mut direct = graph.clone();
        for node in &mut direct.versions {
            node.next.retain(|to| !graph.versions[*to].has_script);
        }
        let start = |target: &str| {
            let starts = graph.versions.iter().filter(|start| start.has_script);
            let ways =
                starts.filter_map(|start| Some((path(&direct, &start.name, target)?.matches("--").count(), start)));
            ways.min_by(|left, right| left.0.cmp(&right.0).then(right.1.name.cmp(&left.1.name)))
        };
        graph
            .versions
            .iter()
            .filter_map(|node| {
                let start = if node.has_script { node } else { start(&node.name)?.1 };
                Some((node.name.as_str(), start.name.as_str()))
            })
            .collect()
    }

    proptest! {
        #[test]
        fn installs_as_postgres_does(
            scripts in prop::collection::vec(0..8_u8, 0..4),
            updates in prop::collection::vec((0..8_u8, 0..8_u8), 0..20),
        ) {
            let scripts = scripts.iter().map(|version| format!("x--{version}.sql"));
            let updates = updates.iter().map(|(from, to)| format!("x--{from}--{to}.sql"));
            let names: Vec<String> = scripts.chain(updates).collect();
            let graph = VersionGraph::new("x", names.iter().map(String::as_str));
            prop_assert_eq!(graph.installable(), installable_one_by_one(&graph));
        }

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
            let _ = (graph.installable(), graph.update_paths().count());
        }
    }
}
