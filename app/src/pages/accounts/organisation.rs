use leptos::prelude::*;
use registry::{Activity, OrganisationDetails, Person};

use super::{
    user::{Activities, Packages, initials, website_words},
    when::Day,
};
use crate::components::{Breadcrumbs, PageHead};

/// What others see of an organisation.
#[component]
pub(super) fn OrganisationPage(organisation: OrganisationDetails, activity: Vec<Activity>) -> impl IntoView {
    let handle = organisation.handle.to_string();
    let initials = initials(organisation.display_name.as_deref(), &handle);
    let website = organisation.website.and_then(|website| {
        let words = website_words(&website)?.to_owned();
        Some((website, words))
    });
    view! {
        <PageHead
            title=handle.clone()
            description=format!("PostgreSQL extensions of the organisation {handle}.")
            path=format!("/users/{handle}")
        />
        <div class="frame py-8">
            <Breadcrumbs above=vec![("/".to_owned(), "Home".to_owned())] here=handle.clone()/>
            <div class="mt-3 flex flex-wrap items-start gap-4">
                <span
                    class="flex size-16 shrink-0 items-center justify-center rounded-md bg-accent-faint text-subheading font-semibold text-accent"
                    aria-hidden="true"
                >
                    {initials}
                </span>
                <div class="min-w-0 flex-1 basis-48">
                    <h1 class="min-w-0 text-heading font-semibold">
                        {match organisation.display_name {
                            Some(name) => {
                                view! {
                                    <span class="break-words" dir="auto">{name}</span> " "
                                    <span class="font-mono text-title font-normal break-all text-ink-soft">{handle.clone()}</span>
                                }
                                    .into_any()
                            }
                            None => view! { <span class="font-mono font-normal break-all">{handle.clone()}</span> }.into_any(),
                        }}
                    </h1>
                    <p class="text-small text-ink-soft">
                        "An organisation, here since " <Day moment=organisation.created_at/> " · "
                        <a class="link" rel="nofollow" href=format!("/report?user={handle}")>"Report"</a>
                    </p>
                    {organisation
                        .description
                        .map(|text| view! { <p class="prose mt-3 break-words whitespace-pre-line" dir="auto">{text}</p> })}
                    {website
                        .map(|(address, words)| {
                            view! {
                                <p class="mt-3">
                                    <a class="link break-all" rel="nofollow ugc noopener" href=address>{words}</a>
                                </p>
                            }
                        })}
                </div>
            </div>
            <div class="mt-8 grid gap-x-10 gap-y-10 lg:grid-cols-[minmax(0,1fr)_20rem]">
                <Packages packages=organisation.packages/>
                <div class="min-w-0 space-y-10">
                    <Members members=organisation.members/>
                    <Activities handle activity/>
                </div>
            </div>
        </div>
    }
}

#[component]
fn Members(members: Vec<Person>) -> impl IntoView {
    view! {
        <section aria-labelledby="members" class="min-w-0">
            <h2 id="members" class="text-subheading font-semibold">"Members"</h2>
            <ul class="mt-3 divide-y divide-line border-y border-line">
                {members
                    .into_iter()
                    .map(|member| {
                        let handle = member.handle.to_string();
                        view! {
                            <li class="flex flex-wrap items-baseline justify-between gap-x-4 py-2">
                                <a class="link min-w-0 font-mono break-all" href=format!("/users/{handle}")>{handle.clone()}</a>
                                <span class="text-small text-ink-soft">{member.role.to_string()}</span>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </section>
    }
}
