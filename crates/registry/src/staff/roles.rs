//! Who is of the staff.

use model::{Handle, StaffRole};
use serde_json::json;
use sqlx::PgConnection;

use super::{
    Reason, Staff, StaffError,
    held::{HeldAccount, has_other_admin},
    member::StaffEvent,
};
use crate::{
    EventId, Registry, RegistryError,
    accounts::{ClientInfo, mails, system_principal},
    events::{self, Event},
    mail,
};

impl Registry {
    /// Gives an account a role, or none, as an operator does it; the last admin stays. Returns the event; none where it is so already.
    pub async fn grant_role(&self, handle: &Handle, role: Option<StaffRole>) -> Result<Option<EventId>, StaffError> {
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        let account = HeldAccount::hold(&mut transaction, handle).await?;
        if account.role == role {
            return Ok(None);
        }
        if account.role == Some(StaffRole::Admin) && !has_other_admin(&mut transaction, account.principal).await? {
            return Err(StaffError::LastAdmin);
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
        let account = HeldAccount::hold(&mut transaction, handle).await?;
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
        account: &HeldAccount,
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
