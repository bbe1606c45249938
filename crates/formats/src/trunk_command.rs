//! What the `trunk` command makes of the control files in a binary archive. It reads them line by line, not as PostgreSQL
//! does, and cannot be changed any more: archives have to suit it.
//!
//! Source: `cli/src/control_file.rs` and `install_file` in `cli/src/commands/install.rs` of `tembo-io/trunk`.

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
};

use crate::{
    identifier_list,
    parameter_file::{self, Parameter, SyntaxError},
    quoted::quoted,
};

/// What `trunk` reads from a control file. Of several lines for one value the last one holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrunkControl {
    /// Where version 1 of the manifest puts scripts.
    pub directory: Option<String>,
    /// Read, but not used.
    pub module_pathname: Option<String>,
    /// The extensions that it installs first.
    pub requires: Vec<String>,
}

/// A line that `trunk` takes for one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Directory,
    ModulePathname,
    Requires,
}

impl Key {
    const ALL: [Self; 3] = [Self::Directory, Self::ModulePathname, Self::Requires];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::ModulePathname => "module_pathname",
            Self::Requires => "requires",
        }
    }
}

/// What a line begins with, and its value: what follows blanks and equals signs, without quotes at both ends. Neither
/// comments nor blanks at the end are cut, nor are escapes resolved.
fn read_line(line: &str) -> Option<(Key, &str)> {
    let line = line.trim_start();
    let (key, rest) = Key::ALL.into_iter().find_map(|key| Some((key, line.strip_prefix(key.as_str())?)))?;
    Some((key, rest.trim_start_matches([' ', '=']).trim_start().trim_matches('\'')))
}

fn split_names(value: &str) -> Vec<String> {
    value.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

impl TrunkControl {
    /// Reads a control file as `trunk` does; none if that fails, because the file is not UTF-8.
    pub fn read(text: &[u8]) -> Option<Self> {
        let mut control = Self::default();
        for (key, value) in std::str::from_utf8(text).ok()?.lines().filter_map(read_line) {
            match key {
                Key::Directory => control.directory = Some(value.to_owned()),
                Key::ModulePathname => control.module_pathname = Some(value.to_owned()),
                Key::Requires => control.requires = split_names(value),
            }
        }
        Some(control)
    }
}

/// A line of a control file that `trunk` reads differently from PostgreSQL. Texts are cut to 100 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MisreadLine {
    /// The line, counted from 1.
    pub line: u32,
    /// What `trunk` takes from it; none if it fails there, because the line is not UTF-8.
    pub trunk: Option<String>,
    /// What PostgreSQL takes from it; none if that is not the same parameter, or no list of names.
    pub postgres: Option<String>,
}

impl MisreadLine {
    /// A stable code for machines.
    pub const fn code(&self) -> &'static str {
        "control-line-misread"
    }
}

impl fmt::Display for MisreadLine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "in line {} of the control file the trunk command ", self.line)?;
        match &self.trunk {
            Some(value) => write!(formatter, "reads {value:?}")?,
            None => formatter.write_str("reads nothing, since it is not UTF-8")?,
        }
        match &self.postgres {
            Some(value) => write!(formatter, ", PostgreSQL reads {value:?}"),
            None => formatter.write_str(", PostgreSQL nothing of the kind"),
        }
    }
}

/// The lines of a control file that `trunk` reads differently from PostgreSQL.
///
/// What PostgreSQL does not read at all is an error: there is nothing to compare.
pub fn misread_lines(text: &[u8]) -> Result<Vec<MisreadLine>, SyntaxError> {
    let parameters: HashMap<u32, Parameter> =
        parameter_file::parse(text)?.into_iter().map(|parameter| (parameter.line, parameter)).collect();
    let mut misread = Vec::new();
    for (number, bytes) in (1..).zip(text.split_inclusive(|byte| *byte == b'\n')) {
        let parameter = parameters.get(&number);
        let Ok(line) = std::str::from_utf8(bytes) else {
            let postgres = parameter.map(|parameter| quoted(parameter.value.as_bytes()));
            misread.push(MisreadLine { line: number, trunk: None, postgres });
            continue;
        };
        // The last line may lack its end, and what looks like half of one belongs to it.
        let line = line.strip_suffix("\r\n").or(line.strip_suffix('\n')).unwrap_or(line);
        let Some((key, value)) = read_line(line) else { continue };
        let same = parameter.filter(|parameter| parameter.name == key.as_str()).map(|parameter| &parameter.value);
        let (trunk, postgres) = match key {
            Key::Requires => (split_names(value), same.and_then(|value| identifier_list::split(value).ok())),
            Key::Directory | Key::ModulePathname => (vec![value.to_owned()], same.map(|value| vec![value.clone()])),
        };
        if Some(&trunk) != postgres.as_ref() {
            let text = |names: &Vec<String>| quoted(names.join(", ").as_bytes());
            misread.push(MisreadLine {
                line: number,
                trunk: Some(text(&trunk)),
                postgres: postgres.as_ref().map(text),
            });
        }
    }
    Ok(misread)
}

/// Why the `trunk` command would install an archive without end. Names are cut to 100 characters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DependencyOrderError {
    /// A control file stands before that of an extension that it requires.
    #[error(
        "the extension {dependent:?} requires {provider:?}, whose control file comes later in the archive: put \
         {provider}.control before {dependent}.control"
    )]
    ControlFiles {
        /// The extension that requires the other.
        dependent: String,
        /// The extension that is required.
        provider: String,
    },
    /// The manifest requires what the archive has.
    #[error("manifest.json lists {0:?} among extension_dependencies, which the archive has itself: leave it out")]
    Manifest(String),
}

impl DependencyOrderError {
    /// A stable code for machines.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ControlFiles { .. } => "archive-dependency-order",
            Self::Manifest(_) => "archive-depends-on-itself",
        }
    }
}

/// Whether each extension of an archive comes after those that it requires.
///
/// `controls` are all files that end with `.control`, in the order in which they stand in the archive: the name without
/// directories and ending, and [`TrunkControl::requires`]. `trunk` asks the registry for every required extension whose
/// control file it has not seen yet; if that is in the same archive, it gets this archive again, and so on.
pub fn check_dependency_order<Name: AsRef<str>, Requires: AsRef<[String]>>(
    controls: &[(Name, Requires)],
) -> Result<(), DependencyOrderError> {
    let mut first: HashMap<&str, usize> = HashMap::new();
    for (position, (name, _)) in controls.iter().enumerate() {
        first.entry(name.as_ref()).or_insert(position);
    }
    for (position, (dependent, requires)) in controls.iter().enumerate() {
        for provider in requires.as_ref() {
            if first.get(provider.as_str()).is_some_and(|provider| *provider > position) {
                return Err(DependencyOrderError::ControlFiles {
                    dependent: quoted(dependent.as_ref().as_bytes()),
                    provider: quoted(provider.as_bytes()),
                });
            }
        }
    }
    Ok(())
}

/// Whether the `extension_dependencies` of a manifest leave out the extensions `provided` by its archive: `trunk` asks the
/// registry for all of them, whatever the archive has.
pub fn check_manifest_dependencies<'a>(
    provided: impl IntoIterator<Item = &'a str>,
    extension_dependencies: &[String],
) -> Result<(), DependencyOrderError> {
    let provided: BTreeSet<&str> = provided.into_iter().collect();
    match extension_dependencies.iter().find(|name| provided.contains(name.as_str())) {
        Some(name) => Err(DependencyOrderError::Manifest(quoted(name.as_bytes()))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn misread(text: &str) -> Vec<MisreadLine> {
        misread_lines(text.as_bytes()).expect("readable")
    }

    #[test]
    fn reads_as_trunk_does() {
        let control = TrunkControl::read(
            b"comment = 'requires = x'\n  requires = 'pg_partman, dep2 ,,dep3'\r\ndirectory='pljava'\n\
              module_pathname   ==  '$libdir/x'\n",
        );
        assert_eq!(
            control,
            Some(TrunkControl {
                directory: Some("pljava".to_owned()),
                module_pathname: Some("$libdir/x".to_owned()),
                requires: vec!["pg_partman".to_owned(), "dep2".to_owned(), "dep3".to_owned()],
            })
        );
        let last = TrunkControl::read(b"requires = 'a'\nrequires = ''\n");
        assert_eq!(last.map(|control| control.requires), Some(vec![]), "the last line holds");
        assert_eq!(TrunkControl::read(b"comment = '\xff'"), None);
    }

    #[test]
    fn reads_ordinary_lines_as_postgres_does() {
        for text in [
            "requires = 'cube, earthdistance'\ndirectory = 'x'\nmodule_pathname = '$libdir/x'\n",
            "requires = 'cube'\r\nmodule_pathname = '$libdir/x'\r\n",
            "  requires 'cube'\n",
            "requires = ''\n",
            "requires = cube\ndirectory = x\n",
            "# requires = 'x' # no\ncomment = 'it''s' # a comment\ndefault_version = '1' \n",
            "comment = 'Größe'\n",
            "requires=cube",
        ] {
            assert_eq!(misread(text), [], "{text}");
        }
    }

    #[test]
    fn finds_what_trunk_reads_differently() {
        for (line, trunk, postgres) in [
            ("requires = 'cube' # needed", "cube' # needed", Some("cube")),
            ("requires = 'cube' ", "cube'", Some("cube")),
            ("requires = 'cube'\t", "cube'", Some("cube")),
            ("requires = '\"uuid-ossp\"'", "\"uuid-ossp\"", Some("uuid-ossp")),
            ("requires = 'Cube'", "Cube", Some("cube")),
            ("requires = 'c\\165be'", "c\\165be", Some("cube")),
            ("directory = 'it''s'", "it''s", Some("it's")),
            ("directory = '' # none", " # none", Some("")),
            ("module_pathname = '''x'", "x", Some("'x")),
            ("requires_more = 'cube'", "_more = 'cube", None),
            ("requires = 'a b'", "a b", None),
            ("requires = 'cube' \r", "cube'", Some("cube")),
        ] {
            let expected =
                MisreadLine { line: 2, trunk: Some(trunk.to_owned()), postgres: postgres.map(str::to_owned) };
            assert_eq!(misread(&format!("\n{line}\n")), [expected], "{line}");
        }
    }

    #[test]
    fn a_half_end_of_line_belongs_to_the_last_line() {
        let lines = misread("module_pathname = 'x'\r");
        assert_eq!(lines.len(), 1);
        assert_eq!((lines[0].trunk.as_deref(), lines[0].postgres.as_deref()), (Some("x'\r"), Some("x")));
        let control = TrunkControl::read(b"module_pathname = 'x'\r").expect("UTF-8");
        assert_eq!(control.module_pathname, lines[0].trunk);
    }

    #[test]
    fn trunk_fails_where_a_line_is_not_utf_8() {
        let lines = misread_lines(b"requires = 'cube'\ncomment = 'Gr\xf6\xdfe'\n").expect("readable");
        assert_eq!(lines.len(), 1);
        assert_eq!((lines[0].line, &lines[0].trunk), (2, &None));
        assert!(lines[0].to_string().contains("not UTF-8"), "{}", lines[0]);
    }

    #[test]
    fn says_both_readings() {
        let long = format!("directory = '{}' # far", "x".repeat(5000));
        let lines = misread_lines(long.as_bytes()).expect("readable");
        assert_eq!(lines[0].code(), "control-line-misread");
        assert!(lines[0].to_string().len() < 400, "no more than the beginning");
        let lines = misread_lines(b"requires = 'cube' ").expect("readable");
        assert_eq!(
            lines[0].to_string(),
            "in line 1 of the control file the trunk command reads \"cube'\", PostgreSQL reads \"cube\""
        );
        assert!(misread_lines(b"requires = 'a\n").is_err(), "nothing to compare with");
    }

    fn order(controls: &[(&str, &[&str])]) -> Result<(), DependencyOrderError> {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<String>>();
        let controls: Vec<(&str, Vec<String>)> =
            controls.iter().map(|(name, requires)| (*name, owned(requires))).collect();
        check_dependency_order(&controls)
    }

    #[test]
    fn dependencies_come_first() {
        assert_eq!(order(&[("cube", &[]), ("earthdistance", &["cube", "elsewhere"])]), Ok(()));
        assert_eq!(order(&[("a", &["a"])]), Ok(()), "trunk knows the name by then");
        assert_eq!(order(&[("b", &[]), ("a", &["b"]), ("b", &["a"])]), Ok(()), "it was seen once");
        let refused = order(&[("x", &[]), ("earthdistance", &["x", "cube"]), ("cube", &[])]).expect_err("refused");
        assert_eq!(refused.code(), "archive-dependency-order");
        assert_eq!(
            refused.to_string(),
            "the extension \"earthdistance\" requires \"cube\", whose control file comes later in the archive: put \
             cube.control before earthdistance.control"
        );
        assert!(order(&[("a", &["b"]), ("b", &["a"])]).is_err(), "no order is right");
    }

    #[test]
    fn an_archive_does_not_depend_on_itself() {
        let dependencies = ["plpgsql".to_owned(), "cube".to_owned()];
        assert_eq!(check_manifest_dependencies(["earthdistance"], &dependencies), Ok(()));
        let refused = check_manifest_dependencies(["earthdistance", "cube"], &dependencies).expect_err("refused");
        assert_eq!(refused.code(), "archive-depends-on-itself");
        assert!(refused.to_string().contains("\"cube\""), "{refused}");
    }

    proptest! {
        #[test]
        fn never_panics(text in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = (TrunkControl::read(&text), misread_lines(&text));
        }

        /// Where no line is misread, both read the same from the whole file.
        #[test]
        fn finds_all_differences(text in "((requires|directory|comment) ?=? ?['\"a-c\\\\, #]{0,12}\r?\n){0,3}") {
            if misread_lines(text.as_bytes()).is_ok_and(|lines| lines.is_empty()) {
                let trunk = TrunkControl::read(text.as_bytes()).expect("UTF-8");
                let last = |name: &str| {
                    let parameters = parameter_file::parse(text.as_bytes()).expect("readable");
                    parameters.into_iter().rfind(|parameter| parameter.name == name).map(|parameter| parameter.value)
                };
                prop_assert_eq!(&trunk.directory, &last("directory"));
                let requires = last("requires").map(|value| identifier_list::split(&value).expect("names"));
                prop_assert_eq!(trunk.requires, requires.unwrap_or_default());
            }
        }

        /// What is accepted leaves nothing to be asked for that the archive has.
        #[test]
        fn no_provider_comes_later(names in prop::collection::vec((0..5_u8, prop::collection::vec(0..5_u8, 0..3)), 0..6)) {
            let controls: Vec<(String, Vec<String>)> = names
                .iter()
                .map(|(name, requires)| (name.to_string(), requires.iter().map(u8::to_string).collect()))
                .collect();
            let mut seen = Vec::new();
            let mut asked = Vec::new();
            for (name, requires) in &controls {
                seen.push(name);
                asked.extend(requires.iter().filter(|name| !seen.contains(name)));
            }
            let has_asked_for_own = asked.iter().any(|name| controls.iter().any(|(own, _)| own == *name));
            prop_assert_eq!(check_dependency_order(&controls).is_err(), has_asked_for_own);
        }
    }
}
