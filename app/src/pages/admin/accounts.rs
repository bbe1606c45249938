use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use registry::AccountRow;

use super::frame::{AdminFrame, Section, reader};
use crate::{
    context::registry,
    format,
    forms::form_state,
    load::load,
    pages::accounts::when::{Ago, Day},
};

/// Accounts, to be searched.
#[component]
pub(crate) fn AdminAccountsPage() -> impl IntoView {
    let text = use_query_map().read_untracked().get("q").unwrap_or_default();
    let (registry, state) = (registry(), form_state());
    let reader = reader(Section::Accounts);
    let asked = text.clone();
    let data = async move {
        let reader = reader?;
        Ok((registry.search_accounts(reader, &asked).await?, reader))
    };
    load(data, move |(accounts, reader)| {
        view! {
            <AdminFrame here=Section::Accounts reader state>
                <form action="/admin/accounts" role="search" aria-label="Search accounts" class="flex max-w-md gap-2">
                    <label for="accounts-search" class="sr-only">"Handle, address or name"</label>
                    <input
                        id="accounts-search"
                        name="q"
                        type="search"
                        value=text
                        maxlength="100"
                        autocomplete="off"
                        placeholder="Handle, address or name"
                        class="min-w-0 flex-1 rounded-md border border-line bg-surface px-3 py-2 text-ink placeholder:text-ink-soft"
                    />
                    <button class="button">"Search"</button>
                </form>
                {accounts.is_empty().then(|| view! { <p class="text-ink-soft">"Nobody."</p> })}
                <ul class="divide-y divide-line border-y border-line empty:hidden">
                    {accounts.into_iter().map(|account| view! { <Row account/> }).collect_view()}
                </ul>
            </AdminFrame>
        }
    })
}

#[component]
fn Row(account: AccountRow) -> impl IntoView {
    let handle = account.handle.to_string();
    let mut marks = Vec::new();
    if account.locked_at.is_some() {
        marks.push("locked".to_owned());
    }
    if let Some(role) = account.role {
        marks.push(role.to_string());
    }
    if !account.is_verified {
        marks.push("address not confirmed".to_owned());
    }
    if account.has_second_factor {
        marks.push("second factor".to_owned());
    }
    marks.push(format::counted(account.packages, "package", "packages"));
    view! {
        <li class="relative py-2 hover:bg-raised">
            <p class="break-words">
                <a class="link row-link font-mono break-all" href=format!("/admin/accounts/{handle}")>{handle.clone()}</a>
                " " <span class="wrap-anywhere">{account.email.to_string()}</span>
                {account.display_name.map(|name| view! { " " <span dir="auto">{name}</span> })}
            </p>
            <p class="text-small text-ink-soft">
                {marks.join(" · ")} " · since " <Day moment=account.created_at/>
                {account.last_used_at.map(|moment| view! { " · last seen " <Ago moment/> })}
            </p>
        </li>
    }
}
