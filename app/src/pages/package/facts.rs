use leptos::prelude::*;
use model::ReleaseState;
use registry::{ArtifactDetails, ExtensionFacts, ModuleFacts};

/// Says so where a release is not an ordinary one.
#[component]
pub(super) fn StateNotice(state: ReleaseState, reason: Option<String>) -> impl IntoView {
    let text = match state {
        ReleaseState::Active | ReleaseState::Deleted => return ().into_any(),
        ReleaseState::Yanked => {
            "This release was yanked: it can still be downloaded by its exact version, but nothing offers it."
        }
        ReleaseState::Quarantined => "This release is held back while it is looked at. It cannot be downloaded.",
    };
    view! {
        <div class="mt-4 rounded-md border border-caution p-3" role="note">
            <p class="font-semibold">{text}</p>
            {reason.map(|reason| view! { <p class="mt-1">{reason}</p> })}
        </div>
    }
    .into_any()
}

/// What fits, at a glance.
#[component]
pub(super) fn FactStrip(
    artifacts: Vec<ArtifactDetails>,
    modules: Vec<ModuleFacts>,
    extensions: Vec<ExtensionFacts>,
    licence: Option<String>,
) -> impl IntoView {
    let mut majors: Vec<String> =
        artifacts.iter().filter_map(|artifact| artifact.postgres_major).map(|major| major.to_string()).collect();
    majors.sort_unstable();
    majors.dedup();
    let mut platforms: Vec<String> = artifacts.iter().map(|artifact| artifact.platform.label()).collect();
    platforms.dedup();
    let preload = modules.first().map_or("Nothing to load", |module| module.load_kind.label());
    let trusted = match (extensions.is_empty(), extensions.iter().all(|extension| extension.is_trusted)) {
        (true, _) => None,
        (false, true) => Some("Yes"),
        (false, false) => Some("No"),
    };
    let facts = [
        Some(("PostgreSQL", majors.join(" "))),
        Some(("Platforms", platforms.join(", "))),
        Some(("Restart", restart(&modules).to_owned())),
        Some(("Library", preload.to_owned())),
        trusted.map(|trusted| ("Trusted", trusted.to_owned())),
        Some(("Licence", licence.unwrap_or_else(|| "not declared".to_owned()))),
    ];
    view! {
        <dl class="fact-strip mt-6">
            {facts
                .into_iter()
                .flatten()
                .map(|(name, value)| {
                    view! {
                        <div class="fact">
                            <dt class="text-small text-ink-soft">{name}</dt>
                            <dd class="break-words">{value}</dd>
                        </div>
                    }
                })
                .collect_view()}
        </dl>
    }
}

fn restart(modules: &[ModuleFacts]) -> &'static str {
    if modules.iter().any(|module| module.restart_on_install == Some(true)) {
        "Required"
    } else if modules.iter().any(|module| module.restart_on_install.is_none()) {
        "Not known"
    } else {
        "Not needed"
    }
}
