//! Tags: merging them, and those that nobody may use.

use model::StaffRole;
use serde_json::json;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::lock_catalogue;
use crate::{
    EventId, Registry, RegistryError,
    accounts::ClientInfo,
    publish::is_tag,
    staff::{Reason, Staff, StaffError, StaffReader},
};

/// Tags of a page.
const PAGE: i64 = 100;

/// A tag in a list.
#[derive(Clone, Debug)]
pub struct TagRow {
    /// The tag.
    pub tag: String,
    /// Packages of all kinds that have it.
    pub packages: i64,
    /// What is meant by it now, where it was merged.
    pub became: Option<String>,
    /// Why nobody may use it.
    pub forbidden_reason: Option<String>,
    /// Since when.
    pub forbidden_at: Option<OffsetDateTime>,
}

/// A tag that nobody may use, and why.
#[derive(Clone, Debug)]
pub(crate) struct ForbiddenTag {
    pub(crate) tag: String,
    pub(crate) reason: String,
}

/// A tag as somebody typed it.
fn tag(text: &str, field: &'static str) -> Result<String, StaffError> {
    let tag = text.trim().to_lowercase();
    if is_tag(&tag) { Ok(tag) } else { Err(StaffError::field(field, "a tag has 1 to 64 characters, without slashes")) }
}

/// Tags that are there, if need be from now on, and stay what they are until the transaction ends.
async fn hold(transaction: &mut PgConnection, tags: &[&str]) -> Result<(), RegistryError> {
    lock_catalogue(transaction).await?;
    for tag in tags {
        sqlx::query!("insert into tags (tag) values ($1) on conflict do nothing", tag)
            .execute(&mut *transaction)
            .await?;
    }
    Ok(())
}

/// The public packages with a tag: lists and indexes look at them again.
async fn packages_of(transaction: &mut PgConnection, tag: &str) -> Result<Vec<i64>, RegistryError> {
    let packages = sqlx::query_scalar!(
        "select package_id
        from package_tags
        join packages using (package_id)
        where tag = $1
            and visibility = 'public'
        order by package_id",
        tag,
    )
    .fetch_all(transaction)
    .await?;
    Ok(packages)
}

impl Registry {
    /// Tags that have a text in them, those of the most packages first, at most a hundred: those in use, or those that were merged
    /// or forbidden. For admins.
    pub async fn tag_rows(&self, reader: StaffReader, text: &str, in_use: bool) -> Result<Vec<TagRow>, RegistryError> {
        reader.needs(StaffRole::Admin)?;
        let text: String = text.trim().to_lowercase().chars().filter(|letter| *letter != '\0').take(64).collect();
        let rows = sqlx::query_as!(
            TagRow,
            r#"select
                t.tag,
                (select count(*) from package_tags as p where p.tag = t.tag) as "packages!",
                t.became,
                t.forbidden_reason,
                t.forbidden_at
            from tags as t
            where strpos(t.tag, $1) > 0
                and (t.became is null and t.forbidden_at is null) = $3
            order by 2 desc, t.tag
            limit $2"#,
            text,
            PAGE,
            in_use,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows)
    }

    /// Gives all packages with a tag another one instead. Whoever says it from now on means the other one.
    pub async fn merge_tag(
        &self,
        staff: &Staff,
        from: &str,
        into: &str,
        reason: &Reason,
        client: &ClientInfo,
    ) -> Result<EventId, StaffError> {
        let (from, into) = (tag(from, "tag")?, tag(into, "into")?);
        if from == into {
            return Err(StaffError::field("into", "name another tag"));
        }
        let mut transaction = self.pool.begin().await?;
        staff.check(&mut transaction, StaffRole::Admin).await?;
        hold(&mut transaction, &[&from, &into]).await?;
        let fate = sqlx::query!("select became, forbidden_at from tags where tag = $1", into)
            .fetch_one(&mut *transaction)
            .await?;
        if let Some(became) = fate.became.filter(|became| *became != from) {
            return Err(StaffError::field("into", format!("{into} was merged into {became} itself")));
        }
        if fate.forbidden_at.is_some() {
            return Err(StaffError::field("into", format!("{into} is forbidden")));
        }
        let packages = packages_of(&mut transaction, &from).await?;
        sqlx::query!(
            "insert into package_tags (package_id, tag)
            select package_id, $2
            from package_tags
            where tag = $1
            on conflict do nothing",
            from,
            into,
        )
        .execute(&mut *transaction)
        .await?;
        sqlx::query!("delete from package_tags where tag = $1", from).execute(&mut *transaction).await?;
        // A tag that had been merged into this one is not one of two that name each other.
        sqlx::query!("update tags set became = null where tag = $1", into).execute(&mut *transaction).await?;
        sqlx::query!("update tags set became = $2 where became = $1", from, into).execute(&mut *transaction).await?;
        let changed = sqlx::query!(
            "update tags
            set became = $2, forbidden_at = null, forbidden_reason = null
            where tag = $1
                and became is distinct from $2",
            from,
            into
        )
        .execute(&mut *transaction)
        .await?;
        if changed.rows_affected() == 0 {
            return Err(StaffError::Unchanged);
        }
        let payload = json!({ "tag": from, "into": into, "packages": packages });
        self.finish(transaction, staff, "tag.merged", payload, reason, client).await
    }

    /// Takes a tag from all packages and lets nobody use it, or lets everybody use it again.
    pub async fn forbid_tag(
        &self,
        staff: &Staff,
        text: &str,
        is_forbidden: bool,
        reason: &Reason,
        client: &ClientInfo,
    ) -> Result<EventId, StaffError> {
        let tag = tag(text, "tag")?;
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        staff.check(&mut transaction, StaffRole::Admin).await?;
        hold(&mut transaction, &[&tag]).await?;
        let packages = if is_forbidden { packages_of(&mut transaction, &tag).await? } else { Vec::new() };
        let changed = sqlx::query!(
            "update tags
            set became = null,
                forbidden_at = case when $2 then $3::timestamptz end,
                forbidden_reason = case when $2 then $4 end
            where tag = $1
                and (forbidden_at is not null or became is not null and not $2) <> $2",
            tag,
            is_forbidden,
            now,
            reason.as_str(),
        )
        .execute(&mut *transaction)
        .await?;
        if changed.rows_affected() == 0 {
            return Err(StaffError::Unchanged);
        }
        if is_forbidden {
            sqlx::query!("delete from package_tags where tag = $1", tag).execute(&mut *transaction).await?;
            // What had become this one is said by nobody who means it.
            sqlx::query!("update tags set became = null where became = $1", tag).execute(&mut *transaction).await?;
        }
        let kind = if is_forbidden { "tag.forbidden" } else { "tag.allowed" };
        let payload = json!({ "tag": tag, "packages": packages });
        self.finish(transaction, staff, kind, payload, reason, client).await
    }

    /// The tag that another one was merged into; none where it was not.
    pub async fn former_tag(&self, tag: &str) -> Result<Option<String>, RegistryError> {
        if tag.contains('\0') {
            return Ok(None);
        }
        let became =
            sqlx::query_scalar!("select became from tags where tag = $1", tag).fetch_optional(&self.pool).await?;
        Ok(became.flatten())
    }
}

/// Tags as they are meant, each once, and those of them that nobody may use.
pub(crate) async fn meant_tags(
    connection: &mut PgConnection,
    tags: &[String],
) -> Result<(Vec<String>, Vec<ForbiddenTag>), RegistryError> {
    let rows = sqlx::query!(
        r#"select coalesce(t.became, s.tag) as "tag!", t.forbidden_reason
        from unnest($1::text[]) with ordinality as s (tag, place)
        left join tags as t using (tag)
        order by s.place"#,
        tags,
    )
    .fetch_all(connection)
    .await?;
    let (mut meant, mut forbidden) = (Vec::new(), Vec::new());
    for row in rows {
        match row.forbidden_reason {
            Some(reason) => forbidden.push(ForbiddenTag { tag: row.tag, reason }),
            None if meant.contains(&row.tag) => {}
            None => meant.push(row.tag),
        }
    }
    Ok((meant, forbidden))
}
