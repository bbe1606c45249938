use std::process::ExitCode;

use super::{node::Node, print};
use crate::config::Config;

/// Compares everything with everything; 1 if something is wrong.
pub(crate) async fn check(config: &Config) -> anyhow::Result<ExitCode> {
    let node = Node::open_migrated(config).await?;
    let report = node.registry.check().await.map_err(anyhow::Error::from);
    let report = node.close_after(report).await?;
    for finding in &report.findings {
        print(format_args!("wrong: {finding}"));
    }
    print(format_args!(
        "{} events, {} objects, {} left over by unfinished uploads",
        report.events, report.objects, report.leftovers
    ));
    if report.findings.is_empty() {
        print(format_args!("all is well"));
        Ok(ExitCode::SUCCESS)
    } else {
        print(format_args!("{} findings", report.findings.len()));
        Ok(ExitCode::FAILURE)
    }
}
