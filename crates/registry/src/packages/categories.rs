use model::CategorySlug;

use crate::{Registry, RegistryError};

/// A category with the number of its packages.
#[derive(Clone, Debug)]
pub struct CategoryOverview {
    /// Its key.
    pub slug: CategorySlug,
    /// Its name.
    pub name: String,
    /// What it is about.
    pub sentence: String,
    /// How many public packages it has.
    pub count: i64,
}

impl Registry {
    /// All categories in their order.
    pub async fn categories(&self) -> Result<Vec<CategoryOverview>, RegistryError> {
        let categories = sqlx::query_as!(
            CategoryOverview,
            r#"select
                c.slug as "slug: CategorySlug",
                c.name,
                c.sentence,
                coalesce(l.count, 0) as "count!"
            from categories as c
            left join (
                select slug, count(*) as count
                from listings
                cross join unnest(categories) as slug
                where is_default
                group by slug
            ) as l using (slug)
            order by c.position"#
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(categories)
    }

    /// One category.
    pub async fn category(&self, slug: &CategorySlug) -> Result<CategoryOverview, RegistryError> {
        let categories = self.categories().await?;
        categories.into_iter().find(|category| category.slug == *slug).ok_or(RegistryError::NotFound)
    }
}
