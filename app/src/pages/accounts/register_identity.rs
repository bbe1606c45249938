use http::request::Parts;
use leptos::prelude::*;
use registry::ExternalIdentity;

use super::frame::AccountFrame;
use crate::{components::Field, forms::form_state};

/// How somebody who is known elsewhere gets an account.
#[component]
pub(crate) fn RegisterIdentityPage() -> impl IntoView {
    let newcomer = use_context::<Parts>().and_then(|parts| parts.extensions.get::<ExternalIdentity>().cloned());
    let Some(newcomer) = newcomer else { return ().into_any() };
    let state = form_state();
    let suggested = suggestion(&newcomer.name);
    view! {
        <AccountFrame
            title="Choose a handle"
            description="The last step of registering with an account elsewhere."
            path=None
            state=state.clone()
        >
            <p class="mt-2 break-words">
                {format!("{} says that you are {}. No account here is linked to that yet.", newcomer.provider, newcomer.name)}
            </p>
            {match newcomer.email {
                Some(email) => {
                    view! {
                        <form method="post" action="/register/identity" class="mt-6 space-y-5" aria-label="Choose a handle">
                            <p class="break-words">"The account gets the address " <span class="font-mono wrap-anywhere">{email.to_string()}</span> "."</p>
                            <Field
                                state
                                name="handle"
                                label="Handle"
                                hint="The name under which others see you: letters, digits, - and _."
                                autocomplete="username"
                                initial=Some(suggested)
                                longest=39
                                is_code=true
                            />
                            <button class="button button-primary">"Create the account"</button>
                        </form>
                    }
                        .into_any()
                }
                None => {
                    view! {
                        <p class="mt-4 break-words">
                            {format!(
                                "{} vouches for no e-mail address of yours. Register with a password, and link {} in your settings. ",
                                newcomer.provider,
                                newcomer.provider,
                            )}
                            <a class="link" href="/register">"Register"</a>
                        </p>
                    }
                        .into_any()
                }
            }}
            <p class="mt-6">
                "Have an account here already? " <a class="link" href="/login">"Log in"</a>
                " with it, and link the other one in your settings."
            </p>
        </AccountFrame>
    }
    .into_any()
}

/// A handle that is like what somebody is called elsewhere.
fn suggestion(name: &str) -> String {
    let name = name.split('@').next().unwrap_or_default();
    let letters = name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' });
    let handle: String = letters.take(39).collect();
    handle.trim_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suggestion_is_a_handle() {
        for (name, handle) in
            [("ada", "ada"), ("ada.lovelace@example.org", "ada-lovelace"), ("Ada Løvelace ", "Ada-L-velace"), ("é", "")]
        {
            assert_eq!(suggestion(name), handle, "{name}");
        }
    }
}
