//! Who looks after what, for those who ask.

use model::{Handle, PackageName, Role};
use time::OffsetDateTime;

use super::{Group, GroupName};
use crate::{
    Registry, RegistryError, Viewer,
    accounts::{AccountRef, Visitor},
};

/// Somebody with a role.
#[derive(Clone, Debug)]
pub struct Person {
    /// Their handle.
    pub handle: Handle,
    /// What they are called.
    pub display_name: Option<String>,
    /// Whether it is an organisation.
    pub is_organisation: bool,
    /// What they may do.
    pub role: Role,
    /// Since when.
    pub since: OffsetDateTime,
}

/// An invitation as owners see it.
#[derive(Clone, Debug)]
pub struct InvitationDetails {
    /// Its id.
    pub id: i64,
    /// The handle or the address that was given.
    pub invitee: String,
    /// To be what.
    pub role: Role,
    /// Whether whoever has sent it leaves when it is accepted.
    pub transfers: bool,
    /// Who has sent it.
    pub invited_by: Handle,
    /// Until when it is good.
    pub expires_at: OffsetDateTime,
}

/// An invitation as whoever is invited sees it.
#[derive(Clone, Debug)]
pub struct ReceivedInvitation {
    /// Its id.
    pub id: i64,
    /// To what.
    pub to: GroupName,
    /// To be what.
    pub role: Role,
    /// Whether whoever has sent it leaves when it is accepted.
    pub transfers: bool,
    /// Who has sent it.
    pub invited_by: Handle,
    /// Until when it is good.
    pub expires_at: OffsetDateTime,
}

/// Who looks after something, for those who do.
#[derive(Clone, Debug)]
pub struct PeoplePage {
    /// What it is.
    pub name: GroupName,
    /// The visitor's own role; of a package that of an organisation counts too.
    pub role: Role,
    /// Whether they have it themselves, so that they can leave.
    pub is_own: bool,
    /// Everybody with a role, owners first.
    pub people: Vec<Person>,
    /// Invitations that wait to be answered; for owners only.
    pub invitations: Vec<InvitationDetails>,
}

/// Something that the visitor looks after.
#[derive(Clone, Debug)]
pub struct OwnGroup {
    /// What it is.
    pub name: GroupName,
    /// As whom.
    pub role: Role,
    /// Through which organisation, where it is not their own.
    pub through: Option<Handle>,
}

impl Registry {
    /// Who looks after a package that the viewer may see.
    pub async fn package_people(&self, viewer: Viewer, name: &PackageName) -> Result<Vec<Person>, RegistryError> {
        let package = self.find_package(viewer, name).await?;
        self.people_of_package(package).await
    }

    pub(crate) async fn people_of_package(&self, package: i64) -> Result<Vec<Person>, RegistryError> {
        let people = sqlx::query_as!(
            Person,
            r#"select
                p.handle as "handle: Handle",
                coalesce(a.display_name, g.display_name) as display_name,
                p.kind = 'organisation' as "is_organisation!",
                o.role as "role: Role",
                o.created_at as since
            from package_owners as o
            join principals as p using (principal_id)
            left join accounts as a using (principal_id)
            left join organisations as g using (principal_id)
            where o.package_id = $1
            order by o.role desc, p.handle_folded"#,
            package,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(people)
    }

    /// Who belongs to an organisation.
    pub async fn members(&self, organisation: &Handle) -> Result<Vec<Person>, RegistryError> {
        let folded = organisation.folded();
        let people = sqlx::query_as!(
            Person,
            r#"select
                p.handle as "handle: Handle",
                a.display_name,
                false as "is_organisation!",
                m.role as "role: Role",
                m.created_at as since
            from organisation_members as m
            join principals as p on p.principal_id = m.member_id
            join accounts as a on a.principal_id = m.member_id
            join principals as g on g.principal_id = m.organisation_id
            where g.handle_folded = $1
            order by m.role desc, p.handle_folded"#,
            folded.as_str(),
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(people)
    }

    /// Who looks after something, for somebody who does; not found for everybody else.
    pub async fn people_page(&self, visitor: &Visitor, name: &GroupName) -> Result<PeoplePage, RegistryError> {
        let mut connection = self.pool.acquire().await?;
        let (group, role) = Group::find(&mut connection, visitor.principal(), name).await?;
        let role = role.ok_or(RegistryError::NotFound)?;
        let is_own = group.role_of(&mut connection, visitor.principal()).await?.is_some();
        drop(connection);
        let people = match &group.name {
            GroupName::Package(_) => self.people_of_package(group.id).await?,
            GroupName::Organisation(handle) => self.members(handle).await?,
        };
        let invitations = if role == Role::Owner { self.invitations_of(&group).await? } else { Vec::new() };
        Ok(PeoplePage { name: group.name, role, is_own, people, invitations })
    }

    pub(super) async fn invitations_of(&self, group: &Group) -> Result<Vec<InvitationDetails>, RegistryError> {
        let invitations = sqlx::query_as!(
            InvitationDetails,
            r#"select
                i.invitation_id as id,
                coalesce(p.handle, i.email) as "invitee!",
                i.role as "role: Role",
                i.transfers,
                by.handle as "invited_by: Handle",
                i.expires_at
            from invitations as i
            join principals as by on by.principal_id = i.invited_by
            left join principals as p on p.principal_id = i.invitee_id
            where i.package_id is not distinct from $1
                and i.organisation_id is not distinct from $2
                and i.expires_at > $3
            order by i.invitation_id"#,
            group.package(),
            group.organisation(),
            self.clock.now(),
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(invitations)
    }

    /// Invitations of a group, for an owner of it.
    pub async fn sent_invitations(
        &self,
        caller: &crate::Caller,
        name: &GroupName,
    ) -> Result<Vec<InvitationDetails>, super::PeopleError> {
        let mut connection = self.pool.acquire().await?;
        let group = Group::find_as_owner(self, &mut connection, caller, name).await?;
        drop(connection);
        Ok(self.invitations_of(&group).await?)
    }

    /// The packages that the visitor looks after, by name.
    pub async fn own_groups(&self, visitor: &Visitor) -> Result<Vec<OwnGroup>, RegistryError> {
        let rows = sqlx::query!(
            r#"select
                p.name as "name: PackageName",
                max(r.role) as "role!: Role",
                min(g.handle) as "through: Handle"
            from package_rights as r
            join packages as p using (package_id)
            left join package_owners as own on own.package_id = r.package_id and own.principal_id = r.principal_id
            left join package_owners as theirs on theirs.package_id = r.package_id and own.package_id is null
                and exists (
                    select from organisation_members as m
                    where m.organisation_id = theirs.principal_id
                        and m.member_id = $1
                )
            left join principals as g on g.principal_id = theirs.principal_id
            where r.principal_id = $1
            group by p.package_id
            order by p.name_folded, p.package_id"#,
            visitor.principal(),
        )
        .fetch_all(&self.pool)
        .await?;
        let groups = rows.into_iter().map(|row| OwnGroup {
            name: GroupName::Package(row.name),
            role: row.role,
            through: row.through,
        });
        Ok(groups.collect())
    }

    /// The organisations that the visitor belongs to, by handle.
    pub async fn own_organisations(&self, visitor: &Visitor) -> Result<Vec<OwnGroup>, RegistryError> {
        let rows = sqlx::query!(
            r#"select p.handle as "handle: Handle", m.role as "role: Role"
            from organisation_members as m
            join principals as p on p.principal_id = m.organisation_id
            where m.member_id = $1
            order by p.handle_folded"#,
            visitor.principal(),
        )
        .fetch_all(&self.pool)
        .await?;
        let groups = rows.into_iter().map(|row| OwnGroup {
            name: GroupName::Organisation(row.handle),
            role: row.role,
            through: None,
        });
        Ok(groups.collect())
    }

    /// The invitations that wait for the account's answer.
    pub async fn received_invitations(&self, account: AccountRef) -> Result<Vec<ReceivedInvitation>, RegistryError> {
        let rows = sqlx::query!(
            r#"select
                i.invitation_id,
                p.name as "package?: PackageName",
                o.handle as "organisation?: Handle",
                i.role as "role: Role",
                i.transfers,
                by.handle as "invited_by: Handle",
                i.expires_at
            from invitations as i
            join principals as by on by.principal_id = i.invited_by
            join accounts as a on a.principal_id = $1
            left join packages as p using (package_id)
            left join principals as o on o.principal_id = i.organisation_id
            where i.expires_at > $2
                and (
                    i.invitee_id = a.principal_id
                    or lower(i.email) = lower(a.email)
                        and a.email_verified_at is not null
                        and a.email_domain_lost_at is null
                )
            order by i.invitation_id"#,
            account.principal(),
            self.clock.now(),
        )
        .fetch_all(&self.pool)
        .await?;
        let received = rows.into_iter().filter_map(|row| {
            let to = match (row.package, row.organisation) {
                (Some(package), _) => GroupName::Package(package),
                (None, Some(organisation)) => GroupName::Organisation(organisation),
                (None, None) => return None,
            };
            Some(ReceivedInvitation {
                id: row.invitation_id,
                to,
                role: row.role,
                transfers: row.transfers,
                invited_by: row.invited_by,
                expires_at: row.expires_at,
            })
        });
        Ok(received.collect())
    }
}
