use leptos::prelude::*;
use model::ReleaseState;
use registry::ReleaseSummary;

use super::selection::Selection;
use crate::{components::Icon, format};

/// All versions, the newest first.
#[component]
pub(super) fn Versions(selection: Selection, releases: Vec<ReleaseSummary>, shown: String) -> impl IntoView {
    view! {
        <section aria-labelledby="versions">
            <h2 id="versions" class="sr-only">"Versions"</h2>
            <ul class="divide-y divide-line border-y border-line">
                {releases
                    .into_iter()
                    .map(|release| {
                        let version = release.version.to_string();
                        let is_shown = version == shown;
                        let majors: Vec<String> = release.majors.iter().map(ToString::to_string).collect();
                        let majors = match (release.has_binary, majors.is_empty()) {
                            (false, _) => "source".to_owned(),
                            (true, true) => "any PostgreSQL".to_owned(),
                            (true, false) => format!("PostgreSQL {}", majors.join(" ")),
                        };
                        let (icon, state) = match release.state {
                            ReleaseState::Active => (None, None),
                            ReleaseState::Yanked => (Some(icondata_lu::LuCircleSlash), Some("yanked")),
                            ReleaseState::Quarantined => (Some(icondata_lu::LuTriangleAlert), Some("held back")),
                            ReleaseState::Deleted => (Some(icondata_lu::LuTrash2), Some("deleted")),
                        };
                        view! {
                            <li class="flex flex-wrap items-baseline justify-between gap-x-4 py-2">
                                <span class="flex min-w-0 flex-wrap items-baseline gap-x-3">
                                    <a
                                        class="link min-w-0 font-mono break-all"
                                        href=selection.with_version(Some(&release.version))
                                        aria-current=is_shown.then_some("true")
                                    >
                                        {version}
                                    </a>
                                    {is_shown.then(|| view! { <span class="text-small text-ink-soft">"shown here"</span> })}
                                    {release.version.is_prerelease().then(|| view! { <span class="text-small text-ink-soft">"pre-release"</span> })}
                                    {state
                                        .map(|state| {
                                            view! {
                                                <span class="flex items-center gap-1 text-small text-caution">
                                                    {icon.map(|icon| view! { <Icon icon class="size-3.5"/> })}
                                                    {state}
                                                </span>
                                            }
                                        })}
                                </span>
                                <span class="text-small text-ink-soft">
                                    {majors} " · "
                                    <time datetime=format::moment(release.published_at)>{format::day(release.published_at)}</time>
                                </span>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </section>
    }
}
