use leptos::prelude::*;
use model::ReleaseState;
use registry::ReleaseSummary;

use crate::format;

/// All versions.
#[component]
pub(super) fn Releases(name: String, releases: Vec<ReleaseSummary>, shown: String) -> impl IntoView {
    view! {
        <section aria-labelledby="versions">
            <h2 id="versions" class="text-subheading font-semibold">"Versions"</h2>
            <ul class="mt-3 divide-y divide-line border-y border-line">
                {releases
                    .into_iter()
                    .map(|release| {
                        let version = release.version.to_string();
                        let address = format!("/packages/{name}/{version}");
                        let is_shown = version == shown;
                        let majors: Vec<String> = release.majors.iter().map(ToString::to_string).collect();
                        let state = match release.state {
                            ReleaseState::Active => String::new(),
                            state => format!(" · {state}"),
                        };
                        view! {
                            <li class="flex flex-wrap items-baseline justify-between gap-x-4 py-2">
                                <a class="link font-mono" href=address aria-current=is_shown.then_some("true")>
                                    {version}
                                </a>
                                <span class="text-small text-ink-soft">
                                    {format!("PostgreSQL {}{state} · ", majors.join(" "))}
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

/// Who needs this package.
#[component]
pub(super) fn Dependents(dependents: Vec<(String, Option<String>)>) -> impl IntoView {
    (!dependents.is_empty()).then(|| {
        view! {
            <section aria-labelledby="dependents">
                <h2 id="dependents" class="text-subheading font-semibold">"Needed by"</h2>
                <ul class="mt-3 space-y-1">
                    {dependents
                        .into_iter()
                        .map(|(name, summary)| {
                            let address = format!("/packages/{name}");
                            view! {
                                <li>
                                    <a class="link font-mono" href=address>
                                        {name}
                                    </a>
                                    " "
                                    <span class="text-ink-soft">{summary}</span>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
            </section>
        }
    })
}

/// Where the package comes from.
#[component]
pub(super) fn Origin(
    is_imported: bool,
    is_orphaned: bool,
    full_name: String,
    published_by: String,
    published_at: time::OffsetDateTime,
) -> impl IntoView {
    view! {
        <section aria-labelledby="origin">
            <h2 id="origin" class="text-subheading font-semibold">"Origin"</h2>
            {if is_imported {
                view! { <p class="mt-2">"From this server's packages."</p> }.into_any()
            } else {
                view! { <p class="mt-2">"Published by " {published_by} "."</p> }.into_any()
            }}
            {is_orphaned.then(|| view! { <p class="mt-1 text-ink-soft">"Nobody maintains it here yet: its authors can claim it."</p> })}
            <dl class="mt-2 text-small text-ink-soft">
                <div class="flex flex-wrap gap-x-2">
                    <dt>"Full name"</dt>
                    <dd class="min-w-0 font-mono break-all">{full_name}</dd>
                </div>
                <div class="flex flex-wrap gap-x-2">
                    <dt>"Added"</dt>
                    <dd>
                        <time datetime=format::moment(published_at)>{format::day(published_at)}</time>
                    </dd>
                </div>
            </dl>
        </section>
    }
}

/// Where to read on.
#[component]
pub(super) fn Links(links: Vec<(String, String)>) -> impl IntoView {
    (!links.is_empty()).then(|| {
        let label = |kind: &str| match kind {
            "documentation" => "Documentation",
            "repository" => "Repository",
            "issues" => "Issues",
            "support" => "Support",
            _ => "Home page",
        };
        view! {
            <section aria-labelledby="links">
                <h2 id="links" class="text-subheading font-semibold">"Links"</h2>
                <ul class="mt-2 space-y-1">
                    {links
                        .into_iter()
                        .map(|(kind, url)| {
                            view! {
                                <li>
                                    <a class="link" rel="nofollow noopener" href=url>
                                        {label(&kind)}
                                    </a>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
            </section>
        }
    })
}

/// What the package is filed under.
#[component]
pub(super) fn Labels(categories: Vec<(String, String)>, tags: Vec<String>) -> impl IntoView {
    (!(categories.is_empty() && tags.is_empty())).then(|| {
        view! {
            <section aria-labelledby="labels">
                <h2 id="labels" class="text-subheading font-semibold">"Categories and tags"</h2>
                <ul class="mt-2 flex flex-wrap gap-2">
                    {categories
                        .into_iter()
                        .map(|(slug, name)| {
                            view! {
                                <li>
                                    <a class="chip" href=format!("/categories/{slug}")>
                                        {name}
                                    </a>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
                {(!tags.is_empty()).then(|| view! { <p class="mt-2 text-small text-ink-soft">{tags.join(" · ")}</p> })}
            </section>
        }
    })
}
