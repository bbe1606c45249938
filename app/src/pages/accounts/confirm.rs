use leptos::prelude::*;
use registry::{Factors, ProviderInfo};

use super::{
    frame::{AccountFrame, carried},
    passkey_form::PasskeyForm,
};
use crate::{
    components::{Field, PasswordField},
    context::{registry, visitor},
    forms::{FormState, HeldForm, form_state},
    load::load,
};

/// Asks somebody who has logged in to show once more who they are, and goes on with what they wanted to do.
#[component]
pub(crate) fn ConfirmPage() -> impl IntoView {
    let Some(visitor) = visitor() else { return ().into_any() };
    let (registry, state) = (registry(), form_state());
    let next = carried(&state, "next");
    let has_passkeys = registry.can_have_passkeys();
    let data = async move {
        let factors = registry.factors(&visitor).await?;
        let linked = registry.proving_providers(&factors);
        Ok((factors, linked))
    };
    load(data, move |(factors, linked)| {
        view! {
            <AccountFrame
                title="Confirm that it is you"
                description="What you are about to do asks who you are once more."
                path=None
                state=state.clone()
            >
                {if state.is_confirmed {
                    view! { <GoOn state next/> }.into_any()
                } else {
                    view! { <Ways state next factors has_passkeys linked/> }.into_any()
                }}
            </AccountFrame>
        }
    })
    .into_any()
}

#[component]
fn GoOn(state: FormState, next: String) -> impl IntoView {
    let deed = state.held.as_ref().and_then(deed);
    view! {
        {deed.map(|deed| view! { <p class="mt-6 font-semibold">{deed}</p> })}
        <form method="post" action=target(state.held.as_ref()) class="mt-6" aria-label="Go on">
            <Held held=state.held.clone() next/>
            <button class="button button-primary">"Go on"</button>
        </form>
    }
}

#[component]
fn Ways(
    state: FormState,
    next: String,
    factors: Factors,
    has_passkeys: bool,
    linked: Vec<ProviderInfo>,
) -> impl IntoView {
    let action = target(state.held.as_ref());
    let (held, passkey_held) = (state.held.clone(), state.held.clone());
    let passkey_next = next.clone();
    let passkey_action = action.clone();
    let back = state.held.as_ref().map_or_else(|| "/settings".to_owned(), |held| held.path.clone());
    let is_only_way = !factors.has_password && (!has_passkeys || factors.passkeys.is_empty());
    let passkey_class = if factors.has_password { "button" } else { "button button-primary" };
    view! {
        {state.held.as_ref().and_then(deed).map(|deed| view! { <p class="mt-2 font-semibold">{deed}</p> })}
        <p class="mt-2">"What you are about to do could lock you out, or let somebody else in. For a quarter of an hour you are not asked again."</p>
        {(has_passkeys && !factors.passkeys.is_empty())
            .then(|| {
                view! {
                    <PasskeyForm
                        action=passkey_action
                        challenge="/passkeys/challenge"
                        field="proof_passkey"
                        label="Confirm with a passkey"
                    >
                        <Held held=passkey_held next=passkey_next/>
                        <button class=passkey_class>"Use a passkey"</button>
                    </PasskeyForm>
                }
            })}
        {factors
            .has_password
            .then(|| {
                view! {
                    <form method="post" action=action.clone() class="mt-6 space-y-5" aria-label="Confirm with the password">
                        <Held held=held.clone() next=next.clone()/>
                        <PasswordField state=state.clone() name="proof_password" label="Your password" is_new=false/>
                        <button class="button button-primary">"Confirm"</button>
                    </form>
                }
            })}
        {factors
            .authenticator_since
            .map(|_| {
                view! {
                    <form method="post" action=action.clone() class="mt-6 space-y-5" aria-label="Confirm with a code">
                        <Held held=held.clone() next=next.clone()/>
                        <Field
                            state=state.clone()
                            name="proof_code"
                            label="Code of your authenticator app"
                            autocomplete="one-time-code"
                            longest=20
                            is_code=true
                        />
                        <button class="button">"Confirm with the code"</button>
                    </form>
                }
            })}
        {linked
            .into_iter()
            .map(|provider| {
                view! {
                    <form method="post" action="/settings/confirm" class="mt-6" aria-label=format!("Confirm with {}", provider.name)>
                        <input type="hidden" name="provider" value=provider.slug/>
                        <input type="hidden" name="next" value=next.clone()/>
                        <Carried held=held.clone()/>
                        <button class=if is_only_way { "button button-primary" } else { "button" }>
                            {format!("Confirm with {}", provider.name)}
                        </button>
                    </form>
                }
            })
            .collect_view()}
        <p class="mt-6"><a class="link" href=back>"Back without doing it"</a></p>
    }
}

/// What the form that waits does, in words.
fn deed(held: &HeldForm) -> Option<&'static str> {
    let form = held.fields.iter().find(|(name, _)| name == "form").map_or("", |(_, value)| value);
    Some(match (held.path.as_str(), form) {
        ("/settings/tokens", _) => "Create a token",
        ("/settings/security", "email") => "Change the e-mail address",
        ("/settings/security", "authenticator-remove") => "Remove the authenticator app",
        ("/settings/security", "passkey") => "Add a passkey",
        ("/settings/security", "passkey-remove") => "Remove a passkey",
        ("/settings/security", "link") => "Link another account",
        ("/settings/security", "unlink") => "Unlink another account",
        ("/settings/security/authenticator", _) => "Add an authenticator app",
        ("/settings/security/recovery-codes", _) => "Make recovery codes",
        ("/settings/publishing", _) => "Change which workflows may publish",
        ("/settings/delete", _) => "Delete the account",
        _ => return None,
    })
}

/// Where the form goes on.
fn target(held: Option<&HeldForm>) -> String {
    held.map_or_else(|| "/settings/confirm".to_owned(), |held| held.path.clone())
}

/// The fields of the form that waits.
#[component]
fn Held(held: Option<HeldForm>, next: String) -> impl IntoView {
    match held {
        Some(held) => held
            .fields
            .into_iter()
            .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
            .collect_view()
            .into_any(),
        None => view! { <input type="hidden" name="next" value=next/> }.into_any(),
    }
}

/// The same, under names of their own, for a form that is sent somewhere else first.
#[component]
fn Carried(held: Option<HeldForm>) -> impl IntoView {
    held.map(|held| {
        view! {
            <input type="hidden" name="held_path" value=held.path/>
            {held
                .fields
                .into_iter()
                .map(|(name, value)| view! { <input type="hidden" name=format!("held_field_{name}") value=value/> })
                .collect_view()}
        }
    })
}
