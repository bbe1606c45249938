use leptos::prelude::*;

use super::frame::{AccountFrame, carried};
use crate::{
    components::PasswordField,
    forms::{FormState, form_state},
};

/// Where the link leads that was sent to somebody who forgot their password.
#[component]
pub(crate) fn ResetPasswordPage() -> impl IntoView {
    let state = form_state();
    let token = carried(&state, "token");
    view! {
        <AccountFrame title="Choose a new password" description="Choose a new password." path=None state=state.clone()>
            {match (state.notice.is_some(), token.is_empty()) {
                (true, _) => {
                    view! {
                        <p class="mt-4">
                            <a class="link" href="/login">"Log in"</a>
                        </p>
                    }
                        .into_any()
                }
                (false, true) => {
                    view! {
                        <p class="mt-4">
                            "The address is incomplete: open the whole link from the mail, or "
                            <a class="link" href="/forgot-password">"get a new one"</a> "."
                        </p>
                    }
                        .into_any()
                }
                (false, false) => view! { <ResetPasswordForm state=state.clone() token=token.clone()/> }.into_any(),
            }}
        </AccountFrame>
    }
}

#[component]
fn ResetPasswordForm(state: FormState, token: String) -> impl IntoView {
    view! {
        <form method="post" action="/reset-password" class="mt-6 space-y-5" aria-label="Choose a new password">
            <input type="hidden" name="token" value=token/>
            <PasswordField
                state
                name="password"
                label="New password"
                hint="At least 10 characters. Passwords that have leaked somewhere are refused."
                is_new=true
            />
            <button class="button button-primary">"Change the password"</button>
        </form>
        <p class="mt-6">
            "Does the link no longer work? " <a class="link" href="/forgot-password">"Get a new one"</a>
        </p>
    }
}
