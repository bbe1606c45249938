use leptos::prelude::*;
use registry::{Factors, IdentityDetails, ProviderInfo};

use super::when::{Ago, Day};

/// Accounts elsewhere that log in to this one.
#[component]
pub(super) fn LinkedAccounts(
    /// What there is.
    factors: Factors,
    /// Where accounts can be.
    providers: Vec<ProviderInfo>,
) -> impl IntoView {
    let is_shown = !providers.is_empty() || !factors.identities.is_empty();
    let names = providers.clone();
    let linked: Vec<String> = factors.identities.iter().map(|identity| identity.issuer.clone()).collect();
    is_shown.then(|| {
        view! {
            <section aria-labelledby="linked">
                <h2 id="linked" class="text-subheading font-semibold">"Linked accounts"</h2>
                <p class="mt-1">"Whoever logs in there logs in to your account here. Your second factor is asked for all the same."</p>
                <ul class="mt-3 divide-y divide-line border-y border-line empty:hidden">
                    {factors
                        .identities
                        .into_iter()
                        .map(|identity| {
                            let provider = names.iter().find(|provider| provider.issuer == identity.issuer);
                            let place = provider.map_or_else(|| identity.issuer.clone(), |provider| provider.name.clone());
                            view! { <Linked identity place/> }
                        })
                        .collect_view()}
                </ul>
                {providers
                    .into_iter()
                    .map(|provider| {
                        let is_linked = linked.contains(&provider.issuer);
                        view! {
                            <form method="post" action="/settings/security" class="mt-3" aria-label=format!("Link {}", provider.name)>
                                <input type="hidden" name="form" value="link"/>
                                <input type="hidden" name="provider" value=provider.slug/>
                                <button class="button">{if is_linked { format!("Link another account at {}", provider.name) } else { format!("Link an account at {}", provider.name) }}</button>
                            </form>
                        }
                    })
                    .collect_view()}
            </section>
        }
    })
}

#[component]
fn Linked(identity: IdentityDetails, place: String) -> impl IntoView {
    let action = format!("Unlink {} at {place}", identity.name);
    view! {
        <li class="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 py-2">
            <div class="min-w-0">
                <p class="break-words">
                    <span dir="auto" class="font-mono wrap-anywhere">{identity.name}</span>
                    {format!(" at {place}")}
                </p>
                <p class="text-small text-ink-soft">
                    "Linked " <Day moment=identity.created_at/>
                    {identity.last_used_at.map(|moment| view! { " · last used " <Ago moment/> })}
                </p>
            </div>
            <form method="post" action="/settings/security">
                <input type="hidden" name="form" value="unlink"/>
                <input type="hidden" name="identity" value=identity.id.to_string()/>
                <button class="button" aria-label=action>"Unlink"</button>
            </form>
        </li>
    }
}
