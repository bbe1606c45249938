//! Control files of extensions, read as a PostgreSQL of a given major reads them.
//!
//! Source: `src/backend/commands/extension.c` (`parse_extension_control_file`, `read_extension_aux_control_file`).

use model::PostgresMajor;

use crate::{
    identifier_list,
    parameter_file::{self, SyntaxError},
    quoted::quoted,
};

/// What `NAME.control` says, after the defaults of PostgreSQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlFile {
    /// Where the scripts are, relative to the share directory unless absolute; `extension` if absent.
    pub directory: Option<String>,
    /// The version that `CREATE EXTENSION` takes when it is not told one.
    pub default_version: Option<String>,
    /// What scripts mean by `MODULE_PATHNAME`.
    pub module_pathname: Option<String>,
    /// A sentence for people.
    pub comment: Option<String>,
    /// The only schema the extension may be in.
    pub schema: Option<String>,
    /// Whether it can be moved to another schema after it was created.
    pub relocatable: bool,
    /// Whether only superusers may create it.
    pub superuser: bool,
    /// Whether somebody with the right to create objects in the database may create it all the same.
    pub trusted: bool,
    /// The encoding of the scripts.
    pub encoding: Option<String>,
    /// The extensions that must be there first.
    pub requires: Vec<String>,
    /// Those of them whose schema may not be changed any more.
    pub no_relocate: Vec<String>,
}

impl Default for ControlFile {
    fn default() -> Self {
        Self {
            directory: None,
            default_version: None,
            module_pathname: None,
            comment: None,
            schema: None,
            relocatable: false,
            superuser: true,
            trusted: false,
            encoding: None,
            requires: Vec::new(),
            no_relocate: Vec::new(),
        }
    }
}

/// Why PostgreSQL would refuse the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ControlFileError {
    /// It does not follow the syntax.
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
    /// A parameter that this major does not know.
    #[error("unrecognized parameter \"{}\" in line {line}", quoted(name.as_bytes()))]
    UnknownParameter {
        /// The name of the parameter.
        name: String,
        /// The line, counted from 1.
        line: u32,
    },
    /// A parameter that only the primary control file may set.
    #[error("parameter \"{0}\" cannot be set in a secondary extension control file")]
    PrimaryOnly(&'static str),
    /// Neither on nor off.
    #[error("parameter \"{0}\" requires a Boolean value")]
    NotBoolean(&'static str),
    /// Not a list of names.
    #[error("parameter \"{0}\" must be a list of extension names")]
    NotNames(&'static str),
    /// An encoding that a server cannot have.
    #[error("\"{}\" is not a valid encoding name", quoted(.0.as_bytes()))]
    UnknownEncoding(String),
    /// A fixed schema and the right to move contradict each other.
    #[error("parameter \"schema\" cannot be specified when \"relocatable\" is true")]
    SchemaOfRelocatable,
}

/// The server encodings of PostgreSQL and their aliases, without the characters that comparison skips.
/// Source: `src/common/encnames.c`.
const ENCODINGS: &[&str] = &[
    "abc",
    "alt",
    "eucjis2004",
    "eucjp",
    "euckr",
    "euctw",
    "euccn",
    "iso88591",
    "iso885910",
    "iso885913",
    "iso885914",
    "iso885915",
    "iso885916",
    "iso88592",
    "iso88593",
    "iso88594",
    "iso88595",
    "iso88596",
    "iso88597",
    "iso88598",
    "iso88599",
    "koi8",
    "koi8r",
    "koi8u",
    "latin1",
    "latin10",
    "latin2",
    "latin3",
    "latin4",
    "latin5",
    "latin6",
    "latin7",
    "latin8",
    "latin9",
    "muleinternal",
    "sqlascii",
    "tcvn",
    "tcvn5712",
    "unicode",
    "utf8",
    "vscii",
    "win",
    "win1250",
    "win1251",
    "win1252",
    "win1253",
    "win1254",
    "win1255",
    "win1256",
    "win1257",
    "win1258",
    "win866",
    "win874",
    "windows1250",
    "windows1251",
    "windows1252",
    "windows1253",
    "windows1254",
    "windows1255",
    "windows1256",
    "windows1257",
    "windows1258",
    "windows866",
    "windows874",
];

fn is_server_encoding(name: &str) -> bool {
    let clean: String =
        name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect();
    name.len() < 64 && ENCODINGS.contains(&clean.as_str())
}

/// Reads a Boolean as PostgreSQL does: any unambiguous beginning of true, false, yes, no, on, off; 1 and 0.
fn boolean(text: &str) -> Option<bool> {
    let lower = text.to_ascii_lowercase();
    let begins = |word: &str, shortest: usize| lower.len() >= shortest && word.starts_with(&lower);
    if begins("true", 1) || begins("yes", 1) || begins("on", 2) || lower == "1" {
        Some(true)
    } else if begins("false", 1) || begins("no", 1) || begins("off", 2) || lower == "0" {
        Some(false)
    } else {
        None
    }
}

impl ControlFile {
    /// Reads `NAME.control`.
    pub fn parse(text: &[u8], major: PostgresMajor) -> Result<Self, ControlFileError> {
        let mut control = Self::default();
        control.read(text, major, false)?;
        Ok(control)
    }

    /// This file with the overrides of the auxiliary `NAME--VERSION.control`.
    pub fn with_overrides(&self, text: &[u8], major: PostgresMajor) -> Result<Self, ControlFileError> {
        let mut control = self.clone();
        control.read(text, major, true)?;
        Ok(control)
    }

    /// What holds for a version that is installed by the script of `start`'s version and updates from there to this one:
    /// schema and comment stay what they were at the start (`get_available_versions_for_extension`).
    #[must_use]
    pub fn reached_from(&self, start: &Self) -> Self {
        Self { schema: start.schema.clone(), comment: start.comment.clone(), ..self.clone() }
    }

    /// The directory of the scripts relative to the share directory; none where it lies outside of that.
    pub fn script_directory(&self) -> Option<&str> {
        let directory = self.directory.as_deref().unwrap_or("extension");
        let is_inside = directory.split('/').all(|segment| !matches!(segment, "" | "." | ".."));
        is_inside.then_some(directory)
    }

    fn read(&mut self, text: &[u8], major: PostgresMajor, secondary: bool) -> Result<(), ControlFileError> {
        let flag = |name, value: &str| boolean(value).ok_or(ControlFileError::NotBoolean(name));
        let names = |name, value: &str| identifier_list::split(value).map_err(|_| ControlFileError::NotNames(name));
        for parameter_file::Parameter { name, value, line } in parameter_file::parse(text)? {
            match name.as_str() {
                "directory" if secondary => return Err(ControlFileError::PrimaryOnly("directory")),
                "default_version" if secondary => return Err(ControlFileError::PrimaryOnly("default_version")),
                "directory" => self.directory = Some(value),
                "default_version" => self.default_version = Some(value),
                "module_pathname" => self.module_pathname = Some(value),
                "comment" => self.comment = Some(value),
                "schema" => self.schema = Some(value),
                "relocatable" => self.relocatable = flag("relocatable", &value)?,
                "superuser" => self.superuser = flag("superuser", &value)?,
                "trusted" if major.number() >= 13 => self.trusted = flag("trusted", &value)?,
                "encoding" if is_server_encoding(&value) => self.encoding = Some(value),
                "encoding" => return Err(ControlFileError::UnknownEncoding(value)),
                "requires" => self.requires = names("requires", &value)?,
                "no_relocate" if major.number() >= 16 => self.no_relocate = names("no_relocate", &value)?,
                _ => return Err(ControlFileError::UnknownParameter { name, line }),
            }
        }
        if self.relocatable && self.schema.is_some() {
            return Err(ControlFileError::SchemaOfRelocatable);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn major(number: i64) -> PostgresMajor {
        PostgresMajor::try_from(number).expect("a major")
    }

    fn parse(text: &str) -> Result<ControlFile, ControlFileError> {
        ControlFile::parse(text.as_bytes(), major(15))
    }

    #[test]
    fn reads_a_real_file() {
        let control = parse(
            "# ltree extension\ncomment = 'data type for hierarchical tree-like structures'\ndefault_version = '1.2'\n\
             module_pathname = '$libdir/ltree'\nrelocatable = true\ntrusted = true\nrequires = 'cube, \"uuid-ossp\"'\n",
        );
        assert_eq!(
            control,
            Ok(ControlFile {
                comment: Some("data type for hierarchical tree-like structures".to_owned()),
                default_version: Some("1.2".to_owned()),
                module_pathname: Some("$libdir/ltree".to_owned()),
                relocatable: true,
                trusted: true,
                requires: vec!["cube".to_owned(), "uuid-ossp".to_owned()],
                ..ControlFile::default()
            })
        );
    }

    #[test]
    fn knows_what_each_major_knows() {
        let unknown = |name: &str| Err(ControlFileError::UnknownParameter { name: name.to_owned(), line: 1 });
        assert_eq!(ControlFile::parse(b"trusted = true", major(12)), unknown("trusted"));
        assert!(ControlFile::parse(b"trusted = true", major(13)).is_ok_and(|control| control.trusted));
        assert_eq!(ControlFile::parse(b"no_relocate = 'a'", major(15)), unknown("no_relocate"));
        assert!(ControlFile::parse(b"no_relocate = 'a'", major(16)).is_ok_and(|control| control.no_relocate == ["a"]));
        assert_eq!(parse("Comment = 'x'"), unknown("Comment"));
    }

    #[test]
    fn reads_booleans_as_postgres_does() {
        for (text, expected) in [
            ("T", true),
            ("ye", true),
            ("on", true),
            ("1", true),
            ("fal", false),
            ("OFF", false),
            ("n", false),
            ("0", false),
        ] {
            assert_eq!(parse(&format!("superuser = {text}")).map(|control| control.superuser), Ok(expected), "{text}");
        }
        for text in ["o", "truely", "2", "''"] {
            assert_eq!(parse(&format!("superuser = {text}")), Err(ControlFileError::NotBoolean("superuser")), "{text}");
        }
    }

    #[test]
    fn an_auxiliary_file_overrides() {
        let control = parse("default_version = '1'\nrequires = 'a'\ncomment = 'one'").expect("valid");
        let overridden = control.with_overrides(b"requires = 'a, b'", major(15)).expect("valid");
        assert_eq!(overridden.requires, ["a", "b"]);
        assert_eq!(overridden.comment.as_deref(), Some("one"));
        for name in ["directory", "default_version"] {
            let text = format!("{name} = 'x'");
            assert_eq!(control.with_overrides(text.as_bytes(), major(15)), Err(ControlFileError::PrimaryOnly(name)));
        }
    }

    #[test]
    fn refuses_what_postgres_refuses() {
        assert_eq!(parse("relocatable = true\nschema = 'x'"), Err(ControlFileError::SchemaOfRelocatable));
        assert_eq!(parse("requires = 'a b'"), Err(ControlFileError::NotNames("requires")));
        assert_eq!(parse("encoding = 'klingon'"), Err(ControlFileError::UnknownEncoding("klingon".to_owned())));
        assert!(parse("encoding = 'UTF-8'").is_ok());
        assert!(parse("encoding = SJIS").is_err(), "a client-only encoding");
    }

    #[test]
    fn does_not_repeat_huge_texts() {
        let huge = "x".repeat(100_000);
        for text in [format!("{huge} = 1"), format!("encoding = {huge}"), format!("comment {huge} {huge}")] {
            let message = parse(&text).expect_err("refused").to_string();
            assert!(message.contains("xxx") && message.len() < 300, "{} bytes", message.len());
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = ControlFile::parse(&text, major(18));
        }

        #[test]
        fn never_panics_near_the_syntax(text in "(comment|requires|superuser|encoding)? ?=? ?['\"a-z\\\\, #\n]{0,30}") {
            let _ = ControlFile::parse(text.as_bytes(), major(18));
        }
    }
}
