//! The page of a package, and of one of its releases.

mod about;
mod dependencies;
mod downloads;
mod effects;
mod extensions;
mod facts;
mod files;
mod install;
mod notices;
mod picker;
mod readme;
mod refusals;
mod selection;
mod tabs;
mod versions;

use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use registry::{
    ArchivedFile, PackageDetails, PostgresVersionInfo, Readme, Refusal, Registry, RegistryError, Viewer,
    WeekOfDownloads,
};
use serde_json::json;

use self::{
    about::{Labels, Links, Origin, People},
    dependencies::{Dependencies, Dependents},
    downloads::Downloads,
    effects::ServerEffects,
    extensions::Extensions,
    facts::FactStrip,
    files::Files,
    install::Install,
    notices::Notices,
    picker::Picked,
    readme::ReadmeSection,
    refusals::Refusals,
    selection::{Selection, Tab},
    tabs::Tabs,
    versions::Versions,
};
use crate::{
    components::{Breadcrumbs, PageHead, StructuredData},
    context::{registry, site, visitor},
    format,
    load::load,
};

/// A package with its current release, and one with the release or the tab that the address names.
#[component]
pub(crate) fn PackagePage() -> impl IntoView {
    let selection = Selection::read(&use_params_map().read_untracked(), &use_query_map().read_untracked());
    let viewer = visitor().map_or(Viewer::Anonymous, |visitor| visitor.viewer());
    load(shown(registry(), viewer, selection), |shown| view! { <Package shown/> })
}

/// Refused uploads that are shown.
const MOST_REFUSALS: i64 = 10;

/// What the page shows.
struct Shown {
    selection: Selection,
    package: PackageDetails,
    majors: Vec<PostgresVersionInfo>,
    picked: Picked,
    files: Vec<ArchivedFile>,
    weeks: Vec<WeekOfDownloads>,
    readme: Option<Readme>,
    refusals: Vec<Refusal>,
}

async fn shown(registry: Registry, viewer: Viewer, selection: Option<Selection>) -> Result<Shown, RegistryError> {
    let selection = selection.ok_or(RegistryError::NotFound)?;
    let ask = |major| registry.package(viewer, &selection.name, selection.version.as_ref(), major);
    let package = match ask(selection.major).await {
        // Nothing for that major: then the current release, and the page says so.
        Err(RegistryError::NotFound) if selection.major.is_some() => ask(None).await?,
        other => other?,
    };
    let picked = Picked::choose(&package.release, &selection);
    let listed = picked.artifact.as_ref().map(|artifact| artifact.artifact_id);
    let listed = listed.or(package.release.source.as_ref().map(|source| source.artifact_id));
    let files = match (listed, selection.tab) {
        (Some(listed), Tab::Files) => registry.archived_files(listed).await?,
        _ => Vec::new(),
    };
    let readme = match selection.tab {
        Tab::Overview => {
            registry.readme(viewer, &package.name, Some(&package.release.version)).await.map(Some).or_else(none)?
        }
        _ => None,
    };
    let refusals = match selection.tab {
        Tab::Versions => registry.refusals(package.package_id, MOST_REFUSALS).await?,
        _ => Vec::new(),
    };
    Ok(Shown {
        readme,
        refusals,
        majors: registry.postgres_versions().await?,
        weeks: registry.download_history(package.package_id).await?,
        picked,
        files,
        package,
        selection,
    })
}

/// Nothing, where there is none.
fn none<T>(error: RegistryError) -> Result<Option<T>, RegistryError> {
    if matches!(error, RegistryError::NotFound) { Ok(None) } else { Err(error) }
}

#[component]
fn Package(shown: Shown) -> impl IntoView {
    let Shown { selection, package, majors, picked, files, weeks, readme, refusals } = shown;
    let above = package.categories.first().map_or_else(
        || ("/packages".to_owned(), "All packages".to_owned()),
        |(slug, name)| (format!("/categories/{slug}"), name.clone()),
    );
    let summary = package.summary.clone().unwrap_or_default();
    let description =
        if summary.is_empty() { format!("The PostgreSQL extension {}.", package.name) } else { summary.clone() };
    let version = package.release.version.to_string();
    let title = match selection.version {
        Some(_) => format!("{} {version}", package.name),
        None => package.name.to_string(),
    };
    let title = if selection.tab == Tab::Overview {
        title
    } else {
        format!("{title}: {}", selection.tab.label().to_lowercase())
    };
    let is_own =
        visitor().is_some_and(|visitor| package.people.iter().any(|person| person.handle == *visitor.handle()));
    let facts = software(&package);
    let tab = match selection.tab {
        Tab::Overview => view! {
            <ServerEffects extensions=package.release.extensions.clone() modules=package.release.modules.clone() is_imported=package.is_imported/>
            <Extensions extensions=package.release.extensions.clone() summary=package.summary.clone()/>
            {readme.map(|readme| view! { <ReadmeSection readme/> })}
        }
        .into_any(),
        Tab::Versions => {
            view! {
                <Versions selection=selection.clone() releases=package.releases.clone() shown=version.clone()/>
                <Refusals refusals/>
            }
                .into_any()
        }
        Tab::Files => {
            view! { <Files selection=selection.clone() release=package.release.clone() picked=picked.clone() files/> }
                .into_any()
        }
        Tab::Dependencies => view! {
            <Dependencies release=package.release.clone() artifact=picked.artifact.clone()/>
            <Dependents dependents=package.dependents.clone()/>
        }
        .into_any(),
    };
    // What is held back is to be found by nobody who does not look for it.
    let is_held = package.quarantine_reason.is_some() || package.release.state == model::ReleaseState::Quarantined;
    let path = (!is_held).then(|| selection.canonical(&package));
    view! {
        <PageHead title description path/>
        <StructuredData facts/>
        <div class="frame py-8">
            <Breadcrumbs above=vec![("/".to_owned(), "Home".to_owned()), above] here=package.name.to_string()/>
            <h1 class="mt-3 flex flex-wrap items-baseline gap-x-3 font-mono text-heading">
                <span class="min-w-0 break-words">{package.name.to_string()}</span>
                " "
                <span class="min-w-0 break-words text-title text-ink-soft">{version.clone()}</span>
            </h1>
            {(!summary.is_empty()).then(|| view! { <p class="prose mt-2 text-title break-words" dir="auto">{summary}</p> })}
            <p class="mt-1 text-small text-ink-soft">
                "Published "
                <time datetime=format::moment(package.release.published_at) title=format::day(package.release.published_at)>
                    {format::ago(package.release.published_at, registry().clock().now())}
                </time>
            </p>
            <Notices selection=selection.clone() package=package.clone()/>
            <FactStrip selection=selection.clone() release=package.release.clone() majors/>
            <Tabs selection=selection.clone() package=package.clone()/>
            <div class="mt-6 grid gap-x-10 gap-y-10 lg:grid-cols-[minmax(0,1fr)_20rem] lg:grid-rows-[auto_1fr]">
                // First on a narrow screen, where it is what somebody came for; at the top of the right column on a wide one.
                <div class=format!("min-w-0 lg:col-start-2 {}", if selection.tab == Tab::Overview { "" } else { "max-lg:order-1" })>
                    <Install selection=selection.clone() kind=package.kind release=package.release.clone() picked/>
                </div>
                <div class="min-w-0 space-y-10 lg:col-start-1 lg:row-span-2 lg:row-start-1">{tab}</div>
                <aside class="min-w-0 space-y-8 max-lg:order-2 lg:col-start-2" aria-label="About this package">
                    <Links links=package.links.into_iter().map(|link| (link.kind, link.url)).collect()/>
                    <Downloads weeks/>
                    <Labels
                        categories=package.categories.into_iter().map(|(slug, name)| (slug.to_string(), name)).collect()
                        tags=package.tags
                    />
                    <People people=package.people/>
                    <p class="flex flex-wrap gap-x-4 gap-y-1">
                        {is_own
                            .then(|| view! { <a class="link" href=format!("/settings/packages/{}", package.name)>"Settings"</a> })}
                        <a class="link" href=format!("/activity/packages/{}", package.name)>"Activity"</a>
                        <a class="link" rel="nofollow" href=format!("/report?package={}&version={version}", package.name)>"Report this release"</a>
                    </p>
                    <Origin
                        name=package.name.to_string()
                        is_imported=package.is_imported
                        is_orphaned=package.is_orphaned
                        full_name=package.full_name.to_string()
                        published_by=package.release.published_by.as_ref().map(ToString::to_string)
                        run=package.release.run.clone()
                        created_at=package.created_at
                    />
                </aside>
            </div>
        </div>
    }
}

/// The package for search engines (schema.org).
fn software(package: &PackageDetails) -> serde_json::Value {
    let address = site().absolute(&format!("/packages/{}", package.name));
    let mut facts = json!({
        "@context": "https://schema.org",
        "@type": "SoftwareApplication",
        "name": package.name,
        "url": address,
        "softwareVersion": package.release.version,
        "applicationCategory": "DeveloperApplication",
        "applicationSubCategory": package.categories.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>(),
        "softwareRequirements": "PostgreSQL",
        "datePublished": format::moment(package.created_at),
        "dateModified": format::moment(package.release.published_at),
        "keywords": package.tags,
    });
    if let Some(summary) = &package.summary {
        facts["description"] = json!(summary);
    }
    if let Some(licence) = &package.release.licence {
        facts["license"] = json!(licence);
    }
    facts
}
