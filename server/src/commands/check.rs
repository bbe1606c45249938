use std::process::ExitCode;

use anyhow::Context as _;
use registry::RepairReport;

use super::{node::Node, print};
use crate::config::Config;

/// Compares everything with everything; 1 if something is wrong. Where nothing is, a repair then removes what belongs to nothing.
pub(crate) async fn check(config: &Config, repair: bool) -> anyhow::Result<ExitCode> {
    let node = Node::open_migrated(config).await?;
    let report = match node.registry.check().await {
        Ok(report) => report,
        Err(error) => return node.close_after(Err(error.into())).await,
    };
    for finding in &report.findings {
        print(format_args!("wrong: {finding}"));
    }
    print(format_args!(
        "{} events, {} objects, {} left over by unfinished uploads",
        report.events, report.objects, report.leftovers
    ));
    if report.findings.is_empty() {
        let repaired = if repair { remove(&node).await } else { Ok(()) };
        node.close_after(repaired).await?;
        print(format_args!("all is well"));
        Ok(ExitCode::SUCCESS)
    } else {
        node.close_after(Ok(())).await?;
        print(format_args!("{} findings", report.findings.len()));
        if repair {
            print(format_args!("nothing was removed: a repair only follows when all else is well"));
        }
        Ok(ExitCode::FAILURE)
    }
}

async fn remove(node: &Node) -> anyhow::Result<()> {
    let removed = node.registry.remove_unreferenced(node.registry.clock().now()).await;
    let RepairReport { removed, removed_bytes, kept } = removed.context("the repair did not end")?;
    print(format_args!(
        "removed {removed} objects with {removed_bytes} bytes; left {kept} alone that are in use or younger than a day"
    ));
    Ok(())
}
