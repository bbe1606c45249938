//! Names that nobody takes.

use model::{PackageName, StaffRole};
use serde_json::json;

use crate::{
    EventId, Registry, RegistryError,
    accounts::ClientInfo,
    staff::{Reason, Staff, StaffError, StaffEvent, StaffReader},
};

/// A name that nobody takes.
#[derive(Clone, Debug)]
pub struct ReservedName {
    /// The name as it is compared.
    pub name: String,
    /// Why; whoever wants it is told.
    pub reason: String,
}

impl Registry {
    /// All reserved names. For admins.
    pub async fn reserved_names(&self, reader: StaffReader) -> Result<Vec<ReservedName>, RegistryError> {
        reader.needs(StaffRole::Admin)?;
        let names = sqlx::query_as!(
            ReservedName,
            "select name_folded as name, reason from reserved_names order by name_folded"
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(names)
    }

    /// Reserves a name, or frees one. A package that has it stays.
    pub async fn reserve_name(
        &self,
        staff: &Staff,
        name: &PackageName,
        is_reserved: bool,
        reason: &Reason,
        client: &ClientInfo,
    ) -> Result<EventId, StaffError> {
        let now = self.clock.now();
        let folded = name.folded();
        let mut transaction = self.pool.begin().await?;
        staff.check(&mut transaction, StaffRole::Admin).await?;
        let changed = if is_reserved {
            sqlx::query!(
                "insert into reserved_names (name_folded, reason)
                values ($1, $2)
                on conflict do nothing",
                folded.as_str(),
                reason.as_str(),
            )
            .execute(&mut *transaction)
            .await?
        } else {
            sqlx::query!("delete from reserved_names where name_folded = $1", folded.as_str())
                .execute(&mut *transaction)
                .await?
        };
        if changed.rows_affected() == 0 {
            return Err(StaffError::Unchanged);
        }
        let event = StaffEvent {
            kind: if is_reserved { "name.reserved" } else { "name.freed" },
            subject: "registry",
            payload: json!({ "name": folded.as_str() }),
            reason,
            is_public_reason: true,
        };
        let event = staff.act(&mut transaction, event, client, now).await?;
        transaction.commit().await?;
        Ok(event)
    }
}
