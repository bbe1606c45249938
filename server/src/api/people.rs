//! Who looks after packages: roles and invitations.

use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
    http::StatusCode,
};
use model::{Email, Handle, wire};
use registry::{
    GroupName, InvitationDetails, Invited, Invitee, NewInvitation, PeopleError, Person, ReceivedInvitation,
};

use super::{
    ApiError,
    asker::{Asker, Reader, number},
    parameters,
};
use crate::{request_context::Client, state::AppState};

fn package(name: &str) -> Result<GroupName, ApiError> {
    Ok(GroupName::Package(parameters::package_name(name)?))
}

/// A handle in a path: what cannot be one is nobody's.
pub(super) fn handle(text: &str) -> Result<Handle, ApiError> {
    text.parse().map_err(|_| registry::RegistryError::NotFound.into())
}

/// A body that is read as JSON.
pub(super) fn body<T>(body: Result<Json<T>, JsonRejection>) -> Result<T, ApiError> {
    let Json(body) = body.map_err(|error| ApiError::Parameter { name: "body", reason: error.body_text() })?;
    Ok(body)
}

/// What the account is asked to look after.
#[utoipa::path(
    get,
    path = "/api/v1/me/invitations",
    operation_id = "listReceivedInvitations",
    security(("token" = []), ("session" = [])),
    responses((status = 200, body = wire::InvitationList), (status = 401, body = wire::Problem), (status = 403, body = wire::Problem))
)]
pub(super) async fn list_received(
    State(state): State<AppState>,
    asker: Asker,
) -> Result<Json<wire::InvitationList>, ApiError> {
    let received = state.registry.received_invitations(asker.account()?).await?;
    Ok(Json(wire::InvitationList { items: received.into_iter().map(received_item).collect() }))
}

/// Accepts an invitation of the account.
#[utoipa::path(
    post,
    path = "/api/v1/me/invitations/{id}/accept",
    operation_id = "acceptInvitation",
    security(("token" = []), ("session" = [])),
    params(("id" = i64, Path, description = "The id of an invitation")),
    responses((status = 204, description = "The account has the role now"), (status = 401, body = wire::Problem), (status = 403, body = wire::Problem), (status = 404, body = wire::Problem, description = "Withdrawn, answered, over, or somebody else's"), (status = 409, body = wire::Problem))
)]
pub(super) async fn accept(
    State(state): State<AppState>,
    Client(client): Client,
    Path(id): Path<String>,
    asker: Asker,
) -> Result<StatusCode, ApiError> {
    let (_, event) = state.registry.accept_invitation(asker.account()?, number(&id)?, &client).await?;
    state.until_known(Some(event)).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Declines an invitation of the account.
#[utoipa::path(
    delete,
    path = "/api/v1/me/invitations/{id}",
    operation_id = "declineInvitation",
    security(("token" = []), ("session" = [])),
    params(("id" = i64, Path, description = "The id of an invitation")),
    responses((status = 204, description = "Whoever has sent it is told"), (status = 401, body = wire::Problem), (status = 403, body = wire::Problem), (status = 404, body = wire::Problem))
)]
pub(super) async fn decline(
    State(state): State<AppState>,
    Client(client): Client,
    Path(id): Path<String>,
    asker: Asker,
) -> Result<StatusCode, ApiError> {
    state.registry.decline_invitation(asker.account()?, number(&id)?, &client).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who looks after a package.
#[utoipa::path(
    get,
    path = "/api/v1/packages/{name}/owners",
    operation_id = "listOwners",
    params(("name" = String, Path, description = "The short name of a package")),
    responses((status = 200, body = wire::PersonList), (status = 404, body = wire::Problem))
)]
pub(super) async fn list_owners(
    State(state): State<AppState>,
    Reader(viewer): Reader,
    Path(name): Path<String>,
) -> Result<Json<wire::PersonList>, ApiError> {
    let name = parameters::package_name(&name)?;
    let people = state.registry.package_people(viewer, &name).await?;
    Ok(Json(wire::PersonList { items: people.into_iter().map(person).collect() }))
}

/// Gives somebody who looks after a package another role. For its owners.
#[utoipa::path(
    put,
    path = "/api/v1/packages/{name}/owners/{handle}",
    operation_id = "changeOwner",
    security(("token" = []), ("session" = [])),
    params(("name" = String, Path, description = "The short name of a package"), ("handle" = String, Path, description = "A handle")),
    request_body = wire::NewRole,
    responses((status = 204, description = "They have it"), (status = 401, body = wire::Problem), (status = 403, body = wire::Problem), (status = 404, body = wire::Problem), (status = 409, body = wire::Problem, description = "Somebody has to own it, or it is so already"), (status = 422, body = wire::Problem))
)]
pub(super) async fn change_owner(
    State(state): State<AppState>,
    Client(client): Client,
    Path((name, person)): Path<(String, String)>,
    asker: Asker,
    new: Result<Json<wire::NewRole>, JsonRejection>,
) -> Result<StatusCode, ApiError> {
    let caller = asker.acting(&state).await?;
    let role = body(new)?.role;
    let event = state.registry.change_role(&caller, &package(&name)?, &handle(&person)?, role, &client).await?;
    state.until_known(event).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes the role of somebody for a package away, or the caller's own. The last owner stays.
#[utoipa::path(
    delete,
    path = "/api/v1/packages/{name}/owners/{handle}",
    operation_id = "removeOwner",
    security(("token" = []), ("session" = [])),
    params(("name" = String, Path, description = "The short name of a package"), ("handle" = String, Path, description = "A handle")),
    responses((status = 204, description = "They have none any more"), (status = 401, body = wire::Problem), (status = 403, body = wire::Problem), (status = 404, body = wire::Problem), (status = 409, body = wire::Problem, description = "Somebody has to own it, or it is so already"), (status = 422, body = wire::Problem))
)]
pub(super) async fn remove_owner(
    State(state): State<AppState>,
    Client(client): Client,
    Path((name, person)): Path<(String, String)>,
    asker: Asker,
) -> Result<StatusCode, ApiError> {
    let caller = asker.acting(&state).await?;
    let event = state.registry.remove_person(&caller, &package(&name)?, &handle(&person)?, &client).await?;
    state.until_known(Some(event)).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Invitations to look after a package that wait for an answer. For its owners.
#[utoipa::path(
    get,
    path = "/api/v1/packages/{name}/invitations",
    operation_id = "listPackageInvitations",
    security(("token" = []), ("session" = [])),
    params(("name" = String, Path, description = "The short name of a package")),
    responses((status = 200, body = wire::InvitationList), (status = 401, body = wire::Problem), (status = 403, body = wire::Problem), (status = 404, body = wire::Problem))
)]
pub(super) async fn list_package_invitations(
    State(state): State<AppState>,
    Path(name): Path<String>,
    asker: Asker,
) -> Result<Json<wire::InvitationList>, ApiError> {
    list_sent(&state, asker, package(&name)?).await
}

/// Asks somebody to look after a package. For its owners.
#[utoipa::path(
    post,
    path = "/api/v1/packages/{name}/invitations",
    operation_id = "inviteToPackage",
    security(("token" = []), ("session" = [])),
    params(("name" = String, Path, description = "The short name of a package")),
    request_body = wire::NewInvitation,
    responses((status = 201, body = wire::SentInvitation), (status = 401, body = wire::Problem), (status = 403, body = wire::Problem), (status = 404, body = wire::Problem), (status = 409, body = wire::Problem, description = "Somebody has to own it, or it is so already"), (status = 422, body = wire::Problem), (status = 429, body = wire::Problem))
)]
pub(super) async fn invite_to_package(
    State(state): State<AppState>,
    Client(client): Client,
    Path(name): Path<String>,
    asker: Asker,
    new: Result<Json<wire::NewInvitation>, JsonRejection>,
) -> Result<(StatusCode, Json<wire::SentInvitation>), ApiError> {
    let caller = asker.acting(&state).await?;
    send(&state, &caller, package(&name)?, body(new)?, &client).await
}

/// Withdraws an invitation to look after a package. For its owners.
#[utoipa::path(
    delete,
    path = "/api/v1/packages/{name}/invitations/{id}",
    operation_id = "withdrawPackageInvitation",
    security(("token" = []), ("session" = [])),
    params(("name" = String, Path, description = "The short name of a package"), ("id" = i64, Path, description = "The id of an invitation")),
    responses((status = 204, description = "It cannot be accepted any more"), (status = 401, body = wire::Problem), (status = 403, body = wire::Problem), (status = 404, body = wire::Problem))
)]
pub(super) async fn withdraw_package_invitation(
    State(state): State<AppState>,
    Client(client): Client,
    Path((name, id)): Path<(String, String)>,
    asker: Asker,
) -> Result<StatusCode, ApiError> {
    let caller = asker.acting(&state).await?;
    state.registry.withdraw_invitation(&caller, &package(&name)?, number(&id)?, &client).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The invitations of a package or an organisation.
pub(super) async fn list_sent(
    state: &AppState,
    asker: Asker,
    name: GroupName,
) -> Result<Json<wire::InvitationList>, ApiError> {
    let caller = asker.acting(state).await?;
    let sent = state.registry.sent_invitations(&caller, &name).await?;
    Ok(Json(wire::InvitationList { items: sent.into_iter().map(|invitation| sent_item(&name, invitation)).collect() }))
}

/// Sends an invitation.
pub(super) async fn send(
    state: &AppState,
    caller: &registry::Caller,
    to: GroupName,
    new: wire::NewInvitation,
    client: &registry::ClientInfo,
) -> Result<(StatusCode, Json<wire::SentInvitation>), ApiError> {
    let invitee = match (new.handle, new.email) {
        (Some(handle), None) => Invitee::Handle(handle),
        (None, Some(email)) => Invitee::Email(email.parse::<Email>().map_err(|_| PeopleError::Invitee)?),
        _ => return Err(PeopleError::Invitee.into()),
    };
    let new = NewInvitation { to, invitee, role: new.role, transfers: new.transfers };
    let id = match state.registry.invite(caller, &new, client).await? {
        Invited::Asked(id) => Some(id),
        Invited::Added(event) => {
            state.until_known(Some(event)).await;
            None
        }
    };
    Ok((StatusCode::CREATED, Json(wire::SentInvitation { id })))
}

/// Somebody with a role, as the API shows them.
pub(super) fn person(person: Person) -> wire::PersonItem {
    let kind = if person.is_organisation { "organisation" } else { "account" };
    wire::PersonItem { handle: person.handle, kind: kind.to_owned(), role: person.role, since: person.since }
}

fn named(name: &GroupName) -> (Option<model::PackageName>, Option<Handle>) {
    match name {
        GroupName::Package(package) => (Some(package.clone()), None),
        GroupName::Organisation(handle) => (None, Some(handle.clone())),
    }
}

fn sent_item(name: &GroupName, invitation: InvitationDetails) -> wire::InvitationItem {
    let (package, organisation) = named(name);
    let InvitationDetails { id, invitee, role, transfers, invited_by, expires_at } = invitation;
    wire::InvitationItem { id, package, organisation, invitee: Some(invitee), role, transfers, invited_by, expires_at }
}

fn received_item(invitation: ReceivedInvitation) -> wire::InvitationItem {
    let (package, organisation) = named(&invitation.to);
    let ReceivedInvitation { id, role, transfers, invited_by, expires_at, .. } = invitation;
    wire::InvitationItem { id, package, organisation, invitee: None, role, transfers, invited_by, expires_at }
}
