//! How roles change and end.

use model::{Email, Handle, Role};
use serde_json::json;
use sqlx::PgConnection;

use super::{Group, GroupName, PeopleError, mails, mails::with_article, tell_owners};
use crate::{
    EventId, Registry, RegistryError,
    accounts::{Act, Caller, ClientInfo, note},
    mail,
};

/// Somebody with a role.
struct Holder {
    principal: i64,
    handle: Handle,
    /// None of an organisation.
    email: Option<Email>,
    role: Role,
}

impl Holder {
    async fn find(connection: &mut PgConnection, group: &Group, handle: &Handle) -> Result<Self, PeopleError> {
        let folded = handle.folded();
        let known = sqlx::query!(
            r#"select p.principal_id, p.handle as "handle: Handle", a.email as "email?: Email"
            from principals as p
            left join accounts as a using (principal_id)
            where p.handle_folded = $1"#,
            folded.as_str(),
        )
        .fetch_optional(&mut *connection)
        .await?
        .ok_or(RegistryError::NotFound)?;
        let role = group.role_of(connection, known.principal_id).await?.ok_or(RegistryError::NotFound)?;
        Ok(Self { principal: known.principal_id, handle: known.handle, email: known.email, role })
    }
}

impl Registry {
    /// Gives somebody who has a role another one. Returns the event; none where they have it already. Not found where they have
    /// none.
    pub async fn change_role(
        &self,
        caller: &Caller,
        name: &GroupName,
        handle: &Handle,
        role: Role,
        client: &ClientInfo,
    ) -> Result<Option<EventId>, PeopleError> {
        if !name.knows(role) {
            return Err(PeopleError::Role(role));
        }
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        let group = Group::hold_as_owner(self, &mut transaction, caller, name).await?;
        let holder = Holder::find(&mut transaction, &group, handle).await?;
        if holder.role == role {
            return Ok(None);
        }
        if holder.role == Role::Owner && !group.has_other_owner(&mut transaction, holder.principal).await? {
            return Err(PeopleError::LastOwner);
        }
        if holder.email.is_some() {
            // Held until the transaction ends: who has deleted their account meanwhile gets no role.
            sqlx::query!("select from accounts where principal_id = $1 for key share", holder.principal)
                .fetch_optional(&mut *transaction)
                .await?
                .ok_or(RegistryError::NotFound)?;
        }
        let what = format!("{} has made {} {} of {}.", caller.handle(), holder.handle, with_article(role), group.name);
        self.tell(&mut transaction, caller, &group, &holder, &what).await?;
        group.set_role(&mut transaction, holder.principal, role, now).await?;
        let details = json!({ "of": group.name.to_string(), "principal": holder.principal, "role": role });
        note(&mut transaction, caller.principal(), Act::RoleChanged, client, details, now).await?;
        let more = json!({ "principal": holder.principal, "role": role });
        let event = group.append(&mut transaction, group.kind("changed"), caller.principal(), more, now).await?;
        transaction.commit().await?;
        Ok(Some(event))
    }

    /// Takes somebody's role away, or the caller's own. The last owner stays.
    pub async fn remove_person(
        &self,
        caller: &Caller,
        name: &GroupName,
        handle: &Handle,
        client: &ClientInfo,
    ) -> Result<EventId, PeopleError> {
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        let leaves = handle.folded() == caller.handle().folded() && caller.publisher().is_none();
        let group = if leaves {
            // Everybody may leave; what their token is good for is looked at all the same.
            let (group, _) = Group::hold(&mut transaction, caller.principal(), name).await?;
            let may = match &group.name {
                GroupName::Package(name) => caller.may(model::TokenAction::Owners, name),
                GroupName::Organisation(_) => caller.may_everywhere(model::TokenAction::Owners),
            };
            if !may {
                return Err(PeopleError::TokenScope(group.name));
            }
            group
        } else {
            Group::hold_as_owner(self, &mut transaction, caller, name).await?
        };
        let holder = Holder::find(&mut transaction, &group, handle).await?;
        if holder.role == Role::Owner && !group.has_other_owner(&mut transaction, holder.principal).await? {
            return Err(PeopleError::LastOwner);
        }
        let what = if leaves {
            format!("{} has left {}.", holder.handle, group.name)
        } else {
            format!("{} has removed {} from {}.", caller.handle(), holder.handle, group.name)
        };
        // Before, so that an owner who is removed is told as one.
        self.tell(&mut transaction, caller, &group, &holder, &what).await?;
        group.remove(&mut transaction, holder.principal).await?;
        let details = json!({ "of": group.name.to_string(), "principal": holder.principal });
        note(&mut transaction, caller.principal(), Act::RoleEnded, client, details, now).await?;
        let more = json!({ "principal": holder.principal });
        let event = group.append(&mut transaction, group.kind("removed"), caller.principal(), more, now).await?;
        transaction.commit().await?;
        Ok(event)
    }

    /// Tells all owners, and whom it is about.
    async fn tell(
        &self,
        transaction: &mut PgConnection,
        caller: &Caller,
        group: &Group,
        holder: &Holder,
        what: &str,
    ) -> Result<(), PeopleError> {
        let now = self.clock.now();
        tell_owners(self, transaction, group, |to| mails::people_changed(&self.public_url, to, &group.name, what), now)
            .await?;
        if let Some(email) = &holder.email
            && holder.role != Role::Owner
            && holder.principal != caller.principal()
        {
            let message = mails::your_role_changed(&self.public_url, email, &group.name, what);
            mail::send(transaction, &self.mail, Some(holder.principal), &message, now).await?;
        }
        Ok(())
    }
}
