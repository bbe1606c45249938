//! What stands above every page for a while.

use std::sync::{Arc, PoisonError, RwLock};

use model::{BannerTone, StaffRole};
use serde_json::json;
use sqlx::PgPool;
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    EventId, Registry, RegistryError,
    accounts::{ClientInfo, web_address},
    publish::tidy_text,
    staff::{Reason, Staff, StaffError, StaffReader},
};

/// Characters of a banner at most.
const LONGEST: usize = 300;
/// How long a banner stands at most.
const LONGEST_TIME: Duration = Duration::days(92);
/// Banners of a page.
const PAGE: i64 = 50;

/// What stands above every page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Banner {
    /// How much it wants to be seen.
    pub tone: BannerTone,
    /// What it says.
    pub text: String,
    /// Where more of it is to be read.
    pub link: Option<String>,
    /// From when on.
    pub starts_at: OffsetDateTime,
    /// Until when.
    pub ends_at: OffsetDateTime,
}

/// A banner in the list of admins.
#[derive(Clone, Debug)]
pub struct BannerRow {
    /// Its id.
    pub id: i64,
    /// What it is.
    pub banner: Banner,
    /// When somebody took it away.
    pub withdrawn_at: Option<OffsetDateTime>,
}

/// A banner as somebody types it.
#[derive(Clone, Debug)]
pub struct NewBanner {
    /// How much it wants to be seen.
    pub tone: BannerTone,
    /// What it says.
    pub text: String,
    /// Where more of it is to be read: a path of this registry or an address; empty for nowhere.
    pub link: String,
    /// From when on; none for at once.
    pub starts_at: Option<OffsetDateTime>,
    /// Until when.
    pub ends_at: Option<OffsetDateTime>,
}

/// The banners that a node knows: those that stand now or will. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Banners(Arc<RwLock<Vec<Banner>>>);

impl Banners {
    async fn load(&self, pool: &PgPool, now: OffsetDateTime) -> Result<(), RegistryError> {
        let banners = sqlx::query_as!(
            Banner,
            r#"select tone as "tone: BannerTone", text, link, starts_at, ends_at
            from banners
            where withdrawn_at is null
                and ends_at > $1
            order by starts_at, banner_id"#,
            now,
        )
        .fetch_all(pool)
        .await?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = banners;
        Ok(())
    }

    fn at(&self, now: OffsetDateTime) -> Vec<Banner> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.iter().filter(|banner| banner.starts_at <= now && now < banner.ends_at).cloned().collect()
    }
}

impl NewBanner {
    /// The banner, as it would be shown.
    pub fn check(&self, now: OffsetDateTime) -> Result<Banner, StaffError> {
        let text = tidy_text(Some(&self.text))
            .filter(|text| text.chars().count() <= LONGEST)
            .ok_or_else(|| StaffError::field("text", format!("a banner has 1 to {LONGEST} characters")))?;
        let link = match self.link.trim() {
            "" => None,
            path if is_path(path) => Some(path.to_owned()),
            address => Some(web_address(address).ok_or_else(|| {
                StaffError::field("link", "an address begins with https://, http:// or, on this site, with one /")
            })?),
        };
        let starts_at = self.starts_at.unwrap_or(now);
        let ends_at = self.ends_at.ok_or_else(|| StaffError::field("ends", "say until when it stands"))?;
        if ends_at <= starts_at || ends_at <= now {
            return Err(StaffError::field("ends", "it ends after it begins, and after now"));
        }
        if ends_at - starts_at.max(now) > LONGEST_TIME || starts_at - now > LONGEST_TIME {
            return Err(StaffError::field(
                "ends",
                format!("a banner stands {} days at most", LONGEST_TIME.whole_days()),
            ));
        }
        Ok(Banner { tone: self.tone, text, link, starts_at, ends_at })
    }
}

/// Whether it is a path of this site, and not the address of another one.
fn is_path(text: &str) -> bool {
    text.starts_with('/')
        && !text.starts_with("//")
        && text.len() <= 2000
        && !text.contains(|letter: char| letter.is_whitespace() || letter.is_control() || letter == '\\')
}

impl Registry {
    /// Looks again what stands above pages.
    pub(crate) async fn load_banners(&self) -> Result<(), RegistryError> {
        self.banners.load(&self.pool, self.clock.now()).await
    }

    /// What stands above pages now, as far as this node knows.
    pub fn banners_now(&self) -> Vec<Banner> {
        self.banners.at(self.clock.now())
    }

    /// All banners, the newest first. For admins.
    pub async fn banner_rows(&self, reader: StaffReader) -> Result<Vec<BannerRow>, RegistryError> {
        reader.needs(StaffRole::Admin)?;
        let rows = sqlx::query!(
            r#"select banner_id, tone as "tone: BannerTone", text, link, starts_at, ends_at, withdrawn_at
            from banners
            order by banner_id desc
            limit $1"#,
            PAGE,
        )
        .fetch_all(&self.pool)
        .await?;
        let row = rows.into_iter().map(|row| BannerRow {
            id: row.banner_id,
            banner: Banner {
                tone: row.tone,
                text: row.text,
                link: row.link,
                starts_at: row.starts_at,
                ends_at: row.ends_at,
            },
            withdrawn_at: row.withdrawn_at,
        });
        Ok(row.collect())
    }

    /// Lets a banner stand above every page.
    pub async fn publish_banner(
        &self,
        staff: &Staff,
        new: &NewBanner,
        reason: &Reason,
        client: &ClientInfo,
    ) -> Result<EventId, StaffError> {
        let banner = new.check(self.clock.now())?;
        let mut transaction = self.pool.begin().await?;
        staff.check(&mut transaction, StaffRole::Admin).await?;
        let id = sqlx::query_scalar!(
            "insert into banners (tone, text, link, starts_at, ends_at)
            values ($1, $2, $3, $4, $5)
            returning banner_id",
            banner.tone as _,
            banner.text,
            banner.link,
            banner.starts_at,
            banner.ends_at,
        )
        .fetch_one(&mut *transaction)
        .await?;
        let moment = |moment: OffsetDateTime| moment.format(&Rfc3339).unwrap_or_default();
        let payload = json!({
            "banner": id,
            "text": banner.text,
            "starts_at": moment(banner.starts_at),
            "ends_at": moment(banner.ends_at),
        });
        self.finish(transaction, staff, "banner.published", payload, reason, client).await
    }

    /// Takes a banner away.
    pub async fn withdraw_banner(
        &self,
        staff: &Staff,
        id: i64,
        reason: &Reason,
        client: &ClientInfo,
    ) -> Result<EventId, StaffError> {
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        staff.check(&mut transaction, StaffRole::Admin).await?;
        let changed = sqlx::query!(
            "update banners
            set withdrawn_at = $2
            where banner_id = $1
                and withdrawn_at is null
                and ends_at > $2",
            id,
            now,
        )
        .execute(&mut *transaction)
        .await?;
        if changed.rows_affected() == 0 {
            return Err(StaffError::Unchanged);
        }
        let payload = json!({ "banner": id });
        self.finish(transaction, staff, "banner.withdrawn", payload, reason, client).await
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-29 12:00 UTC);

    fn new() -> NewBanner {
        NewBanner {
            tone: BannerTone::Notice,
            text: " <b>Soon</b>\nmore ".to_owned(),
            link: "/docs/run".to_owned(),
            starts_at: None,
            ends_at: Some(NOW + Duration::days(1)),
        }
    }

    fn field(new: &NewBanner) -> Option<&'static str> {
        match new.check(NOW) {
            Ok(_) => None,
            Err(StaffError::Field(field, _)) => Some(field),
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn a_banner_has_a_text_a_link_and_a_time_that_make_sense() {
        let banner = new().check(NOW).expect("a banner");
        assert_eq!(banner.text, "<b>Soon</b> more");
        assert_eq!(banner.starts_at, NOW);
        for link in ["//elsewhere.example", "javascript:alert(1)", "/a b", "/\\elsewhere.example", "elsewhere"] {
            assert_eq!(field(&NewBanner { link: link.to_owned(), ..new() }), Some("link"), "{link}");
        }
        assert_eq!(field(&NewBanner { text: " \u{7}".to_owned(), ..new() }), Some("text"));
        assert_eq!(field(&NewBanner { text: "x".repeat(301), ..new() }), Some("text"));
        for ends_at in [None, Some(NOW), Some(NOW - Duration::days(1)), Some(NOW + Duration::days(93))] {
            assert_eq!(field(&NewBanner { ends_at, ..new() }), Some("ends"), "{ends_at:?}");
        }
        let later = NewBanner { starts_at: Some(NOW + Duration::days(2)), ..new() };
        assert_eq!(field(&later), Some("ends"), "it would end before it begins");
    }

    #[test]
    fn a_banner_stands_in_its_time_only() {
        let banner = new().check(NOW).expect("a banner");
        let banners = Banners(Arc::new(RwLock::new(vec![banner.clone()])));
        assert_eq!(banners.at(NOW), [banner]);
        assert_eq!(banners.at(NOW + Duration::days(1)), []);
        assert_eq!(banners.at(NOW - Duration::seconds(1)), []);
    }
}
