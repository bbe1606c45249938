use model::{CategorySlug, Flag, FullName, PackageName, TokenAction, Visibility};
use sqlx::PgConnection;
use time::{Date, Duration, OffsetDateTime};

use super::{Authority, Publication, PublishError, Settings, metadata::tidy_text};
use crate::{
    Registry, RegistryError,
    accounts::{Caller, has_rights},
    administration::paused,
    catalogue::{meant_categories, meant_tags},
    moderation::note_near_name,
    trusted_publishing::take_over,
};

/// Which downloads count for whether many depend on a package.
const RECENT: Duration = Duration::days(90);

/// A package that something is published to.
pub(super) struct Package {
    pub(super) id: i64,
    /// Its name as it was first published.
    pub(super) name: PackageName,
    pub(super) full_name: FullName,
    pub(super) is_new: bool,
    /// The package that many use whose name is near to this new one.
    pub(super) near: Option<PackageName>,
}

struct Holder {
    package_id: i64,
    full_name: FullName,
    name: PackageName,
    origin: String,
    is_default: bool,
    is_orphaned: bool,
    trusted_publishers_only: bool,
    archived_at: Option<OffsetDateTime>,
    quarantined_at: Option<OffsetDateTime>,
    visibility: Visibility,
}

pub(super) async fn find_or_create_package(
    registry: &Registry,
    transaction: &mut PgConnection,
    publication: &Publication,
    now: OffsetDateTime,
) -> Result<Package, PublishError> {
    let holders = holders(transaction, &publication.name).await?;
    let found = match &publication.authority {
        Authority::System(_) => for_import(&holders, publication)?,
        Authority::Caller(caller) => for_caller(transaction, &holders, caller, &publication.name, now.date()).await?,
    };
    if let Some(holder) = found {
        return Ok(Package {
            id: holder.package_id,
            name: holder.name.clone(),
            full_name: holder.full_name.clone(),
            is_new: false,
            near: None,
        });
    }
    let is_default = !holders.iter().any(|holder| holder.is_default);
    let id = create(transaction, publication, is_default, now).await?;
    let near = match publication.authority {
        Authority::Caller(_) => note_near_name(registry, transaction, id, &publication.name, now).await?,
        Authority::System(_) => None,
    };
    Ok(Package { id, name: publication.name.clone(), full_name: publication.full_name.clone(), is_new: true, near })
}

/// Refuses early what would be refused in the end, before anything was received.
pub(super) async fn authorise(
    connection: &mut PgConnection,
    caller: &Caller,
    name: &PackageName,
    today: Date,
) -> Result<(), PublishError> {
    let holders = holders(connection, name).await?;
    for_caller(connection, &holders, caller, name, today).await.map(|_| ())
}

async fn holders(connection: &mut PgConnection, name: &PackageName) -> Result<Vec<Holder>, PublishError> {
    let folded = name.folded();
    let holders = sqlx::query_as!(
        Holder,
        r#"select package_id, full_name as "full_name: FullName", name as "name: PackageName", origin, is_default, is_orphaned,
            trusted_publishers_only, archived_at, quarantined_at, visibility as "visibility: Visibility"
        from packages
        where name_folded = $1"#,
        folded.as_str(),
    )
    .fetch_all(connection)
    .await?;
    Ok(holders)
}

fn for_import<'holders>(
    holders: &'holders [Holder],
    publication: &Publication,
) -> Result<Option<&'holders Holder>, PublishError> {
    if let Some(holder) = holders.iter().find(|holder| holder.full_name == publication.full_name) {
        if holder.origin != publication.origin().as_str() {
            return Err(PublishError::Owned(holder.name.clone()));
        }
        if holder.quarantined_at.is_some() {
            return Err(PublishError::Quarantined(holder.name.clone()));
        }
        return Ok(Some(holder));
    }
    // On one host, names that are read alike are the same name.
    let host = |name: &FullName| name.as_str().split('/').next().map(str::to_owned);
    match holders.iter().find(|holder| host(&holder.full_name) == host(&publication.full_name)) {
        Some(holder) => Err(PublishError::NameTaken { name: publication.name.clone(), taken: holder.name.clone() }),
        None => Ok(None),
    }
}

/// The package that the caller means by the name and may publish to; none where the name is free and may be taken.
async fn for_caller<'holders>(
    connection: &mut PgConnection,
    holders: &'holders [Holder],
    caller: &Caller,
    name: &PackageName,
    today: Date,
) -> Result<Option<&'holders Holder>, PublishError> {
    if let Some(reason) = paused(connection, Flag::NoPublishing).await? {
        return Err(PublishError::Paused(reason));
    }
    let allow = |action| {
        if caller.may(action, name) { Ok(()) } else { Err(PublishError::TokenScope { action, name: name.clone() }) }
    };
    // A short name alone means its default holder, or its only one.
    let holder = holders.iter().find(|holder| holder.is_default).or_else(|| holders.first());
    let Some(holder) = holder else {
        let reason = reserved(connection, name.folded().as_str()).await?;
        if let Some(reason) = reason {
            return Err(PublishError::Reserved { name: name.to_string(), reason });
        }
        allow(TokenAction::PublishNew)?;
        if caller.lacks_second_factor(false) {
            return Err(PublishError::SecondFactor);
        }
        return Ok(None);
    };
    let has_rights = has_rights(connection, caller, holder.package_id).await?;
    if !has_rights {
        return Err(if holder.visibility == Visibility::Members {
            // That there is one, its members know.
            PublishError::Reserved { name: name.to_string(), reason: "the name is not free".to_owned() }
        } else if holder.name == *name && holder.is_orphaned {
            PublishError::Unowned(holder.name.clone())
        } else if holder.name == *name {
            PublishError::NotYours(holder.name.clone())
        } else {
            PublishError::NameTaken { name: name.clone(), taken: holder.name.clone() }
        });
    }
    allow(TokenAction::PublishUpdate)?;
    if holder.quarantined_at.is_some() {
        return Err(PublishError::Quarantined(holder.name.clone()));
    }
    if holder.archived_at.is_some() {
        return Err(PublishError::Archived(holder.name.clone()));
    }
    if holder.trusted_publishers_only && caller.publisher().is_none() {
        return Err(PublishError::PublishersOnly(holder.name.clone()));
    }
    if needs_second_factor(connection, caller, holder.package_id, today).await? {
        return Err(PublishError::SecondFactor);
    }
    Ok(Some(holder))
}

/// Whether the caller's account would need a second factor for what it does with a package.
pub(crate) async fn needs_second_factor(
    connection: &mut PgConnection,
    caller: &Caller,
    package: i64,
    today: Date,
) -> Result<bool, RegistryError> {
    Ok(caller.lacks_second_factor(true)
        && (caller.lacks_second_factor(false) || is_critical(connection, package, today).await?))
}

/// Whether many depend on a package: it is of the uppermost hundredth by downloads in the last 90 days, and has a thousand.
async fn is_critical(connection: &mut PgConnection, package: i64, today: Date) -> Result<bool, RegistryError> {
    let is_critical = sqlx::query_scalar!(
        r#"with recent as (
            select r.package_id, sum(d.count) as downloads
            from downloads as d
            join artifacts as a using (artifact_id)
            join releases as r using (release_id)
            where d.day > $2
            group by r.package_id
        )
        select exists (
            select from recent as this
            where this.package_id = $1
                and this.downloads >= 1000
                and (select count(*) from recent as other where other.downloads > this.downloads)
                    < greatest(1, (select count(*) from packages) / 100)
        ) as "is_critical!""#,
        package,
        today - RECENT,
    )
    .fetch_one(connection)
    .await?;
    Ok(is_critical)
}

/// Why nobody may take the name; none where anybody may.
pub(super) async fn reserved(connection: &mut PgConnection, folded: &str) -> Result<Option<String>, PublishError> {
    let reason = sqlx::query_scalar!("select reason from reserved_names where name_folded = $1", folded)
        .fetch_optional(connection)
        .await?;
    Ok(reason)
}

async fn create(
    transaction: &mut PgConnection,
    publication: &Publication,
    is_default: bool,
    now: OffsetDateTime,
) -> Result<i64, PublishError> {
    let owner = match &publication.authority {
        Authority::System(_) => None,
        // A workflow owns nothing: whoever has named it does.
        Authority::Caller(caller) => {
            Some(publication.publisher().map_or_else(|| caller.principal(), |publisher| publisher.created_by))
        }
    };
    if let Some(owner) = owner {
        // Who has deleted their account meanwhile owns nothing.
        let account = sqlx::query!("select from accounts where principal_id = $1 for key share", owner)
            .fetch_optional(&mut *transaction)
            .await?;
        account.ok_or(PublishError::AccountGone)?;
    }
    let package = sqlx::query_scalar!(
        "insert into packages
            (full_name, name, is_default, kind, visibility, origin, is_orphaned, summary, created_at, updated_at)
        values ($1, $2, $3, $4, 'public', $5, $6, $7, $8, $8)
        returning package_id",
        publication.full_name as _,
        publication.name as _,
        is_default,
        publication.kind as _,
        publication.origin().as_str(),
        owner.is_none(),
        summary(publication),
        now,
    )
    .fetch_one(&mut *transaction)
    .await?;
    if let Some(owner) = owner {
        sqlx::query!(
            "insert into package_owners (package_id, principal_id, role, created_at)
            values ($1, $2, 'owner', $3)",
            package,
            owner,
            now,
        )
        .execute(&mut *transaction)
        .await?;
    }
    if let Some(owner) = owner {
        // Also those that the owner has named for it before, whoever publishes first.
        let taken = take_over(transaction, owner, &publication.name, package).await?;
        let publisher = publication.publisher();
        if publisher.is_some_and(|publisher| !taken.contains(&publisher.id)) {
            return Err(PublishError::AccountGone);
        }
    }
    add_settings(transaction, package, &publication.settings).await?;
    Ok(package)
}

/// What was said, or the comment of the only control file.
fn summary(publication: &Publication) -> Option<String> {
    let comment = || match publication.facts.extensions.as_slice() {
        [extension] => tidy_text(extension.comment.as_deref()),
        _ => None,
    };
    publication.settings.summary.clone().or_else(comment)
}

async fn add_settings(transaction: &mut PgConnection, package: i64, settings: &Settings) -> Result<(), PublishError> {
    add_categories(transaction, package, &settings.categories).await?;
    // Whoever publishes was told of those that nobody may use.
    let (tags, _) = meant_tags(transaction, &settings.tags).await?;
    sqlx::query!(
        "insert into tags (tag)
        select tag
        from unnest($1::text[]) as tag
        order by tag
        on conflict do nothing",
        &tags,
    )
    .execute(&mut *transaction)
    .await?;
    sqlx::query!(
        "insert into package_tags (package_id, tag)
        select $1, tag
        from unnest($2::text[]) as tag
        on conflict do nothing",
        package,
        &tags,
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

pub(super) async fn add_categories(
    transaction: &mut PgConnection,
    package: i64,
    categories: &[CategorySlug],
) -> Result<(), PublishError> {
    let categories = meant_categories(transaction, categories).await?;
    for (slug, position) in categories.into_iter().zip(1_i16..) {
        sqlx::query!(
            "insert into package_categories (package_id, slug, position)
            values ($1, $2, $3)",
            package,
            &slug as _,
            position,
        )
        .execute(&mut *transaction)
        .await
        .map_err(|error| match error.as_database_error().and_then(|error| error.constraint()) {
            Some("package_categories_slug_fkey") => PublishError::UnknownCategory(slug),
            _ => error.into(),
        })?;
    }
    Ok(())
}
