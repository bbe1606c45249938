//! Switches that hold at once on every node.

use model::{Flag, Handle, StaffRole};
use serde_json::json;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    EventId, Registry, RegistryError,
    accounts::ClientInfo,
    staff::{Reason, Staff, StaffError, StaffEvent, StaffReader},
};

/// A switch, and why it is set.
#[derive(Clone, Debug)]
pub struct FlagState {
    /// Which.
    pub flag: Flag,
    /// Why, by whom and since when; none where it is not set.
    pub set: Option<(String, Handle, OffsetDateTime)>,
}

/// Why something is not possible now; none where it is. Asked inside of the transaction that would do it.
pub(crate) async fn paused(connection: &mut PgConnection, flag: Flag) -> Result<Option<String>, RegistryError> {
    let reason =
        sqlx::query_scalar!("select reason from flags where name = $1", flag as _).fetch_optional(connection).await?;
    Ok(reason)
}

impl Registry {
    /// All switches. For admins.
    pub async fn flags(&self, reader: StaffReader) -> Result<Vec<FlagState>, RegistryError> {
        reader.needs(StaffRole::Admin)?;
        let rows = sqlx::query!(
            r#"select f.name as "flag: Flag", f.reason, p.handle as "set_by: Handle", f.set_at
            from flags as f
            join principals as p on p.principal_id = f.set_by"#
        )
        .fetch_all(&self.pool)
        .await?;
        let state = |flag: Flag| {
            let row = rows.iter().find(|row| row.flag == flag);
            FlagState { flag, set: row.map(|row| (row.reason.clone(), row.set_by.clone(), row.set_at)) }
        };
        Ok(Flag::ALL.iter().map(|flag| state(*flag)).collect())
    }

    /// Sets or clears a switch.
    pub async fn set_flag(
        &self,
        staff: &Staff,
        flag: Flag,
        is_set: bool,
        reason: &Reason,
        client: &ClientInfo,
    ) -> Result<EventId, StaffError> {
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        staff.check(&mut transaction, StaffRole::Admin).await?;
        let changed = if is_set {
            sqlx::query!(
                "insert into flags (name, reason, set_by, set_at)
                values ($1, $2, $3, $4)
                on conflict do nothing",
                flag as _,
                reason.as_str(),
                staff.principal(),
                now,
            )
            .execute(&mut *transaction)
            .await?
        } else {
            sqlx::query!("delete from flags where name = $1", flag as _).execute(&mut *transaction).await?
        };
        if changed.rows_affected() == 0 {
            return Err(StaffError::Unchanged);
        }
        let event = StaffEvent {
            kind: if is_set { "flag.set" } else { "flag.cleared" },
            subject: "registry",
            payload: json!({ "flag": flag }),
            reason,
            is_public_reason: true,
        };
        let event = staff.act(&mut transaction, event, client, now).await?;
        transaction.commit().await?;
        Ok(event)
    }
}
