use model::{Email, Handle, StaffRole};
use sqlx::PgConnection;

use super::StaffError;
use crate::RegistryError;

/// Makes changes of the staff come one after the other until the transaction ends, so that the last two admins do not leave
/// together. Before any account is held.
pub(crate) async fn lock_staff(transaction: &mut PgConnection) -> Result<(), RegistryError> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended('first admin', 0))").execute(transaction).await?;
    Ok(())
}

/// An account that staff changes, held.
pub(super) struct HeldAccount {
    pub(super) principal: i64,
    pub(super) handle: Handle,
    pub(super) email: Email,
    pub(super) role: Option<StaffRole>,
    pub(super) is_verified: bool,
    pub(super) is_locked: bool,
}

impl HeldAccount {
    pub(super) async fn hold(transaction: &mut PgConnection, handle: &Handle) -> Result<Self, StaffError> {
        lock_staff(transaction).await?;
        let folded = handle.folded();
        sqlx::query_as!(
            Self,
            r#"select
                a.principal_id as principal,
                p.handle as "handle: Handle",
                a.email as "email: Email",
                a.staff_role as "role: StaffRole",
                a.email_verified_at is not null as "is_verified!",
                a.locked_at is not null as "is_locked!"
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
}

/// Whether somebody else administers the registry.
pub(crate) async fn has_other_admin(connection: &mut PgConnection, principal: i64) -> Result<bool, RegistryError> {
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
