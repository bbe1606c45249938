use leptos::prelude::*;
use model::Role;
use registry::{GroupName, ReceivedInvitation};

use crate::{
    context::{registry, visitor},
    forms::form_state,
    load::load,
    pages::accounts::{
        settings_frame::{Section, SettingsFrame},
        when::Day,
    },
};

/// What somebody is asked to look after.
#[component]
pub(crate) fn InvitationsPage() -> impl IntoView {
    let Some(visitor) = visitor() else { return ().into_any() };
    let (registry, state) = (registry(), form_state());
    let is_verified = visitor.is_verified();
    load(async move { registry.received_invitations(visitor.account()).await }, move |invitations| {
        view! {
            <SettingsFrame here=Section::Invitations state>
                {invitations.is_empty().then(|| view! { <p class="text-ink-soft">"Nobody waits for an answer of yours."</p> })}
                {(!is_verified)
                    .then(|| view! { <p class="notice">"Confirm your e-mail address to see and answer invitations that were sent to it."</p> })}
                <ul class="divide-y divide-line border-y border-line empty:hidden">
                    {invitations.into_iter().map(|invitation| view! { <Invitation invitation/> }).collect_view()}
                </ul>
            </SettingsFrame>
        }
    })
    .into_any()
}

/// A role as somebody can be it.
const fn with_article(role: Role) -> &'static str {
    match role {
        Role::Owner => "an owner",
        Role::Maintainer => "a maintainer",
        Role::Member => "a member",
    }
}

/// What a role allows, in a sentence.
const fn meaning(role: Role) -> &'static str {
    match role {
        Role::Owner => "Owners decide who looks after it, and do all that others do.",
        Role::Maintainer => "Maintainers publish and yank releases.",
        Role::Member => "Members publish and yank releases of its packages.",
    }
}

#[component]
fn Invitation(invitation: ReceivedInvitation) -> impl IntoView {
    let name = invitation.to.to_string();
    let (what, address) = match &invitation.to {
        GroupName::Package(package) => ("the package", format!("/packages/{package}")),
        GroupName::Organisation(handle) => ("the organisation", format!("/users/{handle}")),
    };
    let inviter = invitation.invited_by.to_string();
    let (accept, decline) = (format!("Accept the invitation to {name}"), format!("Decline the invitation to {name}"));
    let id = invitation.id.to_string();
    view! {
        <li class="py-3">
            <p class="break-words">
                <a class="link font-mono break-all" href=format!("/users/{inviter}")>{inviter.clone()}</a>
                " asks you to be " {with_article(invitation.role)} " of " {what} " "
                <a class="link font-mono break-all" href=address>{name}</a> "."
                {invitation.transfers.then_some(" Whoever asks leaves it when you accept.")}
            </p>
            <p class="text-small text-ink-soft">{meaning(invitation.role)} " Good until " <Day moment=invitation.expires_at/> "."</p>
            <form method="post" action="/settings/invitations" class="mt-2 flex flex-wrap gap-2">
                <input type="hidden" name="invitation" value=id/>
                <button class="button button-primary" name="form" value="accept" aria-label=accept>"Accept"</button>
                <button class="button" name="form" value="decline" aria-label=decline>"Decline"</button>
            </form>
        </li>
    }
}
