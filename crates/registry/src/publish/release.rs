use model::{ExtensionName, Folded, FullName};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{Extension, Publication, PublishError};

pub(super) async fn find_or_create_release(
    transaction: &mut PgConnection,
    publication: &Publication,
    package: i64,
    now: OffsetDateTime,
) -> Result<(i64, bool), PublishError> {
    let known = sqlx::query!(
        "select release_id, state
        from releases
        where package_id = $1
            and version = $2",
        package,
        publication.version as _,
    )
    .fetch_optional(&mut *transaction)
    .await?;
    match known {
        Some(release) if release.state == "deleted" => return Err(PublishError::Deleted(publication.version.clone())),
        Some(release) => return Ok((release.release_id, false)),
        None => {}
    }
    let release = sqlx::query_scalar!(
        "insert into releases
            (package_id, version, version_key, is_prerelease, state, licence, published_by, published_at)
        values ($1, $2, $3, $4, 'active', $5, $6, $7)
        returning release_id",
        package,
        publication.version as _,
        publication.version.sort_key(),
        publication.version.is_prerelease(),
        publication.facts.licence,
        publication.actor,
        now,
    )
    .fetch_one(&mut *transaction)
    .await?;
    for extension in &publication.facts.extensions {
        add_extension(transaction, package, release, extension).await?;
    }
    for module in &publication.facts.modules {
        sqlx::query!(
            "insert into modules
                (release_id, library, load_kind, load_source, without_preload, restart_on_install, restart_on_upgrade, usage)
            values ($1, $2, $3, $4, $5, $6, $7, $8)",
            release,
            module.library,
            module.load_kind as _,
            module.load_source as _,
            module.without_preload,
            module.restart_on_install,
            module.restart_on_upgrade,
            &module.usage,
        )
        .execute(&mut *transaction)
        .await?;
    }
    Ok((release, true))
}

async fn add_extension(
    transaction: &mut PgConnection,
    package: i64,
    release: i64,
    extension: &Extension,
) -> Result<(), PublishError> {
    provide_extension(transaction, package, &extension.name).await?;
    sqlx::query!(
        "insert into extensions
            (release_id, name, version, comment, requires, is_trusted, needs_superuser, is_relocatable, schema)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        release,
        extension.name as _,
        extension.version as _,
        extension.comment,
        &extension.requires,
        extension.trusted,
        extension.superuser,
        extension.relocatable,
        extension.schema,
    )
    .execute(transaction)
    .await?;
    Ok(())
}

/// Records that the package provides the extension: as the first, or beside others with which it shares an owner.
async fn provide_extension(
    transaction: &mut PgConnection,
    package: i64,
    name: &ExtensionName,
) -> Result<(), PublishError> {
    let folded: Folded = name.folded();
    sqlx::query!(
        "insert into extension_names (name_folded, name, default_package_id)
        values ($1, $2, $3)
        on conflict do nothing",
        folded.as_str(),
        name as _,
        package,
    )
    .execute(&mut *transaction)
    .await?;
    let stranger = sqlx::query_scalar!(
        r#"select p.full_name as "full_name: FullName"
        from extension_names as n
        join packages as p on p.package_id = n.default_package_id
        where n.name_folded = $1
            and n.default_package_id <> $2
            and not exists (
                select from package_owners as theirs
                join package_owners as ours using (principal_id)
                where theirs.package_id = n.default_package_id
                    and ours.package_id = $2
                    and theirs.role = 'owner'
                    and ours.role = 'owner'
            )"#,
        folded.as_str(),
        package,
    )
    .fetch_optional(&mut *transaction)
    .await?;
    if let Some(by) = stranger {
        return Err(PublishError::ExtensionTaken { name: name.clone(), by });
    }
    sqlx::query!(
        "insert into extension_providers (name_folded, package_id)
        values ($1, $2)
        on conflict do nothing",
        folded.as_str(),
        package,
    )
    .execute(transaction)
    .await?;
    Ok(())
}
