use std::collections::BTreeSet;

use leptos::prelude::*;
use model::PackageName;
use registry::{ArtifactDetails, ReleaseDetails, SettingFacts};

/// What the release needs: extensions, and of a file what its libraries need of the machine.
#[component]
pub(super) fn Dependencies(release: ReleaseDetails, artifact: Option<ArtifactDetails>) -> impl IntoView {
    let ReleaseDetails { extensions, depends_on, system_dependencies, settings, .. } = release;
    let several = extensions.len() > 1;
    let requires: Vec<(String, Option<PackageName>, String)> = extensions
        .into_iter()
        .flat_map(|extension| {
            let name = extension.name.to_string();
            extension.requires.into_iter().map(move |(required, package)| (required, package, name.clone()))
        })
        .chain(depends_on.into_iter().map(|(name, package)| (name, package, "all of it".to_owned())))
        .collect();
    let libraries: BTreeSet<String> =
        artifact.iter().flat_map(|artifact| &artifact.libraries).flat_map(|library| library.needed.clone()).collect();
    let glibc = artifact
        .iter()
        .flat_map(|artifact| &artifact.libraries)
        .filter_map(|library| library.glibc_version.clone())
        .max_by_key(|version| version.split('.').map(|part| part.parse().unwrap_or(0)).collect::<Vec<u32>>());
    view! {
        <section aria-labelledby="needs">
            <h2 id="needs" class="text-subheading font-semibold">"Needs"</h2>
            {if requires.is_empty() {
                view! { <p class="mt-3 text-ink-soft">"No other extension."</p> }.into_any()
            } else {
                view! {
                    <ul class="mt-3 divide-y divide-line border-y border-line">
                        {requires
                            .into_iter()
                            .map(|(required, package, by)| {
                                let name = match &package {
                                    Some(package) => {
                                        view! {
                                            <a class="link min-w-0 font-mono break-all" href=format!("/packages/{package}")>
                                                {required}
                                            </a>
                                        }
                                            .into_any()
                                    }
                                    None => view! { <span class="min-w-0 font-mono break-all">{required}</span> }.into_any(),
                                };
                                let note = match (package.is_some(), several) {
                                    (true, true) => format!("for {by}"),
                                    (true, false) => String::new(),
                                    (false, _) => "not in this registry".to_owned(),
                                };
                                view! {
                                    <li class="flex flex-wrap items-baseline justify-between gap-x-4 py-2">
                                        {name} <span class="text-small text-ink-soft">{note}</span>
                                    </li>
                                }
                            })
                            .collect_view()}
                    </ul>
                }
                    .into_any()
            }}
            {(!libraries.is_empty())
                .then(|| {
                    view! {
                        <h3 class="mt-6 font-semibold">"Libraries of the system"</h3>
                        <p class="mt-1 text-small text-ink-soft">
                            "Read from the file that is picked." {glibc.map(|glibc| format!(" It needs glibc {glibc} or later."))}
                        </p>
                        <ul class="mt-2 flex flex-wrap gap-x-4 gap-y-1 font-mono text-small">
                            {libraries.into_iter().map(|library| view! { <li class="break-all">{library}</li> }).collect_view()}
                        </ul>
                    }
                })}
            {(!system_dependencies.is_empty())
                .then(|| {
                    view! {
                        <h3 class="mt-6 font-semibold">"Packages of the operating system"</h3>
                        <p class="mt-1 text-small text-ink-soft">"Declared by its publisher."</p>
                        <dl class="mt-2 space-y-1 text-small">
                            {system_dependencies
                                .into_iter()
                                .map(|(manager, packages)| {
                                    view! {
                                        <div class="flex flex-wrap gap-x-3">
                                            <dt class="text-ink-soft break-all">{manager}</dt>
                                            <dd class="min-w-0 font-mono break-all">{packages.join(" ")}</dd>
                                        </div>
                                    }
                                })
                                .collect_view()}
                        </dl>
                    }
                })}
        </section>
        {(!settings.is_empty()).then(|| view! { <Settings settings/> })}
    }
}

/// Settings that its publisher names.
#[component]
fn Settings(settings: Vec<SettingFacts>) -> impl IntoView {
    view! {
        <section aria-labelledby="settings">
            <h2 id="settings" class="text-subheading font-semibold">"Settings"</h2>
            <p class="mt-1 text-small text-ink-soft">"Of postgresql.conf, declared by its publisher."</p>
            <ul class="mt-3 divide-y divide-line border-y border-line">
                {settings
                    .into_iter()
                    .map(|setting| {
                        let value = setting.recommended_value.map(|value| format!(" = {value}"));
                        let need = if setting.is_required { "required" } else { "recommended" };
                        view! {
                            <li class="flex flex-wrap items-baseline justify-between gap-x-4 py-2">
                                <span class="min-w-0 font-mono break-all">{setting.name} {value}</span>
                                <span class="text-small text-ink-soft">{need}</span>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </section>
    }
}

/// Who needs this package.
#[component]
pub(super) fn Dependents(dependents: Vec<(PackageName, Option<String>)>) -> impl IntoView {
    view! {
        <section aria-labelledby="dependents">
            <h2 id="dependents" class="text-subheading font-semibold">"Needed by"</h2>
            {if dependents.is_empty() {
                view! { <p class="mt-3 text-ink-soft">"No other package here."</p> }.into_any()
            } else {
                view! {
                    <ul class="mt-3 divide-y divide-line border-y border-line">
                        {dependents
                            .into_iter()
                            .map(|(name, summary)| {
                                view! {
                                    <li class="py-2">
                                        <a class="link font-mono break-all" href=format!("/packages/{name}")>
                                            {name.to_string()}
                                        </a>
                                        <p class="text-small text-ink-soft break-words" dir="auto">
                                            {summary}
                                        </p>
                                    </li>
                                }
                            })
                            .collect_view()}
                    </ul>
                }
                    .into_any()
            }}
        </section>
    }
}
