use anyhow::Context as _;
use model::{Email, Handle, NamePattern, TokenAction};
use registry::{NewToken, Token};
use time::Duration;

use super::{node::Node, print};
use crate::config::Config;

/// What the token that is asked for should be.
#[derive(Debug)]
pub(crate) struct TokenRequest {
    pub(crate) handle: Handle,
    pub(crate) name: String,
    pub(crate) actions: Vec<TokenAction>,
    pub(crate) patterns: Vec<NamePattern>,
    /// None for ever.
    pub(crate) days: Option<u16>,
}

/// Makes an account.
pub(crate) async fn create_account(config: &Config, handle: &Handle, email: &Email) -> anyhow::Result<()> {
    let node = Node::open_migrated(config).await?;
    let created = node.registry.create_account(handle, email).await.map_err(anyhow::Error::from);
    node.close_after(created).await?;
    print(format_args!(
        "{handle} can be given tokens: pginstall admin create-token {handle}. A password is chosen by \"Forgot the password?\" at /login."
    ));
    Ok(())
}

/// Makes a token and prints it: alone on standard output, so that scripts can take it.
pub(crate) async fn create_token(config: &Config, request: TokenRequest) -> anyhow::Result<()> {
    let node = Node::open_migrated(config).await?;
    let expires_at = request.days.map(|days| node.registry.clock().now() + Duration::days(days.into()));
    let new = NewToken { name: request.name, actions: request.actions, patterns: request.patterns, expires_at };
    let issued = node.registry.create_token(&request.handle, &new, Token::generate(&mut rand::rng())).await;
    let issued = node.close_after(issued.context("there is no new token")).await?;
    print(format_args!("{}", issued.token.reveal()));
    Ok(())
}

/// Removes the second factors of an account.
pub(crate) async fn remove_second_factors(config: &Config, handle: &Handle) -> anyhow::Result<()> {
    let node = Node::open_migrated(config).await?;
    let removed = node.registry.remove_second_factors(handle).await;
    let removed = removed.with_context(|| format!("the second factors of {handle} were not removed"));
    node.close_after(removed).await?;
    print(format_args!(
        "{handle} logs in without a second factor now. Its sessions have ended, and its owner is told."
    ));
    Ok(())
}
