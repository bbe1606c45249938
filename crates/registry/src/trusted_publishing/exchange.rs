//! A token of a run is exchanged for one of this registry.

use model::{NamePattern, PackageName, TokenAction};
use serde_json::{Value, json};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use super::{
    WorkflowService,
    run::{self, Claimed, RunError},
};
use crate::{
    Registry, RegistryError,
    accounts::{ClientInfo, Limited, Token},
    identity::IssuerError,
};

/// How long a token is good that a run got.
const LIFETIME: Duration = Duration::minutes(15);
/// How long a token of a run may live.
const LONGEST_LIFE: Duration = Duration::days(1);
/// How much longer than the token of the run is remembered that it was exchanged.
const REMEMBERED: Duration = Duration::hours(1);

/// A token that a run got.
#[derive(Clone, Debug)]
pub struct ExchangedToken {
    /// The token.
    pub token: Token,
    /// Until when it can be used.
    pub expires_at: OffsetDateTime,
    /// The package that it publishes.
    pub package: PackageName,
}

/// Why a run got no token.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// The text is no token of an issuer that is known here.
    #[error("the token is not one of a service that this registry knows")]
    Issuer,
    /// The token cannot be trusted.
    #[error("the token of the run is not taken: {0}")]
    Token(String),
    /// The issuer does not answer.
    #[error("the service that has signed the token cannot be reached now; try again in a moment")]
    Unreachable,
    /// The token was exchanged before.
    #[error("the token of the run was exchanged already; ask the service for a new one")]
    Reused,
    /// Nobody trusts the workflow.
    #[error(
        "no package trusts {0}. An owner adds it at /settings/publishing, with the repository, the workflow and the environment as they are"
    )]
    Untrusted(String),
    /// The repository is another one than before, under the same name.
    #[error(
        "{0} is not the repository that was trusted: its number, or that of its owner, is another one. An owner removes it at /settings/publishing and adds it anew"
    )]
    OtherRepository(String),
    /// Several accounts have named it for the same package that is still to come.
    #[error(
        "several accounts have named this workflow for a package {0} that is still to come, so it is not clear who should own it; publish its first release with a token of your own"
    )]
    Disputed(String),
    /// Several packages trust it.
    #[error("several packages trust this workflow: say which one is meant, one of {0}")]
    Ambiguous(String),
    /// Too often.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// The database failed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl ExchangeError {
    /// A stable code for machines.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Issuer => "exchange-issuer",
            Self::Token(_) => "exchange-token",
            Self::Unreachable => "exchange-unreachable",
            Self::Reused => "exchange-reused",
            Self::Untrusted(_) => "exchange-untrusted",
            Self::OtherRepository(_) => "exchange-other-repository",
            Self::Disputed(_) => "exchange-disputed",
            Self::Ambiguous(_) => "exchange-ambiguous",
            Self::Limited(_) => "too-many-requests",
            Self::Registry(error) => error.code(),
        }
    }
}

impl From<sqlx::Error> for ExchangeError {
    fn from(error: sqlx::Error) -> Self {
        Self::Registry(error.into())
    }
}

impl From<RunError> for ExchangeError {
    fn from(error: RunError) -> Self {
        Self::Token(error.to_string())
    }
}

struct Trusting {
    publisher_id: i64,
    principal_id: i64,
    name: PackageName,
    is_same: bool,
    /// Who has named it, where the package is still to come.
    pending_by: Option<i64>,
}

impl Registry {
    /// Whom tokens of runs are for: what a workflow asks its service for.
    pub fn exchange_audience(&self) -> String {
        self.public_url.origin().ascii_serialization()
    }

    /// Exchanges the token of a run for `token`, which was just generated. `package` says which one is meant where several
    /// trust the workflow.
    pub async fn exchange_token(
        &self,
        text: &str,
        package: Option<&PackageName>,
        token: Token,
        client: &ClientInfo,
    ) -> Result<ExchangedToken, ExchangeError> {
        self.limits.exchange_by_network.count(&client.network())?;
        let said: serde_json::Map<String, Value> =
            jsonwebtoken::dangerous::insecure_decode_claims(text.trim()).map_err(|_| ExchangeError::Issuer)?;
        // As it is written, and nothing is asked of an issuer that is not listed.
        let said = said.get("iss").and_then(Value::as_str);
        let known = self.workflow_issuers.iter().find(|(settings, _)| Some(settings.address.as_str()) == said);
        let (settings, issuer) = known.ok_or(ExchangeError::Issuer)?;
        let now = self.clock.now();
        let claims = issuer.verify(text.trim(), &self.exchange_audience(), now).await.map_err(|error| match error {
            IssuerError::Web(error) => {
                tracing::warn!(%error, issuer = settings.address, "an issuer of tokens does not answer as it should");
                ExchangeError::Unreachable
            }
            IssuerError::Away(_) => ExchangeError::Unreachable,
            error => ExchangeError::Token(error.to_string()),
        })?;
        let text = |name: &str| claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let token_id = text("jti").filter(|id| id.len() <= 255 && !id.contains('\0'));
        let token_id = token_id
            .ok_or_else(|| ExchangeError::Token("its jti is missing or of another form".to_owned()))?
            .to_owned();
        let claimed = run::read(settings, &claims)?;
        let ends =
            claims.get("exp").and_then(Value::as_i64).and_then(|end| OffsetDateTime::from_unix_timestamp(end).ok());
        let ends = ends.filter(|end| *end < now + LONGEST_LIFE);
        let ends = ends.ok_or_else(|| ExchangeError::Token("it lives for longer than a day".to_owned()))?;

        let mut transaction = self.pool.begin().await?;
        let used = sqlx::query!(
            "insert into exchanged_tokens (issuer, token_id, expires_at)
            values ($1, $2, $3)
            on conflict do nothing",
            settings.address,
            token_id,
            ends.max(now) + REMEMBERED,
        )
        .execute(&mut *transaction)
        .await?;
        if used.rows_affected() == 0 {
            return Err(ExchangeError::Reused);
        }
        let publisher = choose(&mut transaction, &settings.address, &claimed, package).await?;
        sqlx::query!(
            "update trusted_publishers
            set repository_id = $2, owner_id = $3, last_used_at = $4
            where publisher_id = $1",
            publisher.publisher_id,
            claimed.repository_id,
            claimed.owner_id,
            now,
        )
        .execute(&mut *transaction)
        .await?;
        let expires_at = now + LIFETIME;
        let pattern: NamePattern = publisher.name.as_str().parse().map_err(internal)?;
        sqlx::query!(
            "insert into tokens
                (principal_id, name, hash, actions, patterns, created_at, expires_at, publisher_id, run)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            publisher.principal_id,
            format!("a run of {}", claimed.run.repository).chars().take(100).collect::<String>(),
            token.hash() as _,
            &[TokenAction::PublishNew, TokenAction::PublishUpdate] as _,
            &[pattern] as _,
            now,
            expires_at,
            publisher.publisher_id,
            json!(claimed.run),
        )
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        // Runs share addresses: only what fails is counted.
        self.limits.exchange_by_network.forget(&client.network());
        Ok(ExchangedToken { token, expires_at, package: publisher.name })
    }
}

/// The publisher that a run stands for.
async fn choose(
    transaction: &mut PgConnection,
    issuer: &str,
    claimed: &Claimed,
    package: Option<&PackageName>,
) -> Result<Trusting, ExchangeError> {
    let run = &claimed.run;
    let words = || {
        let environment = run.environment.as_deref().map(|name| format!(" in the environment {name}"));
        format!("the workflow {} of {}{}", run.workflow, run.repository, environment.unwrap_or_default())
    };
    // Services do not tell repositories apart by the case of letters, GitHub not its environments either; files they do.
    let trusting = sqlx::query_as!(
        Trusting,
        r#"select
            publisher_id,
            principal_id,
            name as "name: PackageName",
            coalesce(repository_id = $5, true) and coalesce(owner_id = $6, true) as "is_same!",
            case when package_id is null then created_by end as pending_by
        from trusted_publishers
        where issuer = $1
            and lower(repository) = lower($2)
            and workflow = $3
            and (environment is null or environment = $4 or $8 and lower(environment) = lower($4))
            and ($7::text is null or name_folded = $7)
        -- The most particular one of each package first.
        order by name_folded, package_id nulls last, environment nulls last, publisher_id
        for update"#,
        issuer,
        run.repository,
        run.workflow,
        run.environment,
        claimed.repository_id,
        claimed.owner_id,
        package.map(|name| name.folded().as_str().to_owned()),
        run.service == WorkflowService::GitHub,
    )
    .fetch_all(transaction)
    .await?;
    if trusting.is_empty() {
        return Err(ExchangeError::Untrusted(words()));
    }
    let mut same: Vec<Trusting> = trusting.into_iter().filter(|publisher| publisher.is_same).collect();
    // What somebody else has named for a package to come stands in nobody's way who has one.
    if package.is_none() && same.iter().any(|publisher| publisher.pending_by.is_none()) {
        same.retain(|publisher| publisher.pending_by.is_none());
    }
    for (first, second) in same.iter().zip(same.iter().skip(1)) {
        let is_one = first.name.folded() == second.name.folded();
        if is_one && first.pending_by.is_some() && second.pending_by.is_some_and(|by| Some(by) != first.pending_by) {
            return Err(ExchangeError::Disputed(first.name.to_string()));
        }
    }
    same.dedup_by(|second, first| second.name.folded() == first.name.folded());
    match same.len() {
        0 => Err(ExchangeError::OtherRepository(run.repository.clone())),
        1 => Ok(same.remove(0)),
        _ => {
            let names: Vec<&str> = same.iter().map(|publisher| publisher.name.as_str()).collect();
            Err(ExchangeError::Ambiguous(names.join(", ")))
        }
    }
}

fn internal(error: impl std::error::Error + Send + Sync + 'static) -> RegistryError {
    RegistryError::Internal(Box::new(error))
}
