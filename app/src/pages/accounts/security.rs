use leptos::prelude::*;
use registry::AccountDetails;

use super::{
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
    load(async move { registry.account(&visitor).await }, move |account| {
        view! {
            <SettingsFrame here=Section::Security state=state.clone()>
                <PasswordForm state=state.of_form("password") account=account.clone()/>
                <EmailForm state=state.of_form("email") account/>
            </SettingsFrame>
        }
    })
    .into_any()
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
                    state=state.clone()
                    name="email"
                    label="New e-mail address"
                    hint="It takes the place of the other one when it is confirmed."
                    kind="email"
                    autocomplete="email"
                    longest=254
                    is_code=true
                />
                <PasswordField
                    state
                    name="current_password"
                    id="email-current-password"
                    label="Current password"
                    is_new=false
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
