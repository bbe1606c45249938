//! Who looks after a package or belongs to an organisation.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use model::{Email, Handle, Role};
use registry::{Caller, ClientInfo, GroupName, Invited, Invitee, NewInvitation, PeopleError, Registry, RegistryError};

use super::form::{SentForm, problem};
use crate::state::AppState;

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// The forms of the people of a package.
pub(super) async fn of_package(
    State(state): State<AppState>,
    Path(name): Path<String>,
    form: SentForm,
) -> Result<Response, StatusCode> {
    let name = name.parse().map_err(|_| StatusCode::NOT_FOUND)?;
    change(state, GroupName::Package(name), form).await
}

/// The forms of the members of an organisation.
pub(super) async fn of_organisation(
    State(state): State<AppState>,
    Path(handle): Path<String>,
    form: SentForm,
) -> Result<Response, StatusCode> {
    let handle = handle.parse().map_err(|_| StatusCode::NOT_FOUND)?;
    change(state, GroupName::Organisation(handle), form).await
}

async fn change(state: AppState, name: GroupName, form: SentForm) -> Result<Response, StatusCode> {
    let (form, proved) = match form.proved(&state).await {
        Ok(proved) => proved,
        Err(page) => return Ok(page),
    };
    let caller = match state.registry.acting(&proved).await {
        Ok(caller) => caller,
        Err(error) => return Ok(form.failed(state, &error).await),
    };
    let leaves = form.get("form") == "remove" && form.get("handle") == caller.handle().as_str();
    let done = match form.get("form") {
        "invite" => invite(&state, &caller, &name, &form).await,
        "withdraw" => withdraw(&state.registry, &caller, &name, &form).await,
        "role" => change_role(&state, &caller, &name, &form).await,
        _ => remove(&state, &caller, &name, form.get("handle"), &form.client).await,
    };
    Ok(match done {
        // Whoever has left does not see the page any more.
        Ok(_) if leaves && state.registry.people_page(proved.visitor(), &name).await.is_err() => {
            let list = match &name {
                GroupName::Package(_) => "/settings/packages",
                GroupName::Organisation(_) => "/settings/organisations",
            };
            let notice = format!("You have left {name}");
            form.at(list).done(state, notice).await
        }
        Ok(notice) => form.done(state, notice).await,
        Err((_, PeopleError::Registry(RegistryError::NotFound))) => {
            let gone = problem(None, "that was changed by somebody else meanwhile; this is how it is now");
            form.refused(state, UNPROCESSABLE, vec![gone]).await
        }
        Err((_, PeopleError::Registry(error))) => form.failed(state, &error).await,
        Err((_, PeopleError::Limited(limited))) => form.limited(state, limited).await,
        Err((field, error)) => form.refused(state, UNPROCESSABLE, vec![problem(field, error)]).await,
    })
}

type Done = Result<String, (Option<&'static str>, PeopleError)>;

async fn invite(state: &AppState, caller: &Caller, name: &GroupName, form: &SentForm) -> Done {
    let typed = form.get("invitee").trim();
    let invitee = if typed.contains('@') {
        typed.parse::<Email>().map(Invitee::Email).ok()
    } else {
        typed.trim_start_matches('@').parse::<Handle>().map(Invitee::Handle).ok()
    };
    let Some(invitee) = invitee else { return Err((Some("invitee"), PeopleError::Invitee)) };
    let role = form.get("role").parse::<Role>().unwrap_or(Role::Maintainer);
    let transfers = form.get("transfers") == "yes";
    let new = NewInvitation { to: name.clone(), invitee, role, transfers };
    match state.registry.invite(caller, &new, &form.client).await {
        Ok(Invited::Asked(_)) => Ok(format!("An invitation was sent to {typed}; it is good for 14 days")),
        Ok(Invited::Added(event)) => {
            state.until_known(Some(event)).await;
            Ok(format!("From now on {typed} looks after it"))
        }
        Err(
            error @ (PeopleError::Unknown(_)
            | PeopleError::Yourself
            | PeopleError::HasRole(_)
            | PeopleError::Invited(_)
            | PeopleError::NotYourOrganisation(_)
            | PeopleError::Nested),
        ) => Err((Some("invitee"), error)),
        Err(error) => Err((None, error)),
    }
}

async fn withdraw(registry: &Registry, caller: &Caller, name: &GroupName, form: &SentForm) -> Done {
    let id = form.get("invitation").parse().unwrap_or_default();
    let withdrawn = registry.withdraw_invitation(caller, name, id, &form.client).await;
    withdrawn.map(|()| "The invitation is withdrawn".to_owned()).map_err(|error| (None, error))
}

async fn change_role(state: &AppState, caller: &Caller, name: &GroupName, form: &SentForm) -> Done {
    let gone = || (None, PeopleError::Registry(RegistryError::NotFound));
    let handle: Handle = form.get("handle").parse().map_err(|_| gone())?;
    let role: Role = form.get("role").parse().map_err(|_| gone())?;
    let event = state.registry.change_role(caller, name, &handle, role, &form.client).await;
    let event = event.map_err(|error| (None, error))?;
    state.until_known(event).await;
    Ok(format!("From now on {handle} is {role} of {name}"))
}

async fn remove(state: &AppState, caller: &Caller, name: &GroupName, handle: &str, client: &ClientInfo) -> Done {
    let handle: Handle = handle.parse().map_err(|_| (None, PeopleError::Registry(RegistryError::NotFound)))?;
    let event = state.registry.remove_person(caller, name, &handle, client).await.map_err(|error| (None, error))?;
    state.until_known(Some(event)).await;
    Ok(format!("From now on {handle} has no role for {name}"))
}
