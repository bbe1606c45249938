use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use model::{PackageName, ReleaseState};
use registry::{GroupName, PackageSettings, RegistryError, ReleaseSummary};

use super::frames::GroupFrame;
use crate::{
    components::Field,
    context::{registry, visitor},
    forms::{FormState, form_state},
    load::load,
    pages::accounts::when::Ago,
};

/// The releases of a package, for those who may take them back.
#[component]
pub(crate) fn ReleasesPage() -> impl IntoView {
    let Some(visitor) = visitor() else { return ().into_any() };
    let name = use_params_map().read_untracked().get("name").unwrap_or_default().parse::<PackageName>();
    let (registry, state) = (registry(), form_state());
    let data = async move { registry.package_settings(&visitor, &name.map_err(|_| RegistryError::NotFound)?).await };
    load(data, move |settings| {
        let name = GroupName::Package(settings.name.clone());
        view! {
            <GroupFrame name here="/releases" state=state.clone()>
                <Releases state settings/>
            </GroupFrame>
        }
    })
    .into_any()
}

#[component]
fn Releases(state: FormState, settings: PackageSettings) -> impl IntoView {
    let action = format!("/settings/packages/{}/releases", settings.name);
    let page = format!("/packages/{}", settings.name);
    let active: Vec<String> = settings
        .releases
        .iter()
        .filter(|release| release.state == ReleaseState::Active)
        .map(|release| release.version.to_string())
        .collect();
    view! {
        <section aria-labelledby="releases">
            <h2 id="releases" class="text-subheading font-semibold">"Releases"</h2>
            {settings.releases.is_empty().then(|| view! { <p class="mt-3 text-ink-soft">"None any more."</p> })}
            <ul class="mt-3 divide-y divide-line border-y border-line empty:hidden">
                {settings
                    .releases
                    .into_iter()
                    .map(|release| view! { <Release release action=action.clone() page=page.clone()/> })
                    .collect_view()}
            </ul>
        </section>
        {(!active.is_empty())
            .then(|| view! { <Yank state=state.of_form("yank") versions=active action/> })}
    }
}

#[component]
fn Release(release: ReleaseSummary, action: String, page: String) -> impl IntoView {
    let version = release.version.to_string();
    let (unyank, delete) = (format!("Unyank {version}"), format!("Delete {version}"));
    let is_quarantined = release.state == ReleaseState::Quarantined;
    view! {
        <li class="flex flex-wrap items-start justify-between gap-x-4 gap-y-2 py-2">
            <p class="min-w-0 break-words">
                <a class="link font-mono break-all" href=format!("{page}/{version}")>{version.clone()}</a>
                <span class="ml-3 text-small text-ink-soft">{release.state.to_string()} ", " <Ago moment=release.published_at/></span>
            </p>
            {(!is_quarantined)
                .then(|| {
                    view! {
                        <div class="flex flex-wrap gap-2">
                            {(release.state == ReleaseState::Yanked)
                                .then(|| {
                                    view! {
                                        <form method="post" action=action.clone()>
                                            <input type="hidden" name="form" value="unyank"/>
                                            <input type="hidden" name="version" value=version.clone()/>
                                            <button class="button" aria-label=unyank>"Unyank"</button>
                                        </form>
                                    }
                                })}
                            <details class="relative">
                                <summary class="button cursor-pointer list-none" aria-label=format!("Delete … {version}")>"Delete …"</summary>
                                <form method="post" action=action class="mt-2 max-w-xs space-y-2">
                                    <input type="hidden" name="form" value="delete"/>
                                    <input type="hidden" name="version" value=version/>
                                    <p class="text-small">
                                        "Its files are gone for ever and its version is never used again. This can be done for 72 hours after it was published, and only while nothing needs it."
                                    </p>
                                    <button class="button border-danger text-danger" aria-label=delete>"Delete"</button>
                                </form>
                            </details>
                        </div>
                    }
                })}
        </li>
    }
}

#[component]
fn Yank(state: FormState, versions: Vec<String>, action: String) -> impl IntoView {
    let typed = state.value("version");
    view! {
        <section aria-labelledby="yank">
            <h2 id="yank" class="text-subheading font-semibold">"Yank a release"</h2>
            <p class="mt-1">"Nothing offers it any more, and nobody gets it who does not name its version. It can be taken back at any time."</p>
            <form method="post" action=action class="mt-4 max-w-md space-y-5" aria-label="Yank a release">
                <input type="hidden" name="form" value="yank"/>
                <div>
                    <label for="version" class="font-semibold">"Version"</label>
                    <select id="version" name="version" autocomplete="off" class="mt-1 w-full rounded-md border border-line bg-surface px-3 py-2 text-ink">
                        {versions
                            .into_iter()
                            .map(|version| {
                                let is_chosen = version == typed;
                                let words = version.clone();
                                view! {
                                    <option value=version selected=is_chosen>{words}</option>
                                }
                            })
                            .collect_view()}
                    </select>
                </div>
                <Field state name="reason" label="Reason" hint="Everybody sees it on the page of the release." longest=500/>
                <button class="button">"Yank the release"</button>
            </form>
        </section>
    }
}
