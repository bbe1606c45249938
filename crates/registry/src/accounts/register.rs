//! How an account begins: somebody asks for it, and whoever reads the mail confirms it.

use model::{Email, Flag, Handle};
use serde_json::json;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use super::{
    ClientInfo, Limited, Password, PasswordError, Visitor, WeakPassword,
    audit::{self, Act},
    create::{self, CreateAccountError},
    links::{self, LinkPurpose},
    mails,
    password::Verdict,
    secret::LinkSecret,
};
use crate::{Registry, RegistryError, administration::paused, mail};

/// How long a registration waits to be confirmed.
const LIFETIME: Duration = Duration::days(3);
/// Handles that would be mistaken for the registry's own people.
const RESERVED: &[&str] = &[
    "admin",
    "administrator",
    "abuse",
    "help",
    "hostmaster",
    "info",
    "mail",
    "me",
    "moderator",
    "new",
    "official",
    "pginstall",
    "postgres",
    "postgresql",
    "postmaster",
    "root",
    "security",
    "settings",
    "staff",
    "support",
    "system",
    "team",
    "webmaster",
];

/// Beginnings, folded, of handles that the registry gives itself.
const RESERVED_BEGINNINGS: [&str; 2] = ["ci_", "deleted_"];

/// What somebody gives who wants an account.
#[derive(Clone, Debug)]
pub struct Registration {
    /// The name under which others see them.
    pub handle: Handle,
    /// Where the mail goes.
    pub email: Email,
    /// What they will log in with.
    pub password: Password,
}

/// Why a registration was not taken.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// Somebody has the handle, or one that is read alike.
    #[error("the handle {0} is taken; choose another one")]
    HandleTaken(Handle),
    /// Nobody gets the handle.
    #[error("nobody gets the handle {0}, since it would be mistaken for one of the registry itself")]
    HandleReserved(Handle),
    /// The password cannot be used.
    #[error(transparent)]
    Password(WeakPassword),
    /// Admins have said that no account begins for a while.
    #[error("no account begins for a while: {0}")]
    Paused(String),
    /// Too many people are waiting.
    #[error("too many people are registering just now; try again in a moment")]
    Busy,
    /// Too often from one place, or for one address.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// The database failed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

/// Why an address was not confirmed.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmError {
    /// Admins have said that no account begins for a while.
    #[error("no account begins for a while: {0}")]
    Paused(String),
    /// The link was never made, was used, or its time is over.
    #[error("this link is good no more: it was used already, a newer one was sent, or its time is over")]
    Unusable,
    /// Somebody else has confirmed an account with the handle first.
    #[error("somebody else has taken the handle {0} since; register again with another one")]
    HandleTaken(Handle),
    /// The address may be read by others by now, so it takes the account too.
    #[error("log in to the account first, and open this link again in the same browser")]
    LogInFirst,
    /// The password is not the one that was chosen in the registration.
    #[error(
        "that is not the password that was chosen for this account. If you have chosen none, somebody else has registered with your address: close this page, and no account begins"
    )]
    WrongPassword,
    /// Too many people are waiting.
    #[error("too many people are doing the same just now; try again in a moment")]
    Busy,
    /// Too often.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// Somebody else has confirmed an account with the address first.
    #[error("there is an account with this address by now; log in with it")]
    EmailTaken,
    /// The database failed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl From<sqlx::Error> for RegisterError {
    fn from(error: sqlx::Error) -> Self {
        Self::Registry(error.into())
    }
}

impl From<sqlx::Error> for ConfirmError {
    fn from(error: sqlx::Error) -> Self {
        Self::Registry(error.into())
    }
}

impl From<PasswordError> for ConfirmError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Weak(_) => Self::WrongPassword,
            PasswordError::Busy => Self::Busy,
            PasswordError::Registry(error) => error.into(),
        }
    }
}

impl From<PasswordError> for RegisterError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Weak(error) => Self::Password(error),
            PasswordError::Busy => Self::Busy,
            PasswordError::Registry(error) => error.into(),
        }
    }
}

/// What was confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmed {
    /// A new account.
    Account(Handle),
    /// The address of one that was there.
    Email(Email),
}

/// Whether a handle would be mistaken for the registry's own people, or is one that it gives itself.
pub(crate) fn is_reserved_handle(handle: &Handle) -> bool {
    let folded = handle.folded();
    RESERVED.contains(&folded.as_str()) || RESERVED_BEGINNINGS.iter().any(|text| folded.as_str().starts_with(text))
}

/// Whether anybody may have the handle.
pub(super) fn check_handle(handle: &Handle) -> Result<(), RegisterError> {
    if is_reserved_handle(handle) { Err(RegisterError::HandleReserved(handle.clone())) } else { Ok(()) }
}

impl Registry {
    /// Takes a registration and sends a mail with a link that confirms it.
    ///
    /// What it does for an address that has an account looks the same from outside: the mail says so to its owner.
    pub async fn register(&self, registration: &Registration, client: &ClientInfo) -> Result<(), RegisterError> {
        let Registration { handle, email, password } = registration;
        self.check_registration().await?;
        check_handle(handle)?;
        self.limits.register_by_network.count(&client.network())?;
        if self.has_principal(handle).await? {
            return Err(RegisterError::HandleTaken(handle.clone()));
        }
        // Always, so that it takes as long whether or not there is an account.
        let kept = self.passwords.hash(password, &[handle.as_str(), email.as_str()]).await?;
        self.limits.mail_by_recipient.count(&format!("register {}", email.as_str().to_lowercase()))?;
        let now = self.clock.now();
        let secret = LinkSecret::generate();
        let mut transaction = self.pool.begin().await?;
        let known = sqlx::query_scalar!("select principal_id from accounts where lower(email) = lower($1)", email as _)
            .fetch_optional(&mut *transaction)
            .await?;
        let message = if known.is_some() {
            mails::account_exists(&self.public_url, email)
        } else {
            sqlx::query!(
                "insert into registrations (hash, handle, email, password, created_at, expires_at)
                values ($1, $2, $3, $4, $5, $6)",
                secret.hash() as _,
                handle as _,
                email as _,
                kept,
                now,
                now + LIFETIME,
            )
            .execute(&mut *transaction)
            .await?;
            mails::confirm_registration(&self.public_url, handle, email, &secret)
        };
        mail::send(&mut transaction, &self.mail, known, &message, now).await?;
        sqlx::query!("delete from registrations where expires_at <= $1", now).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Whether accounts begin now.
    pub(super) async fn check_registration(&self) -> Result<(), RegisterError> {
        let mut connection = self.pool.acquire().await.map_err(RegistryError::from)?;
        match paused(&mut connection, Flag::NoRegistration).await? {
            Some(reason) => Err(RegisterError::Paused(reason)),
            None => Ok(()),
        }
    }

    async fn has_principal(&self, handle: &Handle) -> Result<bool, RegistryError> {
        let folded = handle.folded();
        let found = sqlx::query_scalar!(
            r#"select exists (select from principals where handle_folded = $1)
                or exists (select from retired_handles where hash = sha256(convert_to($1, 'UTF8'))) as "found!""#,
            folded.as_str()
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(found)
    }

    /// The handle of the account that begins with a link; none where the link is for something else, or for nothing.
    pub async fn registration_of(&self, secret: &str) -> Result<Option<Handle>, RegistryError> {
        Ok(self.waiting(secret).await?.map(|waiting| waiting.handle))
    }

    async fn waiting(&self, secret: &str) -> Result<Option<Waiting>, RegistryError> {
        let waiting = sqlx::query_as!(
            Waiting,
            r#"select handle as "handle: Handle", email as "email: Email", password
            from registrations
            where hash = $1
                and expires_at > $2"#,
            LinkSecret::hash_of(secret) as _,
            self.clock.now(),
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(waiting)
    }

    /// Takes the link of a mail: a new account begins, or an address turns out to be its owner's.
    ///
    /// An account begins only with the password of its registration. Whoever reads the mail could else confirm what somebody
    /// else has registered with their address.
    pub async fn confirm_email(
        &self,
        secret: &str,
        password: &Password,
        visitor: Option<&Visitor>,
        client: &ClientInfo,
    ) -> Result<Confirmed, ConfirmError> {
        self.limits.link_by_network.count(&client.network())?;
        let waiting = self.waiting(secret).await?;
        if let Some(waiting) = &waiting
            && self.passwords.compare(password, Some(waiting.password.clone())).await? == Verdict::Wrong
        {
            return Err(ConfirmError::WrongPassword);
        }
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        if let Some(waiting) = &waiting {
            lock_address(&mut transaction, &waiting.email).await?;
        }
        let confirmed = match take_registration(&mut transaction, secret, now).await? {
            Some(registration) => {
                if let Some(reason) = paused(&mut transaction, Flag::NoRegistration).await? {
                    return Err(ConfirmError::Paused(reason));
                }
                let handle = registration.handle.clone();
                begin_account(&mut transaction, registration, client, now).await?;
                Confirmed::Account(handle)
            }
            None => self.confirm_address(&mut transaction, secret, visitor, client, now).await?,
        };
        transaction.commit().await?;
        Ok(confirmed)
    }

    async fn confirm_address(
        &self,
        transaction: &mut PgConnection,
        secret: &str,
        visitor: Option<&Visitor>,
        client: &ClientInfo,
        now: OffsetDateTime,
    ) -> Result<Confirmed, ConfirmError> {
        if let Some(owner) = links::take(transaction, LinkPurpose::VerifyEmail, secret, now).await? {
            let is_lost = sqlx::query_scalar!(
                r#"select email_domain_lost_at is not null as "is_lost!" from accounts where principal_id = $1"#,
                owner.principal
            )
            .fetch_one(&mut *transaction)
            .await?;
            // Whoever has the domain now reads the mail too.
            if is_lost && visitor.is_none_or(|visitor| visitor.principal != owner.principal) {
                return Err(ConfirmError::LogInFirst);
            }
            sqlx::query!(
                "update accounts
                set email_verified_at = $2, email_domain_lost_at = null, email_domain_missed_at = null,
                    email_domain_checked_at = null
                where principal_id = $1
                    and lower(email) = lower($3)",
                owner.principal,
                now,
                &owner.email as _,
            )
            .execute(&mut *transaction)
            .await?;
            audit::note(transaction, owner.principal, Act::EmailVerified, client, json!({}), now).await?;
            return Ok(Confirmed::Email(owner.email));
        }
        let owner = links::take(transaction, LinkPurpose::ChangeEmail, secret, now).await?;
        let owner = owner.ok_or(ConfirmError::Unusable)?;
        let old = sqlx::query_scalar!(
            r#"select email as "email: Email" from accounts where principal_id = $1 for update"#,
            owner.principal
        )
        .fetch_one(&mut *transaction)
        .await?;
        sqlx::query!(
            "update accounts
            set email = $2, email_verified_at = $3, email_domain_lost_at = null, email_domain_missed_at = null,
                    email_domain_checked_at = null
            where principal_id = $1",
            owner.principal,
            &owner.email as _,
            now,
        )
        .execute(&mut *transaction)
        .await
        .map_err(|error| if create::is_taken(&error) { ConfirmError::EmailTaken } else { error.into() })?;
        // Links in mails to the old address lead nowhere any more.
        links::revoke_all(transaction, owner.principal).await?;
        audit::note(transaction, owner.principal, Act::EmailChanged, client, json!({}), now).await?;
        for to in [&old, &owner.email] {
            let message = mails::email_changed(&self.public_url, to, &owner.email);
            mail::send(&mut *transaction, &self.mail, Some(owner.principal), &message, now).await?;
        }
        Ok(Confirmed::Email(owner.email))
    }
}

struct Waiting {
    handle: Handle,
    email: Email,
    password: String,
}

/// One confirmation of an address at a time: each removes the others' registrations.
pub(super) async fn lock_address(transaction: &mut PgConnection, email: &Email) -> Result<(), RegistryError> {
    sqlx::query!(
        r#"select pg_advisory_xact_lock(hashtextextended('address ' || lower($1), 0)) as "locked!: ()""#,
        email as _
    )
    .fetch_one(transaction)
    .await?;
    Ok(())
}

async fn take_registration(
    transaction: &mut PgConnection,
    secret: &str,
    now: OffsetDateTime,
) -> Result<Option<Waiting>, RegistryError> {
    let waiting = sqlx::query_as!(
        Waiting,
        r#"delete from registrations
        where hash = $1
            and expires_at > $2
        returning handle as "handle: Handle", email as "email: Email", password"#,
        LinkSecret::hash_of(secret) as _,
        now,
    )
    .fetch_optional(transaction)
    .await?;
    Ok(waiting)
}

async fn begin_account(
    transaction: &mut PgConnection,
    waiting: Waiting,
    client: &ClientInfo,
    now: OffsetDateTime,
) -> Result<(), ConfirmError> {
    let created = create::insert_account(transaction, &waiting.handle, &waiting.email, now).await;
    let principal = created.map_err(|error| match error {
        CreateAccountError::HandleTaken(handle) => ConfirmError::HandleTaken(handle),
        CreateAccountError::EmailTaken(_) => ConfirmError::EmailTaken,
        CreateAccountError::Registry(error) => error.into(),
    })?;
    sqlx::query!(
        "update accounts
        set password = $2, password_changed_at = $3, email_verified_at = $3
        where principal_id = $1",
        principal,
        waiting.password,
        now,
    )
    .execute(&mut *transaction)
    .await?;
    // Whoever else has asked for an account with this address has not read its mail.
    sqlx::query!("delete from registrations where lower(email) = lower($1)", &waiting.email as _)
        .execute(&mut *transaction)
        .await?;
    audit::note(transaction, principal, Act::AccountCreated, client, json!({}), now).await?;
    Ok(())
}
