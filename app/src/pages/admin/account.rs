use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use model::{Handle, StaffRole};
use registry::{AccountPage, RegistryError};

use super::frame::{AdminFrame, ReasonField, Section, reader};
use crate::{
    components::Select,
    context::registry,
    forms::{FormState, form_state},
    load::load,
    pages::accounts::when::{Ago, Day},
};

/// One account, and what admins do with it.
#[component]
pub(crate) fn AdminAccountPage() -> impl IntoView {
    let handle = use_params_map().read_untracked().get("handle").unwrap_or_default().parse::<Handle>();
    let (registry, state) = (registry(), form_state());
    let reader = reader(Section::Accounts);
    let data = async move {
        let reader = reader?;
        Ok((registry.account_page(reader, &handle.map_err(|_| RegistryError::NotFound)?).await?, reader))
    };
    load(data, move |(page, reader)| {
        let action = format!("/admin/accounts/{}", page.account.handle);
        let is_locked = page.account.locked_at.is_some();
        let role = page.account.role;
        view! {
            <AdminFrame here=Section::Accounts reader title=page.account.handle.to_string() state=state.clone()>
                <Facts page=page.clone()/>
                <div class="grid gap-6 xl:grid-cols-2">
                    <Lock state=state.clone() is_locked action=action.clone()/>
                    <Role state=state.of_form("role") role action=action.clone()/>
                    <Factors state=state.of_form("factors") has=page.account.has_second_factor action/>
                </div>
                <Audit page/>
            </AdminFrame>
        }
    })
}

#[component]
fn Facts(page: AccountPage) -> impl IntoView {
    let account = page.account;
    let handle = account.handle.to_string();
    view! {
        <section aria-label="The account">
            <p><a class="link" href=format!("/users/{handle}")>"As everybody sees it"</a></p>
            <p class="mt-1 break-all">{account.email.to_string()} {(!account.is_verified).then_some(", not confirmed")}</p>
            <p class="text-small text-ink-soft">
                "Since " <Day moment=account.created_at/>
                {account.last_used_at.map(|moment| view! { ", last seen " <Ago moment/> })}
                {if account.has_second_factor { ", with a second factor" } else { ", without a second factor" }}
            </p>
            {account
                .locked_at
                .map(|since| {
                    view! {
                        <div class="mt-3 rounded-md border border-caution p-3">
                            <p class="font-semibold">"Locked " <Ago moment=since/></p>
                            <p class="mt-1 break-words" dir="auto">{account.lock_reason.unwrap_or_default()}</p>
                        </div>
                    }
                })}
        </section>
    }
}

#[component]
fn Lock(state: FormState, is_locked: bool, action: String) -> impl IntoView {
    let (form, title, words) = if is_locked {
        ("unlock", "Unlock", "Its owner logs in again, and its tokens work again.")
    } else {
        ("lock", "Lock", "Nobody logs in to it, its sessions end, its tokens are refused. Its owner is told why.")
    };
    view! {
        <section class="rounded-md border border-line p-4" aria-labelledby="lock">
            <h2 id="lock" class="text-subheading font-semibold">{title}</h2>
            <p class="mt-1">{words}</p>
            <form method="post" action=action class="mt-3 space-y-4" aria-label=title>
                <input type="hidden" name="form" value=form/>
                <ReasonField state=state.of_form(form) id="lock-reason" hint="Its owner reads it. At least ten characters."/>
                <button class=if is_locked { "button" } else { "button border-danger text-danger" }>{title}</button>
            </form>
        </section>
    }
}

#[component]
fn Role(state: FormState, role: Option<StaffRole>, action: String) -> impl IntoView {
    let initial = role.map_or("none", StaffRole::as_str);
    view! {
        <section class="rounded-md border border-line p-4" aria-labelledby="role-title">
            <h2 id="role-title" class="text-subheading font-semibold">"Role"</h2>
            <form method="post" action=action class="mt-3 space-y-4" aria-label="Role">
                <input type="hidden" name="form" value="role"/>
                <Select
                    state=state.clone()
                    name="role"
                    label="May"
                    choices=vec![("none", "Nothing"), ("moderator", "Decide about reports"), ("admin", "Decide about everything")]
                    initial
                />
                <ReasonField state id="role-reason"/>
                <button class="button">"Change the role"</button>
            </form>
        </section>
    }
}

#[component]
fn Factors(state: FormState, has: bool, action: String) -> impl IntoView {
    has.then(|| {
        view! {
            <section class="rounded-md border border-line p-4" aria-labelledby="factors">
                <h2 id="factors" class="text-subheading font-semibold">"Remove the second factors"</h2>
                <p class="mt-1">"Only for somebody who has lost them and has shown who they are. Its sessions end, and its owner is told."</p>
                <form method="post" action=action class="mt-3 space-y-4" aria-label="Remove the second factors">
                    <input type="hidden" name="form" value="factors"/>
                    <ReasonField state id="factors-reason" hint="How they have shown it. At least ten characters."/>
                    <button class="button border-danger text-danger">"Remove the second factors"</button>
                </form>
            </section>
        }
    })
}

#[component]
fn Audit(page: AccountPage) -> impl IntoView {
    view! {
        <section aria-labelledby="audit">
            <h2 id="audit" class="text-subheading font-semibold">"What was done with it"</h2>
            {page.audit.is_empty().then(|| view! { <p class="mt-3 text-ink-soft">"Nothing is noted."</p> })}
            <ul class="mt-3 divide-y divide-line border-y border-line empty:hidden">
                {page
                    .audit
                    .into_iter()
                    .map(|(moment, action, address)| {
                        view! {
                            <li class="flex flex-wrap justify-between gap-x-4 py-1 text-small">
                                <span class="font-mono">{action}</span>
                                <span class="text-ink-soft"><span class="wrap-anywhere" dir="auto">{address.map(|address| format!("{address}, "))}</span> <Ago moment/></span>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </section>
    }
}
