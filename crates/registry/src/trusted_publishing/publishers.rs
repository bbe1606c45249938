//! Which workflows a package trusts.

use model::{Email, PackageName};
use serde_json::json;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{NewPublisher, WorkflowIssuer, new_publisher::check};
use crate::{
    EventId, Registry, RegistryError,
    accounts::{Act, ClientInfo, Proved, Visitor, mails, note},
    events::{self, Event},
    people::{Group, tell_owners},
};

/// Publishers of a package at most, and of packages that are still to come for one account.
const MOST: i64 = 20;

/// Why a workflow is not trusted.
#[derive(Debug, thiserror::Error)]
pub enum PublisherError {
    /// The issuer is none of those of the configuration.
    #[error("runs of this service cannot be checked here")]
    Issuer,
    /// The repository is none.
    #[error("a repository is written as owner/name, without the server")]
    Repository,
    /// The workflow is none.
    #[error("a workflow is the name of its file, such as release.yml; on GitLab its path, such as .gitlab-ci.yml")]
    Workflow,
    /// The environment is none.
    #[error("an environment has at most 255 characters that can be seen")]
    Environment,
    /// Somebody else's package.
    #[error("only owners of {0} say which workflows may publish it")]
    NotYours(PackageName),
    /// Nobody gets the name.
    #[error("nobody publishes a package {0}: {1}")]
    Reserved(PackageName, String),
    /// Moderators hold it back.
    #[error("{0} is held back while it is looked at; until then its owners change nothing of it")]
    Quarantined(PackageName),
    /// It is trusted already.
    #[error("this workflow is trusted for {0} already")]
    Exists(PackageName),
    /// There are enough.
    #[error("there are {MOST} already; remove one first")]
    TooMany,
    /// Nobody knows yet whether the account's address is its owner's.
    #[error("confirm your e-mail address first")]
    Unverified,
    /// Nobody could publish any more.
    #[error("no workflow is trusted for {0} yet; add one first")]
    None(PackageName),
    /// The database failed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl From<sqlx::Error> for PublisherError {
    fn from(error: sqlx::Error) -> Self {
        Self::Registry(error.into())
    }
}

/// A workflow in a list.
#[derive(Clone, Debug)]
pub struct PublisherDetails {
    /// Its id, which is no secret.
    pub id: i64,
    /// The package.
    pub name: PackageName,
    /// Whether the package is still to come.
    pub is_pending: bool,
    /// Who signs the tokens of its runs.
    pub issuer: String,
    /// The repository.
    pub repository: String,
    /// The file of the workflow.
    pub workflow: String,
    /// The environment that it has to run in; none for any.
    pub environment: Option<String>,
    /// The number of the repository at its service, from its first run on.
    pub repository_id: Option<String>,
    /// Since when it is trusted.
    pub created_at: OffsetDateTime,
    /// When a run of it got a token last.
    pub last_used_at: Option<OffsetDateTime>,
}

/// A package of the visitor.
#[derive(Clone, Debug)]
pub struct OwnPackage {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: PackageName,
    /// Whether only workflows publish it.
    pub publishers_only: bool,
}

/// What a visitor sees of the workflows that may publish for them.
#[derive(Clone, Debug)]
pub struct PublishersPage {
    /// The packages that they own.
    pub packages: Vec<OwnPackage>,
    /// The workflows that these trust, and those of packages that are still to come.
    pub publishers: Vec<PublisherDetails>,
    /// Whose runs can be checked.
    pub issuers: Vec<WorkflowIssuer>,
}

impl Registry {
    /// Which workflows may publish packages of the visitor.
    pub async fn publishers(&self, visitor: &Visitor) -> Result<PublishersPage, RegistryError> {
        let packages = sqlx::query_as!(
            OwnPackage,
            r#"select
                p.package_id as id,
                p.name as "name: PackageName",
                p.trusted_publishers_only as publishers_only
            from packages as p
            where exists (
                select from package_rights as o
                where o.package_id = p.package_id
                    and o.principal_id = $1
                    and o.role = 'owner'
            )
            order by p.name_folded, p.package_id"#,
            visitor.principal(),
        )
        .fetch_all(&self.pool)
        .await?;
        let owned: Vec<i64> = packages.iter().map(|package| package.id).collect();
        let publishers = sqlx::query_as!(
            PublisherDetails,
            r#"select
                publisher_id as id,
                name as "name: PackageName",
                package_id is null as "is_pending!",
                issuer,
                repository,
                workflow,
                environment,
                repository_id,
                created_at,
                last_used_at
            from trusted_publishers
            where package_id = any($2)
                or package_id is null and created_by = $1
            order by name_folded, publisher_id"#,
            visitor.principal(),
            &owned,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(PublishersPage { packages, publishers, issuers: self.workflow_issuers() })
    }

    fn workflow_issuers(&self) -> Vec<WorkflowIssuer> {
        self.workflow_issuers.iter().map(|(settings, _)| settings.clone()).collect()
    }

    /// Lets a package trust a workflow. Returns the event; none where the package is still to come, which nobody is told.
    pub async fn add_publisher(
        &self,
        proved: &Proved,
        new: &NewPublisher,
        client: &ClientInfo,
    ) -> Result<Option<EventId>, PublisherError> {
        if !proved.visitor().is_verified() {
            return Err(PublisherError::Unverified);
        }
        let is_known = self.workflow_issuers.iter().any(|(settings, _)| settings.address == new.issuer);
        if !is_known {
            return Err(PublisherError::Issuer);
        }
        let (repository, workflow, environment) = check(new)?;
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        let package = package_of(&mut transaction, proved.principal(), &new.name).await?;
        let count = sqlx::query_scalar!(
            r#"select count(*) as "count!"
            from trusted_publishers
            where package_id = $1
                or $1::bigint is null and package_id is null and created_by = $2"#,
            package.as_ref().map(|package| package.id),
            proved.principal(),
        )
        .fetch_one(&mut *transaction)
        .await?;
        if count >= MOST {
            return Err(PublisherError::TooMany);
        }
        let principal = sqlx::query_scalar!(
            "insert into principals (kind, handle, created_at)
            values ('ci', 'ci-' || left(replace(gen_random_uuid()::text, '-', ''), 20), $1)
            returning principal_id",
            now
        )
        .fetch_one(&mut *transaction)
        .await?;
        let added = sqlx::query!(
            "insert into trusted_publishers
                (principal_id, name, package_id, created_by, issuer, repository, workflow, environment, created_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            on conflict do nothing",
            principal,
            &new.name as _,
            package.as_ref().map(|package| package.id),
            proved.principal(),
            new.issuer,
            repository,
            workflow,
            environment,
            now,
        )
        .execute(&mut *transaction)
        .await?;
        if added.rows_affected() == 0 {
            return Err(PublisherError::Exists(new.name.clone()));
        }
        let words = words(repository, workflow, environment);
        let details = json!({ "package": new.name, "publisher": words });
        note(&mut transaction, proved.principal(), Act::PublisherAdded, client, details, now).await?;
        let Some(package) = package else {
            transaction.commit().await?;
            return Ok(None);
        };
        let what = format!("{} lets the workflow {words} publish {}.", proved.handle(), new.name);
        self.tell_owners(&mut transaction, &package, &new.name, &what, now).await?;
        let payload = json!({
            "package": package.id,
            "name": new.name,
            "issuer": new.issuer,
            "repository": repository,
            "workflow": workflow,
            "environment": environment,
        });
        let event = append(&mut transaction, "publisher.added", proved, &package, payload, now).await?;
        transaction.commit().await?;
        Ok(Some(event))
    }

    /// Lets a package trust a workflow no longer: its tokens end at once. Likewise; not found where it is not the visitor's to
    /// say.
    pub async fn remove_publisher(
        &self,
        proved: &Proved,
        id: i64,
        client: &ClientInfo,
    ) -> Result<Option<EventId>, PublisherError> {
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        let known = sqlx::query!(
            r#"select name as "name: PackageName", package_id, created_by, repository, workflow, environment, issuer
            from trusted_publishers
            where publisher_id = $1"#,
            id,
        )
        .fetch_optional(&mut *transaction)
        .await?
        .ok_or(RegistryError::NotFound)?;
        let package = match known.package_id {
            None if known.created_by == proved.principal() => None,
            None => return Err(RegistryError::NotFound.into()),
            Some(package) => {
                let owned = owned(&mut transaction, proved.principal(), package).await?;
                Some(owned.ok_or(RegistryError::NotFound)?)
            }
        };
        let removed = sqlx::query!("delete from trusted_publishers where publisher_id = $1", id)
            .execute(&mut *transaction)
            .await?;
        if removed.rows_affected() == 0 {
            return Err(RegistryError::NotFound.into());
        }
        let words = words(&known.repository, &known.workflow, known.environment.as_deref());
        let details = json!({ "package": known.name, "publisher": words });
        note(&mut transaction, proved.principal(), Act::PublisherRemoved, client, details, now).await?;
        let Some(package) = package else {
            transaction.commit().await?;
            return Ok(None);
        };
        // Without a workflow nobody could publish it any more.
        sqlx::query!(
            "update packages
            set trusted_publishers_only = false
            where package_id = $1
                and not exists (select from trusted_publishers where package_id = $1)",
            package.id,
        )
        .execute(&mut *transaction)
        .await?;
        let what = format!("{} no longer lets the workflow {words} publish {}.", proved.handle(), known.name);
        self.tell_owners(&mut transaction, &package, &known.name, &what, now).await?;
        let payload = json!({
            "package": package.id,
            "name": known.name,
            "issuer": known.issuer,
            "repository": known.repository,
            "workflow": known.workflow,
            "environment": known.environment,
        });
        let event = append(&mut transaction, "publisher.removed", proved, &package, payload, now).await?;
        transaction.commit().await?;
        Ok(Some(event))
    }

    /// Says whether only workflows publish a package.
    pub async fn set_publishers_only(
        &self,
        proved: &Proved,
        name: &PackageName,
        only: bool,
        client: &ClientInfo,
    ) -> Result<Option<EventId>, PublisherError> {
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        let package = package_of(&mut transaction, proved.principal(), name).await?;
        let package = package.ok_or(RegistryError::NotFound)?;
        let has_one = sqlx::query_scalar!(
            r#"select exists (select from trusted_publishers where package_id = $1) as "has_one!""#,
            package.id
        )
        .fetch_one(&mut *transaction)
        .await?;
        if only && !has_one {
            return Err(PublisherError::None(name.clone()));
        }
        let changed = sqlx::query!(
            "update packages
            set trusted_publishers_only = $2, updated_at = $3
            where package_id = $1
                and trusted_publishers_only <> $2",
            package.id,
            only,
            now,
        )
        .execute(&mut *transaction)
        .await?;
        if changed.rows_affected() == 0 {
            return Ok(None);
        }
        let details = json!({ "package": name, "only": only });
        note(&mut transaction, proved.principal(), Act::PublishersOnlyChanged, client, details, now).await?;
        let words = if only { "only by its workflows, and by no other token" } else { "with tokens too" };
        let what = format!("{} decided that {name} is published {words}.", proved.handle());
        self.tell_owners(&mut transaction, &package, name, &what, now).await?;
        let payload = json!({ "package": package.id, "name": name, "changed": ["trusted_publishers_only"] });
        let event = append(&mut transaction, "package.updated", proved, &package, payload, now).await?;
        transaction.commit().await?;
        Ok(Some(event))
    }

    async fn tell_owners(
        &self,
        transaction: &mut PgConnection,
        package: &Owned,
        name: &PackageName,
        what: &str,
        now: OffsetDateTime,
    ) -> Result<(), RegistryError> {
        let group = Group::of_package(package.id, name.clone(), &package.full_name);
        let message = |to: &Email| mails::publishers_changed(&self.public_url, to, name.as_str(), what);
        tell_owners(self, transaction, &group, message, now).await
    }
}

struct Owned {
    id: i64,
    full_name: String,
    is_quarantined: bool,
}

/// The package with this name, held, if the account owns it; none where nobody has it and anybody may take it.
async fn package_of(
    transaction: &mut PgConnection,
    principal: i64,
    name: &PackageName,
) -> Result<Option<Owned>, PublisherError> {
    let folded = name.folded();
    let known = sqlx::query_scalar!(
        "select package_id
        from packages
        where name_folded = $1
        order by is_default desc, package_id
        limit 1",
        folded.as_str(),
    )
    .fetch_optional(&mut *transaction)
    .await?;
    if let Some(package) = known {
        let owned = owned(transaction, principal, package).await?;
        let owned = owned.ok_or_else(|| PublisherError::NotYours(name.clone()))?;
        return if owned.is_quarantined { Err(PublisherError::Quarantined(name.clone())) } else { Ok(Some(owned)) };
    }
    let reason = sqlx::query_scalar!("select reason from reserved_names where name_folded = $1", folded.as_str())
        .fetch_optional(&mut *transaction)
        .await?;
    match reason {
        Some(reason) => Err(PublisherError::Reserved(name.clone(), reason)),
        None => Ok(None),
    }
}

async fn owned(transaction: &mut PgConnection, principal: i64, package: i64) -> Result<Option<Owned>, RegistryError> {
    let owned = sqlx::query_as!(
        Owned,
        r#"select p.package_id as id, p.full_name, p.quarantined_at is not null as "is_quarantined!"
        from packages as p
        where p.package_id = $1
            and exists (
                select from package_rights as o
                where o.package_id = p.package_id
                    and o.principal_id = $2
                    and o.role = 'owner'
            )
        for update"#,
        package,
        principal,
    )
    .fetch_optional(transaction)
    .await?;
    Ok(owned)
}

async fn append(
    transaction: &mut PgConnection,
    kind: &'static str,
    proved: &Proved,
    package: &Owned,
    payload: serde_json::Value,
    happened_at: OffsetDateTime,
) -> Result<EventId, RegistryError> {
    let subject = format!("package:{}", package.full_name);
    events::append(transaction, Event { kind, actor: proved.principal(), subject: &subject, payload, happened_at })
        .await
}

/// Lets the workflows that an account has named for a package that was still to come be those of the package that is there now;
/// returns their ids.
pub(crate) async fn take_over(
    transaction: &mut PgConnection,
    owner: i64,
    name: &PackageName,
    package: i64,
) -> Result<Vec<i64>, RegistryError> {
    let folded = name.folded();
    let taken = sqlx::query_scalar!(
        "update trusted_publishers
        set package_id = $3
        where created_by = $1
            and name_folded = $2
            and package_id is null
        returning publisher_id",
        owner,
        folded.as_str(),
        package
    )
    .fetch_all(transaction)
    .await?;
    Ok(taken)
}

fn words(repository: &str, workflow: &str, environment: Option<&str>) -> String {
    match environment {
        Some(environment) => format!("{workflow} of {repository} in the environment {environment}"),
        None => format!("{workflow} of {repository}"),
    }
}
