use std::collections::BTreeMap;

use super::print;
use crate::config::{Config, ConfigError, ConfigFile, SETTINGS, Setting, Values, find};

/// Shows all settings or one, or sets one.
pub(crate) fn config(
    flags: &BTreeMap<&'static str, String>,
    variable: impl Fn(&str) -> Option<String>,
    mut file: ConfigFile,
    name: Option<&str>,
    value: Option<&str>,
) -> Result<(), ConfigError> {
    let setting = name.map(|name| find(name).ok_or_else(|| ConfigError::Unknown(name.to_owned()))).transpose()?;
    if let (Some(setting), Some(value)) = (setting, value) {
        return set(&mut file, setting, value);
    }
    let values = Values::collect(flags, variable, &file)?;
    for setting in SETTINGS.iter().filter(|candidate| setting.is_none_or(|wanted| wanted.name == candidate.name)) {
        let value = values.get(setting.name);
        print(format_args!("{} = {}  ({})", setting.name, value.shown(setting), value.origin));
    }
    Ok(())
}

/// Writes a value to the file, if the program could work with it.
fn set(file: &mut ConfigFile, setting: &Setting, value: &str) -> Result<(), ConfigError> {
    file.set(setting, value);
    let flags = BTreeMap::from([("data_dir", "/".to_owned())]);
    let flags = if setting.name == "data_dir" { BTreeMap::new() } else { flags };
    Config::from_values(&Values::collect(&flags, |_| None, file)?)?;
    file.write()?;
    print(format_args!("{} is set in {}", setting.name, file.path().display()));
    Ok(())
}
