//! The second step of a log-in, and the only one of those who have a passkey.

use model::Handle;
use serde_json::json;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{
    ClientInfo, HalfWay, LogInError, LoggedIn, PasskeyAnswer, PasskeyError,
    audit::{self, Act},
    authenticator,
    logged_in::LogInWay,
    mails, recovery_codes,
};
use crate::{Registry, RegistryError, mail};

/// What somebody shows as their second factor.
#[derive(Debug)]
pub enum SecondFactor {
    /// A code of an authenticator, or a recovery code.
    Code(String),
    /// A passkey.
    Passkey(PasskeyAnswer),
}

impl Registry {
    /// Looks at the second factor of somebody who has shown the first.
    pub async fn finish_log_in(
        &self,
        half_way: &HalfWay,
        second: SecondFactor,
        client: &ClientInfo,
    ) -> Result<LoggedIn, LogInError> {
        let account = &half_way.account;
        let now = self.clock.now();
        if half_way.expires_at <= now.unix_timestamp() {
            return Err(LogInError::Expired);
        }
        // By account and network: whoever knows only the password must not keep its owner out.
        self.limits.code_by_account.count(&format!("{} {}", account.principal, client.network()))?;
        if !self.is_known_device(account.principal, client).await? {
            self.limits.second_factor_by_account.count(&account.principal.to_string())?;
        }
        let tried = self.take_second_factor(account, second, client, now).await;
        if matches!(tried, Err(LogInError::WrongCode | LogInError::Passkey(_))) {
            self.tell_of_wrong_factor(account.principal, client, now).await?;
        }
        tried
    }

    async fn take_second_factor(
        &self,
        account: &LoggedIn,
        second: SecondFactor,
        client: &ClientInfo,
        now: OffsetDateTime,
    ) -> Result<LoggedIn, LogInError> {
        let way = match second {
            SecondFactor::Passkey(answer) => {
                let owner = self.passkey_owner(answer).await.map_err(LogInError::from)?;
                if owner != account.principal {
                    return Err(LogInError::Passkey(PasskeyError::Unknown));
                }
                LogInWay::Passkey
            }
            SecondFactor::Code(code) => {
                let mut transaction = self.pool.begin().await?;
                let way = self.take_second(&mut transaction, account, &code, client, now).await?;
                self.still_good(&mut transaction, account).await?;
                self.complete_log_in(&mut transaction, account.principal, way, client, now).await?;
                transaction.commit().await?;
                return Ok(LoggedIn { has_shown_more: true, ..account.clone() });
            }
        };
        let mut transaction = self.pool.begin().await?;
        self.still_good(&mut transaction, account).await?;
        self.complete_log_in(&mut transaction, account.principal, way, client, now).await?;
        transaction.commit().await?;
        Ok(LoggedIn { has_shown_more: true, ..account.clone() })
    }

    /// Notes that somebody has the first factor and not the second, and tells the owner, once a day.
    async fn tell_of_wrong_factor(
        &self,
        principal: i64,
        client: &ClientInfo,
        now: OffsetDateTime,
    ) -> Result<(), RegistryError> {
        let mut transaction = self.pool.begin().await?;
        audit::note(&mut transaction, principal, Act::SecondFactorWrong, client, json!({}), now).await?;
        if self.limits.wrong_factor_mail.count(&principal.to_string()).is_ok() {
            let email = self.address_of(&mut transaction, principal).await?;
            let message = mails::second_factor_wrong(&self.public_url, &email, client);
            mail::send(&mut transaction, &self.mail, Some(principal), &message, now).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    async fn take_second(
        &self,
        transaction: &mut PgConnection,
        account: &LoggedIn,
        code: &str,
        client: &ClientInfo,
        now: OffsetDateTime,
    ) -> Result<LogInWay, LogInError> {
        if authenticator::is_code(code) {
            let taken = authenticator::take_code(transaction, account.principal, code, now).await?;
            return if taken { Ok(LogInWay::Code) } else { Err(LogInError::WrongCode) };
        }
        let left = recovery_codes::take(transaction, account.principal, code, now).await?;
        let left = left.ok_or(LogInError::WrongCode)?;
        audit::note(transaction, account.principal, Act::RecoveryCodeUsed, client, json!({ "left": left }), now)
            .await?;
        let email = self.address_of(transaction, account.principal).await?;
        let what = format!("Somebody logged in with a recovery code in place of the second factor. {left} are left.");
        let message = mails::security_changed(&self.public_url, &email, "A recovery code was used", &what);
        mail::send(transaction, &self.mail, Some(account.principal), &message, now).await?;
        Ok(LogInWay::RecoveryCode)
    }

    /// Whether the password that was shown first is still the account's.
    async fn still_good(&self, transaction: &mut PgConnection, account: &LoggedIn) -> Result<(), LogInError> {
        let generation =
            sqlx::query_scalar!("select password_generation from accounts where principal_id = $1", account.principal)
                .fetch_optional(transaction)
                .await?;
        if generation == Some(account.password_generation) { Ok(()) } else { Err(LogInError::Expired) }
    }

    /// Logs somebody in by a passkey alone: the device has asked who they are.
    pub async fn log_in_with_passkey(
        &self,
        answer: PasskeyAnswer,
        client: &ClientInfo,
    ) -> Result<LoggedIn, LogInError> {
        self.limits.passkey_by_network.count(&client.network())?;
        let principal = self.passkey_owner(answer).await.map_err(LogInError::from)?;
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        let account = sqlx::query!(
            r#"select p.handle as "handle: Handle", a.password_generation
            from accounts as a
            join principals as p using (principal_id)
            where a.principal_id = $1"#,
            principal
        )
        .fetch_optional(&mut *transaction)
        .await?
        .ok_or(LogInError::Passkey(PasskeyError::Unknown))?;
        self.complete_log_in(&mut transaction, principal, LogInWay::Passkey, client, now).await?;
        transaction.commit().await?;
        Ok(LoggedIn {
            principal,
            handle: account.handle,
            password_generation: account.password_generation,
            has_weak_password: false,
            has_shown_more: true,
        })
    }
}
