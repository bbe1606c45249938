use std::fmt;

use model::{Email, Handle, PackageName, Role, TokenAction};
use serde_json::{Value, json};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{PeopleError, mails::package_changed};
use crate::{
    EventId, Registry, RegistryError,
    accounts::Caller,
    events::{self, Event},
    mail::{self, MailMessage},
    publish::needs_second_factor,
};

/// What people look after together, by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupName {
    /// A package.
    Package(PackageName),
    /// An organisation.
    Organisation(Handle),
}

impl fmt::Display for GroupName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Package(name) => name.fmt(formatter),
            Self::Organisation(handle) => handle.fmt(formatter),
        }
    }
}

impl GroupName {
    /// Where its owners change it, as a path.
    pub fn settings_path(&self) -> String {
        match self {
            Self::Package(name) => format!("/settings/packages/{name}"),
            Self::Organisation(handle) => format!("/settings/organisations/{handle}"),
        }
    }

    /// Whether its people can have the role.
    pub(super) const fn knows(&self, role: Role) -> bool {
        match (self, role) {
            (_, Role::Owner) | (Self::Package(_), Role::Maintainer) | (Self::Organisation(_), Role::Member) => true,
            (Self::Package(_), Role::Member) | (Self::Organisation(_), Role::Maintainer) => false,
        }
    }
}

/// A package or an organisation that is being changed: locked until the transaction ends.
#[derive(Debug)]
pub(crate) struct Group {
    /// The package, or the principal of the organisation.
    pub(crate) id: i64,
    pub(crate) name: GroupName,
    /// As events name it.
    pub(crate) subject: String,
    /// Whether moderators hold it back: its owners change nothing of it meanwhile.
    pub(crate) is_quarantined: bool,
}

impl Group {
    /// A package that is held already.
    pub(crate) fn of_package(id: i64, name: PackageName, full_name: &str) -> Self {
        Self { id, name: GroupName::Package(name), subject: format!("package:{full_name}"), is_quarantined: false }
    }

    /// An organisation that is held already.
    pub(crate) fn of_organisation(principal: i64, handle: Handle) -> Self {
        Self {
            id: principal,
            name: GroupName::Organisation(handle),
            subject: format!("principal:{principal}"),
            is_quarantined: false,
        }
    }

    /// Locks a group and finds out what role the principal has in it, through an organisation too. Not found where the
    /// principal may not see it.
    pub(crate) async fn hold(
        transaction: &mut PgConnection,
        principal: i64,
        name: &GroupName,
    ) -> Result<(Self, Option<Role>), RegistryError> {
        let (found, _) = Self::find(transaction, principal, name).await?;
        match &found.name {
            GroupName::Package(_) => {
                sqlx::query!("select from packages where package_id = $1 for update", found.id)
                    .fetch_one(&mut *transaction)
                    .await?;
            }
            GroupName::Organisation(_) => {
                sqlx::query!("select from organisations where principal_id = $1 for update", found.id)
                    .fetch_one(&mut *transaction)
                    .await?;
            }
        }
        // Looked at again: what is true of it may have changed before it was locked, even whose the name is.
        let (held, role) = Self::find(transaction, principal, name).await?;
        if held.id == found.id { Ok((held, role)) } else { Err(RegistryError::NotFound) }
    }

    /// The same for whoever only looks: nothing is locked.
    pub(crate) async fn find(
        connection: &mut PgConnection,
        principal: i64,
        name: &GroupName,
    ) -> Result<(Self, Option<Role>), RegistryError> {
        match name {
            GroupName::Package(package) => Self::find_package(connection, principal, package).await,
            GroupName::Organisation(handle) => {
                let folded = handle.folded();
                let held = sqlx::query!(
                    r#"select o.principal_id, p.handle as "handle: Handle"
                    from organisations as o
                    join principals as p using (principal_id)
                    where p.handle_folded = $1"#,
                    folded.as_str(),
                )
                .fetch_one(&mut *connection)
                .await?;
                let group = Self::of_organisation(held.principal_id, held.handle);
                let role = group.role_of(connection, principal).await?;
                Ok((group, role))
            }
        }
    }

    async fn find_package(
        connection: &mut PgConnection,
        principal: i64,
        name: &PackageName,
    ) -> Result<(Self, Option<Role>), RegistryError> {
        let folded = name.folded();
        // A short name is the default holder's, unless another one is the principal's own.
        let held = sqlx::query!(
            r#"select p.package_id, p.name as "name: PackageName", p.full_name, p.visibility = 'public' as "is_public!",
                p.quarantined_at is not null as "is_quarantined!"
            from packages as p
            where p.name_folded = $1
            order by
                exists (
                    select from package_rights as r
                    where r.package_id = p.package_id
                        and r.principal_id = $2
                ) desc,
                p.is_default desc,
                p.package_id
            limit 1"#,
            folded.as_str(),
            principal,
        )
        .fetch_one(&mut *connection)
        .await?;
        let group = Self {
            is_quarantined: held.is_quarantined,
            ..Self::of_package(held.package_id, held.name, &held.full_name)
        };
        let role = sqlx::query_scalar!(
            r#"select max(role) as "role: Role"
            from package_rights
            where package_id = $1
                and principal_id = $2"#,
            group.id,
            principal,
        )
        .fetch_one(connection)
        .await?;
        if role.is_none() && !held.is_public { Err(RegistryError::NotFound) } else { Ok((group, role)) }
    }

    /// Locks a group for a caller who has to be an owner and to have shown what that takes.
    pub(crate) async fn hold_as_owner(
        registry: &Registry,
        transaction: &mut PgConnection,
        caller: &Caller,
        name: &GroupName,
    ) -> Result<Self, PeopleError> {
        let found = Self::hold(transaction, caller.principal(), name).await?;
        Self::as_owner(registry, transaction, caller, found).await
    }

    /// The same for whoever only looks: nothing is locked.
    pub(crate) async fn find_as_owner(
        registry: &Registry,
        connection: &mut PgConnection,
        caller: &Caller,
        name: &GroupName,
    ) -> Result<Self, PeopleError> {
        let found = Self::find(connection, caller.principal(), name).await?;
        Self::as_owner(registry, connection, caller, found).await
    }

    async fn as_owner(
        registry: &Registry,
        connection: &mut PgConnection,
        caller: &Caller,
        (group, role): (Self, Option<Role>),
    ) -> Result<Self, PeopleError> {
        // A workflow's rights are to publish.
        if role != Some(Role::Owner) || caller.publisher().is_some() {
            return Err(PeopleError::NotOwner(group.name));
        }
        if group.is_quarantined {
            return Err(PeopleError::Quarantined(group.name));
        }
        let may = match &group.name {
            GroupName::Package(name) => caller.may(TokenAction::Owners, name),
            GroupName::Organisation(_) => caller.may_everywhere(TokenAction::Owners),
        };
        if !may {
            return Err(PeopleError::TokenScope(group.name));
        }
        let lacks = match &group.name {
            GroupName::Package(_) => {
                needs_second_factor(connection, caller, group.id, registry.clock().now().date()).await?
            }
            GroupName::Organisation(_) => caller.lacks_second_factor(false),
        };
        if lacks { Err(PeopleError::SecondFactor) } else { Ok(group) }
    }

    /// The role that a principal itself has.
    pub(crate) async fn role_of(
        &self,
        connection: &mut PgConnection,
        principal: i64,
    ) -> Result<Option<Role>, RegistryError> {
        let role = match self.name {
            GroupName::Package(_) => {
                sqlx::query_scalar!(
                    r#"select role as "role: Role" from package_owners where package_id = $1 and principal_id = $2"#,
                    self.id,
                    principal,
                )
                .fetch_optional(connection)
                .await?
            }
            GroupName::Organisation(_) => {
                sqlx::query_scalar!(
                    r#"select role as "role: Role" from organisation_members where organisation_id = $1 and member_id = $2"#,
                    self.id,
                    principal,
                )
                .fetch_optional(connection)
                .await?
            }
        };
        Ok(role)
    }

    /// Gives a principal a role, whatever it had before.
    pub(crate) async fn set_role(
        &self,
        transaction: &mut PgConnection,
        principal: i64,
        role: Role,
        now: OffsetDateTime,
    ) -> Result<(), RegistryError> {
        match self.name {
            GroupName::Package(_) => {
                sqlx::query!(
                    "insert into package_owners (package_id, principal_id, role, created_at)
                    values ($1, $2, $3, $4)
                    on conflict (package_id, principal_id) do update
                    set role = excluded.role",
                    self.id,
                    principal,
                    role as _,
                    now,
                )
                .execute(transaction)
                .await?
            }
            GroupName::Organisation(_) => {
                sqlx::query!(
                    "insert into organisation_members (organisation_id, member_id, role, created_at)
                    values ($1, $2, $3, $4)
                    on conflict (organisation_id, member_id) do update
                    set role = excluded.role",
                    self.id,
                    principal,
                    role as _,
                    now,
                )
                .execute(transaction)
                .await?
            }
        };
        Ok(())
    }

    /// Takes a principal's role away. Its invitations are worth nothing any more: see [`PeopleError::InviterGone`].
    pub(crate) async fn remove(&self, transaction: &mut PgConnection, principal: i64) -> Result<(), RegistryError> {
        match self.name {
            GroupName::Package(_) => {
                sqlx::query!(
                    "delete from package_owners where package_id = $1 and principal_id = $2",
                    self.id,
                    principal
                )
                .execute(&mut *transaction)
                .await?
            }
            GroupName::Organisation(_) => {
                sqlx::query!(
                    "delete from organisation_members where organisation_id = $1 and member_id = $2",
                    self.id,
                    principal
                )
                .execute(&mut *transaction)
                .await?
            }
        };
        Ok(())
    }

    /// Whether somebody besides the principal owns it.
    pub(crate) async fn has_other_owner(
        &self,
        connection: &mut PgConnection,
        principal: i64,
    ) -> Result<bool, RegistryError> {
        let has = match self.name {
            GroupName::Package(_) => {
                sqlx::query_scalar!(
                    r#"select exists (
                        select from package_owners
                        where package_id = $1
                            and role = 'owner'
                            and principal_id <> $2
                    ) as "has!""#,
                    self.id,
                    principal,
                )
                .fetch_one(connection)
                .await?
            }
            GroupName::Organisation(_) => {
                sqlx::query_scalar!(
                    r#"select exists (
                        select from organisation_members
                        where organisation_id = $1
                            and role = 'owner'
                            and member_id <> $2
                    ) as "has!""#,
                    self.id,
                    principal,
                )
                .fetch_one(connection)
                .await?
            }
        };
        Ok(has)
    }

    /// The package, as the columns of invitations have it.
    pub(super) fn package(&self) -> Option<i64> {
        matches!(self.name, GroupName::Package(_)).then_some(self.id)
    }

    /// The organisation, likewise.
    pub(super) fn organisation(&self) -> Option<i64> {
        matches!(self.name, GroupName::Organisation(_)).then_some(self.id)
    }

    /// The kind of event for a change of its people: `added`, `removed` or `changed`.
    pub(super) fn kind(&self, change: &str) -> &'static str {
        match (&self.name, change) {
            (GroupName::Package(_), "added") => "owner.added",
            (GroupName::Package(_), "removed") => "owner.removed",
            (GroupName::Package(_), _) => "owner.changed",
            (GroupName::Organisation(_), "added") => "member.added",
            (GroupName::Organisation(_), "removed") => "member.removed",
            (GroupName::Organisation(_), _) => "member.changed",
        }
    }

    /// Appends the event of a change; `more` are ids and public facts.
    pub(crate) async fn append(
        &self,
        transaction: &mut PgConnection,
        kind: &str,
        actor: i64,
        more: Value,
        happened_at: OffsetDateTime,
    ) -> Result<EventId, RegistryError> {
        let mut payload = match &self.name {
            GroupName::Package(name) => json!({ "package": self.id, "name": name }),
            GroupName::Organisation(_) => json!({ "organisation": self.id }),
        };
        if let (Some(payload), Value::Object(more)) = (payload.as_object_mut(), more) {
            payload.extend(more);
        }
        events::append(transaction, Event { kind, actor, subject: &self.subject, payload, happened_at }).await
    }

    /// Everybody who owns it, through an organisation too: account and address.
    pub(crate) async fn owners(&self, connection: &mut PgConnection) -> Result<Vec<(i64, Email)>, RegistryError> {
        let owners = sqlx::query!(
            r#"select a.principal_id, a.email as "email: Email"
            from accounts as a
            where exists (
                    select from package_rights as r
                    where r.package_id = $1
                        and r.principal_id = a.principal_id
                        and r.role = 'owner'
                )
                or exists (
                    select from organisation_members as m
                    where m.organisation_id = $2
                        and m.member_id = a.principal_id
                        and m.role = 'owner'
                )
            order by a.principal_id"#,
            self.package(),
            self.organisation(),
        )
        .fetch_all(connection)
        .await?;
        Ok(owners.into_iter().map(|owner| (owner.principal_id, owner.email)).collect())
    }
}

/// Writes the same message to all owners of a group.
pub(crate) async fn tell_owners(
    registry: &Registry,
    transaction: &mut PgConnection,
    group: &Group,
    message: impl Fn(&Email) -> MailMessage,
    now: OffsetDateTime,
) -> Result<(), RegistryError> {
    for (principal, email) in group.owners(transaction).await? {
        mail::send(transaction, &registry.mail, Some(principal), &message(&email), now).await?;
    }
    Ok(())
}

/// Writes to all owners of a package what one of them has changed of it; refused where somebody changes too much.
pub(crate) async fn tell_of_change(
    registry: &Registry,
    transaction: &mut PgConnection,
    group: &Group,
    caller: &Caller,
    what: &str,
    now: OffsetDateTime,
) -> Result<(), PeopleError> {
    registry.limits.change_by_account.count(&caller.principal().to_string())?;
    let message = |to: &Email| package_changed(&registry.public_url, to, &group.name, what);
    Ok(tell_owners(registry, transaction, group, message, now).await?)
}
