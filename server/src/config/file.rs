use std::{
    fs, io,
    path::{Path, PathBuf},
};

use toml_edit::{DocumentMut, Item};

use super::{ConfigError, SETTINGS, Setting};

/// The line on which an error stands, counted from 1.
fn line_of(text: &str, error: &toml_edit::TomlError) -> usize {
    let start = error.span().map_or(0, |span| span.start.min(text.len()));
    text.get(..start).map_or(1, |before| before.split('\n').count())
}

/// The configuration file: TOML, kept as it was written when one value is changed.
#[derive(Clone, Debug)]
pub(crate) struct ConfigFile {
    path: PathBuf,
    document: DocumentMut,
}

impl ConfigFile {
    /// Reads the file; one that is not there is empty.
    pub(crate) fn read(path: PathBuf) -> Result<Self, ConfigError> {
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(ConfigError::File { path, reason: error.to_string() }),
        };
        let document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| ConfigError::File {
            path: path.clone(),
            // Not the whole of it, which quotes the line: it may hold a secret.
            reason: format!("line {}: {}", line_of(&text, &error), error.message()),
        })?;
        let file = Self { path, document };
        match file.unknown_key() {
            Some(key) => {
                Err(ConfigError::File { path: file.path, reason: format!("it sets {key}, which is no setting") })
            }
            None => Ok(file),
        }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    fn unknown_key(&self) -> Option<String> {
        let known = |name: &str| SETTINGS.iter().any(|setting| setting.name == name);
        self.document.iter().find_map(|(key, item)| match item.as_table_like() {
            Some(table) => table.iter().map(|(inner, _)| format!("{key}.{inner}")).find(|name| !known(name)),
            None => (!known(key)).then(|| key.to_owned()),
        })
    }

    /// The value of a setting as text; lists are joined with commas.
    pub(crate) fn get(&self, setting: &Setting) -> Result<Option<String>, ConfigError> {
        let mut item: Option<&Item> = None;
        for (depth, key) in setting.name.split('.').enumerate() {
            item = if depth == 0 { self.document.get(key) } else { item.and_then(|item| item.get(key)) };
        }
        let Some(item) = item else { return Ok(None) };
        let scalar = |value: &toml_edit::Value| match value {
            toml_edit::Value::String(text) => Some(text.value().clone()),
            toml_edit::Value::Integer(number) => Some(number.value().to_string()),
            toml_edit::Value::Boolean(flag) => Some(flag.value().to_string()),
            _ => None,
        };
        let text = match item.as_value() {
            Some(toml_edit::Value::Array(values)) => {
                values.iter().map(scalar).collect::<Option<Vec<_>>>().map(|values| values.join(","))
            }
            Some(value) => scalar(value),
            None => None,
        };
        let wrong = || ConfigError::File {
            path: self.path.clone(),
            reason: format!("{} is neither text, number nor list", setting.name),
        };
        text.ok_or_else(wrong).map(Some)
    }

    /// Sets a value; everything else, comments too, stays as it was written.
    pub(crate) fn set(&mut self, setting: &Setting, value: &str) {
        let mut keys = setting.name.split('.').rev();
        let last = keys.next().unwrap_or(setting.name);
        let value = value.parse::<i64>().map_or_else(|_| toml_edit::value(value), toml_edit::value);
        let table = keys.next();
        match table {
            Some(table) => {
                let table = self.document.entry(table).or_insert_with(toml_edit::table);
                table[last] = value;
            }
            None => self.document[last] = value,
        }
    }

    /// Writes the file: whole or not at all, readable by its owner only, since it may hold secrets.
    pub(crate) fn write(&self) -> Result<(), ConfigError> {
        use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};
        let write = || {
            if let Some(directory) = self.path.parent() {
                fs::create_dir_all(directory)?;
            }
            let new = self.path.with_extension("toml.new");
            let _ = fs::remove_file(&new);
            let mut file = fs::File::options().create_new(true).write(true).mode(0o600).open(&new)?;
            file.write_all(self.document.to_string().as_bytes())?;
            file.sync_all()?;
            fs::rename(new, &self.path)
        };
        write().map_err(|error: io::Error| ConfigError::File { path: self.path.clone(), reason: error.to_string() })
    }
}
