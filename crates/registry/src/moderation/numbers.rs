use model::{ReportKind, Verdict};
use time::Duration;

use crate::{Registry, RegistryError};

/// How far back the numbers go.
const SPAN: Duration = Duration::days(365);

/// What moderators did in the last year, in numbers for everybody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModerationNumbers {
    /// Reports of each kind.
    pub reports: Vec<(ReportKind, i64)>,
    /// Verdicts of each kind.
    pub verdicts: Vec<(Verdict, i64)>,
    /// Cases that wait.
    pub open: i64,
    /// Packages that are held back now, and releases of others.
    pub quarantined_packages: i64,
    /// Releases that are held back now though their package is not.
    pub quarantined_releases: i64,
    /// Median time from the first report of a case to its verdict.
    pub median_time: Option<Duration>,
}

impl Registry {
    /// What moderators did in the last year.
    pub async fn moderation_numbers(&self) -> Result<ModerationNumbers, RegistryError> {
        let since = self.clock.now() - SPAN;
        let reports = sqlx::query!(
            r#"select kind as "kind: ReportKind", count(*) as "count!"
            from reports
            where created_at > $1
            group by kind
            order by 2 desc, kind"#,
            since,
        )
        .fetch_all(&self.pool)
        .await?;
        let verdicts = sqlx::query!(
            r#"select verdict as "verdict!: Verdict", count(*) as "count!"
            from cases
            where closed_at > $1
            group by verdict
            order by 2 desc, verdict"#,
            since,
        )
        .fetch_all(&self.pool)
        .await?;
        let now = sqlx::query!(
            r#"select
                (select count(*) from cases where closed_at is null) as "open!",
                (select count(*) from packages where quarantined_at is not null) as "packages!",
                (select count(*) from quarantined_releases where not with_package) as "releases!",
                (
                    select percentile_cont(0.5) within group (order by extract(epoch from closed_at - opened_at)::float8)
                    from cases
                    where closed_at > $1
                ) as median"#,
            since,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(ModerationNumbers {
            reports: reports.into_iter().map(|row| (row.kind, row.count)).collect(),
            verdicts: verdicts.into_iter().map(|row| (row.verdict, row.count)).collect(),
            open: now.open,
            quarantined_packages: now.packages,
            quarantined_releases: now.releases,
            median_time: now.median.map(Duration::seconds_f64),
        })
    }
}
