use model::{CategorySlug, FullName, PackageKind, PackageName, PostgresMajor, ReleaseState, Version, Visibility};
use time::OffsetDateTime;

use super::release::ReleaseDetails;
use crate::{Registry, RegistryError, Viewer, people::Person};

/// A package with one of its releases.
#[derive(Clone, Debug)]
pub struct PackageDetails {
    /// Its id.
    pub package_id: i64,
    /// Its identity.
    pub full_name: FullName,
    /// Its short name, as it was first published.
    pub name: PackageName,
    /// What it brings.
    pub kind: PackageKind,
    /// Who may see it.
    pub visibility: Visibility,
    /// Whether it was taken from the packages of this server rather than published.
    pub is_imported: bool,
    /// Whether nobody owns it, so that it can be claimed.
    pub is_orphaned: bool,
    /// Why moderators hold all of it back, where they do.
    pub quarantine_reason: Option<String>,
    /// Whether its owners say that nothing more comes.
    pub is_archived: bool,
    /// What its owners say where something else should be used.
    pub deprecation: Option<Deprecated>,
    /// Who looks after it, owners first.
    pub people: Vec<Person>,
    /// One sentence.
    pub summary: Option<String>,
    /// Slug and name of its categories, the best first.
    pub categories: Vec<(CategorySlug, String)>,
    /// Free words.
    pub tags: Vec<String>,
    /// Where to read on.
    pub links: Vec<Link>,
    /// When it was first published.
    pub created_at: OffsetDateTime,
    /// All releases that were not deleted, the newest version first.
    pub releases: Vec<ReleaseSummary>,
    /// The release that was asked for, or the current one.
    pub release: ReleaseDetails,
    /// Public packages that need an extension of this one: their names and sentences.
    pub dependents: Vec<(PackageName, Option<String>)>,
}

/// That something else should be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deprecated {
    /// Why.
    pub reason: Option<String>,
    /// What to use instead.
    pub successor: Option<String>,
}

/// An address outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What is there: `homepage`, `repository`, `documentation`, `issues` or `support`.
    pub kind: String,
    /// An http or https address.
    pub url: String,
}

/// A release in a list.
#[derive(Clone, Debug)]
pub struct ReleaseSummary {
    /// Its version.
    pub version: Version,
    /// Whether it can be found and fetched.
    pub state: ReleaseState,
    /// When it was published.
    pub published_at: OffsetDateTime,
    /// The majors it has a file for.
    pub majors: Vec<PostgresMajor>,
    /// Whether it has more than its source.
    pub has_binary: bool,
}

impl PackageDetails {
    /// The version that is current for nobody in particular; none while no release is active.
    pub fn current_version(&self) -> Option<&Version> {
        let active = || self.releases.iter().filter(|release| release.state == ReleaseState::Active);
        active()
            .find(|release| !release.version.is_prerelease())
            .or_else(|| active().next())
            .map(|release| &release.version)
    }
}

impl Registry {
    /// A package with its release `version`, or with the current release where none is named.
    ///
    /// "Current" is the newest active release that is no pre-release and has a binary for `major`, if one is named.
    pub async fn package(
        &self,
        viewer: Viewer,
        name: &PackageName,
        version: Option<&Version>,
        major: Option<PostgresMajor>,
    ) -> Result<PackageDetails, RegistryError> {
        let id = self.find_package(viewer, name).await?;
        let package = sqlx::query!(
            r#"select
                full_name as "full_name: FullName",
                name as "name: PackageName",
                kind as "kind: PackageKind",
                visibility as "visibility: Visibility",
                origin,
                is_orphaned,
                quarantine_reason,
                archived_at is not null as "is_archived!",
                deprecated_at is not null as "is_deprecated!",
                deprecation,
                successor,
                summary,
                created_at,
                array(
                    select slug
                    from package_categories as pc
                    where pc.package_id = p.package_id
                    order by pc.position
                ) as "category_slugs!: Vec<CategorySlug>",
                array(
                    select c.name
                    from package_categories as pc
                    join categories as c using (slug)
                    where pc.package_id = p.package_id
                    order by pc.position
                ) as "category_names!",
                array(select t.tag from package_tags as t where t.package_id = p.package_id order by t.tag) as "tags!",
                array(select l.kind from package_links as l where l.package_id = p.package_id order by l.kind) as "link_kinds!",
                array(select l.url from package_links as l where l.package_id = p.package_id order by l.kind) as "link_urls!"
            from packages as p
            where package_id = $1"#,
            id,
        )
        .fetch_one(&self.pool)
        .await?;
        let release = match version {
            Some(version) => self.release_id(id, version).await?,
            None => match self.current_release_id(id, major).await {
                // Held back, it is still there to be seen as such.
                Err(RegistryError::NotFound) if major.is_none() => self.newest_quarantined_release_id(id).await?,
                found => found?,
            },
        };
        Ok(PackageDetails {
            package_id: id,
            full_name: package.full_name,
            name: package.name,
            kind: package.kind,
            visibility: package.visibility,
            is_imported: package.origin == "import",
            is_orphaned: package.is_orphaned,
            quarantine_reason: package.quarantine_reason,
            is_archived: package.is_archived,
            deprecation: package
                .is_deprecated
                .then_some(Deprecated { reason: package.deprecation, successor: package.successor }),
            people: self.people_of_package(id).await?,
            summary: package.summary,
            categories: package.category_slugs.into_iter().zip(package.category_names).collect(),
            tags: package.tags,
            links: package
                .link_kinds
                .into_iter()
                .zip(package.link_urls)
                .map(|(kind, url)| Link { kind, url })
                .collect(),
            created_at: package.created_at,
            releases: self.releases_of(id).await?,
            release: self.release_details(release).await?,
            dependents: self.dependents_of(id).await?,
        })
    }

    /// The current release of a package: see [`Registry::package`].
    pub(crate) async fn current_release_id(
        &self,
        package: i64,
        major: Option<PostgresMajor>,
    ) -> Result<i64, RegistryError> {
        let release = sqlx::query_scalar!(
            "select r.release_id
            from releases as r
            where r.package_id = $1
                and r.state = 'active'
                and (
                    $2::smallint is null
                    or exists (
                        select from artifacts as a
                        where a.release_id = r.release_id
                            and a.kind = 'binary'
                            and (a.postgres_major = $2 or a.postgres_major is null)
                    )
                )
            order by r.is_prerelease, r.version_key desc
            limit 1",
            package,
            major as _,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(release)
    }

    async fn newest_quarantined_release_id(&self, package: i64) -> Result<i64, RegistryError> {
        let release = sqlx::query_scalar!(
            "select release_id
            from releases
            where package_id = $1
                and state = 'quarantined'
            order by is_prerelease, version_key desc
            limit 1",
            package,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(release)
    }

    pub(crate) async fn release_id(&self, package: i64, version: &Version) -> Result<i64, RegistryError> {
        let release = sqlx::query_scalar!(
            "select release_id
            from releases
            where package_id = $1
                and version = $2
                and state <> 'deleted'",
            package,
            version as _,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(release)
    }

    pub(crate) async fn releases_of(&self, package: i64) -> Result<Vec<ReleaseSummary>, RegistryError> {
        let releases = sqlx::query_as!(
            ReleaseSummary,
            r#"select
                r.version as "version: Version",
                r.state as "state: ReleaseState",
                r.published_at,
                array(
                    select distinct a.postgres_major
                    from artifacts as a
                    where a.release_id = r.release_id
                        and a.postgres_major is not null
                    order by 1
                ) as "majors!: Vec<PostgresMajor>",
                exists (select from artifacts as a where a.release_id = r.release_id and a.kind = 'binary')
                    as "has_binary!"
            from releases as r
            where r.package_id = $1
                and r.state <> 'deleted'
            order by r.version_key desc"#,
            package,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(releases)
    }

    pub(crate) async fn dependents_of(
        &self,
        package: i64,
    ) -> Result<Vec<(PackageName, Option<String>)>, RegistryError> {
        let dependents = sqlx::query!(
            r#"select distinct p.name as "name: PackageName", p.summary
            from extension_names as n
            join extensions as e on e.requires @> array[n.name]
            join releases as r using (release_id)
            join packages as p using (package_id)
            where n.default_package_id = $1
                and p.package_id <> $1
                and p.visibility = 'public'
                and r.state = 'active'
            order by 1
            limit 100"#,
            package,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(dependents.into_iter().map(|dependent| (dependent.name, dependent.summary)).collect())
    }
}
