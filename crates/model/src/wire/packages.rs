//! Packages, releases and their files.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::wire;
use crate::{
    Arch, CategorySlug, ControlVersion, ExtensionName, FullName, Libc, LoadKind, PackageKind, PackageName, Platform,
    PostgresMajor, ReleaseState, Sha256, Source, Version,
};

wire! {
    /// A part of the list of packages.
    PackageList {
        /// The packages.
        items: Vec<PackageItem>,
        /// The value of `after` that continues the list; null at its end.
        next: Option<String>,
    }

    /// A package in a list.
    PackageItem {
        /// Its short name.
        name: PackageName,
        /// What it brings.
        kind: PackageKind,
        /// Its current version.
        version: Version,
        /// One sentence.
        summary: Option<String>,
        /// Slugs of its categories, the best first.
        categories: Vec<CategorySlug>,
        /// Free words.
        tags: Vec<String>,
        /// The extensions of its current version.
        extensions: Vec<String>,
        /// The majors of PostgreSQL that it has a file for.
        postgres: Vec<PostgresMajor>,
        /// For each of them the version that is current for it.
        current: Vec<CurrentVersion>,
        /// The platforms that it has a file for.
        platforms: Vec<Platform>,
        /// How its library comes into a server; null where it has none.
        load: Option<LoadKind>,
        /// Whether somebody who is no superuser may create all its extensions.
        trusted: bool,
        /// Completed downloads in the last thirty days.
        downloads: i64,
        /// Whether it was taken from this server's packages rather than published.
        imported: bool,
        /// When it was first published.
        #[serde(with = "time::serde::rfc3339")]
        created_at: OffsetDateTime,
        /// When its newest file was published.
        #[serde(with = "time::serde::rfc3339")]
        updated_at: OffsetDateTime,
        /// Its address in this API.
        url: String,
    }

    /// The version that is current for a major of PostgreSQL.
    CurrentVersion {
        /// The major.
        postgres: PostgresMajor,
        /// The version.
        version: Version,
    }

    /// A package.
    Package {
        /// Its identity: host and path.
        full_name: FullName,
        /// Its short name.
        name: PackageName,
        /// What it brings.
        kind: PackageKind,
        /// One sentence.
        summary: Option<String>,
        /// Slugs of its categories, the best first.
        categories: Vec<CategorySlug>,
        /// Free words.
        tags: Vec<String>,
        /// Where to read on.
        links: Vec<Link>,
        /// Whether it was taken from this server's packages rather than published.
        imported: bool,
        /// Whether nobody owns it.
        orphaned: bool,
        /// Whether its owners say that nothing more comes.
        archived: bool,
        /// What its owners say where something else should be used; null where it is not deprecated.
        deprecated: Option<Deprecation>,
        /// When it was first published.
        #[serde(with = "time::serde::rfc3339")]
        created_at: OffsetDateTime,
        /// All releases, the newest version first.
        releases: Vec<ReleaseItem>,
        /// The current release.
        current: Release,
    }

    /// That something else should be used.
    Deprecation {
        /// Why.
        reason: Option<String>,
        /// The package to use instead.
        successor: Option<String>,
    }

    /// An address outside.
    Link {
        /// `homepage`, `repository`, `documentation`, `issues` or `support`.
        kind: String,
        /// An http or https address.
        url: String,
    }

    /// A release in a list.
    ReleaseItem {
        /// Its version.
        version: Version,
        /// Whether it can be found and fetched.
        state: ReleaseState,
        /// When it was published.
        #[serde(with = "time::serde::rfc3339")]
        published_at: OffsetDateTime,
        /// The majors of PostgreSQL that it has a file for.
        postgres: Vec<PostgresMajor>,
        /// Its address in this API.
        url: String,
    }

    /// A release.
    Release {
        /// The short name of its package.
        name: PackageName,
        /// Its version.
        version: Version,
        /// Whether it can be found and fetched.
        state: ReleaseState,
        /// Why it is not active.
        state_reason: Option<String>,
        /// The licence, as declared.
        licence: Option<String>,
        /// When it was published.
        #[serde(with = "time::serde::rfc3339")]
        published_at: OffsetDateTime,
        /// The handle of who published it; null where a workflow did, or where the account is no more.
        published_by: Option<String>,
        /// What `CREATE EXTENSION` finds in it.
        extensions: Vec<Extension>,
        /// Its loadable libraries.
        modules: Vec<Module>,
        /// Extensions that must be there first beyond those that control files require.
        depends_on: Vec<String>,
        /// Packages of operating systems that must be there first, by package manager.
        system_dependencies: BTreeMap<String, Vec<String>>,
        /// Settings of postgresql.conf that it needs or recommends.
        settings: Vec<Setting>,
        /// Its source; null where nobody has published it.
        source: Option<SourceArchive>,
        /// Its binaries; of each major and platform the newest build first.
        artifacts: Vec<Artifact>,
    }

    /// The source of a release.
    SourceArchive {
        /// The name to save it under.
        file_name: String,
        /// Its size in bytes.
        size: i64,
        /// Its SHA-256 digest.
        sha256: Sha256,
        /// When it was published.
        #[serde(with = "time::serde::rfc3339")]
        published_at: OffsetDateTime,
        /// Completed downloads.
        downloads: i64,
        /// The run of a workflow that it came from; null where somebody published it with a token of their own.
        run: Option<Run>,
        /// Where to download it.
        url: String,
    }

    /// An extension of a release.
    Extension {
        /// The name for `CREATE EXTENSION`.
        name: ExtensionName,
        /// The version that its control file names as default.
        version: Option<ControlVersion>,
        /// The comment of its control file.
        comment: Option<String>,
        /// The extensions it needs.
        requires: Vec<String>,
        /// Whether somebody who is no superuser may create it.
        trusted: bool,
        /// Whether only superusers may create it, unless it is trusted.
        superuser: bool,
        /// Whether it can be moved to another schema.
        relocatable: bool,
        /// The only schema it may be in.
        schema: Option<String>,
    }

    /// A setting that a release needs or recommends.
    Setting {
        /// Its name.
        name: String,
        /// Whether the release does not work without.
        required: bool,
        /// A value to begin with.
        recommended: Option<String>,
    }

    /// A loadable library of a release.
    Module {
        /// Its name without `.so`.
        library: String,
        /// How it comes into a server.
        load: LoadKind,
        /// How that is known.
        source: Source,
        /// Whether the server must be restarted after the installation; null where that is not known.
        restart_on_install: Option<bool>,
        /// Whether the server must be restarted after an upgrade; null where that is not known.
        restart_on_upgrade: Option<bool>,
        /// Settings or statements that put it to use.
        usage: Vec<String>,
    }

    /// A file of a release.
    Artifact {
        /// The major of PostgreSQL it is for; null where any will do.
        postgres: Option<PostgresMajor>,
        /// Where it runs.
        platform: Platform,
        /// 1, or more where a distribution built the same version again.
        build: i32,
        /// The name to save it under.
        file_name: String,
        /// Its size in bytes.
        size: i64,
        /// Its SHA-256 digest.
        sha256: Sha256,
        /// When it was published.
        #[serde(with = "time::serde::rfc3339")]
        published_at: OffsetDateTime,
        /// Completed downloads.
        downloads: i64,
        /// The server's package that it was taken from; null for what was published.
        taken_from: Option<TakenFrom>,
        /// The run of a workflow that it came from; null where somebody published it with a token of their own.
        run: Option<Run>,
        /// What its libraries need.
        libraries: Vec<Library>,
        /// Where to download it.
        url: String,
    }

    /// A run of a workflow.
    Run {
        /// The service: `github` or `gitlab`.
        service: String,
        /// The repository there.
        repository: String,
        /// The file of the workflow.
        workflow: String,
        /// The environment that it ran in.
        environment: Option<String>,
        /// The branch or tag that it ran for.
        reference: String,
        /// The commit.
        commit: String,
        /// The page of the run.
        run_url: String,
        /// The page of the commit.
        commit_url: String,
    }

    /// The server's package that a file was taken from.
    TakenFrom {
        /// The full version of PostgreSQL.
        postgres: Option<String>,
        /// The distribution's package.
        package: Option<String>,
        /// The version of that package.
        version: Option<String>,
    }

    /// What a library needs of a machine.
    Library {
        /// Its path in the archive.
        path: String,
        /// The architecture.
        arch: Arch,
        /// The C library.
        libc: Option<Libc>,
        /// The oldest glibc that will do.
        glibc: Option<String>,
        /// The libraries it names.
        needed: Vec<String>,
        /// The major of PostgreSQL that it was built for, by its own magic block; null where that is not known.
        postgres: Option<PostgresMajor>,
        /// What it can do, inferred from its symbols: `output-plugin`, `archive-module`, `background-worker`, `hooks` and others.
        capabilities: Vec<String>,
    }

    /// All categories.
    CategoryList {
        /// In their order.
        items: Vec<Category>,
    }

    /// A category.
    Category {
        /// Its key.
        slug: CategorySlug,
        /// Its name.
        name: String,
        /// What it is about.
        description: String,
        /// How many public packages it has.
        packages: i64,
        /// The list of them in this API.
        url: String,
    }
}
