use std::collections::BTreeMap;

use model::{CategorySlug, PackageName};
use serde_json::json;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::PackageSettingsError;
use crate::{
    EventId, Registry,
    accounts::{Caller, web_address},
    catalogue::{keep_catalogue, meant_categories, meant_tags},
    people::{Group, GroupName, tell_of_change},
    publish::{is_tag, tidy_text},
    readmes,
};

/// Kinds of links, in the order in which forms show them.
const LINKS: [&str; 5] = ["homepage", "repository", "documentation", "issues", "support"];
const MOST_CATEGORIES: usize = 3;
const MOST_TAGS: usize = 20;
const LONGEST_SUMMARY: usize = 1000;

/// What owners say of a package. What is left out here is taken away there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackageChange {
    /// What it is for; empty for nothing.
    pub summary: String,
    /// Slugs of categories, the best first; empty ones do not count.
    pub categories: Vec<String>,
    /// Free words.
    pub tags: Vec<String>,
    /// Addresses by their kind: `homepage`, `repository`, `documentation`, `issues` or `support`. Empty ones do not count.
    pub links: BTreeMap<String, String>,
}

/// The same, found to be what can be shown.
struct Checked {
    summary: Option<String>,
    categories: Vec<CategorySlug>,
    tags: Vec<String>,
    links: Vec<(&'static str, String)>,
}

impl PackageChange {
    fn check(&self) -> Result<Checked, PackageSettingsError> {
        if self.summary.chars().count() > LONGEST_SUMMARY {
            return Err(PackageSettingsError::Summary);
        }
        let mut categories: Vec<CategorySlug> = Vec::new();
        for slug in self.categories.iter().map(|slug| slug.trim()).filter(|slug| !slug.is_empty()) {
            let slug: CategorySlug = slug.parse().map_err(|_| PackageSettingsError::Category(slug.to_owned()))?;
            if !categories.contains(&slug) {
                categories.push(slug);
            }
        }
        if categories.len() > MOST_CATEGORIES {
            return Err(PackageSettingsError::TooManyCategories);
        }
        let mut tags: Vec<String> = Vec::new();
        for tag in self.tags.iter().map(|tag| tag.trim().to_lowercase()).filter(|tag| !tag.is_empty()) {
            if !is_tag(&tag) {
                return Err(PackageSettingsError::Tag(tag));
            }
            if !tags.contains(&tag) {
                tags.push(tag);
            }
        }
        if tags.len() > MOST_TAGS {
            return Err(PackageSettingsError::TooManyTags);
        }
        let mut links = Vec::new();
        for kind in LINKS {
            let Some(text) = self.links.get(kind).map(|text| text.trim()).filter(|text| !text.is_empty()) else {
                continue;
            };
            links.push((kind, web_address(text).ok_or(PackageSettingsError::Link(kind))?));
        }
        Ok(Checked { summary: tidy_text(Some(&self.summary)), categories, tags, links })
    }
}

impl Registry {
    /// Changes what owners say of a package. Returns the event; none where it is so already.
    pub async fn change_package(
        &self,
        caller: &Caller,
        name: &PackageName,
        change: &PackageChange,
    ) -> Result<Option<EventId>, PackageSettingsError> {
        let checked = change.check()?;
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        keep_catalogue(&mut transaction).await?;
        let group_name = GroupName::Package(name.clone());
        let group = Group::hold_as_owner(self, &mut transaction, caller, &group_name).await?;
        let (tags, forbidden) = meant_tags(&mut transaction, &checked.tags).await?;
        if let Some(forbidden) = forbidden.into_iter().next() {
            return Err(PackageSettingsError::ForbiddenTag { tag: forbidden.tag, reason: forbidden.reason });
        }
        let categories = meant_categories(&mut transaction, &checked.categories).await?;
        let checked = Checked { categories, tags, ..checked };
        let changed = apply(&mut transaction, group.id, &checked, now).await?;
        if changed.is_empty() {
            return Ok(None);
        }
        if changed.contains(&"links") {
            readmes::ask_for_package(&mut transaction, group.id, now).await?;
        }
        let what = format!("{} has changed its {}.", caller.handle(), changed.join(", "));
        tell_of_change(self, &mut transaction, &group, caller, &what, now).await?;
        let more = json!({ "changed": changed });
        let event = group.append(&mut transaction, "package.updated", caller.principal(), more, now).await?;
        transaction.commit().await?;
        Ok(Some(event))
    }
}

/// Brings the rows to what was said and returns what changed.
async fn apply(
    transaction: &mut PgConnection,
    package: i64,
    checked: &Checked,
    now: OffsetDateTime,
) -> Result<Vec<&'static str>, PackageSettingsError> {
    let known = sqlx::query!(
        r#"select
            summary,
            array(select slug from package_categories as c where c.package_id = p.package_id order by position)
                as "categories!: Vec<CategorySlug>",
            array(select tag from package_tags as t where t.package_id = p.package_id) as "tags!",
            array(select kind || ' ' || url from package_links as l where l.package_id = p.package_id) as "links!"
        from packages as p
        where package_id = $1"#,
        package,
    )
    .fetch_one(&mut *transaction)
    .await?;
    let sorted = |mut texts: Vec<String>| {
        texts.sort();
        texts
    };
    let mut changed = Vec::new();
    if known.summary != checked.summary {
        changed.push("description");
    }
    if known.categories != checked.categories {
        change_categories(transaction, package, &checked.categories).await?;
        changed.push("categories");
    }
    if sorted(known.tags) != sorted(checked.tags.clone()) {
        change_tags(transaction, package, &checked.tags).await?;
        changed.push("tags");
    }
    let links = checked.links.iter().map(|(kind, url)| format!("{kind} {url}")).collect();
    if sorted(known.links) != sorted(links) {
        sqlx::query!("delete from package_links where package_id = $1", package).execute(&mut *transaction).await?;
        for (kind, url) in &checked.links {
            sqlx::query!("insert into package_links (package_id, kind, url) values ($1, $2, $3)", package, kind, url)
                .execute(&mut *transaction)
                .await?;
        }
        changed.push("links");
    }
    if !changed.is_empty() {
        sqlx::query!(
            "update packages
            set summary = $2, updated_at = $3
            where package_id = $1",
            package,
            checked.summary,
            now,
        )
        .execute(transaction)
        .await?;
    }
    Ok(changed)
}

async fn change_categories(
    transaction: &mut PgConnection,
    package: i64,
    categories: &[CategorySlug],
) -> Result<(), PackageSettingsError> {
    sqlx::query!("delete from package_categories where package_id = $1", package).execute(&mut *transaction).await?;
    for (slug, position) in categories.iter().zip(1_i16..) {
        sqlx::query!(
            "insert into package_categories (package_id, slug, position) values ($1, $2, $3)",
            package,
            slug as _,
            position,
        )
        .execute(&mut *transaction)
        .await
        .map_err(|error| match error.as_database_error().and_then(|error| error.constraint()) {
            Some("package_categories_slug_fkey") => PackageSettingsError::Category(slug.to_string()),
            _ => error.into(),
        })?;
    }
    Ok(())
}

async fn change_tags(
    transaction: &mut PgConnection,
    package: i64,
    tags: &[String],
) -> Result<(), PackageSettingsError> {
    sqlx::query!("delete from package_tags where package_id = $1", package).execute(&mut *transaction).await?;
    sqlx::query!(
        "insert into tags (tag)
        select tag
        from unnest($1::text[]) as tag
        order by tag
        on conflict do nothing",
        tags,
    )
    .execute(&mut *transaction)
    .await?;
    sqlx::query!(
        "insert into package_tags (package_id, tag)
        select $1, tag
        from unnest($2::text[]) as tag",
        package,
        tags,
    )
    .execute(transaction)
    .await?;
    Ok(())
}
