use model::{CategorySlug, LoadKind, PackageKind, PackageName, Platform, PostgresMajor, Version};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{Registry, RegistryError};

/// A public package as lists show it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Listing {
    /// Its id: with the sort key the place in the list.
    pub package_id: i64,
    /// Its short name.
    pub name: PackageName,
    /// What it brings.
    pub kind: PackageKind,
    /// Whether it was taken from the packages of this server.
    pub is_imported: bool,
    /// One sentence.
    pub summary: Option<String>,
    /// Its current version.
    pub version: Version,
    /// Its categories, the best first.
    pub categories: Vec<CategorySlug>,
    /// Free words.
    pub tags: Vec<String>,
    /// The extensions of its current version.
    pub extension_names: Vec<String>,
    /// The majors that any active release has a file for.
    pub majors: Vec<PostgresMajor>,
    /// For each of them, in the same order, the version that is current for it.
    pub versions: Vec<Version>,
    /// The platforms that any active release has a file for.
    pub platforms: Vec<Platform>,
    /// How its library comes into a server; none where it has none.
    pub load_kind: Option<LoadKind>,
    /// Whether somebody who is no superuser may create all its extensions.
    pub is_trusted: bool,
    /// When it was first published.
    pub created_at: OffsetDateTime,
    /// When its newest file was published.
    pub updated_at: OffsetDateTime,
}

impl Listing {
    /// The version that is current for a major, or for nobody in particular; none where there is no file for that major.
    pub fn version_for(&self, major: Option<PostgresMajor>) -> Option<&Version> {
        let Some(major) = major else { return Some(&self.version) };
        self.majors.iter().zip(&self.versions).find(|(known, _)| **known == major).map(|(_, version)| version)
    }
}

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// By name, A to Z.
    #[default]
    Name,
    /// The last updated first.
    Updated,
    /// The last added first.
    Created,
}

/// Which part of the list of public packages is wanted.
#[derive(Clone, Debug)]
pub struct ListingQuery {
    /// Only those of one category.
    pub category: Option<CategorySlug>,
    /// Only those with one tag.
    pub tag: Option<String>,
    /// The order.
    pub order: Order,
    /// Behind the package with this id, in the same order.
    pub after: Option<i64>,
    /// How many at most.
    pub limit: u8,
}

/// A part of a list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// What to continue behind; none at the end of the list.
    pub next: Option<i64>,
}

impl Registry {
    /// A part of the list of public packages that are the default of their short name.
    pub async fn list(&self, query: &ListingQuery) -> Result<Page<Listing>, RegistryError> {
        let mut packages = self.packages_in_order(query).await?;
        if packages.is_empty()
            && let Some(slug) = &query.category
            && let Some(became) = self.former_category(slug).await?
        {
            packages = self.packages_in_order(&ListingQuery { category: Some(became), ..query.clone() }).await?;
        }
        if packages.is_empty()
            && let Some(tag) = &query.tag
            && let Some(became) = self.former_tag(tag).await?
        {
            packages = self.packages_in_order(&ListingQuery { tag: Some(became), ..query.clone() }).await?;
        }
        let mut items = self.listings_of(&packages).await?;
        let next = if items.len() > usize::from(query.limit) {
            items.truncate(query.limit.into());
            items.last().map(|last| last.package_id)
        } else {
            None
        };
        Ok(Page { items, next })
    }

    /// One more package than is wanted, if there are so many. A statement for each order, so that each has its index.
    async fn packages_in_order(&self, query: &ListingQuery) -> Result<Vec<i64>, RegistryError> {
        let limit = i64::from(query.limit) + 1;
        let (category, tag, after) = (query.category.as_ref(), query.tag.as_deref(), query.after);
        let packages = match query.order {
            Order::Name => {
                sqlx::query_scalar!(
                    "select package_id
                    from listings
                    where is_default
                        and ($1::text is null or categories @> array[$1])
                        and ($2::text is null or tags @> array[$2])
                        and (
                            $3::bigint is null
                            or (name_folded, package_id) > (select name_folded, package_id from listings where package_id = $3)
                        )
                    order by name_folded, package_id
                    limit $4",
                    category as _,
                    tag,
                    after,
                    limit,
                )
                .fetch_all(&self.pool)
                .await?
            }
            Order::Updated => {
                sqlx::query_scalar!(
                    "select package_id
                    from listings
                    where is_default
                        and ($1::text is null or categories @> array[$1])
                        and ($2::text is null or tags @> array[$2])
                        and (
                            $3::bigint is null
                            or (updated_at, package_id) < (select updated_at, package_id from listings where package_id = $3)
                        )
                    order by updated_at desc, package_id desc
                    limit $4",
                    category as _,
                    tag,
                    after,
                    limit,
                )
                .fetch_all(&self.pool)
                .await?
            }
            Order::Created => {
                sqlx::query_scalar!(
                    "select package_id
                    from listings
                    where is_default
                        and ($1::text is null or categories @> array[$1])
                        and ($2::text is null or tags @> array[$2])
                        and (
                            $3::bigint is null
                            or (created_at, package_id) < (select created_at, package_id from listings where package_id = $3)
                        )
                    order by created_at desc, package_id desc
                    limit $4",
                    category as _,
                    tag,
                    after,
                    limit,
                )
                .fetch_all(&self.pool)
                .await?
            }
        };
        Ok(packages)
    }

    /// The public packages with the most downloads in the last thirty days; at most `limit`.
    pub async fn popular(&self, limit: u8) -> Result<Vec<Listing>, RegistryError> {
        // Some may be hidden meanwhile.
        let packages = self.popularity.most(usize::from(limit) * 4);
        let mut items = self.listings_of(&packages).await?;
        items.truncate(limit.into());
        Ok(items)
    }

    /// The listings of packages in the order of `packages`; what is no longer there is left out.
    pub(crate) async fn listings_of(&self, packages: &[i64]) -> Result<Vec<Listing>, RegistryError> {
        let items = sqlx::query_as!(
            Listing,
            r#"select
                l.package_id,
                l.name as "name: PackageName",
                l.kind as "kind: PackageKind",
                l.origin = 'import' as "is_imported!",
                l.summary,
                l.version as "version: Version",
                l.categories as "categories: Vec<CategorySlug>",
                l.tags,
                l.extension_names,
                l.majors as "majors: Vec<PostgresMajor>",
                l.versions as "versions: Vec<Version>",
                l.platforms as "platforms: Vec<Platform>",
                l.load_kind as "load_kind: LoadKind",
                l.is_trusted,
                l.created_at,
                l.updated_at
            from unnest($1::bigint[]) with ordinality as wanted (package_id, place)
            join listings as l using (package_id)
            order by wanted.place"#,
            packages,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(items)
    }
}
