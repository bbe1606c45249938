//! Configuration: a flag, else an environment variable, else the configuration file, else the default.

mod concerns;
mod file;
mod identity;
mod mail;
mod setting;
mod values;

pub use concerns::HttpConfig;
pub(crate) use concerns::{Config, LogConfig, LogFormat};
pub(crate) use file::ConfigFile;
pub(crate) use setting::{SETTINGS, Setting, find};
pub(crate) use values::{ConfigError, Origin, Values};
