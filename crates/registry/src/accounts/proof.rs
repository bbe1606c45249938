//! Showing once more who one is, before something dangerous is done.

use model::{Email, Handle};
use time::{Duration, OffsetDateTime};

use super::{
    ClientInfo, Factors, Limited, PasskeyAnswer, PasskeyError, Password, Visitor, authenticator, log_in::ChangeError,
};
use crate::{ExternalIdentity, ProviderInfo, Registry, RegistryError};

/// How long after somebody has shown who they are they may do dangerous things.
const FRESH: Duration = Duration::minutes(15);

/// A visitor who has shown a short while ago who they are. Whatever changes how an account is logged in to, or who publishes in
/// its name, asks for one; there is no other way to get it than to show something.
#[derive(Clone, Debug)]
pub struct Proved {
    visitor: Visitor,
    at: OffsetDateTime,
}

impl Proved {
    pub(crate) fn principal(&self) -> i64 {
        self.visitor.principal
    }

    pub(crate) fn email(&self) -> &Email {
        &self.visitor.email
    }

    /// Who it is.
    pub fn visitor(&self) -> &Visitor {
        &self.visitor
    }

    /// Their handle.
    pub fn handle(&self) -> &Handle {
        &self.visitor.handle
    }

    /// When they have shown it, for their session: seconds of Unix time.
    pub fn at(&self) -> i64 {
        self.at.unix_timestamp()
    }
}

/// What somebody shows.
#[derive(Debug)]
pub enum Evidence {
    /// Their password.
    Password(Password),
    /// A code of their authenticator.
    Code(String),
    /// One of their passkeys.
    Passkey(PasskeyAnswer),
}

/// Why something does not show who somebody is.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// Another password.
    #[error("that is not your password")]
    Password,
    /// Another code, or one that was used.
    #[error("that code is wrong or was used already; wait for the next one")]
    Code,
    /// Another passkey, or none that can be used.
    #[error(transparent)]
    Passkey(PasskeyError),
    /// Too many people are waiting.
    #[error("too many people are doing the same just now; try again in a moment")]
    Busy,
    /// Too often.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// The database failed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl Registry {
    /// The visitor, if they have shown a short while ago who they are.
    pub fn proved(&self, visitor: &Visitor) -> Option<Proved> {
        let at = visitor.proved_at?;
        let now = self.clock.now();
        (at <= now && now < at + FRESH).then(|| Proved { visitor: visitor.clone(), at })
    }

    /// Looks whether something shows that the visitor is who they say.
    pub async fn prove(
        &self,
        visitor: &Visitor,
        evidence: Evidence,
        client: &ClientInfo,
    ) -> Result<Proved, ProveError> {
        let now = self.clock.now();
        match evidence {
            Evidence::Password(password) => {
                self.check_password(visitor, &password).await.map_err(|error| match error {
                    ChangeError::Busy => ProveError::Busy,
                    ChangeError::Limited(limited) => ProveError::Limited(limited),
                    ChangeError::Registry(error) => ProveError::Registry(error),
                    _ => ProveError::Password,
                })?;
            }
            Evidence::Code(code) => {
                self.limits.code_by_account.count(&visitor.principal.to_string())?;
                let mut transaction = self.pool.begin().await.map_err(RegistryError::from)?;
                if !authenticator::take_code(&mut transaction, visitor.principal, &code, now).await? {
                    return Err(ProveError::Code);
                }
                transaction.commit().await.map_err(RegistryError::from)?;
            }
            Evidence::Passkey(answer) => {
                let owner = self.passkey_owner(answer).await;
                let owner = owner.map_err(|error| match error {
                    PasskeyError::Registry(error) => ProveError::Registry(error),
                    error => ProveError::Passkey(error),
                })?;
                if owner != visitor.principal {
                    return Err(ProveError::Passkey(PasskeyError::Unknown));
                }
            }
        }
        tracing::debug!(handle = %visitor.handle, client = %client.address, "somebody has shown who they are");
        Ok(Proved { visitor: visitor.clone(), at: now })
    }

    /// The visitor, who has just logged in elsewhere with an identity that is linked to their account; none where it is not, or
    /// where that shows less than the account can show otherwise.
    pub async fn prove_by_identity(
        &self,
        visitor: &Visitor,
        identity: &ExternalIdentity,
    ) -> Result<Option<Proved>, RegistryError> {
        let factors = self.factors(visitor).await?;
        let is_enough = self.proving_providers(&factors).iter().any(|provider| provider.issuer == identity.issuer);
        let is_theirs = sqlx::query_scalar!(
            r#"select exists (
                select from identities
                where issuer = $1
                    and subject = $2
                    and principal_id = $3
            ) as "is_theirs!""#,
            identity.issuer,
            identity.subject,
            visitor.principal,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok((is_enough && is_theirs).then(|| Proved { visitor: visitor.clone(), at: self.clock.now() }))
    }

    /// The providers at which somebody with these factors shows who they are. Not in place of a second factor; and one that
    /// cannot be told to ask for a password shows only who the browser is, which does where there is nothing else.
    pub fn proving_providers(&self, factors: &Factors) -> Vec<ProviderInfo> {
        let is_linked =
            |provider: &ProviderInfo| factors.identities.iter().any(|identity| identity.issuer == provider.issuer);
        let providers = self.providers().into_iter().filter(is_linked);
        providers.filter(|provider| !factors.has_second() && (provider.asks_again || !factors.has_password)).collect()
    }
}
