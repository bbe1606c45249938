//! One row for each public package, as lists show it.

use sqlx::{PgConnection, PgPool};

use crate::{EventId, RegistryError};

/// How many events are looked at in one transaction.
const BATCH: i64 = 1000;

/// Applies all events behind the cursor and returns the new cursor.
pub(crate) async fn catch_up(pool: &PgPool) -> Result<EventId, RegistryError> {
    loop {
        let mut transaction = pool.begin().await?;
        let cursor = lock_cursor(&mut transaction).await?;
        let seen = sqlx::query!(
            r#"with new as materialized (
                select event_id, payload::jsonb as payload
                from events
                where event_id > $1
                order by event_id
                limit $2
            )
            select
                coalesce((select max(event_id) from new), $1) as "newest!",
                array(
                    select (payload ->> 'package')::bigint from new where payload ? 'package'
                    union
                    select package::bigint from new cross join jsonb_array_elements_text(payload -> 'packages') as package
                ) as "packages!""#,
            cursor,
            BATCH,
        )
        .fetch_one(&mut *transaction)
        .await?;
        if seen.newest == cursor {
            return Ok(cursor);
        }
        refresh(&mut transaction, Some(&seen.packages)).await?;
        move_cursor(&mut transaction, seen.newest).await?;
        transaction.commit().await?;
        if seen.newest < cursor + BATCH {
            return Ok(seen.newest);
        }
    }
}

/// Builds all rows again from the tables.
pub(crate) async fn rebuild(pool: &PgPool) -> Result<EventId, RegistryError> {
    let mut transaction = pool.begin().await?;
    lock_cursor(&mut transaction).await?;
    let newest = sqlx::query_scalar!(r#"select coalesce(max(event_id), 0) as "newest!" from events"#)
        .fetch_one(&mut *transaction)
        .await?;
    sqlx::query!("delete from listings").execute(&mut *transaction).await?;
    // Read after the newest id: a release that arrives in between is taken in now and once more when its event comes.
    refresh(&mut transaction, None).await?;
    move_cursor(&mut transaction, newest).await?;
    transaction.commit().await?;
    Ok(newest)
}

async fn lock_cursor(transaction: &mut PgConnection) -> Result<EventId, RegistryError> {
    let cursor = sqlx::query_scalar!(
        "select event_id
        from cursors
        where projection = 'listings'
        for update"
    )
    .fetch_one(transaction)
    .await?;
    Ok(cursor)
}

async fn move_cursor(transaction: &mut PgConnection, event: EventId) -> Result<(), RegistryError> {
    sqlx::query!(
        "update cursors
        set event_id = $1
        where projection = 'listings'",
        event,
    )
    .execute(transaction)
    .await?;
    Ok(())
}

/// Writes the rows of `packages` anew, or of all packages.
async fn refresh(transaction: &mut PgConnection, packages: Option<&[i64]>) -> Result<(), RegistryError> {
    sqlx::query!(
        "delete from listings
        where package_id = any($1)",
        packages,
    )
    .execute(&mut *transaction)
    .await?;
    insert(transaction, packages).await
}

async fn insert(transaction: &mut PgConnection, packages: Option<&[i64]>) -> Result<(), RegistryError> {
    sqlx::query!(
        "insert into listings (
            package_id, name, name_folded, is_default, full_name, kind, origin, summary, version, categories, tags,
            extension_names, majors, versions, platforms, platform_majors, load_kind, is_trusted, release_count,
            artifact_count, created_at, updated_at
        )
        with builds as materialized (
            select *
            from installable
            where $1::bigint[] is null or package_id = any($1)
        ),
        by_major as (
            select package_id, array_agg(major order by major) as majors, array_agg(version order by major) as versions
            from (
                select distinct on (package_id, major) package_id, major, version
                from builds
                order by package_id, major, is_prerelease, version_key desc
            ) as newest
            group by package_id
        ),
        by_platform as (
            select
                package_id,
                array_agg(platform order by platform) as platforms,
                array_agg(majors order by platform) as platform_majors
            from (
                select package_id, platform, bit_or(1::bigint << (major - 10)) as majors
                from builds
                group by package_id, platform
            ) as platforms
            group by package_id
        ),
        counts as (
            select
                r.package_id,
                count(distinct r.release_id) as releases,
                count(*) as artifacts,
                max(a.published_at) as updated_at
            from releases as r
            join artifacts as a using (release_id)
            where r.state = 'active'
                and ($1::bigint[] is null or r.package_id = any($1))
            group by r.package_id
        )
        select
            p.package_id,
            p.name,
            p.name_folded,
            p.is_default,
            p.full_name,
            p.kind,
            p.origin,
            p.summary,
            r.version,
            array(select c.slug from package_categories as c where c.package_id = p.package_id order by c.position),
            array(select t.tag from package_tags as t where t.package_id = p.package_id order by t.tag),
            array(select e.name from extensions as e where e.release_id = r.release_id order by e.name),
            coalesce(by_major.majors, '{}'),
            coalesce(by_major.versions, '{}'),
            coalesce(by_platform.platforms, '{}'),
            coalesce(by_platform.platform_majors, '{}'),
            (
                select m.load_kind
                from modules as m
                where m.release_id = r.release_id
                order by m.load_kind = 'shared-preload-required' desc, m.module_id
                limit 1
            ),
            coalesce((select bool_and(e.is_trusted) from extensions as e where e.release_id = r.release_id), false),
            counts.releases,
            counts.artifacts,
            p.created_at,
            counts.updated_at
        from packages as p
        join counts using (package_id)
        left join by_major using (package_id)
        left join by_platform using (package_id)
        cross join lateral (
            select newest.release_id, newest.version
            from releases as newest
            where newest.package_id = p.package_id
                and newest.state = 'active'
            order by newest.is_prerelease, newest.version_key desc
            limit 1
        ) as r
        where p.visibility = 'public'
            and ($1::bigint[] is null or p.package_id = any($1))",
        packages,
    )
    .execute(transaction)
    .await?;
    Ok(())
}
