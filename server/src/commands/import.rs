use std::{path::PathBuf, process::ExitCode};

use indicatif::{ProgressBar, ProgressStyle};
use registry::{ImportReport, Installation, InstallationError, Outcome};

use super::{node::Node, print};
use crate::config::Config;

/// Imports what is installed on this machine; 1 if something could not be imported.
pub(crate) async fn import_local(config: &Config, pg_configs: &[PathBuf]) -> anyhow::Result<ExitCode> {
    let installations = if pg_configs.is_empty() {
        Installation::find_all()?
    } else {
        pg_configs.iter().map(|path| Installation::read(path)).collect::<Result<Vec<_>, InstallationError>>()?
    };
    let node = Node::open_migrated(config).await?;
    let style =
        ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(0).with_style(style);
    let result = node
        .registry
        .import(installations, node.data.temporary(), |progress| {
            bar.set_length(progress.total as u64);
            bar.set_position(progress.done as u64);
            bar.set_message(progress.name.to_owned());
        })
        .await;
    bar.finish_and_clear();
    let report = node.close_after(result.map_err(anyhow::Error::from)).await?;
    Ok(show(&report))
}

fn show(report: &ImportReport) -> ExitCode {
    for problem in &report.problems {
        print(format_args!("not imported: {} ({}): {}", problem.name, problem.installation, problem.reason));
    }
    print(format_args!(
        "{} added, {} files added, {} rebuilt, {} unchanged, {} not imported",
        report.count(Outcome::Added),
        report.count(Outcome::FileAdded),
        report.count(Outcome::Rebuilt),
        report.count(Outcome::Unchanged),
        report.problems.len(),
    ));
    if report.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
