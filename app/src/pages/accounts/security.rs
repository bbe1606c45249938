use leptos::prelude::*;
use registry::{AccountDetails, Factors};

use super::{
    linked_accounts::LinkedAccounts,
    second_factors::SecondFactors,
    settings_frame::{Section, SettingsFrame},
    when::Ago,
};
use crate::{
    components::{Field, Icon, PasswordField},
    context::{registry, visitor},
    forms::{FormState, form_state},
    load::load,
};

/// The password and the e-mail address of an account.
#[component]
pub(crate) fn SecurityPage() -> impl IntoView {
    let Some(visitor) = visitor() else { return ().into_any() };
    let (registry, state) = (registry(), form_state());
    let (providers, has_passkeys) = (registry.providers(), registry.can_have_passkeys());
    let data = async move { Ok((registry.account(&visitor).await?, registry.factors(&visitor).await?)) };
    load(data, move |(account, factors)| {
        view! {
            <SettingsFrame here=Section::Security state=state.clone()>
                <DomainLost factors=factors.clone()/>
                {if factors.has_password {
                    view! { <PasswordForm state=state.of_form("password") account=account.clone()/> }.into_any()
                } else {
                    view! { <NoPassword/> }.into_any()
                }}
                <EmailForm state=state.of_form("email") account/>
                <SecondFactors state=state.of_form("passkey") factors=factors.clone() has_passkeys/>
                <LinkedAccounts factors providers/>
                <section class="rounded-md border border-danger p-4" aria-labelledby="delete">
                    <h2 id="delete" class="text-subheading font-semibold">"Delete the account"</h2>
                    <p class="mt-1">"What happens to your packages is shown before anything is done. "
                        <a class="link" href="/settings/delete">"Delete the account"</a>
                    </p>
                </section>
            </SettingsFrame>
        }
    })
    .into_any()
}

/// Says that nothing is recovered by the address any more.
#[component]
fn DomainLost(factors: Factors) -> impl IntoView {
    factors.email_domain_lost_at.map(|moment| {
        view! {
            <section class="notice border-caution" aria-label="Your e-mail address">
                <p class="flex gap-2">
                    <Icon icon=icondata_lu::LuTriangleAlert class="mt-0.5 size-5 shrink-0 text-caution"/>
                    <span class="min-w-0">
                        "Nobody had the domain of your address when it was asked for " <Ago moment/>
                        ". Whoever registers it reads your mail, so no password is recovered by it. Confirm it anew, or give another address."
                    </span>
                </p>
                <form method="post" action="/settings/security" class="mt-3" aria-label="Confirm the address anew">
                    <input type="hidden" name="form" value="verify"/>
                    <button class="button">"Send a mail to confirm it"</button>
                </form>
            </section>
        }
    })
}

/// For those who log in another way.
#[component]
fn NoPassword() -> impl IntoView {
    view! {
        <section aria-labelledby="password">
            <h2 id="password" class="text-subheading font-semibold">"Password"</h2>
            <p class="mt-1">"You have none: you log in another way. A link to choose one can be sent to your address."</p>
            <form method="post" action="/settings/security" class="mt-3" aria-label="Choose a password">
                <input type="hidden" name="form" value="set-password"/>
                <button class="button">"Send the link"</button>
            </form>
        </section>
    }
}

#[component]
fn PasswordForm(state: FormState, account: AccountDetails) -> impl IntoView {
    view! {
        <section aria-labelledby="password">
            <h2 id="password" class="text-subheading font-semibold">"Password"</h2>
            {account
                .password_changed_at
                .map(|moment| view! { <p class="mt-1 text-small text-ink-soft">"Last changed " <Ago moment/></p> })}
            <form method="post" action="/settings/security" class="mt-4 max-w-md space-y-5" aria-label="Change the password">
                <input type="hidden" name="form" value="password"/>
                // For those who let a program remember their passwords: whose this one is.
                <input type="text" autocomplete="username" value=account.handle.to_string() readonly class="hidden"/>
                <PasswordField
                    state=state.clone()
                    name="current_password"
                    id="password-current"
                    label="Current password"
                    is_new=false
                />
                <PasswordField
                    state
                    name="new_password"
                    label="New password"
                    hint="At least 10 characters. Passwords that have leaked somewhere are refused."
                    is_new=true
                />
                <button class="button button-primary">"Change the password"</button>
            </form>
        </section>
    }
}

#[component]
fn EmailForm(state: FormState, account: AccountDetails) -> impl IntoView {
    view! {
        <section aria-labelledby="email-address">
            <h2 id="email-address" class="text-subheading font-semibold">"E-mail address"</h2>
            <Addresses account/>
            <form method="post" action="/settings/security" class="mt-6 max-w-md space-y-5" aria-label="Change the e-mail address">
                <input type="hidden" name="form" value="email"/>
                <Field
                    state
                    name="email"
                    label="New e-mail address"
                    hint="It takes the place of the other one when it is confirmed."
                    kind="email"
                    autocomplete="email"
                    longest=254
                    is_code=true
                />
                <button class="button button-primary">"Change the address"</button>
            </form>
        </section>
    }
}

/// The addresses of an account, and how to confirm what is not confirmed.
#[component]
fn Addresses(account: AccountDetails) -> impl IntoView {
    let needs_mail = !account.is_verified || account.pending_email.is_some();
    view! {
        <ul class="mt-3 divide-y divide-line border-y border-line">
            <Address email=account.email.to_string() is_verified=account.is_verified words=None/>
            {account
                .pending_email
                .map(|email| view! { <Address email=email.to_string() is_verified=false words=Some("new, waits to be confirmed")/> })}
        </ul>
        {needs_mail
            .then(|| {
                view! {
                    <form method="post" action="/settings/security" class="mt-3" aria-label="Send the mail again">
                        <input type="hidden" name="form" value="verify"/>
                        <button class="button">"Send the mail again"</button>
                    </form>
                }
            })}
    }
}

#[component]
fn Address(email: String, is_verified: bool, words: Option<&'static str>) -> impl IntoView {
    let (icon, colour, state) = if is_verified {
        (icondata_lu::LuCircleCheck, "text-good", "confirmed")
    } else {
        (icondata_lu::LuTriangleAlert, "text-caution", words.unwrap_or("not confirmed"))
    };
    view! {
        <li class="flex flex-wrap items-baseline justify-between gap-x-4 py-2">
            <span class="min-w-0 font-mono break-all">{email}</span>
            <span class=format!("flex items-center gap-1 text-small {colour}")>
                <Icon icon class="size-3.5"/>
                {state}
            </span>
        </li>
    }
}
