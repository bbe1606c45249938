//! Anybody says that something is wrong.

use model::{Email, Handle, PackageName, ReportKind, Version};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use super::mails;
use crate::{
    Registry, RegistryError, Viewer,
    accounts::{AccountRef, ClientInfo, Limited, LinkSecret},
    mail,
};

/// Characters of a report, at least and at most.
const SHORTEST: usize = 10;
const LONGEST: usize = 4000;
/// How long the link is good that confirms a report.
const LIFETIME: Duration = Duration::days(3);

/// What a report is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReportSubject {
    /// A package, or one of its releases.
    Package(PackageName, Option<Version>),
    /// An account or an organisation.
    Principal(Handle),
}

/// A report as somebody sends it.
#[derive(Clone, Debug)]
pub struct NewReport {
    /// What it is about.
    pub subject: ReportSubject,
    /// What is wrong.
    pub kind: ReportKind,
    /// In words.
    pub text: String,
}

/// What became of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reported {
    /// It is in the queue.
    Taken,
    /// It will be when the link in a mail to this address was opened.
    Unconfirmed(Email),
}

/// Why a report was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// Too little or too much was said.
    #[error("say what is wrong, in {SHORTEST} to {LONGEST} characters")]
    Text,
    /// What owners send by the settings of their package.
    #[error("choose what is wrong")]
    Kind,
    /// There is no such thing.
    #[error("there is no such package, release or account here")]
    Subject,
    /// Nobody is known.
    #[error("give an address, to which a link is sent that confirms the report")]
    Email,
    /// Nobody knows yet whether the account's address is its owner's.
    #[error("confirm your e-mail address first")]
    Unverified,
    /// The link is good no more.
    #[error("this link is good no more: it was used already, or its time is over")]
    Unusable,
    /// It is no address of the web.
    #[error("an address begins with https:// or http:// and has at most 2000 bytes")]
    Address,
    /// Nothing is held back that could be appealed against.
    #[error("nothing of it is held back")]
    NothingToAppeal,
    /// It is theirs to wait.
    #[error("you have said so already; it waits for somebody to decide")]
    Again,
    /// Too often.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// The database failed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl ReportError {
    /// A stable code for machines.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Text => "report-text",
            Self::Kind => "report-kind",
            Self::Subject => "not-found",
            Self::Email => "report-email",
            Self::Unverified => "email-unverified",
            Self::Address => "address",
            Self::Unusable => "link-unusable",
            Self::NothingToAppeal => "nothing-to-appeal",
            Self::Again => "reported-already",
            Self::Limited(_) => "too-many-requests",
            Self::Registry(error) => error.code(),
        }
    }
}

impl From<sqlx::Error> for ReportError {
    fn from(error: sqlx::Error) -> Self {
        Self::Registry(error.into())
    }
}

/// What a report is about, as rows have it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Target {
    pub(super) package: Option<i64>,
    pub(super) release: Option<i64>,
    pub(super) principal: Option<i64>,
}

/// Who says so.
pub(super) enum Reporter<'a> {
    Account(i64),
    Email(&'a str),
}

/// Takes a text as it was typed, with its line breaks and without what cannot be seen.
pub(super) fn tidy(text: &str) -> Result<String, ReportError> {
    let text: String =
        text.replace("\r\n", "\n").chars().filter(|letter| *letter == '\n' || !model::is_unseen(*letter)).collect();
    let text = text.trim().to_owned();
    if (SHORTEST..=LONGEST).contains(&text.chars().count()) { Ok(text) } else { Err(ReportError::Text) }
}

impl Registry {
    /// Takes a report of somebody who has logged in, or of whoever reads the mail to `email` and confirms it.
    pub async fn report(
        &self,
        reporter: Option<AccountRef>,
        email: Option<&Email>,
        new: &NewReport,
        client: &ClientInfo,
    ) -> Result<Reported, ReportError> {
        if matches!(new.kind, ReportKind::Appeal | ReportKind::Claim) {
            return Err(ReportError::Kind);
        }
        let text = tidy(&new.text)?;
        self.limits.report_by_network.count(&client.network())?;
        let viewer = reporter.map_or(Viewer::Anonymous, |account| Viewer::Principal(account.principal()));
        let target = self.target(viewer, &new.subject).await?;
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        if let Some(account) = reporter {
            let is_verified = sqlx::query_scalar!(
                r#"select email_verified_at is not null as "is_verified!" from accounts where principal_id = $1"#,
                account.principal()
            )
            .fetch_optional(&mut *transaction)
            .await?;
            if is_verified != Some(true) {
                return Err(ReportError::Unverified);
            }
            self.file(&mut transaction, target, new.kind, &text, Reporter::Account(account.principal()), now).await?;
            transaction.commit().await?;
            return Ok(Reported::Taken);
        }
        let email = email.ok_or(ReportError::Email)?;
        self.limits.mail_by_recipient.count(&format!("report {}", email.as_str().to_lowercase()))?;
        self.limits.mail_by_network.count(&client.network())?;
        let secret = LinkSecret::generate();
        sqlx::query!("delete from unconfirmed_reports where expires_at <= $1", now).execute(&mut *transaction).await?;
        sqlx::query!(
            "insert into unconfirmed_reports
                (hash, package_id, release_id, principal_id, kind, text, email, created_at, expires_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            secret.hash() as _,
            target.package,
            target.release,
            target.principal,
            new.kind as _,
            text,
            email.as_str(),
            now,
            now + LIFETIME,
        )
        .execute(&mut *transaction)
        .await?;
        let message = mails::confirm_report(&self.public_url, email, &secret);
        mail::send(&mut transaction, &self.mail, None, &message, now).await?;
        transaction.commit().await?;
        Ok(Reported::Unconfirmed(email.clone()))
    }

    /// Takes the report whose link somebody has opened and confirmed. The link is good once.
    pub async fn confirm_report(&self, secret: &str, client: &ClientInfo) -> Result<(), ReportError> {
        self.limits.link_by_network.count(&client.network())?;
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        let row = sqlx::query!(
            r#"delete from unconfirmed_reports
            where hash = $1
                and expires_at > $2
            returning package_id, release_id, principal_id, kind as "kind: ReportKind", text, email"#,
            LinkSecret::hash_of(secret) as _,
            now,
        )
        .fetch_optional(&mut *transaction)
        .await?
        .ok_or(ReportError::Unusable)?;
        let target = Target { package: row.package_id, release: row.release_id, principal: row.principal_id };
        self.file(&mut transaction, target, row.kind, &row.text, Reporter::Email(&row.email), now).await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn target(&self, viewer: Viewer, subject: &ReportSubject) -> Result<Target, ReportError> {
        let found = |error: RegistryError| match error {
            RegistryError::NotFound | RegistryError::Ambiguous { .. } => ReportError::Subject,
            error => ReportError::Registry(error),
        };
        match subject {
            ReportSubject::Package(name, version) => {
                let package = self.find_package(viewer, name).await.map_err(found)?;
                let release = match version {
                    Some(version) => Some(self.release_id(package, version).await.map_err(found)?),
                    None => None,
                };
                Ok(Target { package: Some(package), release, principal: None })
            }
            ReportSubject::Principal(handle) => {
                let folded = handle.folded();
                let principal = sqlx::query_scalar!(
                    "select p.principal_id
                    from principals as p
                    where p.handle_folded = $1
                        and (
                            exists (select from accounts as a where a.principal_id = p.principal_id)
                            or exists (select from organisations as o where o.principal_id = p.principal_id)
                        )",
                    folded.as_str()
                )
                .fetch_optional(&self.pool)
                .await?
                .ok_or(ReportError::Subject)?;
                Ok(Target { principal: Some(principal), ..Target::default() })
            }
        }
    }

    /// Puts a report into the open case of what it is about, which begins with it where there is none.
    pub(super) async fn file(
        &self,
        transaction: &mut PgConnection,
        target: Target,
        kind: ReportKind,
        text: &str,
        reporter: Reporter<'_>,
        now: OffsetDateTime,
    ) -> Result<(), ReportError> {
        let (account, email) = match reporter {
            Reporter::Account(account) => (Some(account), None),
            Reporter::Email(email) => (None, Some(email)),
        };
        let (case, is_new) = open_case(transaction, target.package, target.principal, now).await?;
        let known = sqlx::query_scalar!(
            r#"select exists (
                select from reports
                where case_id = $1
                    and kind = $2
                    and (reporter_id = $3 or lower(reporter_email) = lower($4))
            ) as "known!""#,
            case,
            kind as _,
            account,
            email,
        )
        .fetch_one(&mut *transaction)
        .await?;
        if known {
            return Err(ReportError::Again);
        }
        sqlx::query!(
            "insert into reports (case_id, release_id, kind, text, reporter_id, reporter_email, created_at)
            values ($1, $2, $3, $4, $5, $6, $7)",
            case,
            target.release,
            kind as _,
            text,
            account,
            email,
            now,
        )
        .execute(&mut *transaction)
        .await?;
        if is_new {
            tell_staff(self, transaction, case, kind, now).await?;
        }
        Ok(())
    }
}

/// Tells everybody of the staff that a case waits: one message for each case, however many report the same.
pub(super) async fn tell_staff(
    registry: &Registry,
    transaction: &mut PgConnection,
    case: i64,
    kind: ReportKind,
    now: OffsetDateTime,
) -> Result<(), RegistryError> {
    let staff = sqlx::query!(
        r#"select principal_id, email as "email: Email"
        from accounts
        where staff_role is not null
            and locked_at is null
        order by principal_id"#,
    )
    .fetch_all(&mut *transaction)
    .await?;
    for member in staff {
        let message = mails::case_opened(&registry.public_url, &member.email, case, kind);
        mail::send(transaction, &registry.mail, Some(member.principal_id), &message, now).await?;
    }
    Ok(())
}

/// The open case of something, and whether it begins here; held until the transaction ends, so nobody closes it meanwhile.
async fn open_case(
    transaction: &mut PgConnection,
    package: Option<i64>,
    principal: Option<i64>,
    now: OffsetDateTime,
) -> Result<(i64, bool), RegistryError> {
    loop {
        let created = sqlx::query_scalar!(
            "insert into cases (package_id, principal_id, opened_at)
            values ($1, $2, $3)
            on conflict do nothing
            returning case_id",
            package,
            principal,
            now,
        )
        .fetch_optional(&mut *transaction)
        .await?;
        if let Some(case) = created {
            return Ok((case, true));
        }
        let known = sqlx::query_scalar!(
            "select case_id
            from cases
            where package_id is not distinct from $1
                and principal_id is not distinct from $2
                and closed_at is null
            for update",
            package,
            principal,
        )
        .fetch_optional(&mut *transaction)
        .await?;
        // None: somebody has just closed it, so this one begins a new one.
        if let Some(case) = known {
            return Ok((case, false));
        }
    }
}
