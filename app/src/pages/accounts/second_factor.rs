use leptos::prelude::*;

use super::{frame::AccountFrame, passkey_form::PasskeyForm};
use crate::{components::Field, context::registry, forms::form_state};

/// The second step of a log-in.
#[component]
pub(crate) fn SecondFactorPage() -> impl IntoView {
    let state = form_state();
    let has_passkeys = registry().can_have_passkeys();
    view! {
        <AccountFrame
            title="Second factor"
            description="The second step of logging in."
            path=None
            state=state.clone()
        >
            <p class="mt-2">"Your account asks for more than a password."</p>
            <form method="post" action="/login/second-factor" class="mt-6 space-y-5" aria-label="Second factor">
                <Field
                    state
                    name="code"
                    label="Code"
                    hint="The six digits that your authenticator app shows, or one of your recovery codes."
                    autocomplete="one-time-code"
                    longest=40
                    is_code=true
                />
                <button class="button button-primary">"Log in"</button>
            </form>
            {has_passkeys
                .then(|| {
                    view! {
                        <PasskeyForm
                            action="/login/second-factor"
                            challenge="/passkeys/challenge"
                            field="passkey"
                            label="Log in with a passkey"
                        >
                            <button class="button">"Use a passkey"</button>
                        </PasskeyForm>
                    }
                })}
            <p class="mt-6 text-ink-soft">
                "Lost both? Those who run this registry can help you after they have made sure that it is you. "
                <a class="link" href="/login">"Begin anew"</a>
            </p>
        </AccountFrame>
    }
}
