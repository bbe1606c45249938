use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{Publication, PublishError, package};
use crate::readmes;

/// Brings the description and the links of a package to what its newest upload says, and returns what changed.
///
/// What the upload leaves out stays. Categories are taken only where the package has none: otherwise they are the package's
/// own setting, which an upload does not undo.
pub(super) async fn update(
    transaction: &mut PgConnection,
    package: i64,
    publication: &Publication,
    now: OffsetDateTime,
) -> Result<Vec<&'static str>, PublishError> {
    let settings = &publication.settings;
    let mut updated = Vec::new();
    if let Some(summary) = &settings.summary {
        let changed = sqlx::query!(
            "update packages
            set summary = $2
            where package_id = $1
                and summary is distinct from $2",
            package,
            summary,
        )
        .execute(&mut *transaction)
        .await?;
        if changed.rows_affected() > 0 {
            updated.push("description");
        }
    }
    for (kind, url) in &settings.links {
        let changed = sqlx::query!(
            "insert into package_links as known (package_id, kind, url)
            values ($1, $2, $3)
            on conflict (package_id, kind) do update
            set url = excluded.url
            where known.url <> excluded.url",
            package,
            kind,
            url,
        )
        .execute(&mut *transaction)
        .await?;
        if changed.rows_affected() > 0 {
            updated.push(*kind);
            if *kind == "repository" {
                readmes::ask_for_package(&mut *transaction, package, now).await?;
            }
        }
    }
    let has_categories = sqlx::query_scalar!(
        r#"select exists (select from package_categories where package_id = $1) as "has_categories!""#,
        package
    )
    .fetch_one(&mut *transaction)
    .await?;
    if !has_categories && !settings.categories.is_empty() {
        package::add_categories(transaction, package, &settings.categories).await?;
        updated.push("categories");
    }
    if !updated.is_empty() {
        sqlx::query!("update packages set updated_at = $2 where package_id = $1", package, now)
            .execute(transaction)
            .await?;
    }
    Ok(updated)
}
