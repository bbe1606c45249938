use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use model::Handle;
use registry::{Activity, ActivityOf, OwnedPackage, Profile, RegistryError};

use super::{organisation::OrganisationPage, when::Day};
use crate::{
    components::{ActivityRows, Breadcrumbs, PageHead},
    context::registry,
    load::load,
};

/// Acts that the page of somebody shows.
const ACTIVITIES: i64 = 20;

/// What others see of an account or an organisation: they share one list of handles.
#[component]
pub(crate) fn UserPage() -> impl IntoView {
    let handle = use_params_map().read_untracked().get("handle").unwrap_or_default().parse::<Handle>();
    let registry = registry();
    let profile = async move {
        let handle = handle.map_err(|_| RegistryError::NotFound)?;
        match registry.profile(&handle).await {
            Err(RegistryError::NotFound) => {
                let organisation = registry.organisation(&handle).await?;
                let activity = registry.activity(&ActivityOf::Principal(handle), None, ACTIVITIES).await?;
                Ok((Err(organisation), activity))
            }
            profile => {
                let profile = profile?;
                let activity = registry.activity(&ActivityOf::Principal(handle), None, ACTIVITIES).await?;
                Ok((Ok(profile), activity))
            }
        }
    };
    load(profile, |(found, activity)| match found {
        Ok(profile) => view! { <Account profile activity/> }.into_any(),
        Err(organisation) => view! { <OrganisationPage organisation activity/> }.into_any(),
    })
}

#[component]
fn Account(profile: Profile, activity: Vec<Activity>) -> impl IntoView {
    let handle = profile.handle.to_string();
    let packages = profile.packages.clone();
    view! {
        <PageHead
            title=handle.clone()
            description=format!("PostgreSQL extensions that {handle} looks after.")
            path=format!("/users/{handle}")
        />
        <div class="frame py-8">
            <Breadcrumbs above=vec![("/".to_owned(), "Home".to_owned())] here=handle.clone()/>
            <Person profile/>
            <div class="mt-8 grid gap-x-10 gap-y-10 lg:grid-cols-[minmax(0,1fr)_20rem]">
                <Packages packages/>
                <Activities handle=handle.clone() activity/>
            </div>
        </div>
    }
}

/// One or two letters in place of a picture: the first ones of the first and the last word of a name, or of a handle.
pub(super) fn initials(display_name: Option<&str>, handle: &str) -> String {
    let letters = |text: &str| -> Vec<char> {
        text.split(|letter: char| letter.is_whitespace() || matches!(letter, '_' | '-'))
            .filter_map(|word| word.chars().find(|letter| letter.is_alphanumeric()))
            .collect()
    };
    let name = display_name.map(letters).filter(|letters| !letters.is_empty()).unwrap_or_else(|| letters(handle));
    let first = name.first();
    let last = name.last().filter(|_| name.len() > 1);
    first.into_iter().chain(last).flat_map(|letter| letter.to_uppercase().take(1)).collect()
}

/// An address without what every address begins with; none where it is no address that a browser should open.
pub(super) fn website_words(website: &str) -> Option<&str> {
    let rest = website.strip_prefix("https://").or_else(|| website.strip_prefix("http://"))?;
    Some(rest.trim_end_matches('/'))
}

#[component]
fn Person(profile: Profile) -> impl IntoView {
    let handle = profile.handle.to_string();
    let initials = initials(profile.display_name.as_deref(), &handle);
    let report = format!("/report?user={handle}");
    let website = profile.website.and_then(|website| {
        let words = website_words(&website)?.to_owned();
        Some((website, words))
    });
    let name = match profile.display_name {
        Some(name) => view! {
            <span class="break-words" dir="auto">{name}</span>
            " "
            <span class="font-mono text-title font-normal break-all text-ink-soft">{handle}</span>
        }
        .into_any(),
        None => view! { <span class="font-mono font-normal break-all">{handle}</span> }.into_any(),
    };
    view! {
        <div class="mt-3 flex flex-wrap items-start gap-4">
            <span
                class="flex size-16 shrink-0 items-center justify-center rounded-full bg-accent-faint text-subheading font-semibold text-accent"
                aria-hidden="true"
            >
                {initials}
            </span>
            <div class="min-w-0 flex-1 basis-48">
                <h1 class="min-w-0 text-heading font-semibold">{name}</h1>
                <p class="text-small text-ink-soft">
                    "Here since " <Day moment=profile.created_at/> " · "
                    <a class="link" rel="nofollow" href=report>"Report"</a>
                </p>
                {profile.bio.map(|bio| view! { <p class="prose mt-3 break-words whitespace-pre-line" dir="auto">{bio}</p> })}
                <ul class="mt-3 space-y-1 empty:hidden">
                    {website
                        .map(|(address, words)| {
                            view! {
                                <li>
                                    <a class="link break-all" rel="nofollow ugc noopener" href=address>
                                        {words}
                                    </a>
                                </li>
                            }
                        })}
                    {profile
                        .email
                        .map(|email| {
                            view! {
                                <li>
                                    <a class="link break-all" href=format!("mailto:{email}")>
                                        {email.to_string()}
                                    </a>
                                </li>
                            }
                        })}
                </ul>
            </div>
        </div>
    }
}

#[component]
pub(super) fn Packages(packages: Vec<OwnedPackage>) -> impl IntoView {
    view! {
        <section aria-labelledby="packages" class="min-w-0">
            <h2 id="packages" class="text-subheading font-semibold">"Packages"</h2>
            {packages.is_empty().then(|| view! { <p class="mt-3 text-ink-soft">"None yet."</p> })}
            <ul class="mt-3 divide-y divide-line border-y border-line empty:hidden">
                {packages
                    .into_iter()
                    .map(|package| {
                        view! {
                            <li class="py-2">
                                <div class="flex flex-wrap items-baseline justify-between gap-x-4">
                                    <a class="link min-w-0 font-mono break-all" href=format!("/packages/{}", package.name)>
                                        {package.name.to_string()}
                                    </a>
                                    <span class="text-small text-ink-soft">{package.role}</span>
                                </div>
                                {package.summary.map(|summary| view! { <p class="text-small break-words" dir="auto">{summary}</p> })}
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </section>
    }
}

/// What somebody did last.
#[component]
pub(super) fn Activities(handle: String, activity: Vec<Activity>) -> impl IntoView {
    let has_any = !activity.is_empty();
    view! {
        <section aria-labelledby="activity" class="min-w-0">
            <h2 id="activity" class="text-subheading font-semibold">"Activity"</h2>
            <ActivityRows activity with_actor=false/>
            {has_any.then(|| view! { <p class="mt-3"><a class="link" href=format!("/activity/users/{handle}")>"All of it"</a></p> })}
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_those_of_a_name_or_else_a_handle() {
        for (name, handle, expected) in [
            (Some("Ada Lovelace"), "x", "AL"),
            (Some("  jean-luc van der picard "), "x", "JP"),
            (Some("プレーマ"), "x", "プ"),
            (Some("★"), "sheep-counter", "SC"),
            (None, "sheep_counter", "SC"),
            (None, "7", "7"),
        ] {
            assert_eq!(initials(name, handle), expected, "{name:?} {handle}");
        }
    }

    #[test]
    fn only_addresses_of_the_web_are_links() {
        assert_eq!(website_words("https://example.org/"), Some("example.org"));
        assert_eq!(website_words("http://example.org/a"), Some("example.org/a"));
        assert_eq!(website_words("javascript:alert(1)"), None);
    }
}
