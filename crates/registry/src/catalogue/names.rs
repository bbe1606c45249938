//! Which of the packages that share a short name is what the name alone means.

use model::{Email, StaffRole};
use serde_json::json;

use super::packages::held;
use crate::{
    EventId, Registry, RegistryError,
    accounts::ClientInfo,
    people::{Group, mails::name_assigned, tell_owners},
    publish::lock_name,
    staff::{Reason, Staff, StaffError, StaffEvent},
};

impl Registry {
    /// Lets a short name mean a package from now on, which has to be there for everybody. The owners of both are told.
    pub async fn assign_name(
        &self,
        staff: &Staff,
        package: i64,
        reason: &Reason,
        client: &ClientInfo,
    ) -> Result<EventId, StaffError> {
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        let name = sqlx::query_scalar!(
            r#"select name as "name: model::PackageName" from packages where package_id = $1"#,
            package
        )
        .fetch_optional(&mut *transaction)
        .await?
        .ok_or(RegistryError::NotFound)?;
        // Publishing takes the name first, and then the rest.
        lock_name(&mut transaction, &name).await?;
        staff.check(&mut transaction, StaffRole::Admin).await?;
        let folded = name.folded();
        let holders = sqlx::query!(
            "select package_id, is_default from packages where name_folded = $1 order by package_id for update",
            folded.as_str()
        )
        .fetch_all(&mut *transaction)
        .await?;
        let before = holders.iter().find(|holder| holder.is_default).map(|holder| holder.package_id);
        if before == Some(package) {
            return Err(StaffError::Unchanged);
        }
        for id in [Some(package), before].into_iter().flatten() {
            self.check_interest(&mut transaction, staff, Some(id), None).await?;
        }
        let new = held(&mut transaction, package).await?;
        if !new.is_public || new.is_quarantined {
            return Err(StaffError::NotForEverybody(new.full_name));
        }
        sqlx::query!("update packages set is_default = false, updated_at = $2 where package_id = $1", before, now)
            .execute(&mut *transaction)
            .await?;
        sqlx::query!("update packages set is_default = true, updated_at = $2 where package_id = $1", package, now)
            .execute(&mut *transaction)
            .await?;
        // Extensions that both provide come with the name.
        sqlx::query!(
            "update extension_names as n
            set default_package_id = $2
            where n.default_package_id = $1
                and exists (
                    select from extension_providers as p
                    where p.name_folded = n.name_folded
                        and p.package_id = $2
                )",
            before,
            package,
        )
        .execute(&mut *transaction)
        .await?;
        let mut packages = vec![package];
        let told = |to: &Email| name_assigned(&self.public_url, to, &new.name, &new.full_name, reason);
        if let Some(before) = before {
            let old = held(&mut transaction, before).await?;
            let group = Group::of_package(old.id, old.name.clone(), old.full_name.as_str());
            tell_owners(self, &mut transaction, &group, told, now).await?;
            // What is for its members only is named to nobody else.
            if old.is_public {
                packages.push(before);
            }
        }
        let group = Group::of_package(new.id, new.name.clone(), new.full_name.as_str());
        tell_owners(self, &mut transaction, &group, told, now).await?;
        let event = StaffEvent {
            kind: "name.assigned",
            subject: &group.subject,
            payload: json!({ "package": package, "name": new.name, "packages": packages }),
            reason,
            is_public_reason: true,
        };
        let event = staff.act(&mut transaction, event, client, now).await?;
        transaction.commit().await?;
        Ok(event)
    }
}
