use leptos::prelude::*;
use registry::{Factors, PasskeyDetails};

use super::{
    passkey_form::PasskeyForm,
    when::{Ago, Day},
};
use crate::{
    components::{Field, Icon},
    forms::FormState,
};

/// What an account asks for beside a password, and passkeys, which log in by themselves.
#[component]
pub(super) fn SecondFactors(
    /// What became of the form for a passkey.
    state: FormState,
    /// What there is.
    factors: Factors,
    /// Whether browsers can have passkeys for this registry.
    has_passkeys: bool,
) -> impl IntoView {
    let codes = match (factors.recovery_codes, factors.recovery_is_tested) {
        (0, _) => "None.".to_owned(),
        (count, true) => format!("{count} left."),
        (_, false) => "Made, and not yet typed in: they do not count yet.".to_owned(),
    };
    let needs_codes = factors.has_second() && (factors.recovery_codes == 0 || !factors.recovery_is_tested);
    view! {
        <section aria-labelledby="second-factor">
            <h2 id="second-factor" class="text-subheading font-semibold">"Second factor"</h2>
            <p class="mt-1">
                {if factors.has_second() {
                    "A password alone does not log in to this account."
                } else if factors.has_password {
                    "Without one, whoever has your password has your account."
                } else {
                    "Without one, whoever gets into a linked account has this one too."
                }}
            </p>
            <h3 class="mt-4 font-semibold">"Authenticator app"</h3>
            {match factors.authenticator_since {
                Some(moment) => {
                    view! {
                        <div class="mt-1 flex flex-wrap items-center justify-between gap-3">
                            <p class="flex items-center gap-1.5">
                                <Icon icon=icondata_lu::LuCircleCheck class="size-4 text-good"/>
                                <span>"Added " <Day moment/></span>
                            </p>
                            <form method="post" action="/settings/security" aria-label="Remove the authenticator app">
                                <input type="hidden" name="form" value="authenticator-remove"/>
                                <button class="button">"Remove it"</button>
                            </form>
                        </div>
                    }
                        .into_any()
                }
                None => {
                    view! {
                        <p class="mt-1">
                            <a class="button" href="/settings/security/authenticator">"Add an authenticator app"</a>
                        </p>
                    }
                        .into_any()
                }
            }}
            {has_passkeys.then(|| view! { <Passkeys state passkeys=factors.passkeys/> })}
            <h3 class="mt-6 font-semibold">"Recovery codes"</h3>
            <p class=if needs_codes { "mt-1 text-caution" } else { "mt-1" }>{codes}</p>
            <p class="mt-2"><a class="button" href="/settings/security/recovery-codes">"Recovery codes"</a></p>
        </section>
    }
}

#[component]
fn Passkeys(state: FormState, passkeys: Vec<PasskeyDetails>) -> impl IntoView {
    view! {
        <h3 class="mt-6 font-semibold">"Passkeys"</h3>
        <p class="mt-1 text-small text-ink-soft">
            "A passkey logs in by itself, without a password, and no false page can ask for it. Making one needs scripts."
        </p>
        <ul class="mt-3 divide-y divide-line border-y border-line empty:hidden">
            {passkeys
                .into_iter()
                .map(|passkey| {
                    let action = format!("Remove {}", passkey.name);
                    view! {
                        <li class="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 py-2">
                            <div class="min-w-0">
                                <p class="break-words" dir="auto">{passkey.name}</p>
                                <p class="text-small text-ink-soft">
                                    "Added " <Day moment=passkey.created_at/> " · "
                                    {match passkey.last_used_at {
                                        Some(moment) => view! { "last used " <Ago moment/> }.into_any(),
                                        None => view! { "never used" }.into_any(),
                                    }}
                                </p>
                            </div>
                            <form method="post" action="/settings/security">
                                <input type="hidden" name="form" value="passkey-remove"/>
                                <input type="hidden" name="passkey_id" value=passkey.id.to_string()/>
                                <button class="button" aria-label=action>"Remove"</button>
                            </form>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
        <div class="max-w-md">
            <PasskeyForm
                action="/settings/security"
                challenge="/settings/security/passkeys"
                field="passkey"
                label="Add a passkey"
                is_new=true
            >
                <input type="hidden" name="form" value="passkey"/>
                <Field state name="name" label="Name of the passkey" hint="For yourself: the device or the program that keeps it." longest=100/>
                <button class="button">"Add a passkey"</button>
            </PasskeyForm>
        </div>
    }
}
