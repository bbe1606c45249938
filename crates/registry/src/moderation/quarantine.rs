//! Holding something back so that nobody installs it, and giving it back as it was.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{RegistryError, staff::Reason};

/// Holds a package back with all its releases. False where it is so already.
pub(super) async fn hold_package(
    transaction: &mut PgConnection,
    package: i64,
    reason: &Reason,
    now: OffsetDateTime,
) -> Result<bool, RegistryError> {
    let held = sqlx::query!(
        "update packages
        set quarantined_at = $2, quarantine_reason = $3, updated_at = $2
        where package_id = $1
            and quarantined_at is null",
        package,
        now,
        reason.as_str(),
    )
    .execute(&mut *transaction)
    .await?;
    if held.rows_affected() == 0 {
        return Ok(false);
    }
    let releases = sqlx::query_scalar!(
        "select release_id
        from releases
        where package_id = $1
            and state in ('active', 'yanked')
        order by release_id
        for update",
        package,
    )
    .fetch_all(&mut *transaction)
    .await?;
    hold(transaction, &releases, reason, true, now).await?;
    Ok(true)
}

/// Holds one release back. False where it is not there to be held.
pub(super) async fn hold_release(
    transaction: &mut PgConnection,
    release: i64,
    reason: &Reason,
    now: OffsetDateTime,
) -> Result<bool, RegistryError> {
    let releases = sqlx::query_scalar!(
        "select release_id
        from releases
        where release_id = $1
            and state in ('active', 'yanked')
        for update",
        release,
    )
    .fetch_all(&mut *transaction)
    .await?;
    hold(transaction, &releases, reason, false, now).await?;
    Ok(!releases.is_empty())
}

async fn hold(
    transaction: &mut PgConnection,
    releases: &[i64],
    reason: &Reason,
    with_package: bool,
    now: OffsetDateTime,
) -> Result<(), RegistryError> {
    sqlx::query!(
        "insert into quarantined_releases (release_id, previous_state, previous_reason, previous_changed_at, with_package)
        select release_id, state, state_reason, state_changed_at, $2
        from releases
        where release_id = any($1)",
        releases,
        with_package,
    )
    .execute(&mut *transaction)
    .await?;
    sqlx::query!(
        "update releases
        set state = 'quarantined', state_reason = $2, state_changed_at = $3
        where release_id = any($1)",
        releases,
        reason.as_str(),
        now,
    )
    .execute(transaction)
    .await?;
    Ok(())
}

/// Gives a package back, with its releases as they were; what was held before for itself stays so. Where only releases are held,
/// gives them back. False where nothing is held.
pub(super) async fn release_package(
    transaction: &mut PgConnection,
    package: i64,
    now: OffsetDateTime,
) -> Result<bool, RegistryError> {
    let given = sqlx::query!(
        "update packages
        set quarantined_at = null, quarantine_reason = null, updated_at = $2
        where package_id = $1
            and quarantined_at is not null",
        package,
        now,
    )
    .execute(&mut *transaction)
    .await?;
    let releases = sqlx::query_scalar!(
        "select release_id
        from quarantined_releases
        join releases using (release_id)
        where package_id = $1
            and (with_package or not $2)
        order by release_id",
        package,
        given.rows_affected() > 0,
    )
    .fetch_all(&mut *transaction)
    .await?;
    restore(transaction, &releases).await?;
    Ok(given.rows_affected() > 0 || !releases.is_empty())
}

/// Gives one release back that is held for itself.
pub(super) async fn release_release(transaction: &mut PgConnection, release: i64) -> Result<bool, RegistryError> {
    let releases = sqlx::query_scalar!(
        "select release_id from quarantined_releases where release_id = $1 and not with_package",
        release
    )
    .fetch_all(&mut *transaction)
    .await?;
    restore(transaction, &releases).await?;
    Ok(!releases.is_empty())
}

async fn restore(transaction: &mut PgConnection, releases: &[i64]) -> Result<(), RegistryError> {
    sqlx::query!(
        "update releases as r
        set state = q.previous_state, state_reason = q.previous_reason, state_changed_at = q.previous_changed_at
        from quarantined_releases as q
        where q.release_id = r.release_id
            and r.release_id = any($1)
            and r.state = 'quarantined'",
        releases,
    )
    .execute(&mut *transaction)
    .await?;
    sqlx::query!("delete from quarantined_releases where release_id = any($1)", releases).execute(transaction).await?;
    Ok(())
}
