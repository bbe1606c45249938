use leptos::prelude::*;
use model::{Handle, PackageName};
use registry::DeletionImpact;

use super::settings_frame::{Section, SettingsFrame};
use crate::{
    components::{Field, PageHead},
    context::{registry, visitor},
    forms::{FormState, form_state},
    load::load,
};

/// What deleting an account does, and the form that does it.
#[component]
pub(crate) fn DeletePage() -> impl IntoView {
    let Some(visitor) = visitor() else { return ().into_any() };
    let (registry, state) = (registry(), form_state());
    let handle = visitor.handle().to_string();
    load(async move { registry.deletion_impact(&visitor).await }, move |impact| {
        view! {
            <SettingsFrame here=Section::Security title="Delete the account" state=state.clone()>
                <Delete state impact handle/>
            </SettingsFrame>
        }
    })
    .into_any()
}

#[component]
fn Delete(state: FormState, impact: DeletionImpact, handle: String) -> impl IntoView {
    let counted =
        |count: i64, one: &str, many: &str| if count == 1 { format!("1 {one}") } else { format!("{count} {many}") };
    view! {
        <section class="rounded-md border border-danger p-4" aria-labelledby="delete">
            <h2 id="delete" class="text-subheading font-semibold">"Delete the account"</h2>
            <ul class="mt-3 list-disc space-y-2 pl-5">
                <li>"Your address, profile, password, second factors, linked accounts and sessions are erased, and so is what was noted of your log-ins and changes."</li>
                <li>"The handle " <span class="font-mono break-all">{handle}</span> " is never given to anybody again."</li>
                <li>{format!("{} at once.", counted(impact.tokens, "token stops working", "tokens stop working"))}</li>
                <li>{format!("{}, without your name: what was published is never changed.", counted(impact.releases, "release of yours stays", "releases of yours stay"))}</li>
            </ul>
            <Packages names=impact.orphaned words="Nobody will own these packages any more, and nobody will publish to them until somebody has taken them over:"/>
            <Organisations handles=impact.ended words="These organisations end, since nobody else belongs to them:"/>
            <Organisations handles=impact.handed_on words="Whoever has belonged to these organisations longest owns them then:"/>
            <Packages names=impact.left words="You will leave these packages; others own them too:"/>
            <form method="post" action="/settings/delete" class="mt-6 max-w-md space-y-5" aria-label="Delete the account">
                <Field
                    state
                    name="handle"
                    label="Your handle"
                    hint="Type it, so that this does not happen by mistake. It cannot be undone."
                    longest=39
                    is_code=true
                />
                <button class="button border-danger text-danger">"Delete the account for ever"</button>
            </form>
            <p class="mt-6"><a class="link" href="/settings/security">"Back without deleting it"</a></p>
        </section>
    }
}

#[component]
fn Packages(names: Vec<PackageName>, words: &'static str) -> impl IntoView {
    (!names.is_empty()).then(|| {
        view! {
            <p class="mt-4">{words}</p>
            <ul class="mt-2 flex flex-wrap gap-x-4 gap-y-1">
                {names
                    .into_iter()
                    .map(|name| view! { <li><a class="link font-mono break-all" href=format!("/packages/{name}")>{name.to_string()}</a></li> })
                    .collect_view()}
            </ul>
        }
    })
}

#[component]
fn Organisations(handles: Vec<Handle>, words: &'static str) -> impl IntoView {
    (!handles.is_empty()).then(|| {
        view! {
            <p class="mt-4">{words}</p>
            <ul class="mt-2 flex flex-wrap gap-x-4 gap-y-1">
                {handles
                    .into_iter()
                    .map(|handle| view! { <li><a class="link font-mono break-all" href=format!("/users/{handle}")>{handle.to_string()}</a></li> })
                    .collect_view()}
            </ul>
        }
    })
}

/// What is shown when an account is gone.
#[component]
pub(crate) fn DeletedPage() -> impl IntoView {
    view! {
        <PageHead title="Your account is deleted" description="What happens after an account was deleted." path=None/>
        <div class="frame py-8">
            <h1 class="text-heading font-semibold">"Your account is deleted"</h1>
            <p class="mt-3 max-w-prose">"What was known of you is erased. A last message goes to your address, so that you would know if it had been somebody else."</p>
            <p class="mt-3"><a class="link" href="/">"To the home page"</a></p>
        </div>
    }
}
