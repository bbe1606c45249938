use leptos::prelude::*;

use super::frame::{AccountFrame, carried};
use crate::forms::form_state;

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
                    view! {
                        <p class="mt-2">"One step is left, so that only you can take it."</p>
                        <form method="post" action="/verify-email" class="mt-6" aria-label="Confirm the e-mail address">
                            <input type="hidden" name="token" value=token.clone()/>
                            <button class="button button-primary">"Confirm the address"</button>
                        </form>
                    }
                        .into_any()
                }
            }}
        </AccountFrame>
    }
}
