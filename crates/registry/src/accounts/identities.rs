//! Accounts elsewhere that log in to accounts here.

use model::{Email, Handle};
use serde_json::json;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{
    ClientInfo, Limited, LogInStep, LoggedIn, Proved,
    audit::{self, Act},
    create::{self, CreateAccountError},
    log_in::LogInError,
    logged_in::LogInWay,
    mails,
    register::{self, RegisterError},
};
use crate::{ExternalIdentity, Registry, RegistryError, mail};

/// Identities of an account at most.
const MOST: i64 = 10;

/// An identity in a list.
#[derive(Clone, Debug)]
pub struct IdentityDetails {
    /// Its id, which is no secret.
    pub id: i64,
    /// Who vouches for it.
    pub issuer: String,
    /// What it is called there.
    pub name: String,
    /// Since when it is linked.
    pub created_at: OffsetDateTime,
    /// When somebody has logged in with it last.
    pub last_used_at: Option<OffsetDateTime>,
}

/// Why an identity was not linked or unlinked.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// Another account has it.
    #[error("another account here is linked to {0}")]
    Taken(String),
    /// There are enough.
    #[error("an account is linked to at most {MOST} others; unlink one first")]
    TooMany,
    /// It is the only way to log in that is left.
    #[error("this is the only way in that is left; choose a password or add a passkey first")]
    LastWayIn,
    /// The database failed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl From<sqlx::Error> for IdentityError {
    fn from(error: sqlx::Error) -> Self {
        Self::Registry(error.into())
    }
}

/// Why no account began with an identity.
#[derive(Debug, thiserror::Error)]
pub enum NewcomerError {
    /// The handle cannot be had.
    #[error(transparent)]
    Handle(RegisterError),
    /// There is an account with the address.
    #[error("there is an account with the address {0}; log in to it, and link {1} in its settings")]
    EmailTaken(Email, String),
    /// Nobody vouches for an address.
    #[error("{0} vouches for no e-mail address of yours; register with a password, and link {0} in your settings")]
    NoEmail(String),
    /// Somebody has linked it meanwhile.
    #[error("an account is linked to {0} by now; log in with it")]
    Taken(String),
    /// Too often.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// The database failed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl From<sqlx::Error> for NewcomerError {
    fn from(error: sqlx::Error) -> Self {
        Self::Registry(error.into())
    }
}

/// How many ways there are to log in to an account: a password, passkeys, identities of providers that are there today. Holds the account, so that nobody takes
/// two away at the same time.
pub(super) async fn ways_in(
    transaction: &mut PgConnection,
    principal: i64,
    issuers: &[String],
) -> Result<i64, RegistryError> {
    sqlx::query!("select from accounts where principal_id = $1 for update", principal)
        .execute(&mut *transaction)
        .await?;
    let ways = sqlx::query_scalar!(
        r#"select
            (select count(*) from accounts where principal_id = $1 and password is not null)
            + (select count(*) from passkeys where principal_id = $1)
            + (select count(*) from identities where principal_id = $1 and issuer = any($2)) as "ways!""#,
        principal,
        issuers,
    )
    .fetch_one(transaction)
    .await?;
    Ok(ways)
}

impl Registry {
    /// Logs somebody in by an account elsewhere; none where it is linked to no account. A second factor is asked for as with
    /// a password.
    pub async fn log_in_with_identity(
        &self,
        identity: &ExternalIdentity,
        client: &ClientInfo,
    ) -> Result<Option<LogInStep>, LogInError> {
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        let account = sqlx::query!(
            r#"update identities as i
            set last_used_at = $3, name = $4
            from accounts as a
            join principals as p using (principal_id)
            where i.issuer = $1
                and i.subject = $2
                and a.principal_id = i.principal_id
            returning a.principal_id, a.password_generation, p.handle as "handle: Handle""#,
            identity.issuer,
            identity.subject,
            now,
            identity.name,
        )
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(account) = account else { return Ok(None) };
        let account = LoggedIn {
            principal: account.principal_id,
            handle: account.handle,
            password_generation: account.password_generation,
            has_weak_password: false,
            has_shown_more: false,
        };
        let step = self.after_first_step(&mut transaction, account, LogInWay::Identity, client, now).await?;
        transaction.commit().await?;
        Ok(Some(step))
    }

    /// Links an account elsewhere to that of the visitor. Once it is linked, it logs in to it.
    pub async fn link_identity(
        &self,
        proved: &Proved,
        identity: &ExternalIdentity,
        client: &ClientInfo,
    ) -> Result<(), IdentityError> {
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        ways_in(&mut transaction, proved.principal(), &[]).await?;
        let count = sqlx::query_scalar!(
            r#"select count(*) as "count!" from identities where principal_id = $1"#,
            proved.principal()
        )
        .fetch_one(&mut *transaction)
        .await?;
        if count >= MOST {
            return Err(IdentityError::TooMany);
        }
        if !insert(&mut transaction, proved.principal(), identity, now).await? {
            let owner = sqlx::query_scalar!(
                "select principal_id from identities where issuer = $1 and subject = $2",
                identity.issuer,
                identity.subject
            )
            .fetch_optional(&mut *transaction)
            .await?;
            if owner == Some(proved.principal()) {
                return Ok(());
            }
            return Err(IdentityError::Taken(identity.name.clone()));
        }
        let details = json!({ "issuer": identity.issuer, "name": identity.name });
        audit::note(&mut transaction, proved.principal(), Act::IdentityLinked, client, details, now).await?;
        let what = format!(
            "{} at {} was linked to your account. It logs in to it from now on.",
            identity.name, identity.issuer
        );
        let subject = "Another account was linked to yours";
        let message = mails::security_changed(&self.public_url, proved.email(), subject, &what);
        mail::send(&mut transaction, &self.mail, Some(proved.principal()), &message, now).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Unlinks one of the account's identities; never the last way in, and not found where it is not theirs.
    pub async fn unlink_identity(&self, proved: &Proved, id: i64, client: &ClientInfo) -> Result<(), IdentityError> {
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        let ways = ways_in(&mut transaction, proved.principal(), &self.known_issuers()).await?;
        let unlinked = sqlx::query!(
            "delete from identities where identity_id = $1 and principal_id = $2 returning issuer, name",
            id,
            proved.principal()
        )
        .fetch_optional(&mut *transaction)
        .await?
        .ok_or(RegistryError::NotFound)?;
        // One of a provider that is not there any more was no way in.
        let was_way = self.known_issuers().contains(&unlinked.issuer);
        if was_way && ways <= 1 {
            return Err(IdentityError::LastWayIn);
        }
        let details = json!({ "issuer": unlinked.issuer, "name": unlinked.name });
        audit::note(&mut transaction, proved.principal(), Act::IdentityUnlinked, client, details, now).await?;
        let what = format!("{} at {} was unlinked from your account.", unlinked.name, unlinked.issuer);
        let subject = "Another account was unlinked from yours";
        let message = mails::security_changed(&self.public_url, proved.email(), subject, &what);
        mail::send(&mut transaction, &self.mail, Some(proved.principal()), &message, now).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Makes an account for somebody who is known elsewhere and whose address there is verified. Nobody gets into an account
    /// that is there by having its address elsewhere.
    pub async fn register_with_identity(
        &self,
        identity: &ExternalIdentity,
        handle: &Handle,
        client: &ClientInfo,
    ) -> Result<LoggedIn, NewcomerError> {
        self.limits.register_by_network.count(&client.network())?;
        self.check_registration().await.map_err(NewcomerError::Handle)?;
        register::check_handle(handle).map_err(NewcomerError::Handle)?;
        let email = identity.email.clone().ok_or_else(|| NewcomerError::NoEmail(identity.provider.clone()))?;
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        register::lock_address(&mut transaction, &email).await?;
        let created = create::insert_account(&mut transaction, handle, &email, now).await;
        let principal = created.map_err(|error| match error {
            CreateAccountError::HandleTaken(handle) => NewcomerError::Handle(RegisterError::HandleTaken(handle)),
            CreateAccountError::EmailTaken(email) => NewcomerError::EmailTaken(email, identity.provider.clone()),
            CreateAccountError::Registry(error) => error.into(),
        })?;
        let generation = sqlx::query_scalar!(
            "update accounts set email_verified_at = $2 where principal_id = $1 returning password_generation",
            principal,
            now
        )
        .fetch_one(&mut *transaction)
        .await?;
        if !insert(&mut transaction, principal, identity, now).await? {
            return Err(NewcomerError::Taken(identity.name.clone()));
        }
        // Whoever else has asked for an account with this address has not read its mail.
        sqlx::query!("delete from registrations where lower(email) = lower($1)", &email as _)
            .execute(&mut *transaction)
            .await?;
        let details = json!({ "issuer": identity.issuer, "name": identity.name });
        audit::note(&mut transaction, principal, Act::AccountCreated, client, details, now).await?;
        let logged_in = LoggedIn {
            principal,
            handle: handle.clone(),
            password_generation: generation,
            has_weak_password: false,
            has_shown_more: true,
        };
        self.note_log_in(&mut transaction, principal, LogInWay::Identity, client, now).await?;
        transaction.commit().await?;
        Ok(logged_in)
    }
}

async fn insert(
    transaction: &mut PgConnection,
    principal: i64,
    identity: &ExternalIdentity,
    now: OffsetDateTime,
) -> Result<bool, RegistryError> {
    let inserted = sqlx::query!(
        "insert into identities (principal_id, issuer, subject, name, created_at, last_used_at)
        values ($1, $2, $3, $4, $5, $5)
        on conflict do nothing",
        principal,
        identity.issuer,
        identity.subject,
        identity.name,
        now,
    )
    .execute(transaction)
    .await?;
    Ok(inserted.rows_affected() == 1)
}
