//! How an account ends: what may be erased is erased, and the log stays as it is.

use model::{Handle, PackageName};
use serde_json::json;
use sqlx::PgConnection;

use super::{ClientInfo, Proved, Visitor, create::retire_handle, mails};
use crate::{
    EventId, Registry, RegistryError,
    events::{self, Event},
    mail,
    people::{self, Unled},
    staff::{has_other_admin, lock_staff},
};

/// What happens where an account is deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeletionImpact {
    /// Packages that nobody owns then.
    pub orphaned: Vec<PackageName>,
    /// Packages that others own too.
    pub left: Vec<PackageName>,
    /// Organisations that end, since nobody else belongs to them.
    pub ended: Vec<Handle>,
    /// Organisations that whoever has belonged to them longest owns then.
    pub handed_on: Vec<Handle>,
    /// Tokens that stop working.
    pub tokens: i64,
    /// Releases that stay, without a name beside them.
    pub releases: i64,
}

/// Why an account was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteError {
    /// What was typed is not its handle.
    #[error("type your handle, {0}, to delete this account")]
    Handle(Handle),
    /// Nobody would administer the registry.
    #[error("somebody has to administer this registry: make somebody else an admin first")]
    LastAdmin,
    /// The database failed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl From<sqlx::Error> for DeleteError {
    fn from(error: sqlx::Error) -> Self {
        Self::Registry(error.into())
    }
}

struct Owned {
    package_id: i64,
    name: PackageName,
    full_name: String,
    is_orphaned: bool,
}

/// The packages of an account and of the organisations that end with it; `is_orphaned` says whether nobody owns one of them then.
async fn owned(connection: &mut PgConnection, leaving: &[i64]) -> Result<Vec<Owned>, RegistryError> {
    let owned = sqlx::query_as!(
        Owned,
        r#"select distinct on (p.name_folded, p.package_id)
            p.package_id,
            p.name as "name: PackageName",
            p.full_name,
            not p.is_orphaned and not exists (
                select from package_owners as other
                where other.package_id = p.package_id
                    and other.role = 'owner'
                    and other.principal_id <> all($1)
            ) as "is_orphaned!"
        from package_owners as o
        join packages as p using (package_id)
        where o.principal_id = any($1)
        order by p.name_folded, p.package_id"#,
        leaving,
    )
    .fetch_all(connection)
    .await?;
    Ok(owned)
}

impl Registry {
    /// What happens where the visitor deletes their account.
    pub async fn deletion_impact(&self, visitor: &Visitor) -> Result<DeletionImpact, RegistryError> {
        let mut connection = self.pool.acquire().await?;
        let (handed_on, ended): (Vec<Unled>, Vec<Unled>) = people::unled(&mut connection, visitor.principal)
            .await?
            .into_iter()
            .partition(|organisation| organisation.heir.is_some());
        let leaving = leaving(visitor.principal, &ended);
        let (orphaned, left): (Vec<Owned>, Vec<Owned>) =
            owned(&mut connection, &leaving).await?.into_iter().partition(|package| package.is_orphaned);
        let counts = sqlx::query!(
            r#"select
                (
                    select count(*)
                    from tokens
                    where principal_id = $1
                        and revoked_at is null
                        and (expires_at is null or expires_at > $2)
                ) as "tokens!",
                (select count(*) from releases where published_by = $1 and state <> 'deleted') as "releases!""#,
            visitor.principal,
            self.clock.now(),
        )
        .fetch_one(&mut *connection)
        .await?;
        let names = |packages: Vec<Owned>| packages.into_iter().map(|package| package.name).collect();
        Ok(DeletionImpact {
            orphaned: names(orphaned),
            left: names(left),
            ended: ended.into_iter().map(|organisation| organisation.handle).collect(),
            handed_on: handed_on.into_iter().map(|organisation| organisation.handle).collect(),
            tokens: counts.tokens,
            releases: counts.releases,
        })
    }

    /// Deletes the account: address, profile, passwords and everything else that is known of its owner. Its releases stay, and
    /// its handle is nobody's any more. Returns the event that tells of it.
    pub async fn delete_account(
        &self,
        proved: &Proved,
        typed: &str,
        client: &ClientInfo,
    ) -> Result<EventId, DeleteError> {
        if typed.trim() != proved.handle().as_str() {
            return Err(DeleteError::Handle(proved.handle().clone()));
        }
        let (principal, now) = (proved.principal(), self.clock.now());
        let mut transaction = self.pool.begin().await?;
        // Before anything is held, as everybody does who changes the staff.
        if is_last_admin(&mut transaction, principal).await? {
            return Err(DeleteError::LastAdmin);
        }
        hold_what_is_theirs(&mut transaction, principal).await?;
        let account = sqlx::query!("select from accounts where principal_id = $1 for update", principal)
            .fetch_optional(&mut *transaction)
            .await?;
        account.ok_or(RegistryError::NotFound)?;
        let unled = people::unled(&mut transaction, principal).await?;
        let ended: Vec<Unled> = unled.iter().filter(|organisation| organisation.heir.is_none()).cloned().collect();
        let leaving = leaving(principal, &ended);
        let packages = owned(&mut transaction, &leaving).await?;
        let orphaned: Vec<i64> =
            packages.iter().filter(|package| package.is_orphaned).map(|package| package.package_id).collect();
        sqlx::query!("delete from package_owners where principal_id = any($1)", &leaving)
            .execute(&mut *transaction)
            .await?;
        for organisation in &unled {
            people::hand_on(&mut transaction, organisation, now).await?;
        }
        // What only an owner may allow is not allowed any more where there is none.
        sqlx::query!(
            "delete from trusted_publishers
            where package_id = any($2)
                or package_id is null and created_by = $1",
            principal,
            &orphaned,
        )
        .execute(&mut *transaction)
        .await?;
        sqlx::query!(
            "update packages
            set is_orphaned = true, trusted_publishers_only = false, updated_at = $2
            where package_id = any($1)",
            &orphaned,
            now,
        )
        .execute(&mut *transaction)
        .await?;
        erase(&mut transaction, principal).await?;
        retire_handle(&mut transaction, principal, now).await?;
        // To nobody's account: there is none any more.
        let message = mails::account_deleted(&self.public_url, proved.email(), proved.handle());
        mail::send(&mut transaction, &self.mail, None, &message, now).await?;
        tracing::info!(principal, client = %client.address, "an account was deleted by its owner");
        for package in packages.iter().filter(|package| package.is_orphaned) {
            events::append(
                &mut transaction,
                Event {
                    kind: "package.orphaned",
                    actor: principal,
                    subject: &format!("package:{}", package.full_name),
                    payload: json!({ "package": package.package_id, "name": package.name }),
                    happened_at: now,
                },
            )
            .await?;
        }
        for organisation in &unled {
            let (kind, more) = match organisation.heir {
                Some(heir) => {
                    ("member.changed", json!({ "organisation": organisation.id, "principal": heir, "role": "owner" }))
                }
                None => ("organisation.deleted", json!({ "organisation": organisation.id })),
            };
            let subject = format!("principal:{}", organisation.id);
            let event = Event { kind, actor: principal, subject: &subject, payload: more, happened_at: now };
            events::append(&mut transaction, event).await?;
        }
        let subject = format!("principal:{principal}");
        let payload = json!({ "principal": principal });
        let event = events::append(
            &mut transaction,
            Event { kind: "account.deleted", actor: principal, subject: &subject, payload, happened_at: now },
        )
        .await?;
        transaction.commit().await?;
        Ok(event)
    }
}

/// Holds the cases in which they claim something, as whoever decides does, and then what they own: others may leave at the same time.
async fn hold_what_is_theirs(transaction: &mut PgConnection, principal: i64) -> Result<(), RegistryError> {
    sqlx::query!(
        "select
        from cases
        where case_id in (select case_id from reports where reporter_id = $1 and kind = 'claim')
        order by case_id
        for update",
        principal,
    )
    .execute(&mut *transaction)
    .await?;
    sqlx::query!(
        "select
        from packages
        where package_id in (
            select package_id
            from package_owners
            where principal_id = $1
                or principal_id in (select organisation_id from organisation_members where member_id = $1 and role = 'owner')
        )
        order by package_id
        for no key update",
        principal,
    )
    .execute(transaction)
    .await?;
    Ok(())
}

/// Whether nobody else administers the registry; nobody becomes or ceases to be an admin until the transaction ends.
async fn is_last_admin(transaction: &mut PgConnection, principal: i64) -> Result<bool, RegistryError> {
    lock_staff(transaction).await?;
    let is_admin = sqlx::query_scalar!(
        r#"select exists (select from accounts where principal_id = $1 and staff_role = 'admin') as "is_admin!""#,
        principal,
    )
    .fetch_one(&mut *transaction)
    .await?;
    Ok(is_admin && !has_other_admin(transaction, principal).await?)
}

/// Everybody who leaves with an account: itself, and the organisations that end with it.
fn leaving(principal: i64, ended: &[Unled]) -> Vec<i64> {
    std::iter::once(principal).chain(ended.iter().map(|organisation| organisation.id)).collect()
}

/// Removes what is known of the owner of an account.
async fn erase(transaction: &mut PgConnection, principal: i64) -> Result<(), RegistryError> {
    sqlx::query!("delete from tokens where principal_id = $1", principal).execute(&mut *transaction).await?;
    sqlx::query!("delete from idempotency_keys where principal_id = $1", principal).execute(&mut *transaction).await?;
    sqlx::query!("delete from refusals where principal_id = $1", principal).execute(&mut *transaction).await?;
    sqlx::query!(
        "delete from mails
        where principal_id = $1
            or lower(recipient) = (select lower(email) from accounts where principal_id = $1)",
        principal,
    )
    .execute(&mut *transaction)
    .await?;
    sqlx::query!(
        "delete from registrations where lower(email) = (select lower(email) from accounts where principal_id = $1)",
        principal
    )
    .execute(&mut *transaction)
    .await?;
    // What staff has said of them, of which the chain has a salted hash only.
    sqlx::query!(
        "delete from event_details
        where event_id in (select event_id from events where subject = 'principal:' || $1::bigint::text)",
        principal
    )
    .execute(&mut *transaction)
    .await?;
    // What they gave as their address, and what staff has noted of them.
    sqlx::query!(
        "update reports
        set reporter_email = null
        where lower(reporter_email) = (select lower(email) from accounts where principal_id = $1)",
        principal
    )
    .execute(&mut *transaction)
    .await?;
    // A claim says who they are. A case in which nobody else has said anything is none.
    let cases = sqlx::query_scalar!(
        "delete from reports where reporter_id = $1 and kind = 'claim' returning case_id",
        principal
    )
    .fetch_all(&mut *transaction)
    .await?;
    sqlx::query!(
        "delete from cases as c
        where case_id = any($1)
            and closed_at is null
            and not exists (select from reports as r where r.case_id = c.case_id)",
        &cases,
    )
    .execute(&mut *transaction)
    .await?;
    sqlx::query!("delete from reading_tickets where principal_id = $1", principal).execute(&mut *transaction).await?;
    sqlx::query!(
        "delete from invitations where lower(email) = (select lower(email) from accounts where principal_id = $1)",
        principal
    )
    .execute(&mut *transaction)
    .await?;
    sqlx::query!(
        "update audit set details = details - 'reason' where details ->> 'subject' = 'principal:' || $1::bigint::text",
        principal
    )
    .execute(&mut *transaction)
    .await?;
    // What was said of them, and decided.
    sqlx::query!("delete from reports where case_id in (select case_id from cases where principal_id = $1)", principal)
        .execute(&mut *transaction)
        .await?;
    sqlx::query!("delete from cases where principal_id = $1", principal).execute(&mut *transaction).await?;
    sqlx::query!("delete from unconfirmed_reports where principal_id = $1", principal)
        .execute(&mut *transaction)
        .await?;
    sqlx::query!("delete from audit where principal_id = $1", principal).execute(&mut *transaction).await?;
    sqlx::query!("delete from organisation_members where member_id = $1", principal).execute(&mut *transaction).await?;
    // Sessions, links, passkeys and the like go with it.
    sqlx::query!("delete from accounts where principal_id = $1", principal).execute(&mut *transaction).await?;
    Ok(())
}
