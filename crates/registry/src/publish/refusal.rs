use model::{Handle, PackageName};
use time::OffsetDateTime;

use super::PublishError;
use crate::{Registry, RegistryError, accounts::Caller};

/// Refusals that are kept of each who tried, so that nobody pushes out those of others.
const KEPT: i64 = 20;

/// An upload by somebody known that was refused.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// Who tried.
    pub by: Handle,
    /// The version, as it was sent; none where it came from somebody without rights on the package.
    pub version: Option<String>,
    /// A stable code.
    pub code: String,
    /// Why, in words.
    pub reason: String,
    /// When.
    pub happened_at: OffsetDateTime,
}

impl Registry {
    /// Notes that an upload was refused, where people look for it: some clients end as if all were well.
    ///
    /// Only for packages that are there, and never a reason for a further failure.
    pub(super) async fn note_refusal(&self, caller: &Caller, name: &PackageName, version: &str, error: &PublishError) {
        if matches!(error, PublishError::Registry(_)) || error.store_error().is_some() {
            return;
        }
        self.note_refused_upload(caller, name, version, error.code(), &error.to_string()).await;
    }

    /// Notes that an upload was refused before it came to be looked at: `code` and `reason` say why.
    pub async fn note_refused_upload(
        &self,
        caller: &Caller,
        name: &PackageName,
        version: &str,
        code: &str,
        reason: &str,
    ) {
        let reason: String = reason.chars().take(1000).filter(|letter| *letter != '\0').collect();
        let version: String = version.chars().take(128).filter(|letter| *letter != '\0').collect();
        let folded = name.folded();
        let noted = sqlx::query!(
            "with package as (
                select package_id
                from packages
                where name_folded = $1
                    and is_default
            ),
            outdated as (
                delete from refusals
                where refusal_id in (
                    select refusal_id
                    from refusals
                    join package using (package_id)
                    where principal_id = $2
                    order by refusal_id desc
                    offset $7
                )
            )
            insert into refusals (package_id, principal_id, version, code, reason, happened_at)
            select package_id, $2, $3, $4, $5, $6
            from package",
            folded.as_str(),
            caller.principal(),
            version,
            code,
            reason,
            self.clock.now(),
            KEPT - 1,
        )
        .execute(&self.pool)
        .await;
        if let Err(error) = noted {
            tracing::warn!(%error, "a refused upload was not noted");
        }
    }

    /// The newest refusals of uploads to a package.
    pub async fn refusals(&self, package: i64, limit: i64) -> Result<Vec<Refusal>, RegistryError> {
        let refusals = sqlx::query_as!(
            Refusal,
            r#"select
                p.handle as "by: Handle",
                -- Nobody writes on the page of somebody else's package.
                case
                    when exists (
                        select from package_rights as own
                        where own.package_id = r.package_id
                            and own.principal_id = r.principal_id
                    ) or exists (
                        select from trusted_publishers as u
                        where u.package_id = r.package_id
                            and u.principal_id = r.principal_id
                    )
                    then r.version
                end as version,
                r.code,
                r.reason,
                r.happened_at
            from refusals as r
            join principals as p using (principal_id)
            where r.package_id = $1
            order by r.refusal_id desc
            limit $2"#,
            package,
            limit,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(refusals)
    }
}
