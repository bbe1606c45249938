use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use model::{PackageName, ReleaseState, Role, Visibility};
use registry::{GroupName, PackageSettings, RegistryError};

use super::frames::GroupFrame;
use crate::{
    components::{Field, TextArea},
    context::{registry, visitor},
    format,
    forms::{FormState, form_state},
    load::load,
    pages::accounts::when::Day,
};

/// Whether a package is still cared for, who may see it, and its end.
#[component]
pub(crate) fn AvailabilityPage() -> impl IntoView {
    let Some(visitor) = visitor() else { return ().into_any() };
    let name = use_params_map().read_untracked().get("name").unwrap_or_default().parse::<PackageName>();
    let (registry, state) = (registry(), form_state());
    let data = async move { registry.package_settings(&visitor, &name.map_err(|_| RegistryError::NotFound)?).await };
    load(data, move |settings| {
        let name = GroupName::Package(settings.name.clone());
        let action = format!("{}/availability", name.settings_path());
        let is_owner = settings.role == Role::Owner;
        view! {
            <GroupFrame name here="/availability" state=state.clone()>
                {(is_owner && is_held(&settings))
                    .then(|| view! { <Appeal state=state.of_form("appeal") settings=settings.clone() action=action.clone()/> })}
                {if settings.quarantine_reason.is_some() {
                    // Its owners change nothing of it meanwhile.
                    ().into_any()
                } else if is_owner {
                    view! {
                        <Deprecate state=state.of_form("deprecate") settings=settings.clone() action=action.clone()/>
                        <Archive settings=settings.clone() action=action.clone()/>
                        <Visible settings=settings.clone() action=action.clone()/>
                        {(!settings.releases.is_empty()).then(|| view! { <Delete state=state.of_form("delete") settings action/> })}
                    }
                        .into_any()
                } else {
                    view! { <p class="notice">"Owners decide whether it is archived, deprecated, hidden or deleted."</p> }.into_any()
                }}
            </GroupFrame>
        }
    })
    .into_any()
}

#[component]
fn Deprecate(state: FormState, settings: PackageSettings, action: String) -> impl IntoView {
    let label = if settings.deprecated_at.is_some() { "Change what is said" } else { "Deprecate the package" };
    view! {
        <section aria-labelledby="deprecate">
            <h2 id="deprecate" class="text-subheading font-semibold">"Deprecate"</h2>
            <p class="mt-1">"Its page says that something else should be used. It can still be installed and published to."</p>
            {settings
                .deprecated_at
                .map(|since| {
                    view! {
                        <form method="post" action=action.clone() class="mt-3 flex flex-wrap items-center gap-3">
                            <input type="hidden" name="form" value="undeprecate"/>
                            <span>"Deprecated since " <Day moment=since/> "."</span>
                            <button class="button">"It is not deprecated"</button>
                        </form>
                    }
                })}
            <form method="post" action=action class="mt-4 max-w-md space-y-5" aria-label="Deprecate">
                <input type="hidden" name="form" value="deprecate"/>
                <Field
                    state=state.clone()
                    name="successor"
                    label="Package to use instead"
                    hint="Empty where there is none."
                    longest=63
                    is_required=false
                    is_code=true
                    initial=settings.successor.clone()
                />
                <TextArea state name="reason" label="Reason" longest=500 initial=settings.deprecation.clone()/>
                <button class="button">{label}</button>
            </form>
        </section>
    }
}

#[component]
fn Archive(settings: PackageSettings, action: String) -> impl IntoView {
    let (form, label, words) = match settings.archived_at {
        Some(_) => ("unarchive", "Take it out of the archive", "It is archived: nobody publishes to it."),
        None => (
            "archive",
            "Archive the package",
            "Nothing more comes: nobody publishes to it until an owner takes that back. It can still be installed.",
        ),
    };
    view! {
        <section aria-labelledby="archive">
            <h2 id="archive" class="text-subheading font-semibold">"Archive"</h2>
            <p class="mt-1">{words}</p>
            <form method="post" action=action class="mt-3">
                <input type="hidden" name="form" value=form/>
                <button class="button">{label}</button>
            </form>
        </section>
    }
}

#[component]
fn Visible(settings: PackageSettings, action: String) -> impl IntoView {
    let (form, label, words) = match settings.visibility {
        Visibility::Public => (
            "hide",
            "Show it only to its members",
            "Everybody sees it. Shown only to its members, it is in no list, no search and no count, and only those who look after it see its page and get its files.",
        ),
        Visibility::Members => {
            ("show", "Show it to everybody", "Only those who look after it see its page and get its files.")
        }
    };
    view! {
        <section aria-labelledby="visibility">
            <h2 id="visibility" class="text-subheading font-semibold">"Who sees it"</h2>
            <p class="mt-1">{words}</p>
            <form method="post" action=action class="mt-3">
                <input type="hidden" name="form" value=form/>
                <button class="button">{label}</button>
            </form>
        </section>
    }
}

#[component]
fn Delete(state: FormState, settings: PackageSettings, action: String) -> impl IntoView {
    let count = i64::try_from(settings.releases.len()).unwrap_or(i64::MAX);
    let releases = format::counted(count, "release goes for ever", "releases go for ever");
    let downloads = format::counted(settings.downloads, "time", "times");
    let name = settings.name.to_string();
    view! {
        <section class="rounded-md border border-danger p-4" aria-labelledby="delete">
            <h2 id="delete" class="text-subheading font-semibold">"Delete the package"</h2>
            <ul class="mt-3 list-disc space-y-2 pl-5">
                <li>{format!("{releases}; their versions are never used again.")}</li>
                <li>{format!("They were downloaded {downloads}.")}</li>
                <li>
                    {if settings.dependents.is_empty() {
                        "No package here needs it.".to_owned()
                    } else {
                        let names: Vec<String> = settings.dependents.iter().map(ToString::to_string).collect();
                        let names: Vec<&str> = names.iter().map(String::as_str).collect();
                        format!("It cannot be deleted while {} needs it.", format::listed(&names))
                    }}
                </li>
                <li>"Each release can be deleted for 72 hours after it was published; older ones can be yanked."</li>
                <li>"The name stays yours."</li>
            </ul>
            <form method="post" action=action class="mt-4 max-w-md space-y-5" aria-label="Delete the package">
                <input type="hidden" name="form" value="delete"/>
                <Field
                    state
                    name="confirmation"
                    label="Its name"
                    hint="Type it, so that this does not happen by mistake."
                    longest=63
                    is_code=true
                />
                <button class="button max-w-full border-danger wrap-anywhere text-danger">{format!("Delete {name} for ever")}</button>
            </form>
        </section>
    }
}

/// Whether moderators hold something of a package back.
fn is_held(settings: &PackageSettings) -> bool {
    settings.quarantine_reason.is_some()
        || settings.releases.iter().any(|release| release.state == ReleaseState::Quarantined)
}

#[component]
fn Appeal(state: FormState, settings: PackageSettings, action: String) -> impl IntoView {
    let held: Vec<String> = settings
        .releases
        .iter()
        .filter(|release| release.state == ReleaseState::Quarantined)
        .map(|release| release.version.to_string())
        .collect();
    let held: Vec<&str> = held.iter().map(String::as_str).collect();
    let what = match &settings.quarantine_reason {
        Some(_) => {
            "All of this package is held back: nobody installs it, and its owners change nothing of it.".to_owned()
        }
        None => format!("Held back, so that nobody installs it: {}.", format::listed(&held)),
    };
    view! {
        <section class="rounded-md border border-caution p-4" aria-labelledby="appeal">
            <h2 id="appeal" class="text-subheading font-semibold">"Held back"</h2>
            <p class="mt-1">{what}</p>
            {settings.quarantine_reason.map(|reason| view! { <p class="mt-2 break-words" dir="auto">{reason}</p> })}
            {settings
                .has_appealed
                .then(|| view! { <p class="mt-2 font-semibold">"An appeal waits. Somebody looks at it again, and its owners get a mail."</p> })}
            {(!settings.has_appealed).then(|| view! { <AppealForm state action/> })}
        </section>
    }
}

#[component]
fn AppealForm(state: FormState, action: String) -> impl IntoView {
    view! {
            <form method="post" action=action class="mt-4 max-w-md space-y-5" aria-label="Appeal">
                <input type="hidden" name="form" value="appeal"/>
                <TextArea
                    state
                    name="text"
                    label="Why this is wrong"
                    hint="Those who run this registry read it and decide again. You will be told what is decided."
                    longest=4000
                />
                <button class="button button-primary">"Appeal"</button>
            </form>
    }
}
