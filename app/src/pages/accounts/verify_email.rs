use leptos::prelude::*;

use super::frame::{AccountFrame, carried};
use crate::{
    components::PasswordField,
    context::registry,
    forms::{FormState, form_state},
    load::load,
};

/// Where the link leads that was sent to an address to confirm it. Opening it does nothing yet: programs that look
/// through mails open links too.
#[component]
pub(crate) fn VerifyEmailPage() -> impl IntoView {
    let state = form_state();
    let token = carried(&state, "token");
    view! {
        <AccountFrame
            title="Confirm the e-mail address"
            description="Confirm the e-mail address of an account."
            path=None
            state=state.clone()
        >
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
                            "The address is incomplete: open the whole link from the mail. Your "
                            <a class="link" href="/settings/security">"settings"</a> " can send a new one."
                        </p>
                    }
                        .into_any()
                }
                (false, false) => {
                    let (registry, asked, state) = (registry(), token.clone(), state.clone());
                    load(
                        async move { registry.registration_of(&asked).await },
                        move |handle| view! { <ConfirmForm handle=handle.map(|handle| handle.to_string()) token state/> },
                    )
                        .into_any()
                }
            }}
        </AccountFrame>
    }
}

/// What is left to do. An account begins with the password that was chosen for it: whoever only reads the mail does not know it.
#[component]
fn ConfirmForm(
    /// The handle of the account that begins; none where there is one already.
    handle: Option<String>,
    token: String,
    state: FormState,
) -> impl IntoView {
    view! {
        {match &handle {
            Some(handle) => {
                view! {
                    <p class="mt-2 break-words">
                        "The account " <span class="font-mono">{handle.clone()}</span>
                        " begins when you show the password that was chosen for it. If you have not registered, close this page."
                    </p>
                }
                    .into_any()
            }
            None => view! { <p class="mt-2">"One step is left, so that only you can take it."</p> }.into_any(),
        }}
        <form method="post" action="/verify-email" class="mt-6 space-y-5" aria-label="Confirm the e-mail address">
            <input type="hidden" name="token" value=token/>
            {handle.is_some().then(|| view! { <PasswordField state name="password" label="Password" is_new=false/> })}
            <button class="button button-primary">"Confirm the address"</button>
        </form>
    }
}
