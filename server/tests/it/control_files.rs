//! The parsers agree with PostgreSQL itself, on every file of this machine and on some that only a test would write.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use formats::{
    control_file::ControlFile,
    scripts::{VersionGraph, parse_auxiliary_control_name},
};
use model::PostgresMajor;

use crate::support::{ScratchPostgres, installed_bindir};

const FIXTURES: &[(&str, &str)] = &[
    ("quoted.control", "comment = 'it''s \\'quoted\\' \\101 # no comment' # comment\ndefault_version = '1.0'\n"),
    ("quoted--1.0.sql", ""),
    ("spaced.control", "  default_version   '2'\n\n# x\nrelocatable on\r\nsuperuser=NO\ntrusted yes"),
    ("spaced--1.sql", ""),
    ("spaced--1--2.sql", ""),
    ("overridden.control", "default_version = '1.1'\ncomment = 'first'\nsuperuser = true\n"),
    ("overridden--1.0.sql", ""),
    ("overridden--1.0--1.1.sql", ""),
    ("overridden--1.1--1.2.sql", ""),
    ("overridden--1.0.control", "requires = 'cube, \"UUID-x\", Plpgsql'\nschema = 'somewhere'\n"),
    ("overridden--1.1.control", "comment = 'second'\nsuperuser = off\n"),
    ("tangled.control", "default_version = 'z'\n"),
    ("tangled--a.sql", ""),
    ("tangled--k.sql", ""),
    ("tangled--a--b.sql", ""),
    ("tangled--a--c.sql", ""),
    ("tangled--b--z.sql", ""),
    ("tangled--c--z.sql", ""),
    ("tangled--k--z.sql", ""),
    ("tangled--z--k.sql", ""),
    ("tangled--k--m--n.sql", ""),
    ("tangled--x--y.sql", ""),
    ("numbers.control", "default_version = 1.0\nmodule_pathname = x/y\n"),
];

/// The files that PostgreSQL must refuse, each with its script so that nothing else is wrong.
const REFUSED: &[&str] = &[
    "default_version = 1.6b",
    "default_version = 1.2.3",
    "default_version = 'open",
    "default_version = '1' '2'",
    "superuser = o",
    "superuser = 2",
    "colour = 'red'",
    "Comment = 'x'",
    "requires = 'a b'",
    "requires = ',a'",
    "encoding = 'klingon'",
    "encoding = 'sjis'",
    "relocatable = true\nschema = 'x'",
    "= 'x'",
    "comment",
];

/// The files that PostgreSQL must accept.
const ACCEPTED: &[&str] = &[
    "",
    "# only a comment",
    "comment = x-y.z/1:2",
    "comment 'x'",
    "superuser = fal",
    "trusted = ON",
    "encoding = 'UTF-8'",
    "encoding = win1252",
    "requires = ''",
    "requires = ' A , \"b c\" '",
    "schema = 'x'\nrelocatable = 0",
    "comment = 0x1F",
    "comment = -1.5e-3",
    "comment = 10kB",
    "comment = ''",
];

fn major() -> PostgresMajor {
    let version = installed_bindir();
    version
        .parent()
        .and_then(Path::file_name)
        .and_then(|name| name.to_str())
        .expect("a version")
        .parse()
        .expect("a major")
}

fn directory_names(path: &Path) -> Vec<String> {
    fs::read_dir(path)
        .expect("readable")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect()
}

/// What `pg_available_extension_versions` would say, by our own reading.
fn available(share: &Path, major: PostgresMajor) -> BTreeSet<Vec<Option<String>>> {
    let extension = share.join("extension");
    let names = directory_names(&extension);
    let flag = |flag: bool| Some(if flag { "t" } else { "f" }.to_owned());
    let mut rows = BTreeSet::new();
    for name in names.iter().filter_map(|name| name.strip_suffix(".control")).filter(|name| !name.contains("--")) {
        let control =
            ControlFile::parse(&fs::read(extension.join(format!("{name}.control"))).expect("readable"), major)
                .unwrap_or_else(|error| panic!("{name}: {error}"));
        let graph = VersionGraph::new(name, names.iter().map(String::as_str));
        let overrides: BTreeMap<&str, &String> =
            names.iter().filter_map(|file| Some((parse_auxiliary_control_name(name, file)?, file))).collect();
        for (version, start) in graph.installable() {
            let of_version = |version: &str| match overrides.get(version) {
                Some(file) => {
                    let overrides = fs::read(extension.join(file)).expect("readable");
                    control.with_overrides(&overrides, major).expect("valid overrides")
                }
                None => control.clone(),
            };
            let control = of_version(version).reached_from(&of_version(start));
            let requires = (!control.requires.is_empty()).then(|| {
                let quoted = control
                    .requires
                    .iter()
                    .map(|name| if name.contains('-') { format!("\"{name}\"") } else { name.clone() });
                format!("{{{}}}", quoted.collect::<Vec<_>>().join(",").replace('"', ""))
            });
            rows.insert(vec![
                Some(name.to_owned()),
                Some(version.to_owned()),
                flag(control.superuser),
                flag(control.trusted),
                flag(control.relocatable),
                control.schema,
                requires,
                control.comment,
            ]);
        }
    }
    rows
}

#[tokio::test]
async fn available_versions_and_update_paths_are_those_of_postgres() {
    let mut scratch = ScratchPostgres::new(&[]);
    let installed = super::install::sharedir();
    for name in directory_names(&installed.join("extension")) {
        fs::copy(installed.join("extension").join(&name), scratch.share.join("extension").join(&name)).expect("copied");
    }
    for (name, content) in FIXTURES {
        fs::write(scratch.share.join("extension").join(name), content).expect("written");
    }
    scratch.restart(&[]);
    let mut session = scratch.connect("postgres").await;
    let rows = ScratchPostgres::rows(
        &mut session,
        "select name, version, superuser, trusted, relocatable, schema, replace(requires::text, '\"', ''), comment
        from pg_available_extension_versions",
    )
    .await;
    let theirs: BTreeSet<_> = rows.into_iter().collect();
    let ours = available(&scratch.share, major());
    assert!(theirs.len() > 100, "the extensions of this machine are among them");
    let missing: Vec<_> = theirs.difference(&ours).collect();
    let wrong: Vec<_> = ours.difference(&theirs).collect();
    assert!(missing.is_empty() && wrong.is_empty(), "PostgreSQL says {missing:#?}\nwe say {wrong:#?}");

    let names = directory_names(&scratch.share.join("extension"));
    for name in names.iter().filter_map(|name| name.strip_suffix(".control")).filter(|name| !name.contains("--")) {
        let rows = ScratchPostgres::rows(
            &mut session,
            &format!("select source, target, path from pg_extension_update_paths('{name}')"),
        )
        .await;
        let theirs: BTreeSet<_> = rows.into_iter().collect();
        let graph = VersionGraph::new(name, names.iter().map(String::as_str));
        let ours: BTreeSet<_> = graph
            .update_paths()
            .map(|update| vec![Some(update.source), Some(update.target), update.path.map(|path| path.join("--"))])
            .collect();
        assert_eq!(ours, theirs, "{name}");
    }
}

#[tokio::test]
async fn what_postgres_refuses_is_refused_and_the_rest_is_not() {
    let mut scratch = ScratchPostgres::new(&[]);
    scratch.restart(&[]);
    let mut session = scratch.connect("postgres").await;
    let control = scratch.share.join("extension/judged.control");
    fs::write(scratch.share.join("extension/judged--1.sql"), "").expect("written");
    for (texts, expected) in [(ACCEPTED, true), (REFUSED, false)] {
        for text in texts {
            fs::write(&control, text).expect("written");
            let theirs = ScratchPostgres::run(&mut session, "select * from pg_available_extension_versions").await;
            assert_eq!(theirs.is_ok(), expected, "PostgreSQL on {text:?}: {theirs:?}");
            let ours = ControlFile::parse(text.as_bytes(), major());
            assert_eq!(ours.is_ok(), expected, "we on {text:?}: {ours:?}");
        }
    }
}
