use model::{Handle, StaffRole};
use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{Reason, StaffError};
use crate::{
    EventId, Registry, RegistryError,
    accounts::{Act, Caller, ClientInfo, Proved, Visitor, note},
    events::{self, Event},
};

/// Somebody of the staff who has shown a short while ago who they are.
#[derive(Clone, Debug)]
pub struct Staff {
    principal: i64,
    handle: Handle,
    role: StaffRole,
}

impl Staff {
    pub(crate) fn principal(&self) -> i64 {
        self.principal
    }

    /// Their handle.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Whether they may do what the role may.
    pub fn is(&self, role: StaffRole) -> bool {
        self.role >= role
    }

    /// Looks once more, inside of the transaction that writes: a role that was taken away while a form was open is no more.
    pub(crate) async fn check(&self, transaction: &mut PgConnection, needed: StaffRole) -> Result<(), StaffError> {
        let role = sqlx::query_scalar!(
            r#"select staff_role as "role: StaffRole"
            from accounts
            where principal_id = $1
                and locked_at is null
            for share"#,
            self.principal,
        )
        .fetch_optional(transaction)
        .await?
        .flatten();
        if role.is_some_and(|role| role >= needed) { Ok(()) } else { Err(StaffError::Role(needed)) }
    }

    /// Notes an act with its reason for the staff, and appends its event: the last statement of the transaction.
    pub(crate) async fn act(
        &self,
        transaction: &mut PgConnection,
        event: StaffEvent<'_>,
        client: &ClientInfo,
        now: OffsetDateTime,
    ) -> Result<EventId, RegistryError> {
        let StaffEvent { kind, subject, payload, reason, is_public_reason } = event;
        let details = serde_json::json!({ "event": kind, "subject": subject, "reason": reason.as_str() });
        note(transaction, self.principal, Act::StaffActed, client, details, now).await?;
        let mut payload = payload;
        if is_public_reason && let Some(payload) = payload.as_object_mut() {
            payload.insert("reason".to_owned(), Value::String(reason.to_string()));
        }
        let event = Event { kind, actor: self.principal, subject, payload, happened_at: now };
        if is_public_reason {
            events::append(transaction, event).await
        } else {
            events::append_with_details(transaction, event, reason.as_str()).await
        }
    }
}

/// What somebody of the staff does.
pub(crate) struct StaffEvent<'a> {
    pub(crate) kind: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) payload: Value,
    pub(crate) reason: &'a Reason,
    /// Whether the reason is for everybody and for good. What is said of a person is kept so that it can be erased.
    pub(crate) is_public_reason: bool,
}

impl Registry {
    /// The account of a program as one of the staff; none where it is not. Whether its token is good for that is for others to ask.
    pub async fn staff_acting(&self, caller: &Caller) -> Result<Option<Staff>, RegistryError> {
        if caller.publisher().is_some() {
            return Ok(None);
        }
        let role = sqlx::query_scalar!(
            r#"select staff_role as "role: StaffRole"
            from accounts
            where principal_id = $1
                and locked_at is null"#,
            caller.principal(),
        )
        .fetch_optional(&self.pool)
        .await?
        .flatten();
        let staff = |role| Staff { principal: caller.principal(), handle: caller.handle().clone(), role };
        Ok(role.map(staff))
    }

    /// The visitor as one of the staff; none where they are not.
    pub fn staff(&self, proved: &Proved) -> Option<Staff> {
        let visitor = proved.visitor();
        let role = visitor.staff_role()?;
        Some(Staff { principal: visitor.principal(), handle: visitor.handle().clone(), role })
    }
}

impl Staff {
    /// The same for whoever only looks.
    pub fn reads_as(&self, needed: StaffRole) -> Result<StaffReader, RegistryError> {
        if self.is(needed) { Ok(StaffReader(self.role)) } else { Err(RegistryError::NotFound) }
    }
}

impl Visitor {
    /// What they may do to keep the registry in order.
    pub fn staff_role(&self) -> Option<StaffRole> {
        self.staff_role
    }
}

/// Somebody of the staff who looks: made for visitors with the role for it only.
#[derive(Clone, Copy, Debug)]
pub struct StaffReader(StaffRole);

impl StaffReader {
    /// What they may do.
    pub fn role(self) -> StaffRole {
        self.0
    }

    /// For those who may not look there is nothing.
    pub(crate) fn needs(self, role: StaffRole) -> Result<(), RegistryError> {
        if self.0 >= role { Ok(()) } else { Err(RegistryError::NotFound) }
    }
}

impl Visitor {
    /// The visitor as one of the staff who may look at what the role may see. For everybody else there is nothing.
    pub fn reads_as(&self, needed: StaffRole) -> Result<StaffReader, RegistryError> {
        match self.staff_role() {
            Some(role) if role >= needed => Ok(StaffReader(role)),
            _ => Err(RegistryError::NotFound),
        }
    }
}
