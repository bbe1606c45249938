//! From the domain to the wire.

use model::wire;
use registry::{ArtifactDetails, CategoryOverview, Listing, PackageDetails, Popularity, ReleaseDetails, WorkflowRun};

/// Absolute addresses of this server.
#[derive(Clone, Debug)]
pub(super) struct Addresses {
    base: String,
}

impl Addresses {
    pub(super) fn new(public_url: &url::Url) -> Self {
        Self { base: public_url.as_str().trim_end_matches('/').to_owned() }
    }

    pub(super) fn of(&self, path: impl std::fmt::Display) -> String {
        format!("{}{path}", self.base)
    }
}

pub(super) fn item(addresses: &Addresses, popularity: &Popularity, listing: Listing) -> wire::PackageItem {
    wire::PackageItem {
        downloads: popularity.of(listing.package_id).total(),
        url: addresses.of(format_args!("/api/v1/packages/{}", listing.name)),
        name: listing.name,
        kind: listing.kind,
        version: listing.version,
        summary: listing.summary,
        categories: listing.categories,
        tags: listing.tags,
        extensions: listing.extension_names,
        current: listing
            .majors
            .iter()
            .zip(listing.versions)
            .map(|(postgres, version)| wire::CurrentVersion { postgres: *postgres, version })
            .collect(),
        postgres: listing.majors,
        platforms: listing.platforms,
        load: listing.load_kind,
        trusted: listing.is_trusted,
        imported: listing.is_imported,
        created_at: listing.created_at,
        updated_at: listing.updated_at,
    }
}

pub(super) fn package(addresses: &Addresses, details: PackageDetails) -> wire::Package {
    let releases = details.releases.into_iter().map(|release| wire::ReleaseItem {
        url: addresses.of(format_args!("/api/v1/packages/{}/{}", details.name, release.version)),
        version: release.version,
        state: release.state,
        published_at: release.published_at,
        postgres: release.majors,
    });
    wire::Package {
        full_name: details.full_name,
        kind: details.kind,
        summary: details.summary,
        categories: details.categories.into_iter().map(|(slug, _)| slug).collect(),
        tags: details.tags,
        links: details.links.into_iter().map(|link| wire::Link { kind: link.kind, url: link.url }).collect(),
        imported: details.is_imported,
        orphaned: details.is_orphaned,
        archived: details.is_archived,
        deprecated: details
            .deprecation
            .map(|deprecation| wire::Deprecation { reason: deprecation.reason, successor: deprecation.successor }),
        created_at: details.created_at,
        releases: releases.collect(),
        current: release(addresses, &details.name, details.release),
        name: details.name,
    }
}

pub(super) fn release(addresses: &Addresses, name: &model::PackageName, details: ReleaseDetails) -> wire::Release {
    let artifacts =
        details.artifacts.into_iter().map(|file| artifact(addresses, name, &details.version, file)).collect();
    let version = details.version;
    wire::Release {
        name: name.clone(),
        state: details.state,
        state_reason: details.state_reason,
        licence: details.licence,
        published_at: details.published_at,
        published_by: details.published_by.map(|handle| handle.to_string()),
        extensions: details
            .extensions
            .into_iter()
            .map(|extension| wire::Extension {
                name: extension.name,
                version: extension.version,
                comment: extension.comment,
                requires: extension.requires.into_iter().map(|(name, _)| name).collect(),
                trusted: extension.is_trusted,
                superuser: extension.needs_superuser,
                relocatable: extension.is_relocatable,
                schema: extension.schema,
            })
            .collect(),
        modules: details
            .modules
            .into_iter()
            .map(|module| wire::Module {
                library: module.library,
                load: module.load_kind,
                source: module.load_source,
                restart_on_install: module.restart_on_install,
                restart_on_upgrade: module.restart_on_upgrade,
                usage: module.usage,
            })
            .collect(),
        depends_on: details.depends_on.into_iter().map(|(name, _)| name).collect(),
        system_dependencies: details.system_dependencies,
        settings: details
            .settings
            .into_iter()
            .map(|setting| wire::Setting {
                name: setting.name,
                required: setting.is_required,
                recommended: setting.recommended_value,
            })
            .collect(),
        source: details.source.map(|source| wire::SourceArchive {
            url: addresses.of(model::source_path(name, &version)),
            file_name: source.file_name,
            size: source.size_bytes,
            sha256: source.sha256,
            published_at: source.published_at,
            downloads: source.downloads,
            run: source.run.map(run),
        }),
        artifacts,
        version,
    }
}

fn run(run: WorkflowRun) -> wire::Run {
    let WorkflowRun { service, repository, workflow, environment, reference, commit, run_url, commit_url } = run;
    let service = service.as_str().to_owned();
    wire::Run { service, repository, workflow, environment, reference, commit, run_url, commit_url }
}

fn artifact(
    addresses: &Addresses,
    name: &model::PackageName,
    version: &model::Version,
    details: ArtifactDetails,
) -> wire::Artifact {
    let path = model::artifact_path(name, version, details.postgres_major, &details.platform, details.sha256);
    wire::Artifact {
        postgres: details.postgres_major,
        platform: details.platform,
        build: details.build,
        file_name: details.file_name,
        size: details.size_bytes,
        sha256: details.sha256,
        published_at: details.published_at,
        downloads: details.downloads,
        run: details.run.map(run),
        taken_from: details.provenance.map(|provenance| {
            let (package, version) = provenance.package.unzip();
            wire::TakenFrom { postgres: provenance.postgres_version, package, version }
        }),
        libraries: details
            .libraries
            .into_iter()
            .map(|library| wire::Library {
                path: library.path,
                arch: library.arch,
                libc: library.libc,
                glibc: library.glibc_version,
                needed: library.needed,
                postgres: library.postgres_major,
                capabilities: library.capabilities.iter().map(|capability| capability.as_str().to_owned()).collect(),
            })
            .collect(),
        url: addresses.of(path),
    }
}

pub(super) fn category(addresses: &Addresses, category: CategoryOverview) -> wire::Category {
    wire::Category {
        url: addresses.of(format_args!("/api/v1/packages?category={}", category.slug)),
        slug: category.slug,
        name: category.name,
        description: category.sentence,
        packages: category.count,
    }
}
