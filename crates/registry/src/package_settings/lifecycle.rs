//! Whether a package is still cared for, and who may see it.

use model::{PackageName, Visibility};
use serde_json::json;

use super::PackageSettingsError;
use crate::{
    EventId, Registry,
    accounts::Caller,
    people::{Group, GroupName, tell_of_change},
    publish::tidy_text,
};

/// Characters of the reason of a deprecation.
const LONGEST_REASON: usize = 500;

/// That something else should be used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deprecation {
    /// Why; empty for nothing.
    pub reason: String,
    /// What to use instead, where there is something.
    pub successor: Option<PackageName>,
}

impl Registry {
    /// Says that something else should be used, or no longer, with `None`. Nothing becomes impossible by it. Returns the event;
    /// none where it is so already.
    pub async fn deprecate(
        &self,
        caller: &Caller,
        name: &PackageName,
        deprecation: Option<&Deprecation>,
    ) -> Result<Option<EventId>, PackageSettingsError> {
        let reason = deprecation.and_then(|deprecation| tidy_text(Some(&deprecation.reason)));
        if reason.as_deref().is_some_and(|reason| reason.chars().count() > LONGEST_REASON) {
            return Err(PackageSettingsError::Reason);
        }
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        let group_name = GroupName::Package(name.clone());
        let group = Group::hold_as_owner(self, &mut transaction, caller, &group_name).await?;
        let successor = deprecation.and_then(|deprecation| deprecation.successor.as_ref());
        let mut successor_name = None;
        if let Some(successor) = successor {
            if successor.folded() == name.folded() {
                return Err(PackageSettingsError::Itself);
            }
            let folded = successor.folded();
            let known = sqlx::query_scalar!(
                "select name from packages where name_folded = $1 and is_default and visibility = 'public'",
                folded.as_str()
            )
            .fetch_optional(&mut *transaction)
            .await?;
            successor_name = Some(known.ok_or_else(|| PackageSettingsError::Successor(successor.clone()))?);
        }
        let changed = sqlx::query!(
            "update packages
            set deprecated_at = case when $2 then coalesce(deprecated_at, $5) end, deprecation = $3, successor = $4, updated_at = $5
            where package_id = $1
                and (deprecated_at is not null, deprecation, successor) is distinct from ($2, $3, $4)",
            group.id,
            deprecation.is_some(),
            reason,
            successor_name,
            now,
        )
        .execute(&mut *transaction)
        .await?;
        if changed.rows_affected() == 0 {
            return Ok(None);
        }
        let what = match (deprecation, &successor_name) {
            (Some(_), Some(successor)) => format!("{} has deprecated it in favour of {successor}.", caller.handle()),
            (Some(_), None) => format!("{} has deprecated it.", caller.handle()),
            (None, _) => format!("{} has said that it is no longer deprecated.", caller.handle()),
        };
        tell_of_change(self, &mut transaction, &group, caller, &what, now).await?;
        let kind = if deprecation.is_some() { "package.deprecated" } else { "package.undeprecated" };
        let more = json!({ "reason": reason, "successor": successor_name });
        let event = group.append(&mut transaction, kind, caller.principal(), more, now).await?;
        transaction.commit().await?;
        Ok(Some(event))
    }

    /// Says that nothing more comes, or that it does: nobody publishes to an archived package. Likewise.
    pub async fn archive(
        &self,
        caller: &Caller,
        name: &PackageName,
        is_archived: bool,
    ) -> Result<Option<EventId>, PackageSettingsError> {
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        let group_name = GroupName::Package(name.clone());
        let group = Group::hold_as_owner(self, &mut transaction, caller, &group_name).await?;
        let changed = sqlx::query!(
            "update packages
            set archived_at = case when $2 then $3::timestamptz end, updated_at = $3
            where package_id = $1
                and (archived_at is not null) <> $2",
            group.id,
            is_archived,
            now,
        )
        .execute(&mut *transaction)
        .await?;
        if changed.rows_affected() == 0 {
            return Ok(None);
        }
        let what = if is_archived {
            format!("{} has archived it: nobody publishes to it any more.", caller.handle())
        } else {
            format!("{} has said that it is no longer archived.", caller.handle())
        };
        tell_of_change(self, &mut transaction, &group, caller, &what, now).await?;
        let kind = if is_archived { "package.archived" } else { "package.unarchived" };
        let event = group.append(&mut transaction, kind, caller.principal(), json!({}), now).await?;
        transaction.commit().await?;
        Ok(Some(event))
    }

    /// Says who may see a package. Likewise.
    pub async fn set_visibility(
        &self,
        caller: &Caller,
        name: &PackageName,
        visibility: Visibility,
    ) -> Result<Option<EventId>, PackageSettingsError> {
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        let group_name = GroupName::Package(name.clone());
        let group = Group::hold_as_owner(self, &mut transaction, caller, &group_name).await?;
        let changed = sqlx::query!(
            "update packages
            set visibility = $2, updated_at = $3
            where package_id = $1
                and visibility <> $2",
            group.id,
            visibility as _,
            now,
        )
        .execute(&mut *transaction)
        .await?;
        if changed.rows_affected() == 0 {
            return Ok(None);
        }
        let what = match visibility {
            Visibility::Public => format!("{} has shown it to everybody.", caller.handle()),
            Visibility::Members => format!("{} has hidden it: only its members see it now.", caller.handle()),
        };
        tell_of_change(self, &mut transaction, &group, caller, &what, now).await?;
        let kind = match visibility {
            Visibility::Public => "package.shown",
            Visibility::Members => "package.hidden",
        };
        let event = group.append(&mut transaction, kind, caller.principal(), json!({}), now).await?;
        transaction.commit().await?;
        Ok(Some(event))
    }
}
