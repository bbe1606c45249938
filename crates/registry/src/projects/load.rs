use std::collections::BTreeMap;

use formats::manifest::{Configuration, LoadableLibrary};
use model::{Arch, CategorySlug, Folded, Handle, Libc, PackageName, PostgresMajor, ReleaseState, Sha256, Version};
use time::OffsetDateTime;

use crate::{Registry, RegistryError};

/// Which releases are wanted. Always those of public packages that their short name alone means.
#[derive(Clone, Debug)]
pub enum ProjectQuery {
    /// All.
    All,
    /// Those of a package.
    Of(Folded),
    /// Those of the package that provides an extension by default, where they bring it.
    Providing(Folded),
}

/// A release with its package and its files.
#[derive(Clone, Debug)]
pub struct ProjectRelease {
    release_id: i64,
    /// The package, as it was first published.
    pub name: PackageName,
    /// What it is for.
    pub summary: Option<String>,
    /// Addresses by kind.
    pub links: BTreeMap<String, String>,
    /// Whether it is featured.
    pub is_featured: bool,
    /// Slugs and names of its categories.
    pub categories: Vec<(CategorySlug, String)>,
    /// The handles of its owners.
    pub owners: Vec<Handle>,
    /// When the package was first published.
    pub created_at: OffsetDateTime,
    /// When it was last changed.
    pub updated_at: OffsetDateTime,
    /// The version of the release.
    pub version: Version,
    /// Active or yanked.
    pub state: ReleaseState,
    /// Its licence.
    pub licence: Option<String>,
    /// When it was published.
    pub published_at: OffsetDateTime,
    /// By whom.
    pub published_by: Handle,
    /// Packages of operating systems, by package manager.
    pub system_dependencies: Option<serde_json::Value>,
    /// Extensions to install first beyond what control files require.
    pub depends_on: Vec<String>,
    /// What `CREATE EXTENSION` finds in it.
    pub extensions: Vec<ProjectExtension>,
    /// Its libraries that are to be preloaded.
    pub libraries: Vec<LoadableLibrary>,
    /// Settings that it needs or recommends.
    pub settings: Vec<Configuration>,
    /// Its files.
    pub files: Vec<ProjectFile>,
}

/// An extension of a release.
#[derive(Clone, Debug)]
pub struct ProjectExtension {
    /// Its name.
    pub name: String,
    /// Its default version.
    pub version: Option<String>,
    /// What it requires.
    pub requires: Vec<String>,
    /// Its control file, where it was kept.
    pub control_file: Option<String>,
}

/// A file of a release, for one major and architecture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectFile {
    /// The version of its release.
    pub version: Version,
    /// The major it is for.
    pub postgres_major: PostgresMajor,
    /// The operating system; none where nothing is compiled.
    pub os: Option<String>,
    /// Its release, where that matters.
    pub os_version: Option<String>,
    /// The architecture.
    pub arch: Arch,
    /// The C library.
    pub libc: Option<Libc>,
    /// The oldest glibc that will do.
    pub glibc: Option<(u32, u32)>,
    /// The name of the file.
    pub file_name: String,
    /// Its digest.
    pub sha256: Sha256,
}

impl Registry {
    /// The releases that can be installed, by package, the newest version first; their files in the order in which clients
    /// should take them: x86-64 first, then the least demanding.
    pub async fn project_releases(&self, query: &ProjectQuery) -> Result<Vec<ProjectRelease>, RegistryError> {
        let (name, extension) = match query {
            ProjectQuery::All => (None, None),
            ProjectQuery::Of(name) => (Some(name.as_str()), None),
            ProjectQuery::Providing(extension) => (None, Some(extension.as_str())),
        };
        let rows = sqlx::query!(
            r#"select
                r.release_id,
                p.name as "name: PackageName",
                p.summary,
                array(select l.kind from package_links as l where l.package_id = p.package_id order by l.kind) as "link_kinds!",
                array(select l.url from package_links as l where l.package_id = p.package_id order by l.kind) as "link_urls!",
                array(
                    select pc.slug
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
                exists (select from featured as f where f.package_id = p.package_id) as "is_featured!",
                array(
                    select o.handle
                    from package_owners as po
                    join principals as o using (principal_id)
                    where po.package_id = p.package_id
                        and po.role = 'owner'
                    order by o.handle
                ) as "owners!: Vec<Handle>",
                p.created_at,
                p.updated_at,
                r.version as "version: Version",
                r.state as "state: ReleaseState",
                r.licence,
                r.published_at,
                publisher.handle as "published_by: Handle",
                r.system_dependencies,
                r.depends_on
            from packages as p
            join releases as r using (package_id)
            join principals as publisher on publisher.principal_id = r.published_by
            where p.visibility = 'public'
                and p.is_default
                and r.state in ('active', 'yanked')
                and ($1::text is null or p.name_folded = $1)
                and (
                    $2::text is null
                    or p.package_id = (select n.default_package_id from extension_names as n where n.name_folded = $2)
                    and exists (select from extensions as e where e.release_id = r.release_id and e.name_folded = $2)
                )
            order by p.name_folded, r.version_key desc"#,
            name,
            extension,
        )
        .fetch_all(&self.pool)
        .await?;
        let mut releases: Vec<ProjectRelease> = rows
            .into_iter()
            .map(|row| ProjectRelease {
                release_id: row.release_id,
                name: row.name,
                summary: row.summary,
                links: row.link_kinds.into_iter().zip(row.link_urls).collect(),
                is_featured: row.is_featured,
                categories: row.category_slugs.into_iter().zip(row.category_names).collect(),
                owners: row.owners,
                created_at: row.created_at,
                updated_at: row.updated_at,
                version: row.version,
                state: row.state,
                licence: row.licence,
                published_at: row.published_at,
                published_by: row.published_by,
                system_dependencies: row.system_dependencies,
                depends_on: row.depends_on,
                extensions: Vec::new(),
                libraries: Vec::new(),
                settings: Vec::new(),
                files: Vec::new(),
            })
            .collect();
        let ids: Vec<i64> = releases.iter().map(|release| release.release_id).collect();
        self.add_contents(&ids, &mut releases).await?;
        self.add_files(&ids, &mut releases).await?;
        Ok(releases)
    }

    async fn add_contents(&self, ids: &[i64], releases: &mut [ProjectRelease]) -> Result<(), RegistryError> {
        let places = places(ids);
        let extensions = sqlx::query!(
            "select release_id, name, version, requires, control_file
            from extensions
            where release_id = any($1)
            order by name",
            ids,
        )
        .fetch_all(&self.pool)
        .await?;
        for row in extensions {
            releases[places[&row.release_id]].extensions.push(ProjectExtension {
                name: row.name,
                version: row.version,
                requires: row.requires,
                control_file: row.control_file,
            });
        }
        let libraries = sqlx::query!(
            r#"select
                release_id,
                library,
                load_kind = 'shared-preload-required' as "requires_restart!",
                preload_priority
            from modules
            where release_id = any($1)
                and load_kind in ('shared-preload-required', 'shared-preload-optional')
            order by preload_priority nulls last, library"#,
            ids,
        )
        .fetch_all(&self.pool)
        .await?;
        for row in libraries {
            releases[places[&row.release_id]].libraries.push(LoadableLibrary {
                library_name: row.library,
                requires_restart: row.requires_restart,
                priority: row.preload_priority.unwrap_or_else(formats::manifest::last_priority),
            });
        }
        let settings = sqlx::query!(
            "select release_id, name, is_required, recommended_value
            from release_settings
            where release_id = any($1)
            order by position",
            ids,
        )
        .fetch_all(&self.pool)
        .await?;
        for row in settings {
            releases[places[&row.release_id]].settings.push(Configuration {
                configuration_name: row.name,
                is_required: row.is_required,
                recommended_default_value: row.recommended_value,
            });
        }
        Ok(())
    }

    async fn add_files(&self, ids: &[i64], releases: &mut [ProjectRelease]) -> Result<(), RegistryError> {
        let places = places(ids);
        // Of several builds for the same place the newest; where nothing is compiled, what was made of it for each major.
        let rows = sqlx::query!(
            r#"with newest as (
                select distinct on (release_id, postgres_major, os, os_version, arch, libc) *
                from artifacts
                where release_id = any($1)
                    and kind = 'binary'
                    and object_state is not null
                order by release_id, postgres_major, os, os_version, arch, libc, build desc
            )
            select
                n.release_id as "release_id!",
                coalesce(v.postgres_major, n.postgres_major) as "postgres_major: PostgresMajor",
                n.os,
                n.os_version,
                coalesce(v.arch, n.arch, 'x86_64') as "arch!: Arch",
                n.libc as "libc: Libc",
                array(
                    select l.glibc_version
                    from artifact_libraries as l
                    where l.artifact_id = n.artifact_id
                        and l.glibc_version is not null
                ) as "glibc_versions!",
                coalesce(v.file_name, n.file_name) as "file_name!",
                coalesce(v.sha256, n.sha256) as "sha256!: Sha256"
            from newest as n
            left join artifact_variants as v on v.artifact_id = n.artifact_id and v.object_state is not null
            -- What was made for one major goes before what is for any.
            where not exists (
                select from newest as own
                where own.release_id = n.release_id
                    and own.postgres_major = v.postgres_major
                    and n.postgres_major is null
                    and own.os is null
            )"#,
            ids,
        )
        .fetch_all(&self.pool)
        .await?;
        for row in rows {
            // A file for any major of which nothing was made: nobody could say for which it is listed.
            let Some(postgres_major) = row.postgres_major else { continue };
            let release = &mut releases[places[&row.release_id]];
            release.files.push(ProjectFile {
                version: release.version.clone(),
                postgres_major,
                os: row.os,
                os_version: row.os_version,
                arch: row.arch,
                libc: row.libc,
                glibc: row.glibc_versions.iter().filter_map(|text| glibc(text)).max(),
                file_name: row.file_name,
                sha256: row.sha256,
            });
        }
        for release in releases {
            release.files.sort_by(|left, right| {
                let key = |file: &ProjectFile| {
                    (
                        file.postgres_major,
                        file.arch != Arch::X86_64,
                        file.arch,
                        file.libc == Some(Libc::Musl),
                        file.glibc,
                    )
                };
                key(left).cmp(&key(right)).then_with(|| left.file_name.cmp(&right.file_name))
            });
        }
        Ok(())
    }
}

fn places(ids: &[i64]) -> BTreeMap<i64, usize> {
    ids.iter().enumerate().map(|(place, id)| (*id, place)).collect()
}

fn glibc(text: &str) -> Option<(u32, u32)> {
    let (major, rest) = text.split_once('.')?;
    let minor = rest.split('.').next()?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
