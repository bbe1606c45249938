//! What somebody did, as the event log tells it to everybody.

use model::{PackageName, Version};
use time::OffsetDateTime;

use crate::{Registry, RegistryError};

/// Acts that a page shows.
const MOST: i64 = 20;

/// Something that somebody did.
#[derive(Clone, Debug)]
pub struct Activity {
    /// Its kind in the event log.
    pub kind: String,
    /// The public package that it was about.
    pub package: PackageName,
    /// The release, where it was about one.
    pub version: Option<Version>,
    /// When.
    pub happened_at: OffsetDateTime,
}

impl Registry {
    /// What a principal did last with public packages.
    pub(super) async fn activity_of(&self, principal: i64) -> Result<Vec<Activity>, RegistryError> {
        let rows = sqlx::query!(
            r#"select e.kind, p.name as "package: PackageName", e.payload::jsonb ->> 'version' as version, e.happened_at
            from events as e
            join event_kinds as k on k.kind = e.kind and k.is_public
            join packages as p on p.package_id = (e.payload::jsonb ->> 'package')::bigint
            where e.actor_id = $1
                and p.visibility = 'public'
            order by e.event_id desc
            limit $2"#,
            principal,
            MOST,
        )
        .fetch_all(&self.pool)
        .await?;
        let activity = rows.into_iter().map(|row| Activity {
            kind: row.kind,
            package: row.package,
            version: row.version.and_then(|version| version.parse().ok()),
            happened_at: row.happened_at,
        });
        Ok(activity.collect())
    }
}
