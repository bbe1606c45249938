use model::PackageName;
use time::OffsetDateTime;

use crate::{Registry, RegistryError};

/// Packages of one part of the site map, by their ids.
const PART: i64 = 20_000;

impl Registry {
    /// The numbers of the parts that have packages.
    pub async fn sitemap_parts(&self) -> Result<Vec<i64>, RegistryError> {
        let parts = sqlx::query_scalar!(
            r#"select distinct package_id / $1 as "part!"
            from listings
            where is_default
            order by 1"#,
            PART,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(parts)
    }

    /// The public packages of one part, with the time of their last update.
    pub async fn sitemap_part(&self, part: i64) -> Result<Vec<(PackageName, OffsetDateTime)>, RegistryError> {
        let first = part.checked_mul(PART).filter(|first| *first >= 0).ok_or(RegistryError::NotFound)?;
        let rows = sqlx::query!(
            r#"select name as "name: PackageName", updated_at
            from listings
            where is_default
                and package_id >= $1
                and package_id - $2 < $1
            order by package_id"#,
            first,
            PART,
        )
        .fetch_all(&self.pool)
        .await?;
        if rows.is_empty() {
            Err(RegistryError::NotFound)
        } else {
            Ok(rows.into_iter().map(|row| (row.name, row.updated_at)).collect())
        }
    }
}
