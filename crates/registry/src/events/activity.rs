//! What happened, as the log tells it to everybody.

use model::{Handle, PackageName, Version};
use time::OffsetDateTime;

use super::EventId;
use crate::{Registry, RegistryError, Viewer};

/// Whose activity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActivityOf {
    /// Everybody's.
    All,
    /// What happened to a package.
    Package(PackageName),
    /// What an account did, or what happened to an organisation and its packages.
    Principal(Handle),
}

/// Something that happened.
#[derive(Clone, Debug)]
pub struct Activity {
    /// Its event.
    pub event: EventId,
    /// Its kind in the log.
    pub kind: String,
    /// What kinds of it are, in a sentence.
    pub sentence: String,
    /// The public package that it was about.
    pub package: Option<PackageName>,
    /// The release, where it was about one.
    pub version: Option<Version>,
    /// Who did it; none of the registry itself, and of those who are no more.
    pub actor: Option<Handle>,
    /// To whom it was done, where it was about somebody.
    pub person: Option<Handle>,
    /// Why, where that was said.
    pub reason: Option<String>,
    /// When.
    pub happened_at: OffsetDateTime,
}

impl Registry {
    /// What happened to public packages and organisations, the newest first: before an event where one is named, at most `limit`.
    /// Not found where there is no such package, account or organisation.
    pub async fn activity(
        &self,
        of: &ActivityOf,
        before: Option<EventId>,
        limit: i64,
    ) -> Result<Vec<Activity>, RegistryError> {
        let mut subject = None;
        let (mut account, mut subjects) = (None, None);
        match of {
            ActivityOf::All => {}
            ActivityOf::Package(name) => {
                let package = self.find_package(Viewer::Anonymous, name).await?;
                let full_name = sqlx::query_scalar!("select full_name from packages where package_id = $1", package)
                    .fetch_one(&self.pool)
                    .await?;
                subject = Some(format!("package:{full_name}"));
            }
            ActivityOf::Principal(handle) => {
                let folded = handle.folded();
                let row = sqlx::query!(
                    "select principal_id, kind from principals where handle_folded = $1 and kind in ('account', 'organisation') and handle not like 'deleted-%'",
                    folded.as_str()
                )
                .fetch_one(&self.pool)
                .await?;
                if row.kind == "account" {
                    account = Some(row.principal_id);
                } else {
                    // Its own changes, and those of its packages.
                    let packages = sqlx::query_scalar!(
                        r#"select 'package:' || p.full_name as "subject!"
                        from package_owners as o
                        join packages as p using (package_id)
                        where o.principal_id = $1"#,
                        row.principal_id,
                    )
                    .fetch_all(&self.pool)
                    .await?;
                    let own = format!("principal:{}", row.principal_id);
                    subjects = Some(packages.into_iter().chain(std::iter::once(own)).collect::<Vec<_>>());
                }
            }
        }
        let rows = sqlx::query!(
            r#"select
                e.event_id,
                e.kind,
                k.sentence,
                p.name as "package?: PackageName",
                e.payload::jsonb ->> 'version' as version,
                case when a.kind in ('account', 'organisation') and a.handle not like 'deleted-%' then a.handle end as "actor: Handle",
                case when t.kind in ('account', 'organisation') and t.handle not like 'deleted-%' then t.handle end as "person: Handle",
                e.payload::jsonb ->> 'reason' as reason,
                e.happened_at
            from events as e
            join event_kinds as k on k.kind = e.kind and k.is_public
            join principals as a on a.principal_id = e.actor_id
            left join packages as p on p.package_id = (e.payload::jsonb ->> 'package')::bigint
            left join principals as t on t.principal_id = (e.payload::jsonb ->> 'principal')::bigint
            where e.kind not in ('readme.rendered', 'account.deleted')
                and ($1::bigint is null or e.event_id < $1)
                and ($2::text is null or e.subject = $2)
                and ($3::bigint is null or e.actor_id = $3)
                and ($4::text[] is null or e.subject = any($4))
                and (not (e.payload::jsonb ? 'package') or p.visibility = 'public')
            order by e.event_id desc
            limit $5"#,
            before,
            subject,
            account,
            subjects.as_deref(),
            limit,
        )
        .fetch_all(&self.pool)
        .await?;
        let activity = rows.into_iter().map(|row| Activity {
            event: row.event_id,
            kind: row.kind,
            sentence: row.sentence,
            package: row.package,
            version: row.version.and_then(|version| version.parse().ok()),
            actor: row.actor,
            person: row.person,
            reason: row.reason,
            happened_at: row.happened_at,
        });
        Ok(activity.collect())
    }
}
