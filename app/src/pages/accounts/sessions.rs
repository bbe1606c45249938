use leptos::prelude::*;
use registry::SessionDetails;

use super::{
    device::device,
    settings_frame::{Section, SettingsFrame},
    when::{Ago, Day},
};
use crate::{
    components::Icon,
    context::{registry, visitor},
    forms::form_state,
    load::load,
};

/// Where somebody is logged in.
#[component]
pub(crate) fn SessionsPage() -> impl IntoView {
    let Some(visitor) = visitor() else { return ().into_any() };
    let (registry, state) = (registry(), form_state());
    load(async move { registry.sessions(visitor.account()).await }, move |sessions| {
        view! {
            <SettingsFrame here=Section::Sessions state>
                <Sessions sessions/>
            </SettingsFrame>
        }
    })
    .into_any()
}

#[component]
fn Sessions(sessions: Vec<SessionDetails>) -> impl IntoView {
    let has_others = sessions.iter().any(|session| !session.is_current);
    view! {
        <section aria-labelledby="sessions">
            <h2 id="sessions" class="sr-only">"Sessions"</h2>
            <ul class="divide-y divide-line border-y border-line">
                {sessions.into_iter().map(|session| view! { <Session session/> }).collect_view()}
            </ul>
            {if has_others {
                view! {
                    <form method="post" action="/settings/sessions" class="mt-6" aria-label="Log out everywhere else">
                        <input type="hidden" name="form" value="all"/>
                        <button class="button">"Log out everywhere else"</button>
                    </form>
                }
                    .into_any()
            } else {
                view! { <p class="mt-3 text-ink-soft">"Nowhere else."</p> }.into_any()
            }}
        </section>
    }
}

#[component]
fn Session(session: SessionDetails) -> impl IntoView {
    let SessionDetails { id, user_agent, address, created_at, last_used_at, is_current } = session;
    let device = device(&user_agent);
    let action = format!("Log out: {device}, {address}");
    view! {
        <li class="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 py-3">
            <div class="min-w-0">
                <p class="min-w-0 break-words" title=user_agent>
                    {device}
                    {is_current
                        .then(|| {
                            view! {
                                <span class="ml-3 inline-flex items-center gap-1 text-small text-good">
                                    <Icon icon=icondata_lu::LuCircleCheck class="size-3.5"/>
                                    "This one"
                                </span>
                            }
                        })}
                </p>
                <p class="text-small text-ink-soft">
                    "From " <span class="font-mono break-all">{address}</span> " · since " <Day moment=created_at/> " · last used "
                    <Ago moment=last_used_at/>
                </p>
            </div>
            // For this one the button is above.
            {(!is_current)
                .then(|| {
                    view! {
                        <form method="post" action="/settings/sessions">
                            <input type="hidden" name="form" value="one"/>
                            <input type="hidden" name="session" value=id.to_string()/>
                            <button class="button" aria-label=action>
                                "Log out"
                            </button>
                        </form>
                    }
                })}
        </li>
    }
}
