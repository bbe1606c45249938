use std::process::ExitCode;

use super::node::Node;
use crate::config::Config;

/// Brings the schema up to date.
pub(crate) async fn migrate(config: &Config) -> anyhow::Result<ExitCode> {
    let node = Node::open_migrated(config).await?;
    node.close_after(Ok(ExitCode::SUCCESS)).await
}
