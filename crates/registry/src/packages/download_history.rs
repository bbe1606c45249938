use time::{Date, Duration};

use crate::{Registry, RegistryError};

/// Weeks that are looked back.
const WEEKS: i32 = 12;

/// Completed downloads of a package in one week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeekOfDownloads {
    /// Its first day.
    pub begins: Date,
    /// How many.
    pub count: i64,
}

impl Registry {
    /// Downloads of a package in the last twelve times seven days, the oldest first.
    pub async fn download_history(&self, package: i64) -> Result<Vec<WeekOfDownloads>, RegistryError> {
        let today = self.clock.now().date();
        let rows = sqlx::query!(
            r#"select ($2 - d.day) / 7 as "weeks_ago!", sum(d.count)::bigint as "count!"
            from downloads as d
            join artifacts as a using (artifact_id)
            join releases as r using (release_id)
            where r.package_id = $1
                and d.day > $2 - 7 * $3
                and d.day <= $2
            group by 1"#,
            package,
            today,
            WEEKS,
        )
        .fetch_all(&self.pool)
        .await?;
        let count = |week: i32| rows.iter().find(|row| row.weeks_ago == week).map_or(0, |row| row.count);
        Ok((0..WEEKS)
            .rev()
            .map(|week| WeekOfDownloads { begins: today - Duration::days(i64::from(week) * 7 + 6), count: count(week) })
            .collect())
    }
}
