//! Update paths consist of scripts and are the shortest; what can be installed has a script to begin with.
//!
//! The first line is the name of the extension, the others are names of files.
#![no_main]

use std::collections::{BTreeMap, BTreeSet};

use formats::scripts::{Script, UpdatePath, VersionGraph, parse_script_name};
use libfuzzer_sys::fuzz_target;

/// More would only take longer.
const MOST_FILES: usize = 40;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.split('\n');
    let extension = lines.next().unwrap_or_default();
    let names: Vec<&str> = lines.take(MOST_FILES).collect();

    let mut installs = BTreeSet::new();
    let mut updates = BTreeSet::new();
    for name in &names {
        match parse_script_name(extension, name) {
            Some(Script::Install { version }) => {
                assert_eq!(*name, format!("{extension}--{version}.sql"));
                installs.insert(version);
            }
            Some(Script::Update { from, to }) => {
                assert_eq!(*name, format!("{extension}--{from}--{to}.sql"));
                updates.insert((from, to));
            }
            None => {}
        }
    }

    let graph = VersionGraph::new(extension, names.iter().copied());
    let mut steps: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let rows: Vec<UpdatePath> = graph.update_paths().collect();
    for row in &rows {
        let Some(path) = &row.path else { continue };
        assert_eq!((path.first(), path.last()), (Some(&row.source), Some(&row.target)), "other ends");
        for step in path.windows(2) {
            assert!(updates.contains(&(step[0].clone(), step[1].clone())), "no script for {step:?}");
        }
        steps.insert((&row.source, &row.target), path.len() - 1);
    }
    // A way that a script makes shorter is not the shortest.
    for source in rows.iter().map(|row| row.source.as_str()) {
        for (from, to) in updates.iter().filter(|(_, to)| to != source) {
            let before = if from == source { Some(0) } else { steps.get(&(source, from.as_str())).copied() };
            if let Some(before) = before {
                let here = steps.get(&(source, to.as_str()));
                assert!(here.is_some_and(|here| *here <= before + 1), "a shorter way from {source:?} to {to:?}");
            }
        }
    }

    let installable = graph.installable();
    for version in &installs {
        assert_eq!(installable.get(version.as_str()), Some(&version.as_str()), "not by its own script");
    }
    let reached = steps.keys().filter(|(source, _)| installs.contains(*source));
    assert!(reached.clone().all(|(_, target)| installable.contains_key(target)), "reached, but not installable");
    for (version, start) in installable {
        assert!(installs.contains(start), "no script for {start:?}");
        assert!(version == start || steps.contains_key(&(start, version)), "no way from {start:?} to {version:?}");
    }
});
