use model::{Email, Handle, Role};
use serde_json::json;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use super::{Group, GroupName, PeopleError, mails, mails::with_article, tell_owners};
use crate::{
    EventId, Registry, RegistryError,
    accounts::{AccountRef, Act, Caller, ClientInfo, note},
    mail,
};

/// How long an invitation is good.
const LIFETIME: Duration = Duration::days(14);
/// Invitations of a group that wait to be answered.
const MOST: i64 = 20;

/// Who is invited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invitee {
    /// An account, or an organisation of the caller's, which needs not be asked.
    Handle(Handle),
    /// Whoever has this address.
    Email(Email),
}

/// An invitation as somebody sends it.
#[derive(Clone, Debug)]
pub struct NewInvitation {
    /// To what.
    pub to: GroupName,
    /// Whom.
    pub invitee: Invitee,
    /// To be what.
    pub role: Role,
    /// Whether the caller leaves when it is accepted.
    pub transfers: bool,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invited {
    /// They were asked; the id of the invitation.
    Asked(i64),
    /// An organisation of the caller's has the role now.
    Added(EventId),
}

/// A known account or organisation.
struct Known {
    principal: i64,
    handle: Handle,
    kind: String,
    /// None of an organisation.
    email: Option<Email>,
}

async fn find(connection: &mut PgConnection, handle: &Handle) -> Result<Known, PeopleError> {
    let folded = handle.folded();
    sqlx::query_as!(
        Known,
        r#"select
            p.principal_id as principal,
            p.handle as "handle: Handle",
            p.kind,
            a.email as "email?: Email"
        from principals as p
        left join accounts as a using (principal_id)
        left join organisations as o using (principal_id)
        where p.handle_folded = $1
            and (a.principal_id is not null or o.principal_id is not null)"#,
        folded.as_str(),
    )
    .fetch_optional(connection)
    .await?
    .ok_or_else(|| PeopleError::Unknown(handle.clone()))
}

impl Registry {
    /// Asks somebody to look after a package or to belong to an organisation. All owners are told.
    pub async fn invite(
        &self,
        caller: &Caller,
        new: &NewInvitation,
        client: &ClientInfo,
    ) -> Result<Invited, PeopleError> {
        if !new.to.knows(new.role) {
            return Err(PeopleError::Role(new.role));
        }
        self.limits.invitation_by_account.count(&caller.principal().to_string())?;
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        let group = Group::hold_as_owner(self, &mut transaction, caller, &new.to).await?;
        let is_verified = sqlx::query_scalar!(
            r#"select email_verified_at is not null as "is_verified!" from accounts where principal_id = $1"#,
            caller.principal()
        )
        .fetch_one(&mut *transaction)
        .await?;
        if !is_verified {
            return Err(PeopleError::Unverified);
        }
        let known = match &new.invitee {
            Invitee::Handle(handle) => Some(find(&mut transaction, handle).await?),
            Invitee::Email(_) => None,
        };
        // Whoever owns it through an organisation has nothing of their own to leave.
        if new.transfers && group.role_of(&mut transaction, caller.principal()).await?.is_none() {
            return Err(PeopleError::NothingToLeave);
        }
        if let Some(known) = &known {
            if known.kind == "organisation" {
                let event = self.add_organisation(&mut transaction, caller, &group, known, new, now).await?;
                transaction.commit().await?;
                return Ok(Invited::Added(event));
            }
            if known.principal == caller.principal() {
                return Err(PeopleError::Yourself);
            }
            let role = group.role_of(&mut transaction, known.principal).await?;
            if role == Some(new.role) || role == Some(Role::Owner) {
                return Err(PeopleError::HasRole(known.handle.clone()));
            }
        }
        let (email, words) = match (&known, &new.invitee) {
            (Some(Known { email: Some(email), handle, .. }), _) => (email.clone(), handle.to_string()),
            (_, Invitee::Email(email)) => {
                let own = sqlx::query_scalar!(
                    r#"select lower(email) = lower($2) as "own!" from accounts where principal_id = $1"#,
                    caller.principal(),
                    email as _,
                )
                .fetch_one(&mut *transaction)
                .await?;
                if own {
                    return Err(PeopleError::Yourself);
                }
                (email.clone(), email.to_string())
            }
            (_, Invitee::Handle(handle)) => return Err(PeopleError::Unknown(handle.clone())),
        };
        let id = self.put_down(&mut transaction, caller, &group, known.as_ref(), &email, new, now).await?;
        let id = id.ok_or_else(|| PeopleError::Invited(words.clone()))?;
        let message =
            mails::invitation(&self.public_url, &email, caller.handle(), &group.name, new.role, known.is_some());
        let principal = known.as_ref().map(|known| known.principal);
        mail::send(&mut transaction, &self.mail, principal, &message, now).await?;
        let what =
            format!("{} has invited {words} to be {} of {}.", caller.handle(), with_article(new.role), group.name);
        tell_owners(
            self,
            &mut transaction,
            &group,
            |to| mails::people_changed(&self.public_url, to, &group.name, &what),
            now,
        )
        .await?;
        let details = json!({ "to": group.name.to_string(), "role": new.role, "invitation": id });
        note(&mut transaction, caller.principal(), Act::InvitationSent, client, details, now).await?;
        transaction.commit().await?;
        Ok(Invited::Asked(id))
    }

    /// None where there is such an invitation already.
    #[expect(clippy::too_many_arguments, reason = "one row, of which each part is known by now")]
    async fn put_down(
        &self,
        transaction: &mut PgConnection,
        caller: &Caller,
        group: &Group,
        known: Option<&Known>,
        email: &Email,
        new: &NewInvitation,
        now: OffsetDateTime,
    ) -> Result<Option<i64>, PeopleError> {
        sqlx::query!("delete from invitations where expires_at <= $1", now).execute(&mut *transaction).await?;
        let waiting = sqlx::query_scalar!(
            r#"select count(*) as "count!"
            from invitations
            where package_id is not distinct from $1
                and organisation_id is not distinct from $2"#,
            group.package(),
            group.organisation(),
        )
        .fetch_one(&mut *transaction)
        .await?;
        if waiting >= MOST {
            return Err(PeopleError::TooMany);
        }
        let id = sqlx::query_scalar!(
            "insert into invitations
                (package_id, organisation_id, role, transfers, invitee_id, email, invited_by, created_at, expires_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            on conflict do nothing
            returning invitation_id",
            group.package(),
            group.organisation(),
            new.role as _,
            new.transfers,
            known.map(|known| known.principal),
            known.is_none().then_some(email.as_str()),
            caller.principal(),
            now,
            now + LIFETIME,
        )
        .fetch_optional(transaction)
        .await?;
        Ok(id)
    }

    /// Gives a role of a package to an organisation that the caller owns.
    async fn add_organisation(
        &self,
        transaction: &mut PgConnection,
        caller: &Caller,
        group: &Group,
        known: &Known,
        new: &NewInvitation,
        now: OffsetDateTime,
    ) -> Result<EventId, PeopleError> {
        if group.package().is_none() {
            return Err(PeopleError::Nested);
        }
        let name = GroupName::Organisation(known.handle.clone());
        let (organisation, role) = Group::hold(transaction, caller.principal(), &name).await?;
        if role != Some(Role::Owner) || !caller.may_everywhere(model::TokenAction::Owners) {
            return Err(PeopleError::NotYourOrganisation(known.handle.clone()));
        }
        if group.role_of(transaction, organisation.id).await? == Some(new.role) {
            return Err(PeopleError::HasRole(known.handle.clone()));
        }
        group.set_role(transaction, organisation.id, new.role, now).await?;
        let what = format!(
            "{} has made the organisation {} {} of {}{}.",
            caller.handle(),
            known.handle,
            with_article(new.role),
            group.name,
            if new.transfers { " and left it" } else { "" },
        );
        let leaves = new.transfers && new.role == Role::Owner;
        // Before anybody leaves, so that they are told too.
        tell_owners(
            self,
            transaction,
            group,
            |to| mails::people_changed(&self.public_url, to, &group.name, &what),
            now,
        )
        .await?;
        let had_role = group.role_of(transaction, caller.principal()).await?.is_some();
        if leaves && had_role {
            group.remove(transaction, caller.principal()).await?;
        }
        let more = json!({ "principal": organisation.id, "role": new.role });
        let event = group.append(transaction, group.kind("added"), caller.principal(), more, now).await?;
        if leaves && had_role {
            let more = json!({ "principal": caller.principal() });
            return Ok(group.append(transaction, group.kind("removed"), caller.principal(), more, now).await?);
        }
        Ok(event)
    }

    /// Takes an invitation back that was not answered yet; not found where it is of another group.
    pub async fn withdraw_invitation(
        &self,
        caller: &Caller,
        name: &GroupName,
        id: i64,
        client: &ClientInfo,
    ) -> Result<(), PeopleError> {
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        let group = Group::hold_as_owner(self, &mut transaction, caller, name).await?;
        let withdrawn = sqlx::query_scalar!(
            r#"delete from invitations as i
            where invitation_id = $1
                and package_id is not distinct from $2
                and organisation_id is not distinct from $3
            returning coalesce(
                i.email,
                (select p.handle from principals as p where p.principal_id = i.invitee_id)
            ) as "words!""#,
            id,
            group.package(),
            group.organisation(),
        )
        .fetch_optional(&mut *transaction)
        .await?
        .ok_or(RegistryError::NotFound)?;
        let what = format!("{} has withdrawn the invitation of {withdrawn} to {}.", caller.handle(), group.name);
        tell_owners(
            self,
            &mut transaction,
            &group,
            |to| mails::people_changed(&self.public_url, to, &group.name, &what),
            now,
        )
        .await?;
        let details = json!({ "to": group.name.to_string(), "invitation": id });
        note(&mut transaction, caller.principal(), Act::InvitationWithdrawn, client, details, now).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Accepts an invitation of the account; not found where it was withdrawn, answered, is over, or is somebody else's.
    pub async fn accept_invitation(
        &self,
        account: AccountRef,
        id: i64,
        client: &ClientInfo,
    ) -> Result<(GroupName, EventId), PeopleError> {
        let now = self.clock.now();
        let principal = account.principal();
        let mut transaction = self.pool.begin().await?;
        let name = subject(&mut transaction, id).await?;
        // The group first, as everybody locks who changes its people; then whoever comes second finds no invitation.
        let group = hold_unseen(&mut transaction, &name).await?;
        let answered = take(&mut transaction, principal, id, now).await?.ok_or(RegistryError::NotFound)?;
        if group.is_quarantined {
            return Err(PeopleError::Quarantined(group.name));
        }
        if !answered.is_verified {
            return Err(PeopleError::Unverified);
        }
        if !group.owners(&mut transaction).await?.iter().any(|(owner, _)| *owner == answered.invited_by) {
            return Err(PeopleError::InviterGone);
        }
        group.set_role(&mut transaction, principal, answered.role, now).await?;
        let leaves = answered.transfers
            && answered.role == Role::Owner
            && group.role_of(&mut transaction, answered.invited_by).await?.is_some();
        let what = format!(
            "{} is {} of {} now, as {} has asked{}.",
            answered.handle,
            with_article(answered.role),
            group.name,
            answered.inviter,
            if leaves { ", who has left it with that" } else { "" },
        );
        tell_owners(
            self,
            &mut transaction,
            &group,
            |to| mails::people_changed(&self.public_url, to, &group.name, &what),
            now,
        )
        .await?;
        if leaves {
            group.remove(&mut transaction, answered.invited_by).await?;
        }
        let details = json!({ "to": group.name.to_string(), "role": answered.role });
        note(&mut transaction, principal, Act::InvitationAccepted, client, details, now).await?;
        let more = json!({ "principal": principal, "role": answered.role });
        let mut event = group.append(&mut transaction, group.kind("added"), principal, more, now).await?;
        if leaves {
            let more = json!({ "principal": answered.invited_by });
            event = group.append(&mut transaction, group.kind("removed"), answered.invited_by, more, now).await?;
        }
        transaction.commit().await?;
        Ok((group.name, event))
    }

    /// Declines an invitation of the account, likewise; whoever has sent it is told.
    pub async fn decline_invitation(
        &self,
        account: AccountRef,
        id: i64,
        client: &ClientInfo,
    ) -> Result<GroupName, PeopleError> {
        let now = self.clock.now();
        let principal = account.principal();
        let mut transaction = self.pool.begin().await?;
        let name = subject(&mut transaction, id).await?;
        let group = hold_unseen(&mut transaction, &name).await?;
        let answered = take(&mut transaction, principal, id, now).await?.ok_or(RegistryError::NotFound)?;
        let inviter = sqlx::query_scalar!(
            r#"select email as "email: Email" from accounts where principal_id = $1"#,
            answered.invited_by
        )
        .fetch_one(&mut *transaction)
        .await?;
        let message = mails::declined(&self.public_url, &inviter, &group.name, answered.handle.as_str());
        mail::send(&mut transaction, &self.mail, Some(answered.invited_by), &message, now).await?;
        let details = json!({ "to": group.name.to_string() });
        note(&mut transaction, principal, Act::InvitationDeclined, client, details, now).await?;
        transaction.commit().await?;
        Ok(group.name)
    }
}

/// To what an invitation is.
enum Subject {
    Package(i64),
    Organisation(i64),
}

async fn subject(connection: &mut PgConnection, id: i64) -> Result<Subject, RegistryError> {
    let row = sqlx::query!("select package_id, organisation_id from invitations where invitation_id = $1", id)
        .fetch_one(connection)
        .await?;
    match (row.package_id, row.organisation_id) {
        (Some(package), _) => Ok(Subject::Package(package)),
        (None, Some(organisation)) => Ok(Subject::Organisation(organisation)),
        (None, None) => Err(RegistryError::NotFound),
    }
}

/// Locks the group of an invitation, for somebody who may not see it yet.
async fn hold_unseen(transaction: &mut PgConnection, subject: &Subject) -> Result<Group, RegistryError> {
    let group = match subject {
        Subject::Package(package) => {
            let row = sqlx::query!(
                r#"select name as "name: model::PackageName", full_name, quarantined_at is not null as "is_quarantined!"
                from packages
                where package_id = $1
                for update"#,
                package
            )
            .fetch_one(transaction)
            .await?;
            Group { is_quarantined: row.is_quarantined, ..Group::of_package(*package, row.name, &row.full_name) }
        }
        Subject::Organisation(organisation) => {
            let handle = sqlx::query_scalar!(
                r#"select p.handle as "handle: Handle"
                from organisations as o
                join principals as p using (principal_id)
                where o.principal_id = $1
                for update of o"#,
                organisation
            )
            .fetch_one(transaction)
            .await?;
            Group::of_organisation(*organisation, handle)
        }
    };
    Ok(group)
}

struct Answered {
    role: Role,
    transfers: bool,
    invited_by: i64,
    inviter: Handle,
    handle: Handle,
    is_verified: bool,
}

/// Takes an invitation that is the account's to answer: sent to it, or to its address where that is known to be its owner's.
async fn take(
    transaction: &mut PgConnection,
    principal: i64,
    id: i64,
    now: OffsetDateTime,
) -> Result<Option<Answered>, RegistryError> {
    let answered = sqlx::query_as!(
        Answered,
        r#"delete from invitations as i
        using accounts as a, principals as p, principals as by
        where i.invitation_id = $1
            and a.principal_id = $2
            and p.principal_id = a.principal_id
            and by.principal_id = i.invited_by
            and i.expires_at > $3
            and a.locked_at is null
            and exists (select from accounts as sender where sender.principal_id = i.invited_by and sender.locked_at is null)
            and (
                i.invitee_id = a.principal_id
                or lower(i.email) = lower(a.email) and a.email_verified_at is not null and a.email_domain_lost_at is null
            )
        returning
            i.role as "role: Role",
            i.transfers,
            i.invited_by,
            by.handle as "inviter: Handle",
            p.handle as "handle: Handle",
            a.email_verified_at is not null as "is_verified!""#,
        id,
        principal,
        now,
    )
    .fetch_optional(&mut *transaction)
    .await?;
    // Held until the transaction ends: who has deleted their account meanwhile answers nothing.
    let account = sqlx::query!("select from accounts where principal_id = $1 for key share", principal)
        .fetch_optional(transaction)
        .await?;
    Ok(answered.filter(|_| account.is_some()))
}
