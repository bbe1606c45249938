use model::{ExtensionName, Folded, FullName};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{ArtifactKind, Authority, Extension, Facts, Origin, Publication, PublishError, package};
use crate::readmes;

/// A release that something is published to.
pub(super) struct Release {
    pub(super) id: i64,
    pub(super) is_new: bool,
}

pub(super) async fn find_or_create_release(
    transaction: &mut PgConnection,
    publication: &Publication,
    package: i64,
    now: OffsetDateTime,
) -> Result<Release, PublishError> {
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
        Some(release) if release.state == "quarantined" => {
            return Err(PublishError::HeldBack(publication.version.clone()));
        }
        Some(release) => {
            add_missing_facts(transaction, release.release_id, publication, now).await?;
            return Ok(Release { id: release.release_id, is_new: false });
        }
        None => {}
    }
    let dependencies = &publication.facts.system_dependencies;
    let system_dependencies = (!dependencies.is_empty()).then(|| serde_json::json!(dependencies));
    let release = sqlx::query_scalar!(
        "insert into releases
            (package_id, version, version_key, is_prerelease, state, licence, published_by, published_at,
            system_dependencies, depends_on)
        values ($1, $2, $3, $4, 'active', $5, $6, $7, $8, $9)
        returning release_id",
        package,
        publication.version as _,
        publication.version.sort_key(),
        publication.version.is_prerelease(),
        publication.facts.licence,
        publication.actor(),
        now,
        system_dependencies,
        &publication.facts.depends_on,
    )
    .fetch_one(&mut *transaction)
    .await?;
    for extension in &publication.facts.extensions {
        add_extension(transaction, release, extension).await?;
    }
    add_readme(transaction, release, &publication.facts, now).await?;
    add_binary_facts(transaction, release, &publication.facts).await?;
    Ok(Release { id: release, is_new: true })
}

/// A source cannot tell what only binaries have, and not every archive has a README: what nobody has said yet is taken from a
/// further file.
async fn add_missing_facts(
    transaction: &mut PgConnection,
    release: i64,
    publication: &Publication,
    now: OffsetDateTime,
) -> Result<(), PublishError> {
    let known = sqlx::query!(
        r#"select
            exists (select from artifacts where release_id = $1 and kind = 'binary') as "has_binary!",
            exists (select from extensions where release_id = $1) as "has_extensions!",
            exists (select from readmes where release_id = $1) as "has_readme!""#,
        release,
    )
    .fetch_one(&mut *transaction)
    .await?;
    if publication.origin() == Origin::Upload && !known.has_readme {
        add_readme(transaction, release, &publication.facts, now).await?;
    }
    if !known.has_binary && publication.artifact.kind == ArtifactKind::Binary {
        if !known.has_extensions {
            for extension in &publication.facts.extensions {
                add_extension(transaction, release, extension).await?;
            }
        }
        add_binary_facts(transaction, release, &publication.facts).await?;
        let dependencies = &publication.facts.system_dependencies;
        sqlx::query!(
            "update releases
            set depends_on = case when depends_on = '{}' then $2 else depends_on end,
                system_dependencies = coalesce(system_dependencies, $3),
                licence = coalesce(licence, $4)
            where release_id = $1",
            release,
            &publication.facts.depends_on,
            (!dependencies.is_empty()).then(|| serde_json::json!(dependencies)),
            publication.facts.licence,
        )
        .execute(&mut *transaction)
        .await?;
    }
    Ok(())
}

async fn add_readme(
    transaction: &mut PgConnection,
    release: i64,
    facts: &Facts,
    now: OffsetDateTime,
) -> Result<(), PublishError> {
    let Some((path, text)) = &facts.readme else { return Ok(()) };
    sqlx::query!("insert into readmes (release_id, path, text) values ($1, $2, $3)", release, path, text)
        .execute(&mut *transaction)
        .await?;
    readmes::ask_for_release(transaction, release, now).await?;
    Ok(())
}

/// Settings and libraries.
async fn add_binary_facts(transaction: &mut PgConnection, release: i64, facts: &Facts) -> Result<(), PublishError> {
    for (setting, position) in facts.settings.iter().zip(1_i16..) {
        sqlx::query!(
            "insert into release_settings (release_id, name, position, is_required, recommended_value)
            values ($1, $2, $3, $4, $5)",
            release,
            setting.name,
            position,
            setting.is_required,
            setting.recommended_value,
        )
        .execute(&mut *transaction)
        .await?;
    }
    for module in &facts.modules {
        sqlx::query!(
            "insert into modules
                (release_id, library, load_kind, load_source, without_preload, restart_on_install, restart_on_upgrade, usage,
                preload_priority)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            release,
            module.library,
            module.load_kind as _,
            module.load_source as _,
            module.without_preload,
            module.restart_on_install,
            module.restart_on_upgrade,
            &module.usage,
            module.preload_priority,
        )
        .execute(&mut *transaction)
        .await?;
    }
    Ok(())
}

/// How the facts differ from those of a release that is there, in words. Those of the release stay.
pub(super) async fn differences(
    transaction: &mut PgConnection,
    release: i64,
    facts: &Facts,
) -> Result<Vec<String>, PublishError> {
    let licence = sqlx::query_scalar!("select licence from releases where release_id = $1", release)
        .fetch_one(&mut *transaction)
        .await?;
    let known = sqlx::query!("select name, version, requires from extensions where release_id = $1", release)
        .fetch_all(transaction)
        .await?;
    let mut differences = Vec::new();
    if facts.licence.is_some() && facts.licence != licence {
        differences.push(format!("the licence stays {}", licence.as_deref().unwrap_or("unknown")));
    }
    for extension in &facts.extensions {
        match known.iter().find(|known| Folded::of(&known.name) == extension.name.folded()) {
            None => differences.push(format!("the extension {} is not in the release's first file", extension.name)),
            Some(known) => {
                if known.version.as_deref() != extension.version.as_ref().map(model::ControlVersion::as_str) {
                    differences.push(format!(
                        "the default version of {} is another in the release's first file",
                        extension.name
                    ));
                }
                if known.requires != extension.requires {
                    differences.push(format!(
                        "what {} requires is something else in the release's first file",
                        extension.name
                    ));
                }
            }
        }
    }
    for known in known
        .iter()
        .filter(|known| !facts.extensions.iter().any(|extension| extension.name.folded() == Folded::of(&known.name)))
    {
        differences.push(format!("the extension {} of the release's first file is missing", known.name));
    }
    Ok(differences)
}

/// Records what the package provides, also by a further file of a release: nobody gets somebody else's extension with it.
pub(super) async fn provide_extensions(
    transaction: &mut PgConnection,
    publication: &Publication,
    package: i64,
) -> Result<(), PublishError> {
    // In one order, so that nobody waits for somebody who waits for them.
    let mut extensions: Vec<&Extension> = publication.facts.extensions.iter().collect();
    extensions.sort_unstable_by_key(|extension| extension.name.folded());
    for extension in extensions {
        if let (Authority::Caller(_), Some(reason)) =
            (&publication.authority, package::reserved(transaction, extension.name.folded().as_str()).await?)
        {
            return Err(PublishError::Reserved { name: extension.name.to_string(), reason });
        }
        provide_extension(transaction, package, &extension.name).await?;
    }
    Ok(())
}

async fn add_extension(
    transaction: &mut PgConnection,
    release: i64,
    extension: &Extension,
) -> Result<(), PublishError> {
    sqlx::query!(
        "insert into extensions
            (release_id, name, version, comment, requires, is_trusted, needs_superuser, is_relocatable, schema, control_file)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        release,
        extension.name as _,
        extension.version as _,
        extension.comment,
        &extension.requires,
        extension.trusted,
        extension.superuser,
        extension.relocatable,
        extension.schema,
        extension.control_file,
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
                select from package_rights as theirs
                join package_rights as ours using (principal_id)
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
