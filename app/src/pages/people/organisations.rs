use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use model::{Handle, Role};
use registry::{GroupName, RegistryError};

use super::{frames::GroupFrame, packages::Groups};
use crate::{
    components::{Field, TextArea},
    context::{registry, visitor},
    forms::{FormState, form_state},
    load::load,
    pages::accounts::settings_frame::{Section, SettingsFrame},
};

/// The organisations that somebody belongs to, and how to make one.
#[component]
pub(crate) fn OrganisationsPage() -> impl IntoView {
    let Some(visitor) = visitor() else { return ().into_any() };
    let (registry, state) = (registry(), form_state());
    load(async move { registry.own_organisations(&visitor).await }, move |organisations| {
        view! {
            <SettingsFrame here=Section::Organisations state=state.clone()>
                <section aria-labelledby="own">
                    <h2 id="own" class="text-subheading font-semibold">"Your organisations"</h2>
                    {organisations.is_empty().then(|| view! { <p class="mt-3 text-ink-soft">"None yet."</p> })}
                    <div class="mt-3"><Groups groups=organisations/></div>
                </section>
                <section aria-labelledby="create">
                    <h2 id="create" class="text-subheading font-semibold">"Make an organisation"</h2>
                    <p class="mt-1">"Its owners decide who belongs to it; its members publish its packages."</p>
                    <form method="post" action="/settings/organisations" class="mt-4 max-w-md space-y-5" aria-label="Make an organisation">
                        <Field
                            state=state.clone()
                            name="handle"
                            label="Handle"
                            hint="Letters, digits, - and _. Of accounts and organisations, each has one of its own. It cannot be changed."
                            longest=39
                            is_code=true
                        />
                        <About state/>
                        <button class="button button-primary">"Make the organisation"</button>
                    </form>
                </section>
            </SettingsFrame>
        }
    })
    .into_any()
}

/// What an organisation says of itself.
#[component]
fn About(
    state: FormState,
    #[prop(optional_no_strip)] display_name: Option<String>,
    #[prop(optional_no_strip)] description: Option<String>,
    #[prop(optional_no_strip)] website: Option<String>,
) -> impl IntoView {
    view! {
        <Field state=state.clone() name="display_name" label="Name" longest=100 is_required=false initial=display_name/>
        <TextArea state=state.clone() name="description" label="What it is" longest=1000 initial=description/>
        <Field state name="website" label="Website" kind="url" longest=2000 is_required=false is_code=true initial=website/>
    }
}

/// What an organisation says of itself, to be changed, and its end.
#[component]
pub(crate) fn OrganisationProfilePage() -> impl IntoView {
    let Some(visitor) = visitor() else { return ().into_any() };
    let handle = use_params_map().read_untracked().get("handle").unwrap_or_default().parse::<Handle>();
    let (registry, state) = (registry(), form_state());
    let data = async move {
        let handle = handle.map_err(|_| RegistryError::NotFound)?;
        let people = registry.people_page(&visitor, &GroupName::Organisation(handle.clone())).await?;
        Ok((registry.organisation(&handle).await?, people.role))
    };
    load(data, move |(organisation, role)| {
        let name = GroupName::Organisation(organisation.handle.clone());
        let action = format!("{}/profile", name.settings_path());
        let is_owner = role == Role::Owner;
        let about = state.of_form("about");
        view! {
            <GroupFrame name here="/profile" state=state.clone()>
                {is_owner
                    .then(|| {
                        view! {
                            <form method="post" action=action.clone() class="max-w-md space-y-5" aria-label="Profile of the organisation">
                                <input type="hidden" name="form" value="about"/>
                                <About
                                    state=about
                                    display_name=organisation.display_name.clone()
                                    description=organisation.description.clone()
                                    website=organisation.website.clone()
                                />
                                <button class="button button-primary">"Save"</button>
                            </form>
                            <section class="rounded-md border border-danger p-4" aria-labelledby="delete">
                                <h2 id="delete" class="text-subheading font-semibold">"Delete the organisation"</h2>
                                <p class="mt-1">
                                    {if organisation.packages.is_empty() {
                                        "Its members have no role through it any more. Its handle is never given to anybody again."
                                    } else {
                                        "It owns packages: give them to somebody else first."
                                    }}
                                </p>
                                <form method="post" action=action class="mt-4 max-w-md space-y-5" aria-label="Delete the organisation">
                                    <input type="hidden" name="form" value="delete"/>
                                    <Field
                                        state=state.of_form("delete")
                                        name="confirmation"
                                        label="Its handle"
                                        hint="Type it, so that this does not happen by mistake."
                                        longest=39
                                        is_code=true
                                    />
                                    <button class="button border-danger text-danger">"Delete the organisation for ever"</button>
                                </form>
                            </section>
                        }
                    })}
                {(!is_owner).then(|| view! { <p class="notice">"Owners change what it says of itself."</p> })}
            </GroupFrame>
        }
    })
    .into_any()
}
