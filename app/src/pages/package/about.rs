use leptos::prelude::*;
use registry::{Person, WorkflowRun};

use crate::{format, pages::search::tag_address};

/// Where the package comes from.
#[component]
pub(super) fn Origin(
    name: String,
    is_imported: bool,
    is_orphaned: bool,
    full_name: String,
    published_by: Option<String>,
    run: Option<WorkflowRun>,
    created_at: time::OffsetDateTime,
) -> impl IntoView {
    let claim = format!("/settings/claims/{name}");
    view! {
        <section aria-labelledby="origin">
            <h2 id="origin" class="text-subheading font-semibold">"Origin"</h2>
            {if is_imported {
                view! { <p class="mt-2">"From this server's packages."</p> }.into_any()
            } else {
                view! { <Publisher published_by run/> }.into_any()
            }}
            {is_orphaned
                .then(|| {
                    view! {
                        <p class="mt-1 text-ink-soft">
                            "Nobody maintains it here. " <a class="link" rel="nofollow" href=claim>"Claim it"</a>
                        </p>
                    }
                })}
            <dl class="mt-2 text-small text-ink-soft">
                <div class="flex flex-wrap gap-x-2">
                    <dt>"Full name"</dt>
                    <dd class="min-w-0 font-mono break-all">{full_name}</dd>
                </div>
                <div class="flex flex-wrap gap-x-2">
                    <dt>"Added"</dt>
                    <dd>
                        <time datetime=format::moment(created_at)>{format::day(created_at)}</time>
                    </dd>
                </div>
            </dl>
        </section>
    }
}

/// Who published a release: somebody, or a run of a workflow.
#[component]
fn Publisher(published_by: Option<String>, run: Option<WorkflowRun>) -> impl IntoView {
    match (run, published_by) {
        (Some(run), _) => {
            let short: String = run.commit.chars().take(10).collect();
            view! {
                <p class="mt-2 break-words">
                    "Published by "
                    <a class="link font-mono break-all" rel="nofollow noopener" href=run.run_url>{format!("a run of {}", run.workflow)}</a>
                    " of " <span class="font-mono break-all">{run.repository}</span> " at "
                    {run.service.name()} ", from the commit "
                    <a class="link font-mono" rel="nofollow noopener" href=run.commit_url>{short}</a> "."
                </p>
            }
                .into_any()
        }
        (None, Some(handle)) if handle == "system" => {
            view! { <p class="mt-2">"Published by the registry itself."</p> }.into_any()
        }
        (None, Some(handle)) => {
            let address = format!("/users/{handle}");
            view! { <p class="mt-2">"Published by " <a class="link break-all" href=address>{handle}</a> "."</p> }
                .into_any()
        }
        (None, None) => view! { <p class="mt-2">"Published by somebody whose account is no more."</p> }.into_any(),
    }
}

/// Who looks after the package.
#[component]
pub(super) fn People(people: Vec<Person>) -> impl IntoView {
    (!people.is_empty()).then(|| {
        view! {
            <section aria-labelledby="people">
                <h2 id="people" class="text-subheading font-semibold">"Looked after by"</h2>
                <ul class="mt-2 space-y-1">
                    {people
                        .into_iter()
                        .map(|person| {
                            let handle = person.handle.to_string();
                            view! {
                                <li class="break-words">
                                    <a class="link break-all" href=format!("/users/{handle}")>{handle.clone()}</a>
                                    <span class="text-small text-ink-soft">
                                        {format!(", {}{}", person.role, if person.is_organisation { " (organisation)" } else { "" })}
                                    </span>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
            </section>
        }
    })
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
                <ul class="mt-2 flex flex-wrap gap-x-3 text-small empty:hidden">
                    {tags
                        .into_iter()
                        .map(|tag| {
                            let address = tag_address(&tag);
                            view! {
                                <li class="max-w-full min-w-0">
                                    <a class="link inline-block max-w-full py-1" href=address>
                                        <bdi>{tag}</bdi>
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
