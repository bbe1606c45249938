use model::{FullName, PackageName};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{Origin, Publication, PublishError, Settings};

pub(super) async fn find_or_create_package(
    transaction: &mut PgConnection,
    publication: &Publication,
    now: OffsetDateTime,
) -> Result<i64, PublishError> {
    let folded = publication.name.folded();
    let holders = sqlx::query!(
        r#"select package_id, full_name as "full_name: FullName", name as "name: PackageName", origin, is_default
        from packages
        where name_folded = $1"#,
        folded.as_str(),
    )
    .fetch_all(&mut *transaction)
    .await?;
    if let Some(holder) = holders.iter().find(|holder| holder.full_name == publication.full_name) {
        if publication.origin == Origin::Import && holder.origin != Origin::Import.as_str() {
            return Err(PublishError::Owned(holder.name.clone()));
        }
        return Ok(holder.package_id);
    }
    // On one host, names that are read alike are the same name.
    let host = |name: &FullName| name.as_str().split('/').next().map(str::to_owned);
    if let Some(holder) = holders.iter().find(|holder| host(&holder.full_name) == host(&publication.full_name)) {
        return Err(PublishError::NameTaken { name: publication.name.clone(), taken: holder.name.clone() });
    }
    let package = sqlx::query_scalar!(
        "insert into packages
            (full_name, name, is_default, kind, visibility, origin, is_orphaned, summary, created_at, updated_at)
        values ($1, $2, $3, $4, 'public', $5, true, $6, $7, $7)
        returning package_id",
        publication.full_name as _,
        publication.name as _,
        !holders.iter().any(|holder| holder.is_default),
        publication.kind as _,
        publication.origin.as_str(),
        publication.settings.summary,
        now,
    )
    .fetch_one(&mut *transaction)
    .await?;
    add_settings(transaction, package, &publication.settings).await?;
    Ok(package)
}

async fn add_settings(transaction: &mut PgConnection, package: i64, settings: &Settings) -> Result<(), PublishError> {
    for (slug, position) in settings.categories.iter().zip(1_i16..) {
        sqlx::query!(
            "insert into package_categories (package_id, slug, position)
            values ($1, $2, $3)",
            package,
            slug as _,
            position,
        )
        .execute(&mut *transaction)
        .await
        .map_err(|error| match error.as_database_error().and_then(|error| error.constraint()) {
            Some("package_categories_slug_fkey") => PublishError::UnknownCategory(slug.clone()),
            _ => error.into(),
        })?;
    }
    sqlx::query!(
        "insert into tags (tag)
        select unnest($1::text[])
        on conflict do nothing",
        &settings.tags,
    )
    .execute(&mut *transaction)
    .await?;
    sqlx::query!(
        "insert into package_tags (package_id, tag)
        select $1, tag
        from unnest($2::text[]) as tag
        on conflict do nothing",
        package,
        &settings.tags,
    )
    .execute(&mut *transaction)
    .await?;
    for (kind, url) in &settings.links {
        sqlx::query!(
            "insert into package_links (package_id, kind, url)
            values ($1, $2, $3)",
            package,
            kind,
            url,
        )
        .execute(&mut *transaction)
        .await?;
    }
    Ok(())
}
