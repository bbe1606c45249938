//! Names that could be taken for those of packages that many use.

use model::{PackageName, ReportKind};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use super::report::tell_staff;
use crate::{Registry, RegistryError};

/// Which downloads count, and how many make a package one that many use.
const RECENT: Duration = Duration::days(90);
const POPULAR: i64 = 100;

/// Whether one name is easily typed, or read, in place of the other. Both are folded.
pub(super) fn are_near(new: &str, known: &str) -> bool {
    let bare = |name: &str| name.replace('_', "");
    if bare(new) == bare(known) {
        return true;
    }
    // Lines of one package for several majors: pg_hint_plan15, pg_hint_plan16.
    let stem = |name: &str| name.trim_end_matches(|letter: char| letter.is_ascii_digit()).to_owned();
    if stem(new) == stem(known) {
        return false;
    }
    let shorter = new.len().min(known.len());
    let distance = strsim::damerau_levenshtein(new, known);
    match shorter {
        0..=4 => false,
        5..=9 => distance <= 1,
        _ => distance <= 2,
    }
}

/// Looks whether a new package has a name near to that of one that many use and that is somebody else's. If so it goes to the
/// moderators, as part of the transaction that creates it; returns the other name, for its publisher.
pub(crate) async fn note_near_name(
    registry: &Registry,
    transaction: &mut PgConnection,
    package: i64,
    name: &PackageName,
    now: OffsetDateTime,
) -> Result<Option<PackageName>, RegistryError> {
    let names = sqlx::query!(
        r#"select p.package_id, p.name as "name: PackageName", p.origin = 'import' as "is_imported!"
        from packages as p
        where p.is_default
            and p.package_id <> $1
            and p.visibility = 'public'
            and abs(length(p.name) - length($2)) <= 4
        order by p.package_id"#,
        package,
        name as _,
    )
    .fetch_all(&mut *transaction)
    .await?;
    let folded = name.folded();
    let mut near = None;
    // Only of the few that are near is it asked whether many use them.
    for known in names.into_iter().filter(|known| are_near(folded.as_str(), known.name.folded().as_str())) {
        if is_popular_of_others(transaction, known.package_id, package, known.is_imported, now).await? {
            near = Some(known.name);
            break;
        }
    }
    let Some(near) = near else { return Ok(None) };
    let case = sqlx::query_scalar!(
        "insert into cases (package_id, opened_at) values ($1, $2) returning case_id",
        package,
        now
    )
    .fetch_one(&mut *transaction)
    .await?;
    sqlx::query!(
        "insert into reports (case_id, kind, text, created_at)
        values ($1, $2, $3, $4)",
        case,
        ReportKind::TypoSquatting as _,
        format!("The name {name} was published for the first time. It is near to {near}, which many use."),
        now,
    )
    .execute(&mut *transaction)
    .await?;
    tell_staff(registry, transaction, case, ReportKind::TypoSquatting, now).await?;
    Ok(Some(near))
}

/// Whether many use a package with which the owners of another one have nothing to do.
async fn is_popular_of_others(
    transaction: &mut PgConnection,
    known: i64,
    new: i64,
    is_imported: bool,
    now: OffsetDateTime,
) -> Result<bool, RegistryError> {
    let is_popular = sqlx::query_scalar!(
        r#"select
            (
                $3
                or (
                    select coalesce(sum(d.count), 0)
                    from downloads as d
                    join artifacts as a using (artifact_id)
                    join releases as r using (release_id)
                    where r.package_id = $1
                        and d.day > $4
                ) >= $5::bigint
            )
            and not exists (
                select from package_rights as theirs
                join package_rights as ours using (principal_id)
                where theirs.package_id = $1
                    and ours.package_id = $2
            ) as "is_popular!""#,
        known,
        new,
        is_imported,
        (now - RECENT).date(),
        POPULAR,
    )
    .fetch_one(transaction)
    .await?;
    Ok(is_popular)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_mistyped_are_near() {
        for (new, known) in [
            ("pg_vectro", "pg_vector"),
            ("pgcron", "pg_cron"),
            ("pg_tgrm", "pg_trgm"),
            ("postgiss", "postgis"),
            ("timescaldb", "timescaledb"),
            ("timescalebd_x", "timescaledb_x"),
        ] {
            assert!(are_near(new, known), "{new} {known}");
        }
        for (new, known) in [
            ("pg_hint_plan15", "pg_hint_plan16"),
            ("cube", "tube"),
            ("pgaudit", "pg_prewarm"),
            ("hstore_plperl", "hstore"),
            ("citext", "ltree"),
        ] {
            assert!(!are_near(new, known), "{new} {known}");
        }
    }
}
