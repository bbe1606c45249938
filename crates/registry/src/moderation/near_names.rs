//! Names that could be taken for those of packages that many use.

use model::{PackageName, ReportKind};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use crate::RegistryError;

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
    transaction: &mut PgConnection,
    package: i64,
    name: &PackageName,
    now: OffsetDateTime,
) -> Result<Option<PackageName>, RegistryError> {
    let popular = sqlx::query_scalar!(
        r#"select p.name as "name: PackageName"
        from packages as p
        where p.is_default
            and p.package_id <> $1
            and p.visibility = 'public'
            and (
                p.origin = 'import'
                or (
                    select sum(d.count)
                    from downloads as d
                    join artifacts as a using (artifact_id)
                    join releases as r using (release_id)
                    where r.package_id = p.package_id
                        and d.day > $2
                ) >= $3::bigint
            )
            and not exists (
                select from package_rights as theirs
                join package_rights as ours using (principal_id)
                where theirs.package_id = p.package_id
                    and ours.package_id = $1
            )
            and abs(length(p.name) - length($4)) <= 4"#,
        package,
        (now - RECENT).date(),
        POPULAR,
        name as _,
    )
    .fetch_all(&mut *transaction)
    .await?;
    let folded = name.folded();
    let near = popular.into_iter().find(|known| are_near(folded.as_str(), known.folded().as_str()));
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
    .execute(transaction)
    .await?;
    Ok(Some(near))
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
