use leptos::prelude::*;

use super::{frame::AccountFrame, login::Providers, mail_sent::MailSent};
use crate::{
    components::{Field, PasswordField},
    forms::{FormState, form_state},
};

/// How somebody gets an account.
#[component]
pub(crate) fn RegisterPage() -> impl IntoView {
    let state = form_state();
    view! {
        <AccountFrame
            title="Register"
            description="Make an account to publish PostgreSQL extensions here."
            path=Some("/register")
            state=state.clone()
        >
            {if state.notice.is_some() {
                view! { <MailSent again="/register"/> }.into_any()
            } else {
                view! { <RegisterForm state=state.clone()/> }.into_any()
            }}
        </AccountFrame>
    }
}

#[component]
fn RegisterForm(state: FormState) -> impl IntoView {
    view! {
        <p class="mt-2">"Have an account already? " <a class="link" href="/login">"Log in"</a></p>
        <form method="post" action="/register" class="mt-6 space-y-5" aria-label="Register">
            <Field
                state=state.clone()
                name="handle"
                label="Handle"
                hint="Letters from A to Z, digits, _ and -, at most 39. Everybody sees it."
                autocomplete="username"
                longest=39
                is_code=true
            />
            <Field
                state=state.clone()
                name="email"
                label="E-mail address"
                hint="A mail is sent there to confirm it. Nobody else sees it unless you choose so."
                kind="email"
                autocomplete="email"
                longest=254
                is_code=true
            />
            <PasswordField
                state
                name="password"
                label="Password"
                hint="At least 10 characters. Passwords that have leaked somewhere are refused."
                is_new=true
            />
            <button class="button button-primary">"Register"</button>
        </form>
        <Providers verb="Register" query=String::new()/>
    }
}
