use std::collections::{BTreeMap, HashMap};

use formats::library::Capability;
use model::{
    Arch, ControlVersion, ExtensionName, Handle, Libc, LoadKind, PackageName, Platform, PostgresMajor, ReleaseState,
    Sha256, Source, Version,
};
use time::OffsetDateTime;

use crate::{Registry, RegistryError, WorkflowRun};

/// A release with all that is known of it.
#[derive(Clone, Debug)]
pub struct ReleaseDetails {
    /// Its version.
    pub version: Version,
    /// Whether it can be found and fetched.
    pub state: ReleaseState,
    /// Why it is not active.
    pub state_reason: Option<String>,
    /// The licence, as declared.
    pub licence: Option<String>,
    /// When it was published.
    pub published_at: OffsetDateTime,
    /// By whom; none where a workflow did it, or where the account was deleted since.
    pub published_by: Option<Handle>,
    /// The run of a workflow that its first file came from.
    pub run: Option<WorkflowRun>,
    /// What `CREATE EXTENSION` finds in it.
    pub extensions: Vec<ExtensionFacts>,
    /// Its loadable libraries.
    pub modules: Vec<ModuleFacts>,
    /// Extensions that must be there first beyond those that control files require, each with the package that provides it by
    /// default, where there is one.
    pub depends_on: Vec<(String, Option<PackageName>)>,
    /// Packages of operating systems that must be there first, by package manager.
    pub system_dependencies: BTreeMap<String, Vec<String>>,
    /// Settings of `postgresql.conf` that it needs or recommends.
    pub settings: Vec<SettingFacts>,
    /// Its source, if somebody has published it.
    pub source: Option<SourceDetails>,
    /// Its binaries: by major, platform and build, the newest build of each first.
    pub artifacts: Vec<ArtifactDetails>,
}

/// The source of a release.
#[derive(Clone, Debug)]
pub struct SourceDetails {
    /// The id of the file.
    pub artifact_id: i64,
    /// The name of the file.
    pub file_name: String,
    /// Its size in bytes.
    pub size_bytes: i64,
    /// Its digest.
    pub sha256: Sha256,
    /// When it was published.
    pub published_at: OffsetDateTime,
    /// How often it was downloaded.
    pub downloads: i64,
    /// The run of a workflow that it came from.
    pub run: Option<WorkflowRun>,
}

/// An extension in a release.
#[derive(Clone, Debug)]
pub struct ExtensionFacts {
    /// The name for `CREATE EXTENSION`.
    pub name: ExtensionName,
    /// The version that its control file names as default.
    pub version: Option<ControlVersion>,
    /// The comment of its control file.
    pub comment: Option<String>,
    /// The extensions it needs, each with the package that provides it by default, where there is one.
    pub requires: Vec<(String, Option<PackageName>)>,
    /// Whether somebody who is no superuser may create it.
    pub is_trusted: bool,
    /// Whether only superusers may create it, unless it is trusted.
    pub needs_superuser: bool,
    /// Whether it can be moved to another schema.
    pub is_relocatable: bool,
    /// The only schema it may be in.
    pub schema: Option<String>,
}

/// A setting that a release needs or recommends, as its publisher says.
#[derive(Clone, Debug)]
pub struct SettingFacts {
    /// Its name.
    pub name: String,
    /// Whether it does not work without.
    pub is_required: bool,
    /// A value to begin with.
    pub recommended_value: Option<String>,
}

/// A loadable library of a release.
#[derive(Clone, Debug)]
pub struct ModuleFacts {
    /// Its name without `.so`.
    pub library: String,
    /// How it comes into a server.
    pub load_kind: LoadKind,
    /// How that is known.
    pub load_source: Source,
    /// What is lost where optional preloading is left out.
    pub without_preload: Option<String>,
    /// Whether the server must be restarted after the installation; none where that is not known.
    pub restart_on_install: Option<bool>,
    /// Whether the server must be restarted after an upgrade; none where that is not known.
    pub restart_on_upgrade: Option<bool>,
    /// Settings or statements that put it to use.
    pub usage: Vec<String>,
}

/// A file of a release.
#[derive(Clone, Debug)]
pub struct ArtifactDetails {
    /// Its id.
    pub artifact_id: i64,
    /// The major it is for; none where any will do.
    pub postgres_major: Option<PostgresMajor>,
    /// Where it runs.
    pub platform: Platform,
    /// 1, or more where a distribution built the same version again.
    pub build: i32,
    /// Whether this is the newest build of its major and platform.
    pub is_newest: bool,
    /// The name of the file.
    pub file_name: String,
    /// Its size in bytes.
    pub size_bytes: i64,
    /// Its digest.
    pub sha256: Sha256,
    /// When it was published.
    pub published_at: OffsetDateTime,
    /// Where it was taken from, if it was imported.
    pub provenance: Option<Provenance>,
    /// The run of a workflow that it came from.
    pub run: Option<WorkflowRun>,
    /// What its libraries need.
    pub libraries: Vec<LibraryFacts>,
    /// The files and folders at the root of the archive that belong into the library directory.
    pub library_roots: Vec<String>,
    /// Those that belong into the share directory.
    pub share_roots: Vec<String>,
    /// How often it was downloaded.
    pub downloads: i64,
}

/// The server's package that an imported file was taken from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// The full version of PostgreSQL, for example `15.18`.
    pub postgres_version: Option<String>,
    /// The distribution's package and its version, where known.
    pub package: Option<(String, String)>,
}

/// What a library in a file needs of a machine.
#[derive(Clone, Debug)]
pub struct LibraryFacts {
    /// Its path in the archive.
    pub path: String,
    /// The architecture.
    pub arch: Arch,
    /// The C library.
    pub libc: Option<Libc>,
    /// The oldest glibc that will do.
    pub glibc_version: Option<String>,
    /// The libraries it names.
    pub needed: Vec<String>,
    /// The major whose magic block it has; none where there is none, or where it could not be found.
    pub postgres_major: Option<PostgresMajor>,
    /// What its symbols say that it can do; see [`formats::library::Capability`].
    pub capabilities: Vec<Capability>,
}

/// A run as it was kept.
fn read_run(kept: Option<serde_json::Value>) -> Option<WorkflowRun> {
    kept.and_then(|run| serde_json::from_value(run).ok())
}

impl Registry {
    pub(super) async fn release_details(&self, release: i64) -> Result<ReleaseDetails, RegistryError> {
        let row = sqlx::query!(
            r#"select
                r.version as "version: Version",
                r.state as "state: ReleaseState",
                r.state_reason,
                r.licence,
                r.published_at,
                case
                    when p.kind = 'system' or exists (select from accounts as a where a.principal_id = p.principal_id)
                    then p.handle
                end as "handle: Handle",
                (
                    select u.run
                    from artifacts as a
                    left join artifact_runs as u using (artifact_id)
                    where a.release_id = r.release_id
                    order by a.artifact_id
                    limit 1
                ) as run,
                r.depends_on,
                array(
                    select coalesce(p.name, '')
                    from unnest(r.depends_on) with ordinality as needed (name, position)
                    left join extension_names as n on n.name_folded = fold_name(needed.name)
                    left join packages as p on p.package_id = n.default_package_id and p.visibility = 'public'
                    order by needed.position
                ) as "providers!",
                r.system_dependencies
            from releases as r
            join principals as p on p.principal_id = r.published_by
            where r.release_id = $1"#,
            release,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(ReleaseDetails {
            version: row.version,
            state: row.state,
            state_reason: row.state_reason,
            licence: row.licence,
            published_at: row.published_at,
            published_by: row.handle,
            run: read_run(row.run),
            extensions: self.extensions_of(release).await?,
            modules: self.modules_of(release).await?,
            depends_on: row.depends_on.into_iter().zip(row.providers.iter().map(|name| name.parse().ok())).collect(),
            system_dependencies: row
                .system_dependencies
                .and_then(|packages| serde_json::from_value(packages).ok())
                .unwrap_or_default(),
            settings: self.settings_of(release).await?,
            source: self.source_of(release).await?,
            artifacts: self.artifacts_of(release).await?,
        })
    }

    async fn source_of(&self, release: i64) -> Result<Option<SourceDetails>, RegistryError> {
        let source = sqlx::query!(
            r#"select
                a.artifact_id,
                a.file_name,
                o.size_bytes,
                a.sha256 as "sha256: Sha256",
                a.published_at,
                (select coalesce(sum(d.count), 0)::bigint from downloads as d where d.artifact_id = a.artifact_id) as "downloads!",
                u.run as "run?"
            from artifacts as a
            join objects as o on o.sha256 = a.sha256
            left join artifact_runs as u using (artifact_id)
            where a.release_id = $1
                and a.kind = 'source'"#,
            release,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(source.map(|source| SourceDetails {
            artifact_id: source.artifact_id,
            file_name: source.file_name,
            size_bytes: source.size_bytes,
            sha256: source.sha256,
            published_at: source.published_at,
            downloads: source.downloads,
            run: read_run(source.run),
        }))
    }

    async fn extensions_of(&self, release: i64) -> Result<Vec<ExtensionFacts>, RegistryError> {
        let extensions = sqlx::query!(
            r#"select
                e.name as "name: ExtensionName",
                e.version as "version: ControlVersion",
                e.comment,
                e.requires,
                array(
                    select coalesce(p.name, '')
                    from unnest(e.requires) with ordinality as required (name, position)
                    left join extension_names as n on n.name_folded = fold_name(required.name)
                    left join packages as p on p.package_id = n.default_package_id and p.visibility = 'public'
                    order by required.position
                ) as "providers!",
                e.is_trusted,
                e.needs_superuser,
                e.is_relocatable,
                e.schema
            from extensions as e
            where e.release_id = $1
            order by e.name"#,
            release,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(extensions
            .into_iter()
            .map(|extension| ExtensionFacts {
                name: extension.name,
                version: extension.version,
                comment: extension.comment,
                requires: extension
                    .requires
                    .into_iter()
                    .zip(extension.providers.iter().map(|name| name.parse().ok()))
                    .collect(),
                is_trusted: extension.is_trusted,
                needs_superuser: extension.needs_superuser,
                is_relocatable: extension.is_relocatable,
                schema: extension.schema,
            })
            .collect())
    }

    async fn modules_of(&self, release: i64) -> Result<Vec<ModuleFacts>, RegistryError> {
        let modules = sqlx::query_as!(
            ModuleFacts,
            r#"select
                library,
                load_kind as "load_kind: LoadKind",
                load_source as "load_source: Source",
                without_preload,
                restart_on_install,
                restart_on_upgrade,
                usage
            from modules
            where release_id = $1
            order by library"#,
            release,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(modules)
    }

    async fn settings_of(&self, release: i64) -> Result<Vec<SettingFacts>, RegistryError> {
        let settings = sqlx::query_as!(
            SettingFacts,
            "select name, is_required, recommended_value
            from release_settings
            where release_id = $1
            order by position",
            release,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(settings)
    }

    async fn artifacts_of(&self, release: i64) -> Result<Vec<ArtifactDetails>, RegistryError> {
        let rows = sqlx::query!(
            r#"select
                a.artifact_id,
                a.postgres_major as "postgres_major: PostgresMajor",
                a.os,
                a.os_version,
                a.arch as "arch: Arch",
                a.libc as "libc: Libc",
                a.build,
                a.build = max(a.build) over (partition by a.kind, a.postgres_major, a.os, a.os_version, a.arch, a.libc)
                    as "is_newest!",
                a.origin,
                a.file_name,
                o.size_bytes,
                a.sha256 as "sha256: Sha256",
                a.published_at,
                a.postgres_version,
                a.distribution_package,
                a.distribution_version,
                array(
                    select distinct split_part(f.path, '/', 1)
                    from artifact_files as f
                    where f.artifact_id = a.artifact_id
                        and f.kind in ('shared-object', 'bitcode')
                    order by 1
                ) as "library_roots!: Vec<String>",
                array(
                    select distinct split_part(f.path, '/', 1)
                    from artifact_files as f
                    where f.artifact_id = a.artifact_id
                        and f.kind in ('control-file', 'sql-file', 'extra')
                    order by 1
                ) as "share_roots!: Vec<String>",
                (select coalesce(sum(d.count), 0)::bigint from downloads as d where d.artifact_id = a.artifact_id) as "downloads!",
                u.run as "run?"
            from artifacts as a
            join objects as o on o.sha256 = a.sha256
            left join artifact_runs as u using (artifact_id)
            where a.release_id = $1
                and a.kind = 'binary'
            order by a.postgres_major desc nulls last, a.os, a.os_version desc, a.arch, a.libc, a.build desc"#,
            release,
        )
        .fetch_all(&self.pool)
        .await?;
        let mut libraries = self.libraries_of(release).await?;
        rows.into_iter()
            .map(|row| {
                let own = libraries.remove(&row.artifact_id).unwrap_or_default();
                Ok(ArtifactDetails {
                    artifact_id: row.artifact_id,
                    postgres_major: row.postgres_major,
                    platform: Platform::from_parts(row.os, row.os_version, row.arch, row.libc)
                        .map_err(|error| RegistryError::Internal(Box::new(error)))?,
                    build: row.build,
                    is_newest: row.is_newest,
                    file_name: row.file_name,
                    size_bytes: row.size_bytes,
                    sha256: row.sha256,
                    published_at: row.published_at,
                    provenance: (row.origin == "import").then(|| Provenance {
                        postgres_version: row.postgres_version,
                        package: row.distribution_package.zip(row.distribution_version),
                    }),
                    run: read_run(row.run),
                    libraries: own,
                    library_roots: row.library_roots,
                    share_roots: row.share_roots,
                    downloads: row.downloads,
                })
            })
            .collect()
    }

    /// What is known of the libraries of a release, by the file they are in.
    async fn libraries_of(&self, release: i64) -> Result<HashMap<i64, Vec<LibraryFacts>>, RegistryError> {
        let rows = sqlx::query!(
            r#"select
                l.artifact_id,
                l.path,
                l.arch as "arch: Arch",
                l.libc as "libc: Libc",
                l.glibc_version,
                l.needed,
                l.postgres_major as "postgres_major: PostgresMajor",
                l.capabilities
            from artifact_libraries as l
            join artifacts as a using (artifact_id)
            where a.release_id = $1
            order by l.path"#,
            release,
        )
        .fetch_all(&self.pool)
        .await?;
        let mut libraries: HashMap<i64, Vec<LibraryFacts>> = HashMap::new();
        for row in rows {
            libraries.entry(row.artifact_id).or_default().push(LibraryFacts {
                path: row.path,
                arch: row.arch,
                libc: row.libc,
                glibc_version: row.glibc_version,
                needed: row.needed,
                postgres_major: row.postgres_major,
                // A name of an older program that is no more is left out.
                capabilities: row.capabilities.iter().filter_map(|name| name.parse().ok()).collect(),
            });
        }
        Ok(libraries)
    }
}
