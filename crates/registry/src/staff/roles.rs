//! Who is of the staff.

use model::{Email, Handle, StaffRole};
use serde_json::json;
use sqlx::PgConnection;

use super::{Reason, Staff, StaffError, member::StaffEvent};
use crate::{
    EventId, Registry, RegistryError,
    accounts::{ClientInfo, mails, system_principal},
    events::{self, Event},
    mail,
};

/// An account whose role changes, locked.
struct Account {
    principal: i64,
    handle: Handle,
    email: Email,
    role: Option<StaffRole>,
    is_verified: bool,
}

async fn hold(transaction: &mut PgConnection, handle: &Handle) -> Result<Account, StaffError> {
    // One change of the staff at a time, so that the last two admins do not leave together.
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended('first admin', 0))").execute(&mut *transaction).await?;
    let folded = handle.folded();
    sqlx::query_as!(
        Account,
        r#"select
            a.principal_id as principal,
            p.handle as "handle: Handle",
            a.email as "email: Email",
            a.staff_role as "role: StaffRole",
            a.email_verified_at is not null as "is_verified!"
        from accounts as a
        join principals as p using (principal_id)
        where p.handle_folded = $1
        for update of a"#,
        folded.as_str(),
    )
    .fetch_optional(transaction)
    .await?
    .ok_or_else(|| StaffError::Unknown(handle.clone()))
}

impl Registry {
    /// Gives an account a role, or none, as an operator does it. Returns the event; none where it is so already.
    pub async fn grant_role(&self, handle: &Handle, role: Option<StaffRole>) -> Result<Option<EventId>, StaffError> {
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        let account = hold(&mut transaction, handle).await?;
        if account.role == role {
            return Ok(None);
        }
        self.set_role(&mut transaction, &account, role, "Those who run the registry").await?;
        let actor = system_principal(&mut transaction).await?;
        let subject = format!("principal:{}", account.principal);
        let payload = json!({ "principal": account.principal, "role": role, "by": "the command line" });
        let event = Event { kind: "staff.changed", actor, subject: &subject, payload, happened_at: now };
        let event = events::append(&mut transaction, event).await?;
        transaction.commit().await?;
        Ok(Some(event))
    }

    /// The same as an admin does it.
    pub async fn change_staff_role(
        &self,
        staff: &Staff,
        handle: &Handle,
        role: Option<StaffRole>,
        reason: &Reason,
        client: &ClientInfo,
    ) -> Result<EventId, StaffError> {
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        let account = hold(&mut transaction, handle).await?;
        staff.check(&mut transaction, StaffRole::Admin).await?;
        if account.role == role {
            return Err(StaffError::Unchanged);
        }
        if role.is_some() && !account.is_verified {
            return Err(StaffError::Unverified(account.handle));
        }
        if account.role == Some(StaffRole::Admin) && !has_other_admin(&mut transaction, account.principal).await? {
            return Err(StaffError::LastAdmin);
        }
        self.set_role(&mut transaction, &account, role, staff.handle().as_str()).await?;
        let subject = format!("principal:{}", account.principal);
        let payload = json!({ "principal": account.principal, "role": role });
        let event = StaffEvent { kind: "staff.changed", subject: &subject, payload, reason, is_public_reason: false };
        let event = staff.act(&mut transaction, event, client, now).await?;
        transaction.commit().await?;
        Ok(event)
    }

    async fn set_role(
        &self,
        transaction: &mut PgConnection,
        account: &Account,
        role: Option<StaffRole>,
        by: &str,
    ) -> Result<(), RegistryError> {
        sqlx::query!(
            "update accounts set staff_role = $2 where principal_id = $1",
            account.principal,
            role as Option<StaffRole>
        )
        .execute(&mut *transaction)
        .await?;
        let words = role.map_or_else(|| "no role".to_owned(), |role| format!("the role {role}"));
        let what = format!("{by} gave your account {words} in keeping this registry in order.");
        let subject = "Your role at this registry has changed";
        let message = mails::security_changed(&self.public_url, &account.email, subject, &what);
        mail::send(transaction, &self.mail, Some(account.principal), &message, self.clock.now()).await
    }
}

pub(super) async fn has_other_admin(connection: &mut PgConnection, principal: i64) -> Result<bool, RegistryError> {
    let has = sqlx::query_scalar!(
        r#"select exists (
            select from accounts
            where staff_role = 'admin'
                and locked_at is null
                and principal_id <> $1
        ) as "has!""#,
        principal
    )
    .fetch_one(connection)
    .await?;
    Ok(has)
}
