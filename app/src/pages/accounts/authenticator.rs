use leptos::prelude::*;
use registry::AuthenticatorSetup;

use super::settings_frame::{Section, SettingsFrame};
use crate::{
    components::{CodeBlock, Field},
    context::{registry, visitor},
    forms::{FormState, form_state},
    load::load,
};

/// How an authenticator app is added.
#[component]
pub(crate) fn AuthenticatorPage() -> impl IntoView {
    let Some(visitor) = visitor() else { return ().into_any() };
    let (registry, state) = (registry(), form_state());
    let sent = state.value("secret");
    let setup = async move {
        // What was scanned already stays good after a code that was mistyped.
        match registry.authenticator_again(&visitor, &sent) {
            Some(setup) => Ok(setup),
            None => registry.propose_authenticator(&visitor),
        }
    };
    load(setup, move |setup| {
        view! {
            <SettingsFrame here=Section::Security title="Authenticator app" state=state.clone()>
                <Setup state setup/>
            </SettingsFrame>
        }
    })
    .into_any()
}

#[component]
fn Setup(state: FormState, setup: AuthenticatorSetup) -> impl IntoView {
    // In groups, for those who type it.
    let grouped = setup.secret.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ");
    view! {
        <section aria-labelledby="authenticator">
            <h2 id="authenticator" class="text-subheading font-semibold">"Add an authenticator app"</h2>
            <ol class="mt-4 list-decimal space-y-6 pl-5">
                <li>
                    <p>"Scan this with an authenticator app, or open the address on the device that has one."</p>
                    <div class="mt-3 w-fit rounded-md border border-line bg-white p-2" role="img" aria-label="QR code of the secret" inner_html=setup.picture></div>
                    <p class="mt-3"><a class="link" href=setup.address>"Open in an app on this device"</a></p>
                    <div class="mt-3">
                        <CodeBlock place="Or type this secret" what="the secret" code=grouped/>
                    </div>
                </li>
                <li>
                    <form method="post" action="/settings/security/authenticator" class="space-y-5" aria-label="Add the authenticator app">
                        <input type="hidden" name="secret" value=setup.secret/>
                        <Field
                            state
                            name="code"
                            label="Code"
                            hint="The six digits that the app shows now."
                            autocomplete="one-time-code"
                            longest=20
                            is_code=true
                        />
                        <button class="button button-primary">"Add the app"</button>
                    </form>
                </li>
            </ol>
            <p class="mt-6"><a class="link" href="/settings/security">"Back without adding it"</a></p>
        </section>
    }
}
