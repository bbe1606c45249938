//! What the program understands on its command line.

use std::{collections::BTreeMap, ffi::OsString, path::PathBuf, process::ExitCode};

use clap::{Arg, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use model::{Email, Handle, NamePattern, TokenAction};

use crate::{
    commands,
    config::{Config, ConfigFile, SETTINGS, Values},
    telemetry,
};

/// The registry of PostgreSQL extensions: find, publish, build, try and install them.
#[derive(Debug, Parser)]
#[command(name = "pginstall", version, propagate_version = true)]
struct CommandLine {
    /// The configuration file [default: /etc/pginstall/pginstall.toml for root, else pginstall/pginstall.toml in the user's configuration folder]
    #[arg(long, global = true, value_name = "FILE", env = "PGINSTALL_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the web site and the API.
    Serve,
    /// Bring the schema of the database up to date.
    Migrate,
    /// Import packages.
    Import {
        #[command(subcommand)]
        from: Import,
    },
    /// Compare the store, the database and the event log with each other.
    Check {
        /// Where all is well, remove objects older than a day that nothing refers to.
        #[arg(long)]
        repair: bool,
    },
    /// Work on the object store.
    Store {
        #[command(subcommand)]
        act: StoreAct,
    },
    /// Check the hash chain of the event log and name the first bad row.
    VerifyLog,
    /// Build what is derived from the tables again.
    Rebuild,
    /// Administer the registry.
    Admin {
        #[command(subcommand)]
        act: Admin,
    },
    /// Show settings with their origin, or set one in the configuration file.
    Config {
        /// The setting to show; all of them where it is left out.
        name: Option<String>,
        /// Its new value, written to the configuration file.
        value: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
enum Import {
    /// The extensions and modules of the PostgreSQL on this machine.
    Local {
        /// The `pg_config` of an installation; may be given more than once [default: all that are found].
        #[arg(long, value_name = "PATH")]
        pg_config: Vec<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
enum StoreAct {
    /// Copy the objects that one store does not have from another; can be interrupted and run again.
    Copy {
        /// Where they are.
        #[arg(long, value_name = "STORE")]
        from: commands::Place,
        /// Where they should be.
        #[arg(long, value_name = "STORE")]
        to: commands::Place,
    },
}

#[derive(Debug, Subcommand)]
enum Admin {
    /// Make an account.
    CreateAccount {
        /// Its public name.
        handle: Handle,
        /// Its address.
        #[arg(long)]
        email: Email,
    },
    /// Make a token for an account and print it; it is shown only now.
    CreateToken {
        /// The account.
        handle: Handle,
        /// What the token is called.
        #[arg(long, default_value = "from the command line")]
        name: String,
        /// What it may do: publish-new, publish-update, yank, owners, account or admin; may be given more than once.
        #[arg(long = "action", value_name = "ACTION", default_values = ["publish-new", "publish-update", "yank"])]
        actions: Vec<TokenAction>,
        /// For which packages: a name, or a beginning and '*'; may be given more than once.
        #[arg(long = "package", value_name = "PATTERN", default_value = "*")]
        packages: Vec<NamePattern>,
        /// After how many days it ends; 0 for never.
        #[arg(long, default_value_t = 90)]
        days: u16,
    },
    /// Say what an account may do to keep the registry in order.
    GrantRole {
        /// The account.
        handle: Handle,
        /// admin, moderator, or none.
        role: commands::Role,
    },
    /// Remove the second factors of an account whose owner has lost them and has shown who they are; its sessions end.
    RemoveSecondFactors {
        /// The account.
        handle: Handle,
    },
    /// Show what was written to people, the newest last: messages that are kept, and what became of those that were sent.
    Mail {
        /// Only messages to this address.
        #[arg(long, value_name = "ADDRESS")]
        to: Option<Email>,
        /// How many at most.
        #[arg(long, value_name = "NUMBER", default_value_t = 20)]
        limit: u32,
        /// As JSON, for programs.
        #[arg(long)]
        json: bool,
    },
}

/// The command line with a flag for every setting, so that the table of settings stays the only list.
fn command() -> clap::Command {
    SETTINGS.iter().fold(CommandLine::command(), |command, setting| {
        let default = setting.default.filter(|default| !default.is_empty());
        let default = default.map(|default| format!("; default: {default}")).unwrap_or_default();
        let help = format!("{} [env: {}{default}]", setting.help, setting.variable);
        let name: &'static str = setting.name;
        command.arg(
            Arg::new(name).long(setting.flag()).value_name("VALUE").global(true).help(help).help_heading("Settings"),
        )
    })
}

/// Runs the program: 0 when all went well, 1 when something did not, 2 for a wrong command line.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let matches = match command().try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let flags: BTreeMap<&'static str, String> = SETTINGS
        .iter()
        .filter_map(|setting| Some((setting.name, matches.get_one::<String>(setting.name)?.clone())))
        .collect();
    let result = CommandLine::from_arg_matches(&matches)
        .map_err(anyhow::Error::from)
        .and_then(|command_line| execute(command_line, &flags));
    match result {
        Ok(code) => code,
        Err(error) => {
            #[expect(clippy::print_stderr, reason = "the one place where the program says why it ends")]
            {
                eprintln!("pginstall: {}", sentence(&error));
            }
            ExitCode::FAILURE
        }
    }
}

/// The error and its causes on one line, without what a cause only repeats.
fn sentence(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
    }
    text
}

#[expect(clippy::disallowed_methods, reason = "the environment is read here, once, and handed on")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn default_config_file() -> PathBuf {
    if registry::is_root() {
        return PathBuf::from("/etc/pginstall/pginstall.toml");
    }
    let home = variable("XDG_CONFIG_HOME").or_else(|| Some(format!("{}/.config", variable("HOME")?)));
    PathBuf::from(home.unwrap_or_else(|| "/etc".to_owned())).join("pginstall/pginstall.toml")
}

fn execute(command_line: CommandLine, flags: &BTreeMap<&'static str, String>) -> anyhow::Result<ExitCode> {
    let file = ConfigFile::read(command_line.config.unwrap_or_else(default_config_file))?;
    if let Command::Config { name, value } = &command_line.command {
        commands::config(flags, variable, file, name.as_deref(), value.as_deref())?;
        return Ok(ExitCode::SUCCESS);
    }
    let config = Config::from_values(&Values::collect(flags, variable, &file)?)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let telemetry = telemetry::start(&config.log)?;
    let code = runtime.block_on(async {
        match command_line.command {
            Command::Serve => Box::pin(commands::serve(config)).await,
            Command::Migrate => commands::migrate(&config).await,
            Command::Import { from: Import::Local { pg_config } } => commands::import_local(&config, &pg_config).await,
            Command::Check { repair } => commands::check(&config, repair).await,
            Command::Store { act: StoreAct::Copy { from, to } } => commands::copy_store(&config, from, to).await,
            Command::VerifyLog => commands::verify_log(&config).await,
            Command::Rebuild => commands::rebuild(&config).await,
            Command::Admin { act } => administer(&config, act).await,
            Command::Config { .. } => Ok(ExitCode::SUCCESS),
        }
    });
    telemetry.stop();
    code
}

async fn administer(config: &Config, act: Admin) -> anyhow::Result<ExitCode> {
    match act {
        Admin::CreateAccount { handle, email } => commands::create_account(config, &handle, &email).await?,
        Admin::CreateToken { handle, name, actions, packages, days } => {
            let days = (days > 0).then_some(days);
            let request = commands::TokenRequest { handle, name, actions, patterns: packages, days };
            commands::create_token(config, request).await?;
        }
        Admin::GrantRole { handle, role } => commands::grant_role(config, &handle, role.0).await?,
        Admin::RemoveSecondFactors { handle } => commands::remove_second_factors(config, &handle).await?,
        Admin::Mail { to, limit, json } => commands::mail(config, to.as_ref(), limit, json).await?,
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        command().debug_assert();
    }
}
