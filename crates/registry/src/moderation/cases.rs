//! What moderators look at.

use model::{Handle, PackageName, ReportKind, Verdict, Version};
use time::OffsetDateTime;

use crate::{Registry, RegistryError, staff::StaffReader};

/// Cases of the queue that are shown.
const MOST: i64 = 100;
/// Verdicts of the past that are shown beside a case.
const PAST: i64 = 20;

/// What a case is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaseSubject {
    /// A package.
    Package(PackageName),
    /// An account.
    Account(Handle),
    /// An organisation.
    Organisation(Handle),
}

/// A case in the queue.
#[derive(Clone, Debug)]
pub struct CaseSummary {
    /// Its id.
    pub id: i64,
    /// What it is about.
    pub subject: CaseSubject,
    /// What is said to be wrong, without repetitions.
    pub kinds: Vec<ReportKind>,
    /// How many have said so.
    pub reports: i64,
    /// Since when it waits.
    pub opened_at: OffsetDateTime,
}

/// A report of a case.
#[derive(Clone, Debug)]
pub struct CaseReport {
    /// What is wrong.
    pub kind: ReportKind,
    /// In words.
    pub text: String,
    /// The release that it is about; none for all of it.
    pub version: Option<Version>,
    /// Who says so: a handle or an address; none for the registry itself, or an account that is no more.
    pub reporter: Option<String>,
    /// When.
    pub created_at: OffsetDateTime,
}

/// What was decided before.
#[derive(Clone, Debug)]
pub struct PastVerdict {
    /// The case.
    pub case: i64,
    /// What.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// By whom.
    pub decided_by: Handle,
    /// When.
    pub closed_at: OffsetDateTime,
}

/// A case with all that is said.
#[derive(Clone, Debug)]
pub struct CaseDetails {
    /// Its id.
    pub id: i64,
    /// What it is about.
    pub subject: CaseSubject,
    /// Since when it waits.
    pub opened_at: OffsetDateTime,
    /// What was decided; none while it is open.
    pub verdict: Option<PastVerdict>,
    /// What is said, the oldest first.
    pub reports: Vec<CaseReport>,
    /// Whether all of the package is held back, or the account locked.
    pub is_held: bool,
    /// Why.
    pub held_reason: Option<String>,
    /// Releases of the package: version, state.
    pub releases: Vec<(Version, model::ReleaseState)>,
    /// Who owns the package, or belongs to the organisation.
    pub owners: Vec<Handle>,
    /// What was decided before about the same.
    pub past: Vec<PastVerdict>,
}

struct SubjectRow {
    package: Option<PackageName>,
    handle: Option<Handle>,
    is_organisation: bool,
}

impl SubjectRow {
    fn into_subject(self) -> Option<CaseSubject> {
        match (self.package, self.handle) {
            (Some(package), _) => Some(CaseSubject::Package(package)),
            (None, Some(handle)) if self.is_organisation => Some(CaseSubject::Organisation(handle)),
            (None, Some(handle)) => Some(CaseSubject::Account(handle)),
            (None, None) => None,
        }
    }
}

impl Registry {
    /// The cases that wait for a verdict: malware first, then the oldest.
    pub async fn moderation_queue(&self, _: StaffReader) -> Result<Vec<CaseSummary>, RegistryError> {
        let rows = sqlx::query!(
            r#"select
                c.case_id,
                p.name as "package?: PackageName",
                o.handle as "handle?: Handle",
                coalesce(o.kind = 'organisation', false) as "is_organisation!",
                array_agg(distinct r.kind) as "kinds!: Vec<ReportKind>",
                count(r.report_id) as "reports!",
                c.opened_at
            from cases as c
            join reports as r using (case_id)
            left join packages as p on p.package_id = c.package_id
            left join principals as o on o.principal_id = c.principal_id
            where c.closed_at is null
            group by c.case_id, p.name, o.handle, o.kind
            order by bool_or(r.kind = 'malware') desc, c.opened_at, c.case_id
            limit $1"#,
            MOST,
        )
        .fetch_all(&self.pool)
        .await?;
        let cases = rows.into_iter().filter_map(|row| {
            let subject = SubjectRow { package: row.package, handle: row.handle, is_organisation: row.is_organisation };
            Some(CaseSummary {
                id: row.case_id,
                subject: subject.into_subject()?,
                kinds: row.kinds,
                reports: row.reports,
                opened_at: row.opened_at,
            })
        });
        Ok(cases.collect())
    }

    /// A case with all that is said.
    pub async fn moderation_case(&self, _: StaffReader, id: i64) -> Result<CaseDetails, RegistryError> {
        let row = sqlx::query!(
            r#"select
                c.package_id,
                c.principal_id,
                c.opened_at,
                p.name as "package?: PackageName",
                o.handle as "handle?: Handle",
                coalesce(o.kind = 'organisation', false) as "is_organisation!",
                coalesce(p.quarantine_reason, a.lock_reason) as held_reason
            from cases as c
            left join packages as p on p.package_id = c.package_id
            left join principals as o on o.principal_id = c.principal_id
            left join accounts as a on a.principal_id = c.principal_id
            where c.case_id = $1"#,
            id,
        )
        .fetch_one(&self.pool)
        .await?;
        let subject = SubjectRow { package: row.package, handle: row.handle, is_organisation: row.is_organisation };
        let subject = subject.into_subject().ok_or(RegistryError::NotFound)?;
        let reports = sqlx::query_as!(
            CaseReport,
            r#"select
                r.kind as "kind: ReportKind",
                r.text,
                v.version as "version?: Version",
                coalesce(p.handle, r.reporter_email) as reporter,
                r.created_at
            from reports as r
            left join releases as v using (release_id)
            left join principals as p on p.principal_id = r.reporter_id
            where r.case_id = $1
            order by r.report_id"#,
            id,
        )
        .fetch_all(&self.pool)
        .await?;
        let (releases, owners) = match (&subject, row.package_id) {
            (_, Some(package)) => {
                let releases = self.releases_of(package).await?;
                let owners = self.people_of_package(package).await?;
                (releases.into_iter().map(|release| (release.version, release.state)).collect(), owners)
            }
            (CaseSubject::Organisation(handle), None) => (Vec::new(), self.members(handle).await?),
            _ => (Vec::new(), Vec::new()),
        };
        let mut past = self.past_verdicts(row.package_id, row.principal_id).await?;
        let own = past.iter().position(|verdict| verdict.case == id);
        let verdict = own.map(|place| past.remove(place));
        Ok(CaseDetails {
            id,
            subject,
            opened_at: row.opened_at,
            verdict,
            reports,
            is_held: row.held_reason.is_some(),
            held_reason: row.held_reason,
            releases,
            owners: owners.into_iter().map(|person| person.handle).collect(),
            past,
        })
    }

    async fn past_verdicts(
        &self,
        package: Option<i64>,
        principal: Option<i64>,
    ) -> Result<Vec<PastVerdict>, RegistryError> {
        let past = sqlx::query_as!(
            PastVerdict,
            r#"select
                c.case_id as "case",
                c.verdict as "verdict!: Verdict",
                c.verdict_reason as "reason!",
                p.handle as "decided_by: Handle",
                c.closed_at as "closed_at!"
            from cases as c
            join principals as p on p.principal_id = c.decided_by
            where c.package_id is not distinct from $1
                and c.principal_id is not distinct from $2
                and c.closed_at is not null
            order by c.closed_at desc, c.case_id desc
            limit $3"#,
            package,
            principal,
            PAST,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(past)
    }
}
