//! Organisations: people who own packages together.

use model::{Handle, PackageName, Role, is_unseen};
use serde_json::json;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{Group, GroupName, PeopleError, Person};
use crate::{
    EventId, Registry, RegistryError,
    accounts::{self, Act, Caller, ClientInfo, OwnedPackage, Proved, note},
};

/// Organisations that one account owns.
const MOST: i64 = 10;

/// What an organisation says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrganisationChange {
    /// What it is called; empty for nothing.
    pub display_name: String,
    /// What it is.
    pub description: String,
    /// An http or https address.
    pub website: String,
}

/// The same, tidied and found to be what can be shown.
struct Checked {
    display_name: Option<String>,
    description: Option<String>,
    website: Option<String>,
}

impl OrganisationChange {
    fn check(&self) -> Result<Checked, PeopleError> {
        let given = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        let display_name = given(&self.display_name);
        if display_name.as_deref().is_some_and(|text| text.chars().count() > 100 || text.contains(is_unseen)) {
            return Err(PeopleError::DisplayName);
        }
        let description = given(&self.description.replace("\r\n", "\n").replace('\t', " "));
        let is_hidden = |letter: char| is_unseen(letter) && letter != '\n';
        if description.as_deref().is_some_and(|text| text.chars().count() > 1000 || text.contains(is_hidden)) {
            return Err(PeopleError::Description);
        }
        let website = given(&self.website);
        let website = website.map(|text| accounts::web_address(&text).ok_or(PeopleError::Website)).transpose()?;
        Ok(Checked { display_name, description, website })
    }
}

/// An organisation as everybody sees it.
#[derive(Clone, Debug)]
pub struct OrganisationDetails {
    /// Its handle.
    pub handle: Handle,
    /// What it is called.
    pub display_name: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// Its place on the web.
    pub website: Option<String>,
    /// When it began.
    pub created_at: OffsetDateTime,
    /// Who belongs to it, owners first.
    pub members: Vec<Person>,
    /// Its public packages.
    pub packages: Vec<OwnedPackage>,
}

impl Registry {
    /// Makes an organisation, which its maker owns.
    pub async fn create_organisation(
        &self,
        proved: &Proved,
        handle: &Handle,
        change: &OrganisationChange,
        client: &ClientInfo,
    ) -> Result<EventId, PeopleError> {
        if !proved.visitor().is_verified() {
            return Err(PeopleError::Unverified);
        }
        if accounts::is_reserved_handle(handle) {
            return Err(PeopleError::HandleReserved(handle.clone()));
        }
        let checked = change.check()?;
        let now = self.clock.now();
        let principal = proved.principal();
        let mut transaction = self.pool.begin().await?;
        // One at a time for an account, so that it does not get more of them by asking at once.
        sqlx::query!("select from accounts where principal_id = $1 for update", principal)
            .execute(&mut *transaction)
            .await?;
        let owned = sqlx::query_scalar!(
            r#"select count(*) as "count!" from organisation_members where member_id = $1 and role = 'owner'"#,
            principal
        )
        .fetch_one(&mut *transaction)
        .await?;
        if owned >= MOST {
            return Err(PeopleError::TooManyOrganisations);
        }
        let taken = |()| PeopleError::HandleTaken(handle.clone());
        let organisation = accounts::insert_principal(&mut transaction, "organisation", handle, now).await?;
        let organisation = organisation.ok_or(()).map_err(taken)?;
        sqlx::query!(
            "insert into organisations (principal_id, display_name, description, website, created_at)
            values ($1, $2, $3, $4, $5)",
            organisation,
            checked.display_name,
            checked.description,
            checked.website,
            now,
        )
        .execute(&mut *transaction)
        .await?;
        let group = Group::of_organisation(organisation, handle.clone());
        group.set_role(&mut transaction, principal, Role::Owner, now).await?;
        let details = json!({ "organisation": organisation });
        note(&mut transaction, principal, Act::OrganisationCreated, client, details, now).await?;
        let event = group.append(&mut transaction, "organisation.created", principal, json!({}), now).await?;
        transaction.commit().await?;
        Ok(event)
    }

    /// Changes what an organisation says of itself.
    pub async fn change_organisation(
        &self,
        caller: &Caller,
        handle: &Handle,
        change: &OrganisationChange,
    ) -> Result<EventId, PeopleError> {
        let checked = change.check()?;
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        let name = GroupName::Organisation(handle.clone());
        let group = Group::hold_as_owner(self, &mut transaction, caller, &name).await?;
        sqlx::query!(
            "update organisations
            set display_name = $2, description = $3, website = $4
            where principal_id = $1",
            group.id,
            checked.display_name,
            checked.description,
            checked.website,
        )
        .execute(&mut *transaction)
        .await?;
        let event = group.append(&mut transaction, "organisation.updated", caller.principal(), json!({}), now).await?;
        transaction.commit().await?;
        Ok(event)
    }

    /// Deletes an organisation that owns no package; `typed` is its handle once more. The handle is never given away again.
    pub async fn delete_organisation(
        &self,
        caller: &Caller,
        handle: &Handle,
        typed: &str,
        client: &ClientInfo,
    ) -> Result<EventId, PeopleError> {
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        let name = GroupName::Organisation(handle.clone());
        let group = Group::hold_as_owner(self, &mut transaction, caller, &name).await?;
        let GroupName::Organisation(handle) = &group.name else { return Err(RegistryError::NotFound.into()) };
        if typed.trim().to_lowercase() != handle.as_str().to_lowercase() {
            return Err(PeopleError::Confirmation(handle.clone()));
        }
        let owns = sqlx::query_scalar!(
            r#"select exists (select from package_owners where principal_id = $1) as "owns!""#,
            group.id
        )
        .fetch_one(&mut *transaction)
        .await?;
        if owns {
            return Err(PeopleError::OwnsPackages(handle.clone()));
        }
        erase(&mut transaction, group.id, now).await?;
        let details = json!({ "organisation": group.id });
        note(&mut transaction, caller.principal(), Act::OrganisationDeleted, client, details, now).await?;
        let event = group.append(&mut transaction, "organisation.deleted", caller.principal(), json!({}), now).await?;
        transaction.commit().await?;
        Ok(event)
    }

    /// What everybody sees of an organisation.
    pub async fn organisation(&self, handle: &Handle) -> Result<OrganisationDetails, RegistryError> {
        let folded = handle.folded();
        let row = sqlx::query!(
            r#"select
                o.principal_id,
                p.handle as "handle: Handle",
                o.display_name,
                o.description,
                o.website,
                o.created_at
            from organisations as o
            join principals as p using (principal_id)
            where p.handle_folded = $1"#,
            folded.as_str(),
        )
        .fetch_one(&self.pool)
        .await?;
        let packages = sqlx::query_as!(
            OwnedPackage,
            r#"select p.name as "name: PackageName", p.summary, o.role
            from package_owners as o
            join packages as p using (package_id)
            where o.principal_id = $1
                and p.visibility = 'public'
            order by p.name_folded"#,
            row.principal_id,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(OrganisationDetails {
            members: self.members(&row.handle).await?,
            handle: row.handle,
            display_name: row.display_name,
            description: row.description,
            website: row.website,
            created_at: row.created_at,
            packages,
        })
    }
}

/// Removes what is known of an organisation; its principal stays, for the log.
async fn erase(transaction: &mut PgConnection, organisation: i64, now: OffsetDateTime) -> Result<(), RegistryError> {
    sqlx::query!("delete from organisations where principal_id = $1", organisation).execute(&mut *transaction).await?;
    sqlx::query!("delete from organisation_members where organisation_id = $1", organisation)
        .execute(&mut *transaction)
        .await?;
    accounts::retire_handle(transaction, organisation, now).await
}

/// An organisation of which the last owner leaves this registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unled {
    pub(crate) id: i64,
    pub(crate) handle: Handle,
    /// Who has belonged to it longest and owns it then; none where nobody is left, so that it ends.
    pub(crate) heir: Option<i64>,
}

/// The organisations that only this account owns, held.
pub(crate) async fn unled(transaction: &mut PgConnection, principal: i64) -> Result<Vec<Unled>, RegistryError> {
    let unled = sqlx::query_as!(
        Unled,
        r#"select
            o.principal_id as id,
            p.handle as "handle: Handle",
            (
                select other.member_id
                from organisation_members as other
                where other.organisation_id = o.principal_id
                    and other.member_id <> $1
                order by other.created_at, other.member_id
                limit 1
            ) as heir
        from organisations as o
        join principals as p using (principal_id)
        join organisation_members as m on m.organisation_id = o.principal_id and m.member_id = $1 and m.role = 'owner'
        where not exists (
            select from organisation_members as other
            where other.organisation_id = o.principal_id
                and other.member_id <> $1
                and other.role = 'owner'
        )
        order by o.principal_id
        for update of o"#,
        principal,
    )
    .fetch_all(transaction)
    .await?;
    Ok(unled)
}

/// Gives an organisation whose last owner leaves this registry to its heir, or ends it. Its packages are the caller's to look
/// after.
pub(crate) async fn hand_on(
    transaction: &mut PgConnection,
    unled: &Unled,
    now: OffsetDateTime,
) -> Result<(), RegistryError> {
    let group = Group::of_organisation(unled.id, unled.handle.clone());
    match unled.heir {
        Some(heir) => group.set_role(transaction, heir, Role::Owner, now).await,
        None => erase(transaction, unled.id, now).await,
    }
}
