use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::settings_frame::{Section, SettingsFrame};
use crate::forms::form_state;

/// Where the link on the console leads that makes the first admin.
#[component]
pub(crate) fn AdminLinkPage() -> impl IntoView {
    let state = form_state();
    let token = use_query_map().read_untracked().get("token").unwrap_or_default();
    // After a refusal there is nothing to press any more.
    let is_refused = !state.problems.is_empty();
    let token = if state.was_sent() { state.value("token") } else { token };
    view! {
        <SettingsFrame here=Section::Security title="Become the first admin" state>
            {(!is_refused).then(|| view! {
            <p>"This registry has no admin yet. The link on its console makes your account one, as long as nobody else has opened it."</p>
            <form method="post" action="/settings/admin-link" aria-label="Become the first admin">
                <input type="hidden" name="token" value=token/>
                <button class="button button-primary">"Become the first admin"</button>
            </form>
            })}
        </SettingsFrame>
    }
}
