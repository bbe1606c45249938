use std::process::ExitCode;

use super::node::Node;
use crate::config::Config;

/// Builds the shared projections again.
pub(crate) async fn rebuild(config: &Config) -> anyhow::Result<ExitCode> {
    let node = Node::open_migrated(config).await?;
    let rebuilt = node.registry.rebuild().await;
    let result = rebuilt.map_err(anyhow::Error::from).map(|event| {
        super::print(format_args!("listings are built anew, up to event {event}"));
        ExitCode::SUCCESS
    });
    node.close_after(result).await
}
