use std::process::ExitCode;

use super::{node::Node, print};
use crate::config::Config;

/// Checks the hash chain of the event log; 1 and the first bad row if something is wrong.
pub(crate) async fn verify_log(config: &Config) -> anyhow::Result<ExitCode> {
    let node = Node::open_migrated(config).await?;
    let started = std::time::Instant::now();
    let verified = node.registry.verify_log().await.map_err(anyhow::Error::from);
    let verified = node.close_after(verified).await?;
    Ok(match verified {
        Ok(events) => {
            print(format_args!("{events} events, each as it was written; {:.1} s", started.elapsed().as_secs_f64()));
            ExitCode::SUCCESS
        }
        Err(broken) => {
            print(format_args!("wrong: {broken}"));
            ExitCode::FAILURE
        }
    })
}
