use anyhow::Context as _;
use model::{Email, Handle, NamePattern, StaffRole, TokenAction};
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

/// A role of staff as the command line takes it: `none` for nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Role(pub(crate) Option<StaffRole>);

impl std::str::FromStr for Role {
    type Err = model::UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "none" { Ok(Self(None)) } else { text.parse().map(|role| Self(Some(role))) }
    }
}

/// Gives an account a role, or none.
pub(crate) async fn grant_role(config: &Config, handle: &Handle, role: Option<StaffRole>) -> anyhow::Result<()> {
    let node = Node::open_migrated(config).await?;
    let granted = node.registry.grant_role(handle, role).await.with_context(|| format!("{handle} has no other role"));
    let granted = node.close_after(granted).await?;
    let words = role.map_or("no role", StaffRole::as_str);
    let already = if granted.is_none() { " already" } else { "" };
    print(format_args!("{handle} has{already} {words}."));
    Ok(())
}
