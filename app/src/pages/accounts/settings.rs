use leptos::prelude::*;
use registry::AccountDetails;

use super::settings_frame::{Section, SettingsFrame};
use crate::{
    components::{Checkbox, Field, TextArea},
    context::{registry, visitor},
    forms::{FormState, form_state},
    load::load,
};

/// What others see of an account, to be changed.
#[component]
pub(crate) fn SettingsPage() -> impl IntoView {
    let Some(visitor) = visitor() else { return ().into_any() };
    let (registry, state) = (registry(), form_state());
    load(async move { registry.account(&visitor).await }, move |account| {
        view! {
            <SettingsFrame here=Section::Profile state=state.clone()>
                <ProfileForm state account/>
            </SettingsFrame>
        }
    })
    .into_any()
}

#[component]
fn ProfileForm(state: FormState, account: AccountDetails) -> impl IntoView {
    let shows_email = if state.was_sent() { !state.value("shows_email").is_empty() } else { account.shows_email };
    view! {
        <div>
            <p>
                "All of it may stay empty. "
                <a class="link break-words" href=format!("/users/{}", account.handle)>
                    "Your page"
                </a>
            </p>
            <form method="post" action="/settings" class="mt-6 space-y-5" aria-label="Profile">
                <Field
                    state=state.clone()
                    name="display_name"
                    label="Name"
                    hint="As you want to be called."
                    autocomplete="name"
                    initial=account.display_name
                    longest=100
                    is_required=false
                />
                <TextArea
                    state=state.clone()
                    name="bio"
                    label="About you"
                    hint="A few sentences, without formatting."
                    initial=account.bio
                    longest=1000
                />
                <Field
                    state
                    name="website"
                    label="Website"
                    hint="An address that begins with https:// or http://."
                    kind="url"
                    autocomplete="url"
                    initial=account.website
                    longest=2000
                    is_required=false
                    is_code=true
                />
                <Checkbox
                    name="shows_email"
                    value="yes"
                    id="shows_email".to_owned()
                    label="Show my e-mail address on my page"
                    hint="Everybody can read it there, programs too."
                    is_checked=shows_email
                />
                <button class="button button-primary">"Save the profile"</button>
            </form>
        </div>
    }
}
