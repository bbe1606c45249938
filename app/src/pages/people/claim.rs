use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use model::PackageName;
use registry::{ClaimPage as Claim, RegistryError};

use crate::{
    components::{CodeBlock, Field},
    context::{registry, visitor},
    forms::{FormState, form_state},
    load::load,
    pages::accounts::settings_frame::{Section, SettingsFrame},
};

/// How somebody claims a package that nobody owns.
#[component]
pub(crate) fn ClaimPage() -> impl IntoView {
    let Some(visitor) = visitor() else { return ().into_any() };
    let name = use_params_map().read_untracked().get("name").unwrap_or_default().parse::<PackageName>();
    let (registry, state) = (registry(), form_state());
    let data = async move { registry.claim_page(&visitor, &name.map_err(|_| RegistryError::NotFound)?).await };
    load(data, move |claim| {
        view! {
            <SettingsFrame here=Section::Packages title=format!("Claim {}", claim.name) state=state.clone()>
                {if claim.is_waiting {
                    view! { <p class="notice">"You have claimed it. An admin looks at what you have named, and you get a mail."</p> }.into_any()
                } else {
                    view! { <Form state claim/> }.into_any()
                }}
            </SettingsFrame>
        }
    })
    .into_any()
}

#[component]
fn Form(state: FormState, claim: Claim) -> impl IntoView {
    let action = format!("/settings/claims/{}", claim.name);
    let file = claim.file;
    view! {
        <section class="space-y-4" aria-label="How to claim it">
            <p>"Nobody owns this package here. Whoever can change its repository becomes its owner."</p>
            <ol class="list-decimal space-y-2 pl-5">
                <li>
                    "Put a file " <span class="font-mono">{file}</span>
                    " with this line at the root of the repository, or make the line one of the repository's topics"
                    {match claim.repository {
                        Some(repository) => {
                            view! { ", " <a class="link break-all" rel="nofollow noopener" href=repository>{repository.clone()}</a> }
                                .into_any()
                        }
                        None => ", which the package does not name: it should be plain that it is the package's".into_any(),
                    }}
                    "."
                </li>
                <li>"Say below where the file can be read, or where the repository is that has the topic."</li>
                <li>"An admin looks at it, and you get a mail. Then the file or the topic can go."</li>
            </ol>
            <CodeBlock place=file.to_owned() what="the code" code=claim.code/>
            <form method="post" action=action class="max-w-md space-y-5" aria-label="Claim">
                <Field state name="address" label="Where it can be seen" kind="url" longest=2000 is_code=true/>
                <button class="button button-primary">"Claim the package"</button>
            </form>
        </section>
    }
}
