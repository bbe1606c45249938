use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use registry::{Activity, ActivityOf, RegistryError};

use crate::{
    components::{ActivityRows, Breadcrumbs, PageHead},
    context::registry,
    load::load,
};

/// Rows of a page.
const PAGE: i64 = 50;

/// What happened in the whole registry.
#[component]
pub(crate) fn ActivityPage() -> impl IntoView {
    view! { <Shown of=Some(ActivityOf::All) title="Activity".to_owned() root="/activity".to_owned() feed="/feeds/all.atom".to_owned()/> }
}

/// What happened to a package.
#[component]
pub(crate) fn PackageActivityPage() -> impl IntoView {
    let name = use_params_map().read_untracked().get("name").unwrap_or_default();
    let of = name.parse().ok().map(ActivityOf::Package);
    view! {
        <Shown
            of
            title=format!("Activity of {name}")
            root=format!("/activity/packages/{name}")
            feed=format!("/feeds/packages/{name}.atom")
            above=(format!("/packages/{name}"), name)
        />
    }
}

/// What an account did, or what happened to an organisation.
#[component]
pub(crate) fn UserActivityPage() -> impl IntoView {
    let handle = use_params_map().read_untracked().get("handle").unwrap_or_default();
    let of = handle.parse().ok().map(ActivityOf::Principal);
    view! {
        <Shown
            of
            title=format!("Activity of {handle}")
            root=format!("/activity/users/{handle}")
            feed=format!("/feeds/users/{handle}.atom")
            above=(format!("/users/{handle}"), handle)
        />
    }
}

#[component]
fn Shown(
    of: Option<ActivityOf>,
    title: String,
    root: String,
    feed: String,
    #[prop(optional)] above: Option<(String, String)>,
) -> impl IntoView {
    let before = use_query_map().read_untracked().get("before").and_then(|id| id.parse().ok());
    let registry = registry();
    let data = async move { registry.activity(&of.ok_or(RegistryError::NotFound)?, before, PAGE + 1).await };
    load(data, move |mut activity: Vec<Activity>| {
        let has_more = activity.len() > usize::try_from(PAGE).unwrap_or_default();
        activity.truncate(usize::try_from(PAGE).unwrap_or_default());
        let older = activity.last().filter(|_| has_more).map(|last| format!("{root}?before={}", last.event));
        let mut crumbs = vec![("/".to_owned(), "Home".to_owned())];
        crumbs.extend(above);
        view! {
            <PageHead title=title.clone() description="What happened, as the log of this registry tells it." path=before.is_none().then_some(root)/>
            <leptos_meta::Link rel="alternate" type_="application/atom+xml" title=title.clone() href=feed.clone()/>
            <div class="frame py-8">
                <Breadcrumbs above=crumbs here=title.clone()/>
                <div class="mt-3 flex flex-wrap items-baseline justify-between gap-x-4 gap-y-2">
                    <h1 class="min-w-0 text-heading font-semibold break-words">{title}</h1>
                    <a class="link" href=feed>"Feed"</a>
                </div>
                <p class="prose mt-1 text-ink-soft">
                    "From the "
                    <a class="link" href="/docs/api#the-event-log">"log"</a>
                    ", in which each event is hashed together with the one before it."
                </p>
                <ActivityRows activity/>
                {older.map(|address| view! { <p class="mt-4"><a class="button" rel="next" href=address>"Older"</a></p> })}
            </div>
        }
    })
}
