use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
};

use super::{ConfigFile, SETTINGS, Setting};

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The command line.
    Flag(String),
    /// The environment.
    Variable(&'static str),
    /// The configuration file.
    File(PathBuf),
    /// The program itself.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(formatter, "--{flag}"),
            Self::Variable(variable) => write!(formatter, "environment variable {variable}"),
            Self::File(path) => write!(formatter, "{}", path.display()),
            Self::Default => formatter.write_str("default"),
        }
    }
}

/// The value of a setting and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Value {
    /// The value as text; none where it was not set and has no default.
    pub text: Option<String>,
    /// Where it comes from.
    pub origin: Origin,
}

/// What is wrong with the configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ConfigError {
    /// A value that cannot be used.
    #[error("{name} (from {origin}) cannot be {value:?}: {reason}")]
    Value {
        /// The setting.
        name: &'static str,
        /// Its value; never that of a secret.
        value: String,
        /// Where it comes from.
        origin: Origin,
        /// What it should be.
        reason: String,
    },
    /// A configuration file that cannot be used.
    #[error("the configuration file {} cannot be used: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A setting that means nothing without another one.
    #[error("{name} is set, and {other} is not: set both or none")]
    Without {
        /// The one that is set.
        name: &'static str,
        /// The one that is not.
        other: &'static str,
    },
    /// A setting that must not be there beside another one.
    #[error("{name} and {other} are both set: only one of them can be")]
    NotWith {
        /// The one.
        name: &'static str,
        /// The other one.
        other: &'static str,
    },
    /// A name that is no setting.
    #[error("there is no setting {0}; `pginstall config` lists them all")]
    Unknown(String),
    /// No home to keep data in.
    #[error("no directory for data is known: set HOME or --data-dir")]
    NoHome,
}

/// The values of all settings.
#[derive(Clone, Debug)]
pub(crate) struct Values(BTreeMap<&'static str, Value>);

impl Values {
    /// Looks every setting up: `flags` by name, `variable` by environment variable, the file, the default.
    pub(crate) fn collect(
        flags: &BTreeMap<&'static str, String>,
        variable: impl Fn(&str) -> Option<String>,
        file: &ConfigFile,
    ) -> Result<Self, ConfigError> {
        let mut values = BTreeMap::new();
        for setting in SETTINGS {
            let value = if let Some(text) = flags.get(setting.name) {
                Value { text: Some(text.clone()), origin: Origin::Flag(setting.flag()) }
            } else if let Some(text) = variable(setting.variable).filter(|text| !text.is_empty()) {
                Value { text: Some(text), origin: Origin::Variable(setting.variable) }
            } else if let Some(text) = file.get(setting)? {
                Value { text: Some(text), origin: Origin::File(file.path().to_owned()) }
            } else {
                Value {
                    text: setting.default.map(str::to_owned).or_else(|| computed_default(setting, &variable)),
                    origin: Origin::Default,
                }
            };
            values.insert(setting.name, value);
        }
        Ok(Self(values))
    }

    /// The value of a setting.
    pub(crate) fn get(&self, name: &str) -> &Value {
        static NONE: Value = Value { text: None, origin: Origin::Default };
        self.0.get(name).unwrap_or(&NONE)
    }

    /// Reads a value; an empty one is none.
    pub(super) fn parse<T>(
        &self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, ConfigError> {
        let value = self.get(name);
        let Some(text) = value.text.as_deref().filter(|text| !text.is_empty()) else { return Ok(None) };
        parse(text).map(Some).map_err(|reason| ConfigError::Value {
            name,
            value: shown(name, text),
            origin: value.origin.clone(),
            reason,
        })
    }
}

/// A value as it may be shown: secrets without what makes them secret.
pub(super) fn shown(name: &str, text: &str) -> String {
    if !SETTINGS.iter().any(|setting| setting.name == name && setting.is_secret) {
        return text.to_owned();
    }
    // Only of addresses is something shown.
    let is_address = matches!(name, "database.url" | "mail.smtp");
    match url::Url::parse(text) {
        Ok(mut url) if is_address => {
            if url.password().is_some() {
                let _ = url.set_password(Some("***"));
            }
            // Where a token is the password, it often is the user as well.
            if name == "mail.smtp" && !url.username().is_empty() {
                let _ = url.set_username("***");
            }
            // The password may also be a parameter.
            if url.query().is_some_and(|query| query.contains("password")) {
                url.set_query(Some("***"));
            }
            url.to_string()
        }
        _ => "***".to_owned(),
    }
}

impl Value {
    /// The value as it may be shown.
    pub(crate) fn shown(&self, setting: &Setting) -> String {
        self.text.as_deref().map(|text| shown(setting.name, text)).unwrap_or_default()
    }
}

fn computed_default(setting: &Setting, variable: &impl Fn(&str) -> Option<String>) -> Option<String> {
    if setting.name != "data_dir" {
        return None;
    }
    if registry::is_root() {
        return Some("/var/lib/pginstall".to_owned());
    }
    let data = variable("XDG_DATA_HOME").filter(|path| Path::new(path).is_absolute());
    data.or_else(|| Some(format!("{}/.local/share", variable("HOME")?))).map(|data| format!("{data}/pginstall"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collect(flags: &[(&'static str, &str)], variables: &[(&str, &str)], file: &str) -> Result<Values, ConfigError> {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("pginstall.toml");
        std::fs::write(&path, file).expect("written");
        let flags = flags.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        let variable =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Values::collect(&flags, variable, &ConfigFile::read(path)?)
    }

    #[test]
    fn a_flag_beats_the_environment_beats_the_file_beats_the_default() {
        let file = "listen = '127.0.0.1:4'\n[database]\nmax_connections = 4\n";
        let text = |values: &Values, name: &str| values.get(name).text.clone();
        let values =
            collect(&[("listen", "127.0.0.1:2")], &[("PGINSTALL_LISTEN", "127.0.0.1:3")], file).expect("valid");
        assert_eq!(text(&values, "listen").as_deref(), Some("127.0.0.1:2"));
        let values = collect(&[], &[("PGINSTALL_LISTEN", "127.0.0.1:3")], file).expect("valid");
        assert_eq!(text(&values, "listen").as_deref(), Some("127.0.0.1:3"));
        assert_eq!(values.get("listen").origin, Origin::Variable("PGINSTALL_LISTEN"));
        let values = collect(&[], &[], file).expect("valid");
        assert_eq!(text(&values, "listen").as_deref(), Some("127.0.0.1:4"));
        assert_eq!(text(&values, "database.max_connections").as_deref(), Some("4"));
        let values = collect(&[], &[("HOME", "/home/x")], "").expect("valid");
        assert_eq!(text(&values, "listen").as_deref(), Some("127.0.0.1:8080"));
        assert_eq!(values.get("listen").origin, Origin::Default);
    }

    #[test]
    fn a_list_in_the_file_is_a_list() {
        let values = collect(&[], &[], "trusted_proxies = ['10.0.0.0/8', '::1/128']").expect("valid");
        assert_eq!(values.get("trusted_proxies").text.as_deref(), Some("10.0.0.0/8,::1/128"));
    }

    #[test]
    fn says_what_is_wrong_with_the_file() {
        for (file, part) in [
            ("lisen = 1", "lisen"),
            ("[database]\nurll = 'x'", "database.urll"),
            ("= 1", "1"),
            ("listen = 1.5", "listen"),
        ] {
            let error = collect(&[], &[], file).expect_err("refused").to_string();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn secrets_are_hidden() {
        let name = "database.url";
        assert_eq!(shown(name, "postgres://me:secret@db/x"), "postgres://me:***@db/x");
        assert_eq!(shown(name, "postgres://me@db/x?password=secret"), "postgres://me@db/x?***");
        assert_eq!(shown(name, "secret"), "***");
        assert_eq!(shown("mail.smtp", "smtps://token:secret@smtp.test:465"), "smtps://***:***@smtp.test:465");
        assert_eq!(shown("mail.smtp", "smtp://smtp.test"), "smtp://smtp.test");
        assert_eq!(shown("mail.smtp", "smtp://token@smtp.test"), "smtp://***@smtp.test");
        assert_eq!(shown("github.client_secret", "a:secret"), "***");
        assert_eq!(shown("listen", "secret"), "secret");
    }
}
