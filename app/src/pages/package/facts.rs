use leptos::prelude::*;
use model::{LoadKind, PostgresMajor};
use registry::{ModuleFacts, PostgresVersionInfo, ReleaseDetails, SupportState};

use super::selection::Selection;
use crate::components::Icon;

/// Platforms that are named one by one; of more only the number is.
const FEW: usize = 3;

/// What fits, at a glance.
#[component]
pub(super) fn FactStrip(
    selection: Selection,
    release: ReleaseDetails,
    majors: Vec<PostgresVersionInfo>,
) -> impl IntoView {
    let ReleaseDetails { artifacts, source, modules, extensions, licence, .. } = release;
    let mut platforms: Vec<String> = artifacts.iter().map(|artifact| artifact.platform.label()).collect();
    platforms.sort_unstable();
    platforms.dedup();
    let platforms = match platforms.len() {
        0 if source.is_some() => "source only".to_owned(),
        0 => "none yet".to_owned(),
        1..=FEW => platforms.join(", "),
        count => format!("{count} platforms"),
    };
    let built: Vec<PostgresMajor> = artifacts.iter().filter_map(|artifact| artifact.postgres_major).collect();
    let is_any = artifacts.iter().any(|artifact| artifact.postgres_major.is_none());
    // Of several libraries, that which asks for most.
    let demanding = modules.iter().find(|module| module.load_kind == LoadKind::SharedPreloadRequired);
    // A source does not tell which libraries come of it.
    let is_known = !artifacts.is_empty() || !modules.is_empty();
    let nothing = if is_known { "Nothing to load" } else { "Not known" };
    let preload = demanding.or(modules.first()).map_or(nothing, |module| module.load_kind.label());
    let trusted = match (extensions.is_empty(), extensions.iter().all(|extension| extension.is_trusted)) {
        (true, _) => None,
        (false, true) => Some((Some(icondata_lu::LuShieldCheck), "Yes")),
        (false, false) => Some((None, "No")),
    };
    let (restart_icon, restart) = if is_known { restart(&modules) } else { (None, "Not known") };
    let facts = [
        Some(("Platforms", None, platforms)),
        Some(("Restart", restart_icon, restart.to_owned())),
        Some(("Library", None, preload.to_owned())),
        trusted.map(|(icon, trusted)| ("Trusted", icon, trusted.to_owned())),
        Some(("Licence", None, licence.unwrap_or_else(|| "not declared".to_owned()))),
    ];
    view! {
        <dl class="fact-strip mt-6">
            <div class="fact grow-[2]">
                <dt class="text-small text-ink-soft">"PostgreSQL"</dt>
                <dd class="mt-0.5">
                    <Majors selection majors built is_any/>
                </dd>
            </div>
            {facts
                .into_iter()
                .flatten()
                .map(|(name, icon, value)| {
                    view! {
                        <div class="fact">
                            <dt class="text-small text-ink-soft">{name}</dt>
                            <dd class="flex items-center gap-1.5 break-words">
                                {icon.map(|icon| view! { <Icon icon class="size-4 shrink-0 text-ink-soft"/> })}
                                <span class="min-w-0 break-words">{value}</span>
                            </dd>
                        </div>
                    }
                })
                .collect_view()}
        </dl>
    }
}

/// A square for each major: filled where there is a file, empty where there is none. The supported ones, and others that
/// there is a file for.
#[component]
fn Majors(
    selection: Selection,
    majors: Vec<PostgresVersionInfo>,
    built: Vec<PostgresMajor>,
    is_any: bool,
) -> impl IntoView {
    let mut shown: Vec<PostgresVersionInfo> = majors
        .into_iter()
        .filter(|known| known.state == SupportState::Supported || built.contains(&known.major))
        .collect();
    shown.sort_unstable_by_key(|known| known.major);
    view! {
        <ul class="flex flex-wrap gap-1">
            {shown
                .into_iter()
                .map(|PostgresVersionInfo { major, state, .. }| {
                    let ended = if state == SupportState::Ended { ", no longer supported by PostgreSQL" } else { "" };
                    if is_any || built.contains(&major) {
                        let is_chosen = selection.major == Some(major);
                        let text = format!("There is a file for PostgreSQL {major}{ended}");
                        view! {
                            <li>
                                <a
                                    class="major major-built"
                                    class:major-ended=state == SupportState::Ended
                                    href=selection.with_major(major)
                                    title=text.clone()
                                    aria-label=format!("{major}: {text}")
                                    aria-current=is_chosen.then_some("true")
                                >
                                    {major.to_string()}
                                </a>
                            </li>
                        }
                            .into_any()
                    } else {
                        view! {
                            <li>
                                <span class="major major-absent" title=format!("There is no file for PostgreSQL {major}")>
                                    {major.to_string()}
                                    <span class="sr-only">": there is no file"</span>
                                </span>
                            </li>
                        }
                            .into_any()
                    }
                })
                .collect_view()}
        </ul>
    }
}

fn restart(modules: &[ModuleFacts]) -> (Option<icondata_core::Icon>, &'static str) {
    if modules.iter().any(|module| module.restart_on_install == Some(true)) {
        (Some(icondata_lu::LuTriangleAlert), "Required")
    } else if modules.iter().any(|module| module.restart_on_install.is_none()) {
        (None, "Not known")
    } else {
        (None, "Not needed")
    }
}
