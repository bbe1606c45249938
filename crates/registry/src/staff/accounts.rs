//! What admins do with accounts.

use model::{Email, Handle, StaffRole};
use serde_json::json;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{
    Reason, Staff, StaffError, StaffReader,
    held::{HeldAccount, has_other_admin},
    member::StaffEvent,
};
use crate::{
    EventId, Registry, RegistryError,
    accounts::{ClientInfo, mails, remove_factors},
    mail,
};

/// Accounts of a page.
const PAGE: i64 = 50;

/// An account in a list.
#[derive(Clone, Debug)]
pub struct AccountRow {
    /// Its handle.
    pub handle: Handle,
    /// What its owner is called.
    pub display_name: Option<String>,
    /// Its address, for admins.
    pub email: Email,
    /// Whether it is known to be its owner's.
    pub is_verified: bool,
    /// Whether it has a second factor.
    pub has_second_factor: bool,
    /// What it may do to keep the registry in order.
    pub role: Option<StaffRole>,
    /// When it was locked.
    pub locked_at: Option<OffsetDateTime>,
    /// Why.
    pub lock_reason: Option<String>,
    /// When it began.
    pub created_at: OffsetDateTime,
    /// When it was last logged in to, as far as sessions tell.
    pub last_used_at: Option<OffsetDateTime>,
    /// Packages it looks after.
    pub packages: i64,
}

/// An account with what was done with it.
#[derive(Clone, Debug)]
pub struct AccountPage {
    /// The account.
    pub account: AccountRow,
    /// What was noted of it: when, what, and from where or why; the newest first.
    pub audit: Vec<(OffsetDateTime, String, Option<String>)>,
}

impl Registry {
    /// Accounts whose handle, address or name has the text, the newest first; all where it is empty. For admins.
    pub async fn search_accounts(&self, reader: StaffReader, text: &str) -> Result<Vec<AccountRow>, RegistryError> {
        reader.needs(StaffRole::Admin)?;
        let text: String = text.trim().chars().take(100).filter(|letter| *letter != '\0').collect();
        self.account_rows(&text, None).await
    }

    async fn account_rows(&self, text: &str, handle: Option<&Handle>) -> Result<Vec<AccountRow>, RegistryError> {
        let folded = handle.map(Handle::folded);
        let rows = sqlx::query_as!(
            AccountRow,
            r#"select
                p.handle as "handle: Handle",
                a.display_name,
                a.email as "email: Email",
                a.email_verified_at is not null as "is_verified!",
                (
                    exists (select from authenticators as f where f.principal_id = a.principal_id)
                    or exists (select from passkeys as f where f.principal_id = a.principal_id)
                ) as "has_second_factor!",
                a.staff_role as "role: StaffRole",
                a.locked_at,
                a.lock_reason,
                a.created_at,
                (select max(s.last_used_at) from sessions as s where s.principal_id = a.principal_id) as last_used_at,
                (select count(distinct r.package_id) from package_rights as r where r.principal_id = a.principal_id) as "packages!"
            from accounts as a
            join principals as p using (principal_id)
            where ($1 = '' or position(lower($1) in lower(p.handle || ' ' || a.email || ' ' || coalesce(a.display_name, ''))) > 0)
                and ($2::text is null or p.handle_folded = $2)
            order by a.created_at desc, a.principal_id desc
            limit $3"#,
            text,
            folded.as_ref().map(model::Folded::as_str),
            PAGE,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows)
    }

    /// An account with what was done with it. For admins.
    pub async fn account_page(&self, reader: StaffReader, handle: &Handle) -> Result<AccountPage, RegistryError> {
        reader.needs(StaffRole::Admin)?;
        let account = self.account_rows("", Some(handle)).await?.into_iter().next().ok_or(RegistryError::NotFound)?;
        let folded = handle.folded();
        let audit = sqlx::query!(
            r#"with account as (
                select principal_id from principals where handle_folded = $1
            )
            select happened_at as "happened_at!", action as "action!", more
            from (
                select u.happened_at, u.action, host(u.client_address) as more
                from audit as u
                join account using (principal_id)
                union all
                -- What others did with it, and why.
                select e.happened_at, e.kind, coalesce(d.details, e.payload::jsonb ->> 'by')
                from events as e
                left join event_details as d using (event_id)
                where e.subject = 'principal:' || (select principal_id from account)::text
            ) as notes
            order by happened_at desc
            limit $2"#,
            folded.as_str(),
            PAGE,
        )
        .fetch_all(&self.pool)
        .await?;
        let audit = audit.into_iter().map(|row| (row.happened_at, row.action, row.more)).collect();
        Ok(AccountPage { account, audit })
    }

    /// Locks an account: its sessions end, its tokens are refused, nobody logs in to it. Its owner is told why.
    pub async fn lock_account(
        &self,
        staff: &Staff,
        handle: &Handle,
        reason: &Reason,
        client: &ClientInfo,
    ) -> Result<EventId, StaffError> {
        let mut transaction = self.pool.begin().await?;
        let event = self.lock_in(&mut transaction, staff, handle, reason, client).await?;
        transaction.commit().await?;
        Ok(event)
    }

    pub(crate) async fn lock_in(
        &self,
        transaction: &mut PgConnection,
        staff: &Staff,
        handle: &Handle,
        reason: &Reason,
        client: &ClientInfo,
    ) -> Result<EventId, StaffError> {
        let now = self.clock.now();
        let account = HeldAccount::hold(transaction, handle).await?;
        staff.check(transaction, StaffRole::Admin).await?;
        if account.principal == staff.principal() {
            return Err(StaffError::OwnInterest);
        }
        if account.is_locked {
            return Err(StaffError::Unchanged);
        }
        if account.role == Some(StaffRole::Admin) && !has_other_admin(transaction, account.principal).await? {
            return Err(StaffError::LastAdmin);
        }
        sqlx::query!(
            "update accounts set locked_at = $2, lock_reason = $3 where principal_id = $1",
            account.principal,
            now,
            reason.as_str(),
        )
        .execute(&mut *transaction)
        .await?;
        sqlx::query!("delete from sessions where principal_id = $1", account.principal)
            .execute(&mut *transaction)
            .await?;
        // Whoever had got into it does not let others in by what they have sent.
        sqlx::query!("delete from invitations where invited_by = $1", account.principal)
            .execute(&mut *transaction)
            .await?;
        let what = format!(
            "Your account was locked by those who run the registry: {reason} Nobody logs in to it, and its tokens are refused. If you think that this is wrong, answer to those who run the registry."
        );
        let message = mails::security_changed(&self.public_url, &account.email, "Your account was locked", &what);
        mail::send(transaction, &self.mail, Some(account.principal), &message, now).await?;
        let subject = format!("principal:{}", account.principal);
        let payload = json!({ "principal": account.principal });
        let event = StaffEvent { kind: "account.locked", subject: &subject, payload, reason, is_public_reason: false };
        Ok(staff.act(transaction, event, client, now).await?)
    }

    /// Unlocks an account again.
    pub async fn unlock_account(
        &self,
        staff: &Staff,
        handle: &Handle,
        reason: &Reason,
        client: &ClientInfo,
    ) -> Result<EventId, StaffError> {
        let mut transaction = self.pool.begin().await?;
        let event = self.unlock_in(&mut transaction, staff, handle, reason, client).await?;
        transaction.commit().await?;
        Ok(event)
    }

    pub(crate) async fn unlock_in(
        &self,
        transaction: &mut PgConnection,
        staff: &Staff,
        handle: &Handle,
        reason: &Reason,
        client: &ClientInfo,
    ) -> Result<EventId, StaffError> {
        let now = self.clock.now();
        let account = HeldAccount::hold(transaction, handle).await?;
        staff.check(transaction, StaffRole::Admin).await?;
        if !account.is_locked {
            return Err(StaffError::Unchanged);
        }
        sqlx::query!(
            "update accounts set locked_at = null, lock_reason = null where principal_id = $1",
            account.principal
        )
        .execute(&mut *transaction)
        .await?;
        let what = format!("Your account is no longer locked: {reason}");
        let subject = "Your account is no longer locked";
        let message = mails::security_changed(&self.public_url, &account.email, subject, &what);
        mail::send(transaction, &self.mail, Some(account.principal), &message, now).await?;
        let subject = format!("principal:{}", account.principal);
        let payload = json!({ "principal": account.principal });
        let event =
            StaffEvent { kind: "account.unlocked", subject: &subject, payload, reason, is_public_reason: false };
        Ok(staff.act(transaction, event, client, now).await?)
    }

    /// Removes the second factors of an account whose owner has shown who they are: `reason` says how.
    pub async fn reset_factors(
        &self,
        staff: &Staff,
        handle: &Handle,
        reason: &Reason,
        client: &ClientInfo,
    ) -> Result<EventId, StaffError> {
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        let account = HeldAccount::hold(&mut transaction, handle).await?;
        staff.check(&mut transaction, StaffRole::Admin).await?;
        if account.principal == staff.principal() {
            return Err(StaffError::OwnInterest);
        }
        remove_factors(self, &mut transaction, account.principal, &account.email, now).await?;
        let subject = format!("principal:{}", account.principal);
        let payload = json!({ "principal": account.principal });
        let event =
            StaffEvent { kind: "account.factors_reset", subject: &subject, payload, reason, is_public_reason: false };
        let event = staff.act(&mut transaction, event, client, now).await?;
        transaction.commit().await?;
        Ok(event)
    }
}
