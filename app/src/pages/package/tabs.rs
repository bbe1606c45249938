use leptos::prelude::*;
use registry::PackageDetails;

use super::selection::{Selection, Tab};
use crate::format;

/// The parts of the page, as links.
#[component]
pub(super) fn Tabs(selection: Selection, package: PackageDetails) -> impl IntoView {
    let release = &package.release;
    let required: usize = release.extensions.iter().map(|extension| extension.requires.len()).sum();
    let needed = required + release.depends_on.len();
    let files = release.artifacts.len() + usize::from(release.source.is_some());
    let count = |tab| match tab {
        Tab::Overview => None,
        Tab::Versions => Some(package.releases.len()),
        Tab::Files => Some(files),
        Tab::Dependencies => Some(needed + package.dependents.len()),
    };
    view! {
        <nav aria-label="Parts of this page" class="tabs mt-8">
            <ul class="flex flex-wrap gap-x-1">
                {Tab::ALL
                    .map(|tab| {
                        view! {
                            <li>
                                <a class="tab" href=selection.with_tab(tab) aria-current=(tab == selection.tab).then_some("page")>
                                    {tab.label()}
                                    {count(tab)
                                        .map(|count| {
                                            let count = format::count(i64::try_from(count).unwrap_or(i64::MAX));
                                            view! {
                                                " "
                                                <span class="text-small text-ink-soft">{count}</span>
                                            }
                                        })}
                                </a>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </nav>
    }
}
