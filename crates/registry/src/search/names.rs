//! What is found without an index: names, by PostgreSQL.

use sqlx::PgPool;

use super::query::{SearchQuery, words};
use crate::RegistryError;

/// The packages whose name has the text in it, those that begin with it first, and how many there are.
pub(super) async fn search(pool: &PgPool, query: &SearchQuery) -> Result<(Vec<i64>, u64), RegistryError> {
    let text = words(&query.text).join("_");
    let rows = sqlx::query!(
        r#"select l.package_id, count(*) over () as "total!"
        from listings as l
        where l.is_default
            and (
                strpos(l.name_folded, $1) > 0
                or exists (select from unnest(l.extension_names) as e where strpos(fold_name(e), $1) > 0)
            )
            and ($2::text is null or l.categories @> array[$2])
            and ($3::smallint is null or l.majors @> array[$3])
            and ($4::text is null or l.platforms && array[$4, 'any'])
            and ($5::text is null or l.load_kind = $5)
            and (not $6 or l.is_trusted)
            and ($7::text is null or l.tags @> array[$7])
        order by l.name_folded <> $1, not starts_with(l.name_folded, $1), l.name_folded
        limit $8
        offset $9"#,
        text,
        query.category as _,
        query.major as _,
        query.platform as _,
        query.load as _,
        query.trusted,
        query.tag,
        i64::from(query.limit),
        i64::from(query.page.saturating_sub(1)) * i64::from(query.limit),
    )
    .fetch_all(pool)
    .await?;
    let total = rows.first().map_or(0, |row| u64::try_from(row.total).unwrap_or_default());
    Ok((rows.into_iter().map(|row| row.package_id).collect(), total))
}
