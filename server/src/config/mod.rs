//! Configuration: a flag, else an environment variable, else the configuration file, else the default.

mod concerns;
mod file;
mod setting;
mod values;

pub use concerns::{Config, DatabaseConfig, HttpConfig, LogConfig, LogFormat};
pub use file::ConfigFile;
pub use setting::{SETTINGS, Setting, find};
pub use values::{ConfigError, Origin, Values};
