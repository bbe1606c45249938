use std::process::ExitCode;

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};
use registry::{CopyReport, DataDirectory, Store, copy_objects};

use super::{
    node::{disk_store, s3_store},
    print,
};
use crate::config::Config;

/// One of the stores that a node can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Place {
    /// Files in the data directory.
    Disk,
    /// The bucket of s3.bucket.
    S3,
}

/// Copies what one store does not have from the other; 1 if something could not be copied.
pub(crate) async fn copy_store(config: &Config, from: Place, to: Place) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(from != to, "--from and --to name the same store; give disk and s3, or s3 and disk");
    let data = DataDirectory::open(&config.data_dir)?;
    let (from, to) = (open(config, &data, from).await?, open(config, &data, to).await?);
    let style = ProgressStyle::with_template("{bar:30} {bytes}/{total_bytes} {bytes_per_sec}, {eta} left");
    let bar = ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let said = std::cell::Cell::new(0);
    let result = copy_objects(&from, &to, &data.temporary(), |progress| {
        bar.set_length(progress.total_bytes);
        bar.set_position(progress.done_bytes);
        let twentieths = 20 * progress.done_bytes / progress.total_bytes.max(1);
        // Where nobody sees a bar, a line for each twentieth.
        if bar.is_hidden() && twentieths > said.replace(twentieths) {
            tracing::info!("{} % of {} bytes", 5 * twentieths, progress.total_bytes);
        }
    })
    .await;
    bar.finish_and_clear();
    Ok(show(&result.context("not everything was copied; run the command again to go on")?))
}

async fn open(config: &Config, data: &DataDirectory, place: Place) -> anyhow::Result<Store> {
    match (place, &config.s3) {
        (Place::Disk, _) => Ok(disk_store(data)),
        (Place::S3, Some(settings)) => s3_store(settings).await,
        (Place::S3, None) => anyhow::bail!("no bucket is named: set s3.bucket, S3_BUCKET or --s3-bucket"),
    }
}

fn show(report: &CopyReport) -> ExitCode {
    for sha256 in &report.changed {
        print(format_args!("not copied: the object {sha256} was changed in the store"));
    }
    print(format_args!(
        "{} objects copied with {} bytes, {} were there already, {} not copied",
        report.copied,
        report.copied_bytes,
        report.present,
        report.changed.len(),
    ));
    if report.changed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
