use leptos::prelude::*;

use super::{
    frame::{AccountFrame, carried},
    passkey_form::PasskeyForm,
};
use crate::{
    components::{Field, PasswordField},
    context::registry,
    format,
    forms::form_state,
};

/// How somebody logs in.
#[component]
pub(crate) fn LoginPage() -> impl IntoView {
    let state = form_state();
    let next = carried(&state, "next");
    let registry = registry();
    let has_passkeys = registry.can_have_passkeys();
    let query: String = if next.is_empty() { String::new() } else { format!("?next={}", format::encoded(&next)) };
    view! {
        <AccountFrame
            title="Log in"
            description="Log in to publish PostgreSQL extensions and to look after them."
            path=Some("/login")
            state=state.clone()
        >
            <p class="mt-2">"No account yet? " <a class="link" href="/register">"Register"</a></p>
            <form method="post" action="/login" class="mt-6 space-y-5" aria-label="Log in">
                <input type="hidden" name="next" value=next.clone()/>
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
            {has_passkeys
                .then(|| {
                    view! {
                        <PasskeyForm action="/login/passkey" challenge="/passkeys/challenge" field="passkey" label="Log in with a passkey">
                            <input type="hidden" name="next" value=next/>
                            <button class="button">"Log in with a passkey"</button>
                        </PasskeyForm>
                    }
                })}
            <Providers verb="Log in" query/>
            <p class="mt-6">
                <a class="link" href="/forgot-password">"Forgot the password?"</a>
            </p>
        </AccountFrame>
    }
}

/// Links to log in at providers, where there are any.
#[component]
pub(super) fn Providers(
    /// What is done there, in the words of the page.
    verb: &'static str,
    /// What goes along in the address.
    query: String,
) -> impl IntoView {
    let providers = registry().providers();
    (!providers.is_empty()).then(|| {
        view! {
            <ul class="mt-4 space-y-3">
                {providers
                    .into_iter()
                    .map(|provider| {
                        view! {
                            <li>
                                <a class="button" rel="nofollow" href=format!("/login/with/{}{query}", provider.slug)>
                                    {format!("{verb} with {}", provider.name)}
                                </a>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        }
    })
}
