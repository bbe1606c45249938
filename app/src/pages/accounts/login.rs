use leptos::prelude::*;

use super::frame::{AccountFrame, carried};
use crate::{
    components::{Field, PasswordField},
    forms::form_state,
};

/// How somebody logs in.
#[component]
pub(crate) fn LoginPage() -> impl IntoView {
    let state = form_state();
    let next = carried(&state, "next");
    view! {
        <AccountFrame
            title="Log in"
            description="Log in to publish PostgreSQL extensions and to look after them."
            path=Some("/login")
            state=state.clone()
        >
            <p class="mt-2">"No account yet? " <a class="link" href="/register">"Register"</a></p>
            <form method="post" action="/login" class="mt-6 space-y-5" aria-label="Log in">
                <input type="hidden" name="next" value=next/>
                <Field
                    state=state.clone()
                    name="login"
                    label="Handle or e-mail address"
                    autocomplete="username"
                    longest=254
                    is_code=true
                />
                <PasswordField state name="password" label="Password" is_new=false/>
                <button class="button button-primary">"Log in"</button>
            </form>
            <p class="mt-6">
                <a class="link" href="/forgot-password">"Forgot the password?"</a>
            </p>
        </AccountFrame>
    }
}
