//! Categories: their names, their order, and merging them.

use model::{CategorySlug, StaffRole};
use serde_json::json;
use sqlx::PgConnection;

use super::lock_catalogue;
use crate::{
    EventId, Registry, RegistryError,
    accounts::ClientInfo,
    publish::tidy_text,
    staff::{Reason, Staff, StaffError},
};

/// Characters of a name and of a sentence at most.
const LONGEST_NAME: usize = 60;
const LONGEST_SENTENCE: usize = 200;
/// Keys that no category has: one is the address of a list, the other what is featured.
const NOT_KEYS: [&str; 2] = ["all", "featured"];
/// Numbers of categories, by which search indexes know them.
const NUMBERS: std::ops::RangeInclusive<i16> = 1..=63;

/// A category to be.
#[derive(Clone, Debug)]
pub struct NewCategory {
    /// Its key in addresses and archives; it stays.
    pub slug: CategorySlug,
    /// Its name.
    pub name: String,
    /// What it is about, in a sentence.
    pub sentence: String,
}

/// What a category is called from now on, and where it stands.
#[derive(Clone, Debug)]
pub struct CategoryChange {
    /// Its name.
    pub name: String,
    /// What it is about, in a sentence.
    pub sentence: String,
    /// Its new place in the order, from 1; beyond the last it is the last. None where it stays.
    pub place: Option<usize>,
}

/// Name and sentence, tidied.
fn words(name: &str, sentence: &str) -> Result<(String, String), StaffError> {
    let field = |text: &str, longest: usize| tidy_text(Some(text)).filter(|text| text.chars().count() <= longest);
    let name = field(name, LONGEST_NAME)
        .ok_or_else(|| StaffError::field("name", format!("a name has 1 to {LONGEST_NAME} characters")))?;
    if name.eq_ignore_ascii_case("featured") {
        return Err(StaffError::field("name", "what is featured is no category"));
    }
    let sentence = field(sentence, LONGEST_SENTENCE)
        .ok_or_else(|| StaffError::field("sentence", format!("a sentence has 1 to {LONGEST_SENTENCE} characters")))?;
    Ok((name, sentence))
}

struct Known {
    slug: CategorySlug,
    name: String,
    sentence: String,
    number: i16,
}

/// All categories in their order, which stay so until the transaction ends.
async fn hold(transaction: &mut PgConnection) -> Result<Vec<Known>, RegistryError> {
    lock_catalogue(transaction).await?;
    let known = sqlx::query_as!(
        Known,
        r#"select slug as "slug: CategorySlug", name, sentence, number
        from categories
        order by position"#
    )
    .fetch_all(transaction)
    .await?;
    Ok(known)
}

/// Gives each category its place in this order.
async fn put_in_order(transaction: &mut PgConnection, slugs: &[&CategorySlug]) -> Result<(), RegistryError> {
    let slugs: Vec<String> = slugs.iter().map(ToString::to_string).collect();
    sqlx::query!(
        "update categories as c
        set position = o.place
        from unnest($1::text[]) with ordinality as o (slug, place)
        where c.slug = o.slug
            and c.position <> o.place",
        &slugs,
    )
    .execute(transaction)
    .await?;
    Ok(())
}

/// The public packages of a category: lists and indexes look at them again.
async fn packages_of(transaction: &mut PgConnection, slug: &CategorySlug) -> Result<Vec<i64>, RegistryError> {
    let packages = sqlx::query_scalar!(
        "select package_id
        from package_categories
        join packages using (package_id)
        where slug = $1
            and visibility = 'public'
        order by package_id",
        slug as _,
    )
    .fetch_all(transaction)
    .await?;
    Ok(packages)
}

fn taken(error: sqlx::Error) -> StaffError {
    match error.as_database_error().and_then(|error| error.constraint()) {
        Some("categories_name_key") => StaffError::field("name", "another category has this name"),
        Some("categories_pkey") => StaffError::field("slug", "another category has this key"),
        _ => error.into(),
    }
}

impl Registry {
    /// Adds a category, as the last one.
    pub async fn add_category(
        &self,
        staff: &Staff,
        new: &NewCategory,
        reason: &Reason,
        client: &ClientInfo,
    ) -> Result<EventId, StaffError> {
        let (name, sentence) = words(&new.name, &new.sentence)?;
        if NOT_KEYS.contains(&new.slug.as_str()) {
            return Err(StaffError::field("slug", "Trunk's clients know this key as something else"));
        }
        let mut transaction = self.pool.begin().await?;
        staff.check(&mut transaction, StaffRole::Admin).await?;
        let known = hold(&mut transaction).await?;
        let number = NUMBERS
            .into_iter()
            .find(|number| known.iter().all(|known| known.number != *number))
            .ok_or_else(|| StaffError::field("slug", "there are too many categories already"))?;
        sqlx::query!("delete from former_categories where slug = $1", &new.slug as _)
            .execute(&mut *transaction)
            .await?;
        sqlx::query!(
            "insert into categories (slug, name, meta_name, sentence, position, number)
            values ($1, $2, $3, $4, (select max(position) + 1 from categories), $5)",
            &new.slug as _,
            name,
            name.replace(" / ", " and "),
            sentence,
            number,
        )
        .execute(&mut *transaction)
        .await
        .map_err(taken)?;
        let payload = json!({ "category": new.slug });
        self.finish(transaction, staff, "category.added", payload, reason, client).await
    }

    /// Changes what a category is called and where it stands. Its key stays.
    pub async fn change_category(
        &self,
        staff: &Staff,
        slug: &CategorySlug,
        change: &CategoryChange,
        reason: &Reason,
        client: &ClientInfo,
    ) -> Result<EventId, StaffError> {
        let (name, sentence) = words(&change.name, &change.sentence)?;
        let mut transaction = self.pool.begin().await?;
        staff.check(&mut transaction, StaffRole::Admin).await?;
        let known = hold(&mut transaction).await?;
        let place = known.iter().position(|known| known.slug == *slug).ok_or(RegistryError::NotFound)?;
        let mut changed = Vec::new();
        if known[place].name != name {
            changed.push("name");
        }
        if known[place].sentence != sentence {
            changed.push("sentence");
        }
        let new_place = change.place.map_or(place, |place| place.clamp(1, known.len()) - 1);
        if new_place != place {
            changed.push("place");
            let mut slugs: Vec<&CategorySlug> = known.iter().map(|known| &known.slug).collect();
            let moved = slugs.remove(place);
            slugs.insert(new_place, moved);
            put_in_order(&mut transaction, &slugs).await?;
        }
        if changed.is_empty() {
            return Err(StaffError::Unchanged);
        }
        sqlx::query!("update categories set name = $2, sentence = $3 where slug = $1", slug as _, name, sentence)
            .execute(&mut *transaction)
            .await
            .map_err(taken)?;
        // They are found by the name of their category.
        let packages = if changed.contains(&"name") { packages_of(&mut transaction, slug).await? } else { Vec::new() };
        let payload = json!({ "category": slug, "changed": changed, "packages": packages });
        self.finish(transaction, staff, "category.changed", payload, reason, client).await
    }

    /// Puts all packages of a category into another one and lets it be no more. Its key still means the other one.
    pub async fn merge_category(
        &self,
        staff: &Staff,
        slug: &CategorySlug,
        into: &CategorySlug,
        reason: &Reason,
        client: &ClientInfo,
    ) -> Result<EventId, StaffError> {
        if slug == into {
            return Err(StaffError::field("into", "choose another category"));
        }
        let mut transaction = self.pool.begin().await?;
        staff.check(&mut transaction, StaffRole::Admin).await?;
        let known = hold(&mut transaction).await?;
        if !known.iter().any(|known| known.slug == *slug) {
            return Err(RegistryError::NotFound.into());
        }
        if !known.iter().any(|known| known.slug == *into) {
            return Err(StaffError::field("into", format!("there is no category {into}")));
        }
        let packages = packages_of(&mut transaction, slug).await?;
        // A package in both is in the other one, at the better of its two places.
        let both = sqlx::query!(
            "delete from package_categories as c
            using package_categories as other
            where c.slug = $1
                and other.package_id = c.package_id
                and other.slug = $2
            returning c.package_id, c.position",
            slug as _,
            into as _,
        )
        .fetch_all(&mut *transaction)
        .await?;
        let (ids, places): (Vec<i64>, Vec<i16>) = both.into_iter().map(|row| (row.package_id, row.position)).unzip();
        sqlx::query!(
            "update package_categories as c
            set position = b.position
            from unnest($2::bigint[], $3::smallint[]) as b (package_id, position)
            where c.package_id = b.package_id
                and c.slug = $1
                and b.position < c.position",
            into as _,
            &ids,
            &places,
        )
        .execute(&mut *transaction)
        .await?;
        sqlx::query!("update package_categories set slug = $2 where slug = $1", slug as _, into as _)
            .execute(&mut *transaction)
            .await?;
        sqlx::query!("update former_categories set became = $2 where became = $1", slug as _, into as _)
            .execute(&mut *transaction)
            .await?;
        sqlx::query!("delete from categories where slug = $1", slug as _).execute(&mut *transaction).await?;
        sqlx::query!("insert into former_categories (slug, became) values ($1, $2)", slug as _, into as _)
            .execute(&mut *transaction)
            .await?;
        let rest: Vec<&CategorySlug> = known.iter().map(|known| &known.slug).filter(|known| *known != slug).collect();
        put_in_order(&mut transaction, &rest).await?;
        let payload = json!({ "category": slug, "into": into, "packages": packages });
        self.finish(transaction, staff, "category.merged", payload, reason, client).await
    }

    /// The category that a key means which was merged into another one; none where it was not.
    pub async fn former_category(&self, slug: &CategorySlug) -> Result<Option<CategorySlug>, RegistryError> {
        let became = sqlx::query_scalar!(
            r#"select became as "became: CategorySlug" from former_categories where slug = $1"#,
            slug as _
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(became)
    }
}

/// Categories by the keys that they have now, each once.
pub(crate) async fn meant_categories(
    connection: &mut PgConnection,
    slugs: &[CategorySlug],
) -> Result<Vec<CategorySlug>, RegistryError> {
    let slugs: Vec<String> = slugs.iter().map(ToString::to_string).collect();
    let meant = sqlx::query_scalar!(
        r#"select coalesce(f.became, s.slug) as "slug!: CategorySlug"
        from unnest($1::text[]) with ordinality as s (slug, place)
        left join former_categories as f using (slug)
        group by 1
        order by min(s.place)"#,
        &slugs,
    )
    .fetch_all(connection)
    .await?;
    Ok(meant)
}
