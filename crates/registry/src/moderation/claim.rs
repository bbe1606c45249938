//! How somebody becomes the owner of a package that nobody owns: by a file in its repository or a topic of it, which an admin looks
//! at.

use model::{Email, PackageName, ReportKind, Role, StaffRole};
use serde_json::json;
use sha2::Digest as _;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    Decision, ReportError, mails,
    report::{Reporter, Target},
};
use crate::{
    EventId, Registry, RegistryError, Viewer,
    accounts::{ClientInfo, Visitor, web_address},
    mail,
    people::Group,
    staff::{Staff, StaffError, StaffEvent},
};

/// The file that shows who can change the repository of a package.
pub(super) const FILE: &str = ".pginstall-claim";

/// What somebody needs to claim a package.
#[derive(Clone, Debug)]
pub struct ClaimPage {
    /// The package.
    pub name: PackageName,
    /// Its repository, where it names one.
    pub repository: Option<String>,
    /// The name of the file.
    pub file: &'static str,
    /// What has to be in it, or to be a topic of the repository: of this account and this package only. Lower-case letters, digits
    /// and hyphens, as topics have.
    pub code: String,
    /// Whether somebody of this account waits for an answer.
    pub is_waiting: bool,
}

impl Registry {
    /// What the visitor needs to claim a package; not found where somebody owns it.
    pub async fn claim_page(&self, visitor: &Visitor, name: &PackageName) -> Result<ClaimPage, RegistryError> {
        let package = self.find_package(Viewer::Anonymous, name).await?;
        let row = sqlx::query!(
            r#"select
                p.name as "name: PackageName",
                p.is_orphaned,
                (select l.url from package_links as l where l.package_id = p.package_id and l.kind = 'repository') as repository,
                exists (
                    select from reports as r
                    join cases as c using (case_id)
                    where c.package_id = p.package_id
                        and c.closed_at is null
                        and r.kind = 'claim'
                        and r.reporter_id = $2
                ) as "is_waiting!"
            from packages as p
            where p.package_id = $1"#,
            package,
            visitor.principal(),
        )
        .fetch_one(&self.pool)
        .await?;
        if !row.is_orphaned {
            return Err(RegistryError::NotFound);
        }
        let mut connection = self.pool.acquire().await?;
        let code = code(&mut connection, visitor.principal(), package).await?;
        Ok(ClaimPage { name: row.name, repository: row.repository, file: FILE, code, is_waiting: row.is_waiting })
    }

    /// Asks an admin to look at the file at an address, or at the topics of a repository there.
    pub async fn claim(
        &self,
        visitor: &Visitor,
        name: &PackageName,
        address: &str,
        client: &ClientInfo,
    ) -> Result<(), ReportError> {
        if !visitor.is_verified() {
            return Err(ReportError::Unverified);
        }
        let address = web_address(address.trim()).ok_or(ReportError::Address)?;
        self.limits.report_by_network.count(&client.network())?;
        let page = self.claim_page(visitor, name).await?;
        let package = self.find_package(Viewer::Anonymous, name).await?;
        let repository = page.repository.as_deref().unwrap_or("none that it names");
        let text = format!(
            "{} says that the package is theirs. It is to be seen at {address}\nA file there, or a topic, should be the code {}\nThe repository of the package: {repository}",
            visitor.handle(),
            page.code
        );
        let mut transaction = self.pool.begin().await?;
        let target = Target { package: Some(package), ..Target::default() };
        let reporter = Reporter::Account(visitor.principal());
        self.file(&mut transaction, target, ReportKind::Claim, &text, reporter, self.clock.now()).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Makes whoever has claimed the package of a case, and nobody else has, its owner. For admins, who have looked at the file.
    pub(super) async fn grant(
        &self,
        transaction: &mut PgConnection,
        staff: &Staff,
        case: i64,
        group: &Group,
        decision: &Decision,
        client: &ClientInfo,
    ) -> Result<EventId, StaffError> {
        staff.check(transaction, StaffRole::Admin).await?;
        let now = self.clock.now();
        // Held, so that nobody deletes their account meanwhile.
        let claimants = sqlx::query!(
            r#"select a.principal_id as principal, a.email as "email: Email"
            from accounts as a
            where a.principal_id in (select r.reporter_id from reports as r where r.case_id = $1 and r.kind = 'claim')
                and a.locked_at is null
                and a.email_verified_at is not null
            for key share"#,
            case,
        )
        .fetch_all(&mut *transaction)
        .await?;
        // Whoever has looked at a file has looked at one: which of several is meant nobody could say here.
        if claimants.len() > 1 {
            return Err(StaffError::SeveralClaims);
        }
        let claimant = claimants.into_iter().next().ok_or(StaffError::Verdict)?;
        if claimant.principal == staff.principal() {
            return Err(StaffError::OwnInterest);
        }
        let orphaned = sqlx::query!(
            "update packages
            set is_orphaned = false, updated_at = $2
            where package_id = $1
                and is_orphaned",
            group.id,
            now,
        )
        .execute(&mut *transaction)
        .await?;
        if orphaned.rows_affected() == 0 {
            return Err(StaffError::Unchanged);
        }
        group.set_role(transaction, claimant.principal, Role::Owner, now).await?;
        let message = mails::claim_decided(&self.public_url, &claimant.email, &group.name.to_string(), decision);
        mail::send(transaction, &self.mail, Some(claimant.principal), &message, now).await?;
        let event = StaffEvent {
            kind: "package.claimed",
            subject: &group.subject,
            payload: json!({ "package": group.id, "name": group.name.to_string(), "principal": claimant.principal }),
            reason: &decision.reason,
            is_public_reason: true,
        };
        Ok(staff.act(transaction, event, client, now).await?)
    }
}

/// What has to be in the file, or the topic: nobody but the account is shown it, and it says nothing of the account.
async fn code(connection: &mut PgConnection, principal: i64, package: i64) -> Result<String, RegistryError> {
    let secret = sqlx::query_scalar!(
        r#"select passkey_user as "secret: Uuid" from accounts where principal_id = $1"#,
        principal
    )
    .fetch_one(connection)
    .await?;
    let digest = sha2::Sha256::digest(format!("claim {package} {secret}"));
    Ok(format!("pginstall-claim-{}", hex::encode(&digest[..12])))
}
