//! What moderators decide.

use model::{Email, Handle, PackageName, StaffRole, Verdict, Version};
use serde_json::json;
use sqlx::PgConnection;

use super::{mails, quarantine};
use crate::{
    EventId, Registry, RegistryError,
    accounts::ClientInfo,
    mail,
    people::{Group, tell_owners},
    publish::lock_name,
    staff::{Reason, Staff, StaffError, StaffEvent, lock_staff},
};

/// A verdict as somebody gives it.
#[derive(Clone, Debug)]
pub struct Decision {
    /// What.
    pub verdict: Verdict,
    /// Of which release; none for all of it.
    pub release: Option<Version>,
    /// Why: both sides read it.
    pub reason: Reason,
}

impl Registry {
    /// The open case of a package, which begins here where there is none: for staff that has seen something themselves.
    pub async fn case_of_package(&self, staff: &Staff, name: &PackageName, reason: &Reason) -> Result<i64, StaffError> {
        let now = self.clock.now();
        let folded = name.folded();
        let mut transaction = self.pool.begin().await?;
        staff.check(&mut transaction, StaffRole::Moderator).await?;
        let package = sqlx::query_scalar!(
            "select package_id from packages where name_folded = $1 order by is_default desc, package_id limit 1",
            folded.as_str()
        )
        .fetch_optional(&mut *transaction)
        .await?
        .ok_or_else(|| StaffError::NoPackage(name.clone()))?;
        let target = super::report::Target { package: Some(package), ..Default::default() };
        let reporter = super::report::Reporter::Account(staff.principal());
        match self.file(&mut transaction, target, model::ReportKind::Other, reason.as_str(), reporter, now).await {
            Ok(()) | Err(super::ReportError::Again) => {}
            Err(super::ReportError::Registry(error)) => return Err(error.into()),
            Err(_) => return Err(StaffError::Verdict),
        }
        let case =
            sqlx::query_scalar!("select case_id from cases where package_id = $1 and closed_at is null", package)
                .fetch_one(&mut *transaction)
                .await?;
        transaction.commit().await?;
        Ok(case)
    }

    /// Decides a case. Whoever comes second is told that it was decided; nobody decides about their own. Both sides are told.
    pub async fn decide(
        &self,
        staff: &Staff,
        case: i64,
        decision: &Decision,
        client: &ClientInfo,
    ) -> Result<EventId, StaffError> {
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        // Publishing takes the name first, and then the rest.
        let name = sqlx::query_scalar!(
            r#"select p.name as "name: PackageName" from cases as c join packages as p using (package_id) where c.case_id = $1"#,
            case
        )
        .fetch_optional(&mut *transaction)
        .await?;
        if let Some(name) = &name {
            lock_name(&mut transaction, name).await?;
        }
        if matches!(decision.verdict, Verdict::Locked | Verdict::Unlocked) {
            // Before any account is held, as everybody does who changes the staff.
            lock_staff(&mut transaction).await?;
        }
        let held = sqlx::query!(
            r#"select
                c.package_id,
                c.principal_id,
                c.closed_at is null as "is_open!",
                p.handle as "handle?: Handle",
                p.kind as "kind?"
            from cases as c
            left join principals as p on p.principal_id = c.principal_id
            where c.case_id = $1
            for update of c"#,
            case,
        )
        .fetch_optional(&mut *transaction)
        .await?
        .ok_or(RegistryError::NotFound)?;
        staff.check(&mut transaction, StaffRole::Moderator).await?;
        if !held.is_open {
            return Err(StaffError::Decided);
        }
        self.check_interest(&mut transaction, staff, held.package_id, held.principal_id).await?;
        self.tell_reporters(&mut transaction, case, decision).await?;
        let close = Close { case, verdict: decision.verdict, reason: &decision.reason };
        let event = match (held.package_id, held.handle) {
            (Some(package), _) => {
                self.close(&mut transaction, staff, &close).await?;
                self.decide_package(&mut transaction, staff, case, package, decision, client).await?
            }
            (None, Some(handle)) => {
                self.close(&mut transaction, staff, &close).await?;
                let is_account = held.kind.as_deref() == Some("account");
                let (principal, reason) = (held.principal_id.unwrap_or_default(), &decision.reason);
                match decision.verdict {
                    Verdict::Dismissed => {
                        let subject = format!("principal:{principal}");
                        let payload = json!({ "principal": principal, "case": case });
                        let event = StaffEvent {
                            kind: "case.dismissed",
                            subject: &subject,
                            payload,
                            reason,
                            is_public_reason: false,
                        };
                        staff.act(&mut transaction, event, client, now).await?
                    }
                    Verdict::Locked if is_account => {
                        self.lock_in(&mut transaction, staff, &handle, reason, client).await?
                    }
                    Verdict::Unlocked if is_account => {
                        self.unlock_in(&mut transaction, staff, &handle, reason, client).await?
                    }
                    _ => return Err(StaffError::Verdict),
                }
            }
            (None, None) => return Err(RegistryError::NotFound.into()),
        };
        transaction.commit().await?;
        Ok(event)
    }

    /// Nobody decides about themselves or what they look after.
    pub(crate) async fn check_interest(
        &self,
        transaction: &mut PgConnection,
        staff: &Staff,
        package: Option<i64>,
        principal: Option<i64>,
    ) -> Result<(), StaffError> {
        let is_own = sqlx::query_scalar!(
            r#"select
                $3::bigint is not distinct from $1::bigint
                or exists (select from package_rights where package_id = $2 and principal_id = $1)
                or exists (select from organisation_members where organisation_id = $3 and member_id = $1) as "is_own!""#,
            staff.principal(),
            package,
            principal,
        )
        .fetch_one(transaction)
        .await?;
        if is_own { Err(StaffError::OwnInterest) } else { Ok(()) }
    }

    async fn close(
        &self,
        transaction: &mut PgConnection,
        staff: &Staff,
        close: &Close<'_>,
    ) -> Result<(), RegistryError> {
        sqlx::query!(
            "update cases
            set closed_at = $2, verdict = $3, verdict_reason = $4, decided_by = $5
            where case_id = $1",
            close.case,
            self.clock.now(),
            close.verdict as _,
            close.reason.as_str(),
            staff.principal(),
        )
        .execute(transaction)
        .await?;
        Ok(())
    }

    async fn decide_package(
        &self,
        transaction: &mut PgConnection,
        staff: &Staff,
        case: i64,
        package: i64,
        decision: &Decision,
        client: &ClientInfo,
    ) -> Result<EventId, StaffError> {
        let now = self.clock.now();
        let row = sqlx::query!(
            r#"select name as "name: PackageName", full_name from packages where package_id = $1 for update"#,
            package
        )
        .fetch_one(&mut *transaction)
        .await?;
        let group = Group::of_package(package, row.name.clone(), &row.full_name);
        if decision.verdict == Verdict::Granted {
            return self.grant(transaction, staff, case, &group, decision, client).await;
        }
        if decision.verdict == Verdict::Dismissed {
            self.tell_claimants(transaction, case, &row.name, decision).await?;
        }
        let release = match &decision.release {
            Some(version) => Some(release_of(transaction, package, version).await?),
            None => None,
        };
        let (kind, changed) = match (decision.verdict, release) {
            (Verdict::Dismissed, _) => ("case.dismissed", true),
            (Verdict::Quarantined, None) => {
                ("package.quarantined", quarantine::hold_package(transaction, package, &decision.reason, now).await?)
            }
            (Verdict::Quarantined, Some(release)) => {
                ("release.quarantined", quarantine::hold_release(transaction, release, &decision.reason, now).await?)
            }
            (Verdict::Released, None) => {
                ("package.released", quarantine::release_package(transaction, package, now).await?)
            }
            (Verdict::Released, Some(release)) => {
                ("release.released", quarantine::release_release(transaction, release).await?)
            }
            (Verdict::Locked | Verdict::Unlocked | Verdict::Granted, _) => return Err(StaffError::Verdict),
        };
        if !changed {
            return Err(StaffError::Unchanged);
        }
        let told = |to: &Email| mails::decided_for_owner(&self.public_url, to, &row.name, decision);
        tell_owners(self, transaction, &group, told, now).await?;
        let payload = json!({ "package": package, "name": row.name, "version": decision.release });
        let event =
            StaffEvent { kind, subject: &group.subject, payload, reason: &decision.reason, is_public_reason: true };
        Ok(staff.act(transaction, event, client, now).await?)
    }

    /// Whoever has claimed a package in vain learns why.
    async fn tell_claimants(
        &self,
        transaction: &mut PgConnection,
        case: i64,
        name: &PackageName,
        decision: &Decision,
    ) -> Result<(), RegistryError> {
        let claimants = sqlx::query!(
            r#"select a.principal_id, a.email as "email: Email"
            from reports as r
            join accounts as a on a.principal_id = r.reporter_id
            where r.case_id = $1
                and r.kind = 'claim'"#,
            case,
        )
        .fetch_all(&mut *transaction)
        .await?;
        for claimant in claimants {
            let message = mails::claim_decided(&self.public_url, &claimant.email, name.as_str(), decision);
            mail::send(transaction, &self.mail, Some(claimant.principal_id), &message, self.clock.now()).await?;
        }
        Ok(())
    }

    async fn tell_reporters(
        &self,
        transaction: &mut PgConnection,
        case: i64,
        decision: &Decision,
    ) -> Result<(), RegistryError> {
        // Owners who have appealed are told as owners.
        let reporters = sqlx::query!(
            r#"select distinct
                r.reporter_id,
                coalesce(a.email, r.reporter_email) as "email!: Email",
                coalesce(p.name, o.handle) as "subject!"
            from reports as r
            join cases as c using (case_id)
            left join accounts as a on a.principal_id = r.reporter_id
            left join packages as p on p.package_id = c.package_id
            left join principals as o on o.principal_id = c.principal_id
            where r.case_id = $1
                and r.kind not in ('appeal', 'claim')
                and (a.email is not null or r.reporter_email is not null)"#,
            case,
        )
        .fetch_all(&mut *transaction)
        .await?;
        for reporter in reporters {
            let message = mails::decided_for_reporter(&self.public_url, &reporter.email, &reporter.subject, decision);
            mail::send(transaction, &self.mail, reporter.reporter_id, &message, self.clock.now()).await?;
        }
        Ok(())
    }
}

struct Close<'a> {
    case: i64,
    verdict: Verdict,
    reason: &'a Reason,
}

async fn release_of(transaction: &mut PgConnection, package: i64, version: &Version) -> Result<i64, RegistryError> {
    let release = sqlx::query_scalar!(
        "select release_id
        from releases
        where package_id = $1
            and version = $2
            and state <> 'deleted'",
        package,
        version as _,
    )
    .fetch_one(transaction)
    .await?;
    Ok(release)
}
