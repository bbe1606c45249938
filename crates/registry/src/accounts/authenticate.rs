use model::{Handle, NamePattern, PackageName, TokenAction};
use time::{Duration, OffsetDateTime};

use super::{ClientInfo, InvalidToken, Proved, SecondFactorRule, Token};
use crate::{Registry, RegistryError, Viewer, WorkflowRun};

/// How exact the last use of a token is known: often enough to be of use, seldom enough not to write at each request.
const LAST_USE: Duration = Duration::minutes(1);

/// Somebody who acts, and what they may do: who has shown a token that is good for it, or has shown in a browser who they are.
#[derive(Clone, Debug)]
pub struct Caller {
    /// None in a browser.
    token: Option<i64>,
    principal: i64,
    handle: Handle,
    actions: Vec<TokenAction>,
    patterns: Vec<NamePattern>,
    expires_at: Option<OffsetDateTime>,
    has_second_factor: bool,
    rule: SecondFactorRule,
    publisher: Option<Box<CallingPublisher>>,
}

/// The trusted publisher behind a token that a workflow got for one of its runs.
#[derive(Clone, Debug)]
pub(crate) struct CallingPublisher {
    pub(crate) id: i64,
    /// Who owns a package that begins with it.
    pub(crate) created_by: i64,
    pub(crate) run: WorkflowRun,
}

/// Why nobody is known by what was shown.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticationError {
    /// Nothing was shown.
    #[error("a token is needed")]
    Missing,
    /// What was shown is no token.
    #[error("the token cannot be used: {0}")]
    Invalid(#[from] InvalidToken),
    /// A token that is not known: never made, or of another registry.
    #[error("the token is not known here")]
    Unknown,
    /// A token that was revoked.
    #[error("the token was revoked; make a new one")]
    Revoked,
    /// The account of the token is locked.
    #[error("the account of the token is locked by those who run the registry")]
    Locked,
    /// A token whose time is over.
    #[error("the token has expired; make a new one")]
    Expired,
    /// The database failed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl AuthenticationError {
    /// A stable code for machines.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing => "token-missing",
            Self::Invalid(_) => "token-invalid",
            Self::Unknown => "token-unknown",
            Self::Revoked => "token-revoked",
            Self::Locked => "account-locked",
            Self::Expired => "token-expired",
            Self::Registry(error) => error.code(),
        }
    }
}

impl From<sqlx::Error> for AuthenticationError {
    fn from(error: sqlx::Error) -> Self {
        Self::Registry(error.into())
    }
}

impl Caller {
    pub(crate) fn principal(&self) -> i64 {
        self.principal
    }

    /// The id of the token; none in a browser.
    pub(super) fn token(&self) -> Option<i64> {
        self.token
    }

    /// As whom the caller reads.
    pub fn viewer(&self) -> Viewer {
        Viewer::Principal(self.principal)
    }

    /// The handle of the account.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Whether the token is good for the action on a package of this name. Says nothing of the account's own rights.
    pub fn may(&self, action: TokenAction, name: &PackageName) -> bool {
        self.actions.contains(&action) && self.patterns.iter().any(|pattern| pattern.matches(name))
    }

    /// Whether the token is good for the action at all, where it is about no package.
    pub fn may_ever(&self, action: TokenAction) -> bool {
        self.actions.contains(&action)
    }

    /// Whether the token is good for the action on packages of every name, and so for what is about more than one of them.
    pub fn may_everywhere(&self, action: TokenAction) -> bool {
        self.may_ever(action) && self.patterns.iter().any(|pattern| *pattern == NamePattern::all())
    }

    /// The workflow that acts, where it is one.
    pub(crate) fn publisher(&self) -> Option<&CallingPublisher> {
        self.publisher.as_deref()
    }

    /// Whether its account would need a second factor to publish a package; `is_critical` says whether many depend on it.
    pub(crate) fn lacks_second_factor(&self, is_critical: bool) -> bool {
        let needs_one = match self.rule {
            SecondFactorRule::Nobody => false,
            SecondFactorRule::Critical => is_critical,
            SecondFactorRule::Maintainers => true,
        };
        // A workflow's tokens live for minutes, and nobody types them.
        needs_one && !self.has_second_factor && self.publisher.is_none()
    }

    /// What may be done with the token.
    pub fn actions(&self) -> &[TokenAction] {
        &self.actions
    }

    /// For which packages.
    pub fn patterns(&self) -> &[NamePattern] {
        &self.patterns
    }

    /// Until when.
    pub fn expires_at(&self) -> Option<OffsetDateTime> {
        self.expires_at
    }
}

impl Registry {
    /// Somebody in a browser who acts with all the rights of their account.
    pub async fn acting(&self, proved: &Proved) -> Result<Caller, RegistryError> {
        let principal = proved.principal();
        let has_second_factor = sqlx::query_scalar!(
            r#"select exists (select from authenticators where principal_id = $1)
                or exists (select from passkeys where principal_id = $1) as "has_second_factor!""#,
            principal,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(Caller {
            token: None,
            principal,
            handle: proved.handle().clone(),
            actions: TokenAction::ALL.to_vec(),
            patterns: vec![NamePattern::all()],
            expires_at: None,
            has_second_factor,
            rule: self.second_factor_rule,
            publisher: None,
        })
    }

    /// Finds out whose token it is and what it is good for.
    pub async fn authenticate(&self, token: &str, client: &ClientInfo) -> Result<Caller, AuthenticationError> {
        let token: Token = token.trim().parse()?;
        let now = self.clock.now();
        let row = sqlx::query!(
            r#"select
                t.token_id,
                t.principal_id,
                p.handle as "handle: Handle",
                t.actions as "actions: Vec<TokenAction>",
                t.patterns as "patterns: Vec<NamePattern>",
                t.expires_at,
                t.revoked_at,
                t.last_used_at,
                (
                    exists (select from authenticators as f where f.principal_id = t.principal_id)
                    or exists (select from passkeys as f where f.principal_id = t.principal_id)
                ) as "has_second_factor!",
                t.publisher_id,
                t.run,
                u.created_by as "created_by?",
                a.locked_at as "locked_at?"
            from tokens as t
            join principals as p using (principal_id)
            left join trusted_publishers as u on u.publisher_id = t.publisher_id
            -- Of a workflow, whoever has named it.
            left join accounts as a on a.principal_id = coalesce(u.created_by, t.principal_id)
            where t.hash = $1"#,
            token.hash() as _,
        )
        .fetch_optional(&self.pool)
        .await?
        .ok_or(AuthenticationError::Unknown)?;
        if row.revoked_at.is_some() {
            return Err(AuthenticationError::Revoked);
        }
        if row.locked_at.is_some() {
            return Err(AuthenticationError::Locked);
        }
        if row.expires_at.is_some_and(|end| end <= now) {
            return Err(AuthenticationError::Expired);
        }
        let publisher = match (row.publisher_id, row.created_by, row.run) {
            (Some(id), Some(created_by), Some(run)) => {
                let run = serde_json::from_value(run).map_err(|error| RegistryError::Internal(Box::new(error)))?;
                Some(Box::new(CallingPublisher { id, created_by, run }))
            }
            _ => None,
        };
        if row.last_used_at.is_none_or(|last| last + LAST_USE <= now) {
            sqlx::query!(
                "update tokens
                set last_used_at = $2, last_used_address = $3, last_used_client = $4
                where token_id = $1",
                row.token_id,
                now,
                client.address_if_any(),
                client.user_agent,
            )
            .execute(&self.pool)
            .await?;
        }
        Ok(Caller {
            token: Some(row.token_id),
            principal: row.principal_id,
            handle: row.handle,
            actions: row.actions,
            patterns: row.patterns,
            expires_at: row.expires_at,
            has_second_factor: row.has_second_factor,
            rule: self.second_factor_rule,
            publisher,
        })
    }
}
