use leptos::prelude::*;

use super::{frame::AccountFrame, mail_sent::MailSent};
use crate::{
    components::Field,
    forms::{FormState, form_state},
};

/// How somebody gets a new password without knowing the old one.
#[component]
pub(crate) fn ForgotPasswordPage() -> impl IntoView {
    let state = form_state();
    view! {
        <AccountFrame
            title="Forgot the password?"
            description="Get a link by e-mail with which to choose a new password."
            path=None
            state=state.clone()
        >
            {if state.notice.is_some() {
                view! { <MailSent again="/forgot-password"/> }.into_any()
            } else {
                view! { <ForgotPasswordForm state=state.clone()/> }.into_any()
            }}
        </AccountFrame>
    }
}

#[component]
fn ForgotPasswordForm(state: FormState) -> impl IntoView {
    view! {
        <p class="mt-2">"A mail brings a link with which to choose a new one."</p>
        <form method="post" action="/forgot-password" class="mt-6 space-y-5" aria-label="Forgot the password">
            <Field
                state
                name="email"
                label="E-mail address"
                hint="The confirmed address of the account."
                kind="email"
                autocomplete="email"
                longest=254
                is_code=true
            />
            <button class="button button-primary">"Send the link"</button>
        </form>
        <p class="mt-6">
            <a class="link" href="/login">"Log in"</a>
        </p>
    }
}
