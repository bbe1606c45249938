use leptos::prelude::*;
use registry::Activity;

use crate::{context::registry, format};

/// What an act was, in words before its package.
pub fn activity_words(activity: &Activity) -> String {
    let words = match activity.kind.as_str() {
        "release.published" => "Published",
        "artifact.added" => "Added a file to",
        "package.updated" => "Changed what is said of",
        "release.yanked" => "Yanked",
        "release.unyanked" => "Took back that it was yanked:",
        "release.deleted" => "Deleted",
        "release.quarantined" | "package.quarantined" => "Held back",
        "release.released" | "package.released" => "No longer holds back",
        "case.dismissed" => "Found nothing to do about",
        "owner.added" => "Somebody more looks after",
        "owner.changed" => "Changed who looks after",
        "owner.removed" => "Somebody no longer looks after",
        "package.featured" => "Features on the home page",
        "package.unfeatured" => "No longer features on the home page",
        "name.assigned" => "Lets its short name mean",
        "package.deprecated" => "Deprecated",
        "package.undeprecated" => "Took back that it is deprecated:",
        "package.archived" => "Archived",
        "package.unarchived" => "Took out of the archive:",
        "package.shown" => "Made public",
        "package.orphaned" => "Nobody looks after it any more:",
        "publisher.added" => "Trusted a workflow with",
        "publisher.removed" => "No longer trusts a workflow with",
        _ => return activity.sentence.clone(),
    };
    words.to_owned()
}

/// What happened, as rows.
#[component]
pub(crate) fn ActivityRows(
    /// What happened, the newest first.
    activity: Vec<Activity>,
    /// Whether it is said who did it.
    #[prop(default = true)]
    with_actor: bool,
) -> impl IntoView {
    view! {
        {activity.is_empty().then(|| view! { <p class="mt-3 text-ink-soft">"Nothing yet."</p> })}
        <ul class="mt-3 divide-y divide-line border-y border-line empty:hidden">
            {activity.into_iter().map(|act| view! { <Row act with_actor/> }).collect_view()}
        </ul>
    }
}

#[component]
fn Row(act: Activity, with_actor: bool) -> impl IntoView {
    let words = activity_words(&act);
    let link = act.package.map(|package| match act.version {
        Some(version) if act.kind != "release.deleted" => {
            (format!("/packages/{package}/{version}"), format!("{package} {version}"))
        }
        Some(version) => (format!("/packages/{package}"), format!("{package} {version}")),
        None => (format!("/packages/{package}"), package.to_string()),
    });
    let person = |handle: String| {
        view! { <a class="link break-all" href=format!("/users/{handle}")>{handle.clone()}</a> }
    };
    view! {
        <li class="flex flex-wrap items-baseline justify-between gap-x-4 py-2">
            <div class="min-w-0">
                <p class="break-words">
                    {words} " "
                    {link.map(|(address, name)| view! { <a class="link font-mono wrap-anywhere" href=address>{name}</a> })}
                    {act.person.map(|handle| view! { ": " {person(handle.to_string())} })}
                </p>
                {act.reason.map(|reason| view! { <p class="text-small break-words" dir="auto">{reason}</p> })}
            </div>
            <span class="text-small text-ink-soft">
                {act.actor.filter(|_| with_actor).map(|handle| view! { {person(handle.to_string())} ", " })}
                <time datetime=format::moment(act.happened_at) title=format::day(act.happened_at)>
                    {format::ago(act.happened_at, registry().clock().now())}
                </time>
            </span>
        </li>
    }
}
