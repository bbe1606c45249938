//! What an account has to show who its owner is, and when that is not enough.

use model::{Email, Handle};
use serde_json::json;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{
    ClientInfo, IdentityDetails, PasskeyDetails, Visitor,
    audit::{self, Act},
    mails,
};
use crate::{Registry, RegistryError, mail};

/// Who may publish only with a second factor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SecondFactorRule {
    /// Nobody has to have one.
    Nobody,
    /// Whoever publishes one of the packages that most depend on: those of the uppermost hundredth by downloads.
    #[default]
    Critical,
    /// Everybody who publishes.
    Maintainers,
}

/// What somebody can log in with, and what is asked beside it.
#[derive(Clone, Debug)]
pub struct Factors {
    /// Whether there is a password.
    pub has_password: bool,
    /// Since when there is an authenticator app.
    pub authenticator_since: Option<OffsetDateTime>,
    /// Passkeys, the oldest first.
    pub passkeys: Vec<PasskeyDetails>,
    /// Recovery codes that were not used.
    pub recovery_codes: i64,
    /// Whether one of them was typed in, so that the others count.
    pub recovery_is_tested: bool,
    /// Accounts elsewhere, the oldest first.
    pub identities: Vec<IdentityDetails>,
    /// When the domain of the account's address was found to be nobody's.
    pub email_domain_lost_at: Option<OffsetDateTime>,
}

impl Factors {
    /// Whether a password alone does not do.
    pub fn has_second(&self) -> bool {
        self.authenticator_since.is_some() || !self.passkeys.is_empty()
    }
}

impl Registry {
    /// What the visitor can log in with.
    pub async fn factors(&self, visitor: &Visitor) -> Result<Factors, RegistryError> {
        let account = sqlx::query!(
            r#"select
                a.password is not null as "has_password!",
                (select t.created_at from authenticators as t where t.principal_id = a.principal_id) as authenticator_since,
                (
                    select count(*)
                    from recovery_codes as c
                    where c.principal_id = a.principal_id
                        and c.used_at is null
                ) as "recovery_codes!",
                a.recovery_tested_at is not null as "recovery_is_tested!",
                a.email_domain_lost_at
            from accounts as a
            where a.principal_id = $1"#,
            visitor.principal,
        )
        .fetch_one(&self.pool)
        .await?;
        let passkeys = sqlx::query_as!(
            PasskeyDetails,
            "select passkey_id as id, name, created_at, last_used_at
            from passkeys
            where principal_id = $1
            order by passkey_id",
            visitor.principal,
        )
        .fetch_all(&self.pool)
        .await?;
        let identities = sqlx::query_as!(
            IdentityDetails,
            "select identity_id as id, issuer, name, created_at, last_used_at
            from identities
            where principal_id = $1
            order by identity_id",
            visitor.principal,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(Factors {
            has_password: account.has_password,
            authenticator_since: account.authenticator_since,
            passkeys,
            recovery_codes: account.recovery_codes,
            recovery_is_tested: account.recovery_is_tested,
            identities,
            email_domain_lost_at: account.email_domain_lost_at,
        })
    }

    /// Removes the second factors of an account, as an operator does it for somebody who has lost them and has shown who they
    /// are: authenticator, passkeys and recovery codes. Its sessions end, and its owner is told.
    pub async fn remove_second_factors(&self, handle: &Handle) -> Result<(), RegistryError> {
        let now = self.clock.now();
        let folded = handle.folded();
        let mut transaction = self.pool.begin().await?;
        let account = sqlx::query!(
            r#"select a.principal_id, a.email as "email: Email"
            from accounts as a
            join principals as p using (principal_id)
            where p.handle_folded = $1
            for update of a"#,
            folded.as_str(),
        )
        .fetch_optional(&mut *transaction)
        .await?
        .ok_or(RegistryError::NotFound)?;
        remove_factors(self, &mut transaction, account.principal_id, &account.email, now).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Who may publish only with a second factor.
    pub fn second_factor_rule(&self) -> SecondFactorRule {
        self.second_factor_rule
    }
}

/// Removes the second factors of an account, as part of a transaction; its sessions end, and its owner is told.
pub(crate) async fn remove_factors(
    registry: &Registry,
    transaction: &mut PgConnection,
    principal: i64,
    email: &Email,
    now: OffsetDateTime,
) -> Result<(), RegistryError> {
    sqlx::query!("delete from authenticators where principal_id = $1", principal).execute(&mut *transaction).await?;
    sqlx::query!("delete from passkeys where principal_id = $1", principal).execute(&mut *transaction).await?;
    sqlx::query!("delete from recovery_codes where principal_id = $1", principal).execute(&mut *transaction).await?;
    sqlx::query!("delete from sessions where principal_id = $1", principal).execute(&mut *transaction).await?;
    sqlx::query!("update accounts set recovery_tested_at = null where principal_id = $1", principal)
        .execute(&mut *transaction)
        .await?;
    let client = ClientInfo::default();
    audit::note(transaction, principal, Act::SecondFactorsRemoved, &client, json!({}), now).await?;
    let what = "Those who run the registry have removed your authenticator app, passkeys and recovery codes, and ended your sessions.";
    let message = mails::security_changed(&registry.public_url, email, "Your second factors were removed", what);
    mail::send(transaction, &registry.mail, Some(principal), &message, now).await
}
