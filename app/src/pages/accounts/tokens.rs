use leptos::prelude::*;
use registry::{TokenDetails, TokenState};
use time::OffsetDateTime;

use super::{
    new_token::NewToken,
    settings_frame::{Section, SettingsFrame},
    token_words::{action_words, pattern_words},
    when::{Ago, Day},
};
use crate::{
    components::{CodeBlock, Icon},
    context::{registry, visitor},
    format,
    forms::form_state,
    load::load,
};

/// The tokens of an account, and how to make one.
#[component]
pub(crate) fn TokensPage() -> impl IntoView {
    let Some(visitor) = visitor() else { return ().into_any() };
    let (registry, state) = (registry(), form_state());
    let data = async move { Ok((registry.tokens(visitor.account()).await?, registry.own_packages(&visitor).await?)) };
    load(data, move |(tokens, packages)| {
        let secret = state.secret.clone();
        view! {
            <SettingsFrame here=Section::Tokens state=state.clone()>
                {secret.map(|secret| view! { <Secret secret/> })}
                <Tokens tokens/>
                <NewToken state=state.of_form("create") packages/>
            </SettingsFrame>
        }
    })
    .into_any()
}

/// A token that was just made.
#[component]
fn Secret(secret: String) -> impl IntoView {
    view! {
        <section aria-labelledby="secret">
            <h2 id="secret" class="text-subheading font-semibold">"The new token"</h2>
            <p class="mt-1">"Copy it now: it is not kept here in a form that could be shown again."</p>
            <div class="mt-3">
                <CodeBlock place="Whoever has it can do what it may" what="the token" code=secret/>
            </div>
        </section>
    }
}

#[component]
fn Tokens(tokens: Vec<TokenDetails>) -> impl IntoView {
    view! {
        <section aria-labelledby="tokens">
            <h2 id="tokens" class="text-subheading font-semibold">"Your tokens"</h2>
            {tokens.is_empty().then(|| view! { <p class="mt-3 text-ink-soft">"None yet."</p> })}
            <ul class="mt-3 divide-y divide-line border-y border-line empty:hidden">
                {tokens.into_iter().map(|token| view! { <Token token/> }).collect_view()}
            </ul>
        </section>
    }
}

#[component]
fn Token(token: TokenDetails) -> impl IntoView {
    let is_active = matches!(token.state, TokenState::Active);
    let (icon, colour, state) = match token.state {
        TokenState::Active => (icondata_lu::LuCircleCheck, "text-good", "active"),
        TokenState::Expired => (icondata_lu::LuTriangleAlert, "text-caution", "expired"),
        TokenState::Revoked => (icondata_lu::LuCircleSlash, "text-ink-soft", "revoked"),
    };
    let actions: Vec<&str> = token.actions.iter().map(|action| action_words(*action).0).collect();
    let patterns: Vec<String> = token.patterns.iter().map(pattern_words).collect();
    let patterns: Vec<&str> = patterns.iter().map(String::as_str).collect();
    let packages = if patterns.is_empty() { "every package".to_owned() } else { format::listed(&patterns) };
    let action = format!("Revoke {}", token.name);
    view! {
        <li class="flex flex-wrap items-start justify-between gap-x-4 gap-y-2 py-3">
            <div class="min-w-0">
                <p class="flex min-w-0 flex-wrap items-baseline gap-x-3">
                    <span class="min-w-0 font-semibold break-words" dir="auto">{token.name}</span>
                    <span class=format!("flex items-center gap-1 text-small {colour}")>
                        <Icon icon class="size-3.5"/>
                        {state}
                    </span>
                </p>
                <p class="break-words">{format!("{}: {packages}", actions.join(", "))}</p>
                <p class="text-small text-ink-soft">
                    "Made " <Day moment=token.created_at/> " · " <Expiry expires_at=token.expires_at state=token.state/>
                </p>
                <LastUse used_at=token.last_used_at address=token.last_used_address client=token.last_used_client/>
            </div>
            {is_active
                .then(|| {
                    view! {
                        <form method="post" action="/settings/tokens">
                            <input type="hidden" name="form" value="revoke"/>
                            <input type="hidden" name="token" value=token.id.to_string()/>
                            <button class="button" aria-label=action>
                                "Revoke"
                            </button>
                        </form>
                    }
                })}
        </li>
    }
}

/// Until when a token works.
#[component]
fn Expiry(expires_at: Option<OffsetDateTime>, state: TokenState) -> impl IntoView {
    let words = if matches!(state, TokenState::Expired) { "expired " } else { "expires " };
    match expires_at {
        Some(moment) => view! { {words} <Day moment/> }.into_any(),
        None => view! { "never expires" }.into_any(),
    }
}

/// When, from where and with what a token was used.
#[component]
fn LastUse(used_at: Option<OffsetDateTime>, address: Option<String>, client: Option<String>) -> impl IntoView {
    view! {
        <p class="text-small text-ink-soft break-words">
            {match used_at {
                Some(moment) => view! { "Last used " <Ago moment/> }.into_any(),
                None => view! { "Never used" }.into_any(),
            }}
            {address
                .map(|address| {
                    view! {
                        " from "
                        <span class="font-mono break-all">{address}</span>
                    }
                })}
            {client
                .map(|client| {
                    view! {
                        " with "
                        <span class="font-mono break-all">{client}</span>
                    }
                })}
        </p>
    }
}
