use model::{CategorySlug, FullName, PackageName, Role, Visibility};
use time::OffsetDateTime;

use crate::{
    Registry, RegistryError,
    accounts::Visitor,
    packages::{Link, ReleaseSummary},
    people::{Group, GroupName},
};

/// The settings of a package, for those who look after it.
#[derive(Clone, Debug)]
pub struct PackageSettings {
    /// Its name.
    pub name: PackageName,
    /// Its identity.
    pub full_name: FullName,
    /// What the visitor may do.
    pub role: Role,
    /// One sentence.
    pub summary: Option<String>,
    /// Its categories, the best first.
    pub categories: Vec<CategorySlug>,
    /// Free words.
    pub tags: Vec<String>,
    /// Where to read on.
    pub links: Vec<Link>,
    /// Who may see it.
    pub visibility: Visibility,
    /// Why moderators hold all of it back, where they do.
    pub quarantine_reason: Option<String>,
    /// Whether an appeal against it, or against what is held of a release, waits.
    pub has_appealed: bool,
    /// When its owners said that nothing more comes.
    pub archived_at: Option<OffsetDateTime>,
    /// When they said that something else should be used.
    pub deprecated_at: Option<OffsetDateTime>,
    /// Why.
    pub deprecation: Option<String>,
    /// What.
    pub successor: Option<String>,
    /// All releases that were not deleted, the newest version first.
    pub releases: Vec<ReleaseSummary>,
    /// Completed downloads, of all time.
    pub downloads: i64,
    /// Public packages that need an extension of it.
    pub dependents: Vec<PackageName>,
}

impl Registry {
    /// The settings of a package that the visitor looks after; not found for everybody else.
    pub async fn package_settings(
        &self,
        visitor: &Visitor,
        name: &PackageName,
    ) -> Result<PackageSettings, RegistryError> {
        let mut connection = self.pool.acquire().await?;
        let group_name = GroupName::Package(name.clone());
        let (group, role) = Group::find(&mut connection, visitor.principal(), &group_name).await?;
        drop(connection);
        let role = role.ok_or(RegistryError::NotFound)?;
        let row = sqlx::query!(
            r#"select
                p.name as "name: PackageName",
                p.full_name as "full_name: FullName",
                p.summary,
                p.visibility as "visibility: Visibility",
                p.quarantine_reason,
                exists (
                    select from cases as c
                    join reports as r using (case_id)
                    where c.package_id = p.package_id
                        and c.closed_at is null
                        and r.kind = 'appeal'
                ) as "has_appealed!",
                p.archived_at,
                p.deprecated_at,
                p.deprecation,
                p.successor,
                array(
                    select slug
                    from package_categories as pc
                    where pc.package_id = p.package_id
                    order by pc.position
                ) as "categories!: Vec<CategorySlug>",
                array(select t.tag from package_tags as t where t.package_id = p.package_id order by t.tag) as "tags!",
                array(select l.kind from package_links as l where l.package_id = p.package_id order by l.kind) as "link_kinds!",
                array(select l.url from package_links as l where l.package_id = p.package_id order by l.kind) as "link_urls!",
                (
                    select coalesce(sum(d.count), 0)::bigint
                    from downloads as d
                    join artifacts as a using (artifact_id)
                    join releases as r using (release_id)
                    where r.package_id = p.package_id
                ) as "downloads!"
            from packages as p
            where p.package_id = $1"#,
            group.id,
        )
        .fetch_one(&self.pool)
        .await?;
        let links = row.link_kinds.into_iter().zip(row.link_urls).map(|(kind, url)| Link { kind, url }).collect();
        Ok(PackageSettings {
            name: row.name,
            full_name: row.full_name,
            role,
            summary: row.summary,
            categories: row.categories,
            tags: row.tags,
            links,
            visibility: row.visibility,
            quarantine_reason: row.quarantine_reason,
            has_appealed: row.has_appealed,
            archived_at: row.archived_at,
            deprecated_at: row.deprecated_at,
            deprecation: row.deprecation,
            successor: row.successor,
            releases: self.releases_of(group.id).await?,
            downloads: row.downloads,
            dependents: self.dependents_of(group.id).await?.into_iter().map(|(name, _)| name).collect(),
        })
    }
}
