//! The page of a package, and of one of its releases.

mod about;
mod effects;
mod facts;
mod files;
mod install;

use leptos::prelude::*;
use leptos_meta::{Link, Meta, Title};
use leptos_router::hooks::use_params_map;
use registry::{PackageDetails, RegistryError, Viewer};

use self::{
    about::{Dependents, Labels, Links, Origin, Releases},
    effects::ServerEffects,
    facts::{FactStrip, StateNotice},
    files::Files,
    install::{Install, install_commands},
};
use crate::{
    components::Breadcrumbs,
    context::{registry, site},
    load::load,
};

/// A package with its current release.
#[component]
pub(crate) fn PackagePage() -> impl IntoView {
    view! { <PackageWithRelease/> }
}

/// A package with the release that the address names.
#[component]
pub(crate) fn ReleasePage() -> impl IntoView {
    view! { <PackageWithRelease/> }
}

#[component]
fn PackageWithRelease() -> impl IntoView {
    let parameters = use_params_map().read_untracked().clone();
    let registry = registry();
    let data = async move {
        let name = parameters.get("name").unwrap_or_default().parse().map_err(|_| RegistryError::NotFound)?;
        let version = match parameters.get("version").as_deref() {
            None | Some("latest") => None,
            Some(version) => Some(version.parse().map_err(|_| RegistryError::NotFound)?),
        };
        registry.package(Viewer::Anonymous, &name, version.as_ref(), None).await
    };
    load(data, |package| view! { <Package package/> })
}

#[component]
fn Package(package: PackageDetails) -> impl IntoView {
    let address = format!("/packages/{}", package.name);
    let above = package.categories.first().map_or_else(
        || ("/packages".to_owned(), "All packages".to_owned()),
        |(slug, name)| (format!("/categories/{slug}"), name.clone()),
    );
    let summary = package.summary.clone().unwrap_or_default();
    let release = package.release;
    let commands = install_commands(package.kind, &release.extensions, &release.modules);
    view! {
        <Title text=package.name.to_string()/>
        <Meta name="description" content=summary.clone()/>
        <Link rel="canonical" href=site().absolute(&address)/>
        <div class="frame py-8">
            <Breadcrumbs above=vec![("/".to_owned(), "Home".to_owned()), above] here=package.name.to_string()/>
            <h1 class="mt-3 flex flex-wrap items-baseline gap-x-3 font-mono text-heading font-semibold">
                <span class="min-w-0 break-words">{package.name.to_string()}</span>
                " "
                <span class="text-title font-normal text-ink-soft">{release.version.to_string()}</span>
            </h1>
            <p class="prose mt-2 text-title">{summary}</p>
            <StateNotice state=release.state reason=release.state_reason/>
            <FactStrip artifacts=release.artifacts.clone() modules=release.modules.clone() extensions=release.extensions.clone() licence=release.licence/>
            <div class="mt-8 grid gap-x-10 gap-y-8 lg:grid-cols-[minmax(0,1fr)_20rem] lg:grid-rows-[auto_1fr]">
                // First on a narrow screen, at the top of the right column on a wide one.
                <div class="min-w-0 lg:col-start-2">
                    <Install commands artifacts=release.artifacts.clone()/>
                </div>
                <div class="min-w-0 space-y-10 lg:col-start-1 lg:row-span-2 lg:row-start-1">
                    <ServerEffects extensions=release.extensions.clone() modules=release.modules.clone()/>
                    <Files name=package.name.to_string() version=release.version.to_string() artifacts=release.artifacts/>
                    <Releases name=package.name.to_string() releases=package.releases shown=release.version.to_string()/>
                    <Dependents dependents=package.dependents.into_iter().map(|(name, summary)| (name.to_string(), summary)).collect()/>
                </div>
                <aside class="min-w-0 space-y-8 lg:col-start-2" aria-label="About this package">
                    <Origin
                        is_imported=package.is_imported
                        is_orphaned=package.is_orphaned
                        full_name=package.full_name.to_string()
                        published_by=release.published_by.to_string()
                        published_at=release.published_at
                    />
                    <Links links=package.links.into_iter().map(|link| (link.kind, link.url)).collect()/>
                    <Labels categories=package.categories.into_iter().map(|(slug, name)| (slug.to_string(), name)).collect() tags=package.tags/>
                </aside>
            </div>
        </div>
    }
}
