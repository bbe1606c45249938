//! Passwords: shown, forgotten and changed.

use model::{Email, Folded, Handle};
use serde_json::json;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use super::{
    ClientInfo, Limited, PasskeyError, Password, PasswordError, Proved, Visitor, WeakPassword,
    audit::{self, Act},
    devices,
    links::{self, LinkPurpose},
    logged_in::{HalfWay, LogInStep, LogInWay, LoggedIn},
    mails,
    password::Verdict,
    secret::LinkSecret,
};
use crate::{Registry, RegistryError, mail};

/// Characters of a handle or an address that are looked up.
const LONGEST_NAME: usize = 254;

/// How long somebody has to show their second factor.
const HALF_WAY: Duration = Duration::minutes(10);

/// Why nobody has logged in.
#[derive(Debug, thiserror::Error)]
pub enum LogInError {
    /// No such account, no password, or another one: which of them is not said.
    #[error("the name and the password do not belong together")]
    Wrong,
    /// The second factor is another one, or was used.
    #[error("that code is wrong or was used already. Take the next one, or a recovery code")]
    WrongCode,
    /// The first step was too long ago, or is no longer good.
    #[error("that took too long; log in anew")]
    Expired,
    /// The passkey cannot be taken.
    #[error(transparent)]
    Passkey(PasskeyError),
    /// The account is locked. Only who has shown that it is theirs is told.
    #[error("this account is locked by those who run the registry: {0}")]
    Locked(String),
    /// Too many people are waiting.
    #[error("too many people are logging in just now; try again in a moment")]
    Busy,
    /// Too often.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// The database failed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

/// Why a password or an address was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The link was never made, was used, or its time is over.
    #[error("this link is good no more: it was used already, a newer one was sent, or its time is over")]
    Unusable,
    /// The present password is another one.
    #[error("that is not your password")]
    WrongPassword,
    /// The new password cannot be used.
    #[error(transparent)]
    Password(WeakPassword),
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

impl From<sqlx::Error> for LogInError {
    fn from(error: sqlx::Error) -> Self {
        Self::Registry(error.into())
    }
}

impl From<PasskeyError> for LogInError {
    fn from(error: PasskeyError) -> Self {
        match error {
            PasskeyError::Registry(error) => Self::Registry(error),
            error => Self::Passkey(error),
        }
    }
}

impl From<sqlx::Error> for ChangeError {
    fn from(error: sqlx::Error) -> Self {
        Self::Registry(error.into())
    }
}

impl From<PasswordError> for LogInError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Weak(_) => Self::Wrong,
            PasswordError::Busy => Self::Busy,
            PasswordError::Registry(error) => error.into(),
        }
    }
}

impl From<PasswordError> for ChangeError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Weak(error) => Self::Password(error),
            PasswordError::Busy => Self::Busy,
            PasswordError::Registry(error) => error.into(),
        }
    }
}

impl Registry {
    /// Looks whether the password is that of the account with this handle or address.
    ///
    /// Takes as long and says the same whether or not there is an account.
    pub async fn log_in(&self, name: &str, password: &Password, client: &ClientInfo) -> Result<LogInStep, LogInError> {
        let name: String = name.trim().chars().take(LONGEST_NAME).filter(|letter| *letter != '\0').collect();
        self.limits.log_in_by_network.count(&client.network())?;
        // As it was typed, however its letters were written: an account and its address are counted apart, or the one would
        // tell of the other.
        let counted = Folded::of(&name);
        self.limits.log_in_by_name.count(counted.as_str())?;
        let account = sqlx::query!(
            r#"select
                a.principal_id as "principal_id!",
                a.password,
                p.handle as "handle!: Handle",
                a.email as "email!",
                a.password_generation as "password_generation!"
            from (
                select principal_id from principals where handle_folded = fold_name($1)
                union all
                select principal_id from accounts where lower(email) = lower($1)
            ) as named
            join accounts as a using (principal_id)
            join principals as p using (principal_id)
            limit 1"#,
            name,
        )
        .fetch_optional(&self.pool)
        .await?;
        let kept = account.as_ref().and_then(|account| account.password.clone());
        let verdict = self.passwords.compare(password, kept.clone()).await?;
        let (Some(account), true) = (account, verdict != Verdict::Wrong) else { return Err(LogInError::Wrong) };
        let now = self.clock.now();
        let has_weak_password = self.passwords.is_weak(password, &[account.handle.as_str(), &account.email]).await;
        let renewed = match verdict {
            Verdict::RightButOld => self.passwords.hash_again(password).await.ok(),
            _ => None,
        };
        let mut transaction = self.pool.begin().await?;
        if let Some(renewed) = renewed {
            // Unless it was changed since.
            sqlx::query!(
                "update accounts
                set password = $2
                where principal_id = $1
                    and password = $3",
                account.principal_id,
                renewed,
                kept,
            )
            .execute(&mut *transaction)
            .await?;
        }
        let account = LoggedIn {
            principal: account.principal_id,
            handle: account.handle,
            password_generation: account.password_generation,
            has_weak_password,
            has_shown_more: true,
        };
        let step = self.after_first_step(&mut transaction, account, LogInWay::Password, client, now).await?;
        transaction.commit().await?;
        self.limits.log_in_by_name.forget(counted.as_str());
        Ok(step)
    }

    /// What comes after a password or an identity: the end, or a second factor where the account has one.
    pub(super) async fn after_first_step(
        &self,
        transaction: &mut PgConnection,
        account: LoggedIn,
        way: LogInWay,
        client: &ClientInfo,
        now: OffsetDateTime,
    ) -> Result<LogInStep, LogInError> {
        let has_second = sqlx::query_scalar!(
            r#"select exists (select from authenticators where principal_id = $1)
                or exists (select from passkeys where principal_id = $1) as "has_second!""#,
            account.principal
        )
        .fetch_one(&mut *transaction)
        .await?;
        if has_second {
            return Ok(LogInStep::Second(HalfWay { account, expires_at: (now + HALF_WAY).unix_timestamp() }));
        }
        self.complete_log_in(transaction, account.principal, way, client, now).await?;
        Ok(LogInStep::Done(account))
    }

    pub(super) async fn address_of(
        &self,
        transaction: &mut PgConnection,
        principal: i64,
    ) -> Result<Email, RegistryError> {
        let email =
            sqlx::query_scalar!(r#"select email as "email: Email" from accounts where principal_id = $1"#, principal)
                .fetch_one(transaction)
                .await?;
        Ok(email)
    }

    /// Lets somebody in unless their account is locked. Notes it, and tells them where that is new, unless no false page can have got what they have shown.
    pub(super) async fn complete_log_in(
        &self,
        transaction: &mut PgConnection,
        principal: i64,
        way: LogInWay,
        client: &ClientInfo,
        now: OffsetDateTime,
    ) -> Result<(), LogInError> {
        let lock = sqlx::query_scalar!("select lock_reason from accounts where principal_id = $1", principal)
            .fetch_one(&mut *transaction)
            .await?;
        if let Some(reason) = lock {
            return Err(LogInError::Locked(reason));
        }
        Ok(self.note_log_in(transaction, principal, way, client, now).await?)
    }

    /// The same for an account that begins just now.
    pub(super) async fn note_log_in(
        &self,
        transaction: &mut PgConnection,
        principal: i64,
        way: LogInWay,
        client: &ClientInfo,
        now: OffsetDateTime,
    ) -> Result<(), RegistryError> {
        audit::note(transaction, principal, Act::LoggedIn, client, json!({ "way": way.as_str() }), now).await?;
        let is_new = devices::note(transaction, principal, client, now).await?;
        if is_new && !way.resists_phishing() {
            let email = self.address_of(transaction, principal).await?;
            let message = mails::new_device(&self.public_url, &email, client, now);
            mail::send(transaction, &self.mail, Some(principal), &message, now).await?;
        }
        Ok(())
    }

    /// Notes that somebody has logged out.
    pub async fn log_out(&self, visitor: &Visitor, client: &ClientInfo) -> Result<(), RegistryError> {
        let mut connection = self.pool.acquire().await?;
        audit::note(&mut connection, visitor.principal, Act::LoggedOut, client, json!({}), self.clock.now()).await
    }

    /// Sends a mail with a link to choose a new password, or one that says that there is no account.
    pub async fn forgot_password(&self, email: &Email, client: &ClientInfo) -> Result<(), ChangeError> {
        self.limits.mail_by_network.count(&client.network())?;
        self.limits.mail_by_recipient.count(&format!("reset {}", email.as_str().to_lowercase()))?;
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        let account = sqlx::query!(
            r#"select a.principal_id, a.email as "email: Email", p.handle as "handle: Handle", a.email_domain_lost_at
            from accounts as a
            join principals as p using (principal_id)
            where lower(a.email) = lower($1)"#,
            email as _,
        )
        .fetch_optional(&mut *transaction)
        .await?;
        let principal = account.as_ref().map(|account| account.principal_id);
        let message = match account {
            // Whoever has bought the domain since reads what is sent there.
            Some(account) if account.email_domain_lost_at.is_some() => {
                mails::recovery_impossible(&self.public_url, &account.email)
            }
            Some(account) => {
                let purpose = LinkPurpose::ResetPassword;
                let secret =
                    links::create(&mut transaction, purpose, account.principal_id, &account.email, now).await?;
                mails::reset_password(&self.public_url, &account.handle, &account.email, &secret)
            }
            None => mails::no_account(&self.public_url, email),
        };
        mail::send(&mut transaction, &self.mail, principal, &message, now).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Takes a link and gives its account a new password. All its sessions end.
    pub async fn reset_password(
        &self,
        secret: &str,
        password: &Password,
        client: &ClientInfo,
    ) -> Result<(), ChangeError> {
        self.limits.link_by_network.count(&client.network())?;
        let now = self.clock.now();
        let account = sqlx::query!(
            "select p.handle, a.email
            from one_time_links as l
            join accounts as a using (principal_id)
            join principals as p using (principal_id)
            where l.hash = $1
                and l.purpose = 'reset-password'",
            LinkSecret::hash_of(secret) as _,
        )
        .fetch_optional(&self.pool)
        .await?
        .ok_or(ChangeError::Unusable)?;
        // First: a link is not used up by a password that is refused.
        let kept = self.passwords.hash(password, &[&account.handle, &account.email]).await?;
        let mut transaction = self.pool.begin().await?;
        let owner = links::take(&mut transaction, LinkPurpose::ResetPassword, secret, now).await?;
        let owner = owner.ok_or(ChangeError::Unusable)?;
        set_password(&mut transaction, owner.principal, &kept, now).await?;
        links::revoke_all(&mut transaction, owner.principal).await?;
        // Whoever has the link has read the mail.
        let email = sqlx::query_scalar!(
            r#"update accounts
            set email_verified_at = coalesce(email_verified_at, $3)
            where principal_id = $1
                and lower(email) = lower($2)
            returning email as "email: Email""#,
            owner.principal,
            &owner.email as _,
            now,
        )
        .fetch_optional(&mut *transaction)
        .await?
        .ok_or(ChangeError::Unusable)?;
        sqlx::query!("delete from sessions where principal_id = $1", owner.principal)
            .execute(&mut *transaction)
            .await?;
        audit::note(&mut transaction, owner.principal, Act::PasswordReset, client, json!({}), now).await?;
        let message = mails::password_changed(&self.public_url, &email);
        mail::send(&mut transaction, &self.mail, Some(owner.principal), &message, now).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Changes the visitor's password. All other sessions end.
    pub async fn change_password(
        &self,
        visitor: &Visitor,
        present: &Password,
        new: &Password,
        client: &ClientInfo,
    ) -> Result<(), ChangeError> {
        let shown = self.check_password(visitor, present).await?;
        let kept = self.passwords.hash(new, &[visitor.handle.as_str(), visitor.email.as_str()]).await?;
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        still_has(&mut transaction, visitor.principal, shown.as_deref()).await?;
        set_password(&mut transaction, visitor.principal, &kept, now).await?;
        links::revoke_all(&mut transaction, visitor.principal).await?;
        sqlx::query!(
            "delete from sessions where principal_id = $1 and session_id <> $2",
            visitor.principal,
            visitor.session
        )
        .execute(&mut *transaction)
        .await?;
        // The session that does it goes on with the new one.
        sqlx::query!(
            "update sessions as s
            set data = s.data || jsonb_build_object('password_generation', a.password_generation)
            from accounts as a
            where s.session_id = $1
                and a.principal_id = s.principal_id",
            visitor.session,
        )
        .execute(&mut *transaction)
        .await?;
        audit::note(&mut transaction, visitor.principal, Act::PasswordChanged, client, json!({}), now).await?;
        let message = mails::password_changed(&self.public_url, &visitor.email);
        mail::send(&mut transaction, &self.mail, Some(visitor.principal), &message, now).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Asks for another address: it is taken when the link that is sent there is opened. The present one is told.
    pub async fn change_email(&self, proved: &Proved, email: &Email, client: &ClientInfo) -> Result<(), ChangeError> {
        let visitor = proved.visitor();
        self.limits.mail_by_account.count(visitor.handle.folded().as_str())?;
        self.limits.mail_by_recipient.count(&format!("change {}", email.as_str().to_lowercase()))?;
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        let known = sqlx::query_scalar!("select principal_id from accounts where lower(email) = lower($1)", email as _)
            .fetch_optional(&mut *transaction)
            .await?;
        // Which addresses have accounts is not said here: their owners are told. The link that would change it is made all
        // the same, and sent to nobody.
        let secret = links::create(&mut transaction, LinkPurpose::ChangeEmail, visitor.principal, email, now).await?;
        let message = if known.is_some_and(|known| known != visitor.principal) {
            mails::account_exists(&self.public_url, email)
        } else {
            mails::confirm_email(&self.public_url, &visitor.handle, email, &secret)
        };
        mail::send(&mut transaction, &self.mail, Some(visitor.principal), &message, now).await?;
        let message = mails::email_change_asked(&self.public_url, &visitor.email, email);
        mail::send(&mut transaction, &self.mail, Some(visitor.principal), &message, now).await?;
        audit::note(&mut transaction, visitor.principal, Act::EmailChangeAsked, client, json!({}), now).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Sends the link that confirms the visitor's address, or the one that is to take its place, once more; returns where to.
    pub async fn send_verification(&self, visitor: &Visitor) -> Result<Email, ChangeError> {
        let pending = self.account(visitor).await?.pending_email;
        let purpose = if pending.is_some() { LinkPurpose::ChangeEmail } else { LinkPurpose::VerifyEmail };
        let email = pending.unwrap_or_else(|| visitor.email.clone());
        self.limits.mail_by_account.count(visitor.handle.folded().as_str())?;
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        let secret = links::create(&mut transaction, purpose, visitor.principal, &email, now).await?;
        let known =
            sqlx::query_scalar!("select principal_id from accounts where lower(email) = lower($1)", &email as _)
                .fetch_optional(&mut *transaction)
                .await?;
        let message = if known.is_some_and(|known| known != visitor.principal) {
            mails::account_exists(&self.public_url, &email)
        } else {
            mails::confirm_email(&self.public_url, &visitor.handle, &email, &secret)
        };
        mail::send(&mut transaction, &self.mail, Some(visitor.principal), &message, now).await?;
        transaction.commit().await?;
        Ok(email)
    }

    /// What is kept of the visitor's password, if `present` is it.
    pub(super) async fn check_password(
        &self,
        visitor: &Visitor,
        present: &Password,
    ) -> Result<Option<String>, ChangeError> {
        self.limits.password_by_account.count(visitor.handle.folded().as_str())?;
        let kept = sqlx::query_scalar!("select password from accounts where principal_id = $1", visitor.principal)
            .fetch_one(&self.pool)
            .await?;
        match self.passwords.compare(present, kept.clone()).await? {
            Verdict::Wrong => Err(ChangeError::WrongPassword),
            Verdict::Right | Verdict::RightButOld => Ok(kept),
        }
    }
}

/// Holds the account, and makes sure that its password is still the one that was shown.
async fn still_has(transaction: &mut PgConnection, principal: i64, shown: Option<&str>) -> Result<(), ChangeError> {
    let kept = sqlx::query_scalar!("select password from accounts where principal_id = $1 for update", principal)
        .fetch_one(transaction)
        .await?;
    if kept.as_deref() == shown { Ok(()) } else { Err(ChangeError::WrongPassword) }
}

async fn set_password(
    transaction: &mut PgConnection,
    principal: i64,
    kept: &str,
    now: OffsetDateTime,
) -> Result<(), RegistryError> {
    sqlx::query!(
        "update accounts
        set password = $2, password_changed_at = $3, password_generation = password_generation + 1
        where principal_id = $1",
        principal,
        kept,
        now,
    )
    .execute(transaction)
    .await?;
    Ok(())
}
