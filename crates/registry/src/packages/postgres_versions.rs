use model::PostgresMajor;
use time::Date;

use crate::{Registry, RegistryError};

/// A major version of PostgreSQL and its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PostgresVersionInfo {
    /// The major.
    pub major: PostgresMajor,
    /// The day of its first release; none if it is still to come.
    pub released_on: Option<Date>,
    /// The day of its last fixes.
    pub ends_on: Option<Date>,
    /// Where it stands today.
    pub state: SupportState,
}

/// Where a major stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SupportState {
    /// Not released yet.
    Upcoming,
    /// It gets fixes.
    Supported,
    /// It gets no fixes any more.
    Ended,
}

impl SupportState {
    fn on(today: Date, released_on: Option<Date>, ends_on: Option<Date>) -> Self {
        if released_on.is_none_or(|day| today < day) {
            Self::Upcoming
        } else if ends_on.is_some_and(|day| today > day) {
            Self::Ended
        } else {
            Self::Supported
        }
    }
}

impl Registry {
    /// All majors that are known, the newest first.
    pub async fn postgres_versions(&self) -> Result<Vec<PostgresVersionInfo>, RegistryError> {
        let today = self.clock.now().date();
        let rows = sqlx::query!(
            r#"select major as "major: PostgresMajor", released_on, ends_on
            from postgres_majors
            order by major desc"#
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| PostgresVersionInfo {
                major: row.major,
                released_on: row.released_on,
                ends_on: row.ends_on,
                state: SupportState::on(today, row.released_on, row.ends_on),
            })
            .collect())
    }
}
