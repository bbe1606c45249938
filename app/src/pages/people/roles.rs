//! Who looks after a package, and who belongs to an organisation.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use model::{Handle, Role};
use registry::{GroupName, InvitationDetails, PeoplePage, Person, RegistryError};

use super::frames::GroupFrame;
use crate::{
    components::{Checkbox, Field, Select},
    context::{registry, visitor},
    forms::{FormState, form_state},
    load::load,
    pages::accounts::when::Day,
};

/// Who looks after a package.
#[component]
pub(crate) fn PackagePeoplePage() -> impl IntoView {
    let name = use_params_map().read_untracked().get("name").unwrap_or_default().parse().map(GroupName::Package).ok();
    view! { <People name/> }
}

/// Who belongs to an organisation.
#[component]
pub(crate) fn OrganisationPeoplePage() -> impl IntoView {
    let handle = use_params_map().read_untracked().get("handle").unwrap_or_default();
    let name = handle.parse().map(GroupName::Organisation).ok();
    view! { <People name/> }
}

#[component]
fn People(name: Option<GroupName>) -> impl IntoView {
    let Some(visitor) = visitor() else { return ().into_any() };
    let (registry, state) = (registry(), form_state());
    let own = visitor.handle().clone();
    let page = async move { registry.people_page(&visitor, &name.ok_or(RegistryError::NotFound)?).await };
    load(page, move |page| {
        let PeoplePage { name, role, is_own, people, invitations } = page;
        let is_owner = role == Role::Owner;
        let owners = people.iter().filter(|person| person.role == Role::Owner).count();
        view! {
            <GroupFrame name=name.clone() here="" state=state.clone()>
                <Roles name=name.clone() people own=own.clone() is_owner owners/>
                <Invitations name=name.clone() invitations/>
                {is_owner.then(|| view! { <Invite name=name.clone() state=state.of_form("invite")/> })}
                // Whoever owns it through an organisation leaves nothing of their own.
                {(is_owner && is_own).then(|| view! { <Transfer name=name.clone() state=state.of_form("invite")/> })}
                {(!is_owner).then(|| view! { <p class="notice">{only_owners(&name)}</p> })}
                {(is_own && !(is_owner && owners == 1)).then(|| view! { <Leave name own/> })}
            </GroupFrame>
        }
    })
    .into_any()
}

const fn only_owners(name: &GroupName) -> &'static str {
    match name {
        GroupName::Package(_) => "Owners change who looks after it.",
        GroupName::Organisation(_) => "Owners change who belongs to it.",
    }
}

/// The role that is not the owner's.
const fn other_role(name: &GroupName) -> (Role, &'static str) {
    match name {
        GroupName::Package(_) => (Role::Maintainer, "Maintainer: publishes and yanks releases"),
        GroupName::Organisation(_) => (Role::Member, "Member: publishes and yanks releases of its packages"),
    }
}

#[component]
fn Roles(name: GroupName, people: Vec<Person>, own: Handle, is_owner: bool, owners: usize) -> impl IntoView {
    let action = name.settings_path();
    let (other, _) = other_role(&name);
    view! {
        <section aria-labelledby="people">
            <h2 id="people" class="text-subheading font-semibold">
                {if matches!(name, GroupName::Package(_)) { "Who looks after it" } else { "Members" }}
            </h2>
            <ul class="mt-3 divide-y divide-line border-y border-line">
                {people
                    .into_iter()
                    .map(|person| {
                        let is_self = person.handle == own;
                        // The last owner stays; whoever looks leaves by a form of their own.
                        let may_change = is_owner && !(person.role == Role::Owner && owners == 1);
                        view! { <PersonRow person is_self may_change other action=action.clone()/> }
                    })
                    .collect_view()}
            </ul>
        </section>
    }
}

#[component]
fn PersonRow(person: Person, is_self: bool, may_change: bool, other: Role, action: String) -> impl IntoView {
    let handle = person.handle.to_string();
    let next = if person.role == Role::Owner { other } else { Role::Owner };
    let (change, remove) = (format!("Make {next}: {handle}"), format!("Remove {handle}"));
    view! {
        <li class="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 py-2">
            <div class="min-w-0">
                <p class="min-w-0 break-words">
                    <a class="link font-mono break-all" href=format!("/users/{handle}")>{handle.clone()}</a>
                    {person.display_name.map(|name| view! { " " <span dir="auto">{name}</span> })}
                    {is_self.then_some(" (you)")}
                </p>
                <p class="text-small text-ink-soft">
                    {person.role.to_string()} {person.is_organisation.then_some(", an organisation")} ", since " <Day moment=person.since/>
                </p>
            </div>
            {may_change
                .then(|| {
                    view! {
                        <div class="flex flex-wrap gap-2">
                            <form method="post" action=action.clone()>
                                <input type="hidden" name="form" value="role"/>
                                <input type="hidden" name="handle" value=handle.clone()/>
                                <input type="hidden" name="role" value=next.as_str()/>
                                <button class="button" aria-label=change>{format!("Make {next}")}</button>
                            </form>
                            {(!is_self)
                                .then(|| {
                                    view! {
                                        <form method="post" action=action>
                                            <input type="hidden" name="form" value="remove"/>
                                            <input type="hidden" name="handle" value=handle/>
                                            <button class="button" aria-label=remove>"Remove"</button>
                                        </form>
                                    }
                                })}
                        </div>
                    }
                })}
        </li>
    }
}

#[component]
fn Invitations(name: GroupName, invitations: Vec<InvitationDetails>) -> impl IntoView {
    let action = name.settings_path();
    (!invitations.is_empty()).then(|| {
        view! {
            <section aria-labelledby="invitations">
                <h2 id="invitations" class="text-subheading font-semibold">"Invitations that wait for an answer"</h2>
                <ul class="mt-3 divide-y divide-line border-y border-line">
                    {invitations
                        .into_iter()
                        .map(|invitation| {
                            let label = format!("Withdraw the invitation of {}", invitation.invitee);
                            view! {
                                <li class="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 py-2">
                                    <div class="min-w-0">
                                        <p class="break-all">
                                            <span class="font-mono">{invitation.invitee}</span>
                                            {format!(" as {}", invitation.role)}
                                            {invitation.transfers.then_some(", who takes it over")}
                                        </p>
                                        <p class="text-small text-ink-soft break-words">
                                            "Sent by " {invitation.invited_by.to_string()} ", good until " <Day moment=invitation.expires_at/>
                                        </p>
                                    </div>
                                    <form method="post" action=action.clone()>
                                        <input type="hidden" name="form" value="withdraw"/>
                                        <input type="hidden" name="invitation" value=invitation.id.to_string()/>
                                        <button class="button" aria-label=label>"Withdraw"</button>
                                    </form>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
            </section>
        }
    })
}

#[component]
fn Invite(name: GroupName, state: FormState) -> impl IntoView {
    let state = if state.value("transfers").is_empty() { state } else { FormState::default() };
    let (other, words) = other_role(&name);
    let is_package = matches!(name, GroupName::Package(_));
    view! {
        <section aria-labelledby="invite">
            <h2 id="invite" class="text-subheading font-semibold">"Invite somebody"</h2>
            <p class="mt-1">"They are asked by mail, and have 14 days to answer. All owners are told."</p>
            <form method="post" action=name.settings_path() class="mt-4 max-w-md space-y-5" aria-label="Invite somebody">
                <input type="hidden" name="form" value="invite"/>
                <Field
                    state=state.clone()
                    name="invitee"
                    label="Handle or e-mail address"
                    hint=if is_package { "An organisation that you own needs not be asked." } else { "Of a person." }
                    longest=254
                    is_code=true
                />
                <Select
                    state
                    name="role"
                    label="Role"
                    choices=vec![(other.as_str(), words), ("owner", "Owner: decides who looks after it, too")]
                    initial=other.as_str()
                />
                <button class="button button-primary">"Send the invitation"</button>
            </form>
        </section>
    }
}

#[component]
fn Transfer(name: GroupName, state: FormState) -> impl IntoView {
    let state = if state.value("transfers").is_empty() { FormState::default() } else { state };
    view! {
        <section class="rounded-md border border-danger p-4" aria-labelledby="transfer">
            <h2 id="transfer" class="text-subheading font-semibold">"Give it to somebody else"</h2>
            <p class="mt-1">"They become its owner, and you leave it, as soon as they accept. Only they can give it back."</p>
            <form method="post" action=name.settings_path() class="mt-4 max-w-md space-y-5" aria-label="Give it to somebody else">
                <input type="hidden" name="form" value="invite"/>
                <input type="hidden" name="role" value="owner"/>
                <Field
                    state=state.clone()
                    name="invitee"
                    id="new-owner"
                    label="New owner"
                    hint="A handle or an address. An organisation that you own takes it at once."
                    longest=254
                    is_code=true
                />
                <Checkbox
                    name="transfers"
                    value="yes"
                    id="transfers".to_owned()
                    label="I leave it when they accept"
                    is_checked=false
                    is_required=true
                />
                <button class="button border-danger text-danger">"Give it to them"</button>
            </form>
        </section>
    }
}

#[component]
fn Leave(name: GroupName, own: Handle) -> impl IntoView {
    view! {
        <section class="rounded-md border border-danger p-4" aria-labelledby="leave">
            <h2 id="leave" class="text-subheading font-semibold">"Leave"</h2>
            <p class="mt-1">"You have no role for it any more, and only an owner can invite you again."</p>
            <form method="post" action=name.settings_path() class="mt-4">
                <input type="hidden" name="form" value="remove"/>
                <input type="hidden" name="handle" value=own.to_string()/>
                <button class="button max-w-full border-danger wrap-anywhere text-danger">{format!("Leave {name}")}</button>
            </form>
        </section>
    }
}
