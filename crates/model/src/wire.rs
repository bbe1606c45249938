//! What the API sends: the shapes of `/api/v1`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{
    Arch, CategorySlug, ControlVersion, ExtensionName, FullName, Handle, Libc, LoadKind, NamePattern, PackageKind,
    PackageName, Platform, PostgresMajor, ReleaseState, Sha256, Source, TokenAction, Version,
};

/// Derives what every wire type has.
macro_rules! wire {
    ($($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* })*) => {
        $(
            $(#[$meta])*
            #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
            #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
            pub struct $name {
                $($(#[$field_meta])* pub $field: $type,)*
            }
        )*
    };
}

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
        /// Whether nobody owns it, so that it can be claimed.
        orphaned: bool,
        /// When it was first published.
        #[serde(with = "time::serde::rfc3339")]
        created_at: OffsetDateTime,
        /// All releases, the newest version first.
        releases: Vec<ReleaseItem>,
        /// The current release.
        current: Release,
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

    /// What a search found.
    SearchResults {
        /// How the words were understood: `everything`, `every-word`, `some-words`, or `names-only` while there is no index.
        understood: String,
        /// How many packages there are.
        total: u64,
        /// Those of this page.
        items: Vec<PackageItem>,
        /// The next page; null at the end.
        next_page: Option<u32>,
        /// How many packages there would be with another choice in one of these and the same in all others.
        facets: SearchFacets,
        /// Names that are nearly the text, where nothing was found.
        near: Vec<PackageName>,
    }

    /// Counts by the values of each facet.
    SearchFacets {
        /// By slug of category.
        category: Vec<SearchFacet>,
        /// By major of PostgreSQL.
        pg: Vec<SearchFacet>,
        /// By platform.
        platform: Vec<SearchFacet>,
        /// By the way a library is loaded.
        load: Vec<SearchFacet>,
        /// Packages whose extensions are all trusted.
        trusted: u64,
    }

    /// How many packages have a value.
    SearchFacet {
        /// The value as its parameter takes it.
        value: String,
        /// How many.
        count: u64,
    }

    /// Names for what is being typed.
    SuggestionList {
        /// The best first.
        items: Vec<Suggestion>,
    }

    /// A package for what is being typed.
    Suggestion {
        /// Its short name.
        name: PackageName,
        /// Its sentence.
        summary: Option<String>,
    }

    /// An error, as RFC 9457 has it.
    Problem {
        /// A stable name of this kind of error.
        r#type: String,
        /// The kind of error in words.
        title: String,
        /// The status.
        status: u16,
        /// A stable code.
        code: String,
        /// What happened and what to do.
        detail: String,
        /// The full names of the packages that were meant, where a short name is ambiguous.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        candidates: Vec<FullName>,
        /// All that speaks against an upload, and warnings.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        findings: Vec<Finding>,
    }

    /// Something about an upload that its publisher should know.
    Finding {
        /// `error` or `warning`.
        severity: String,
        /// A stable code.
        code: String,
        /// What it is, in words.
        message: String,
    }

    /// What became of an upload.
    PublishedArtifact {
        /// The package, spelled as it was first published.
        package: PackageName,
        /// The release.
        version: Version,
        /// `release` where it is the first file of a release, `artifact` where it is a further one, `unchanged` where the same
        /// bytes were there already.
        outcome: String,
        /// `source` or `binary`.
        kind: String,
        /// The major it is for; null for any.
        postgres: Option<PostgresMajor>,
        /// The platform it is for; `any` for a source.
        platform: Platform,
        /// The digest of the file.
        sha256: Sha256,
        /// What of the package's description and links changed.
        updated: Vec<String>,
        /// What its publisher should know.
        findings: Vec<Finding>,
        /// The release in this API.
        url: String,
    }

    /// What would become of an upload.
    Rehearsal {
        /// Whether it would be published.
        publishable: bool,
        /// All that speaks against it, and warnings.
        findings: Vec<Finding>,
    }

    /// A token that was found where it should not be.
    LeakedToken {
        /// The whole token.
        token: String,
    }

    /// Whose token or session it is.
    Me {
        /// The handle; null for a run of a workflow.
        handle: Option<Handle>,
        /// The address; only for whoever may look after the account.
        email: Option<String>,
        /// Whether the address is known to be its owner's; likewise.
        email_verified: Option<bool>,
        /// `session`, `token` or `workflow`.
        by: String,
        /// What may be done with the token; all of it for a session.
        actions: Vec<TokenAction>,
        /// For which packages.
        packages: Vec<NamePattern>,
        /// Until when, RFC 3339; null for ever.
        #[serde(with = "time::serde::rfc3339::option")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
        expires_at: Option<OffsetDateTime>,
    }

    /// The tokens of an account.
    TokenList {
        /// The newest first; those that ended are listed for 30 days more.
        items: Vec<TokenItem>,
    }

    /// A token in a list.
    TokenItem {
        /// Its id, which is no secret.
        id: i64,
        /// What its owner calls it.
        name: String,
        /// What may be done with it.
        actions: Vec<TokenAction>,
        /// For which packages.
        packages: Vec<NamePattern>,
        /// `active`, `expired` or `revoked`.
        state: String,
        /// When it was made, RFC 3339.
        #[serde(with = "time::serde::rfc3339")]
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        created_at: OffsetDateTime,
        /// Until when, RFC 3339; null for ever.
        #[serde(with = "time::serde::rfc3339::option")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
        expires_at: Option<OffsetDateTime>,
        /// When it was last used, exact to a minute, RFC 3339.
        #[serde(with = "time::serde::rfc3339::option")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
        last_used_at: Option<OffsetDateTime>,
        /// From which address.
        last_used_address: Option<String>,
        /// By which program.
        last_used_client: Option<String>,
    }

    /// A token that is asked for.
    NewToken {
        /// What its owner calls it.
        name: String,
        /// What may be done with it.
        actions: Vec<TokenAction>,
        /// For which packages; all where it is left out.
        #[serde(default)]
        packages: Vec<NamePattern>,
        /// After how many days it ends: 1 to 3650, or 0 for never; 90 where it is left out.
        days: Option<u16>,
    }

    /// A token that was just made. It is not shown again.
    IssuedToken {
        /// The token.
        token: String,
        /// Until when, RFC 3339; null for ever.
        #[serde(with = "time::serde::rfc3339::option")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
        expires_at: Option<OffsetDateTime>,
    }

    /// Where somebody has logged in.
    SessionList {
        /// The one that asks first, then the one that was used last.
        items: Vec<SessionItem>,
    }

    /// A session in a list.
    SessionItem {
        /// Its id, which is no secret.
        id: i64,
        /// What the browser called itself.
        user_agent: String,
        /// From which address it was begun.
        address: String,
        /// When it was begun, RFC 3339.
        #[serde(with = "time::serde::rfc3339")]
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        created_at: OffsetDateTime,
        /// When it was last used, exact to a minute, RFC 3339.
        #[serde(with = "time::serde::rfc3339")]
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        last_used_at: OffsetDateTime,
        /// Whether it is the one that asks.
        is_current: bool,
    }

    /// Accounts elsewhere that log in to this one.
    IdentityList {
        /// The oldest first.
        items: Vec<IdentityItem>,
    }

    /// An account elsewhere.
    IdentityItem {
        /// Its id, which is no secret.
        id: i64,
        /// Who vouches for it.
        issuer: String,
        /// What it is called there.
        name: String,
        /// Since when it is linked, RFC 3339.
        #[serde(with = "time::serde::rfc3339")]
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        created_at: OffsetDateTime,
    }

    /// The token of a run of a workflow, to be exchanged.
    RunToken {
        /// What the service gave to the run, for the audience that is the address of this registry.
        token: String,
        /// Which package is meant, where several trust the workflow.
        package: Option<PackageName>,
    }

    /// What a run gets for it.
    ExchangedToken {
        /// A token of this registry.
        token: String,
        /// Until when: a quarter of an hour. RFC 3339.
        #[serde(with = "time::serde::rfc3339")]
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        expires_at: OffsetDateTime,
        /// The package that it publishes.
        package: PackageName,
    }

    /// Why a release is yanked.
    YankReason {
        /// In a sentence; shown to everybody.
        reason: String,
    }
}
