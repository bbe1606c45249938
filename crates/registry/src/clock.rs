use std::{fmt, sync::Arc};

use time::OffsetDateTime;

/// Where the domain takes the time from.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> OffsetDateTime + Send + Sync>);

impl Clock {
    /// The clock of this machine.
    pub fn system() -> Self {
        #[expect(clippy::disallowed_methods, reason = "this is the clock that everybody else takes the time from")]
        Self(Arc::new(OffsetDateTime::now_utc))
    }

    /// A clock that always shows `moment`.
    pub fn fixed(moment: OffsetDateTime) -> Self {
        Self(Arc::new(move || moment))
    }

    /// The time now, in UTC and to the microsecond, which is what the database keeps.
    pub fn now(&self) -> OffsetDateTime {
        let now = (self.0)();
        now.replace_nanosecond(now.nanosecond() / 1000 * 1000).unwrap_or(now)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Clock")
    }
}
