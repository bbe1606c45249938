//! Organisations, and who belongs to them.

use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
    http::StatusCode,
};
use model::wire;
use registry::{GroupName, OrganisationChange};

use super::{
    ApiError,
    asker::{Asker, number},
    people::{body, handle, list_sent, person, send},
};
use crate::{request_context::Client, state::AppState};

fn organisation(text: &str) -> Result<GroupName, ApiError> {
    Ok(GroupName::Organisation(handle(text)?))
}

/// Makes an organisation. For people who have shown a short while ago who they are.
#[utoipa::path(
    post,
    path = "/api/v1/organisations",
    operation_id = "createOrganisation",
    security(("session" = [])),
    request_body = wire::NewOrganisation,
    responses(
        (status = 201, description = "It is there, and the caller owns it"),
        (status = 401, body = wire::Problem),
        (status = 403, body = wire::Problem),
        (status = 409, body = wire::Problem, description = "The handle is somebody's"),
        (status = 422, body = wire::Problem),
    )
)]
pub(super) async fn create(
    State(state): State<AppState>,
    Client(client): Client,
    asker: Asker,
    new: Result<Json<wire::NewOrganisation>, JsonRejection>,
) -> Result<StatusCode, ApiError> {
    let proved = asker.proved(&state)?;
    let new = body(new)?;
    let change = OrganisationChange { display_name: new.name, description: new.description, website: new.website };
    let event = state.registry.create_organisation(&proved, &new.handle, &change, &client).await?;
    state.until_known(Some(event)).await;
    Ok(StatusCode::CREATED)
}

/// An organisation.
#[utoipa::path(
    get,
    path = "/api/v1/organisations/{handle}",
    operation_id = "showOrganisation",
    params(("handle" = String, Path, description = "A handle")),
    responses((status = 200, body = wire::Organisation), (status = 404, body = wire::Problem))
)]
pub(super) async fn show(
    State(state): State<AppState>,
    Path(text): Path<String>,
) -> Result<Json<wire::Organisation>, ApiError> {
    let shown = state.registry.organisation(&handle(&text)?).await?;
    Ok(Json(wire::Organisation {
        handle: shown.handle,
        name: shown.display_name,
        description: shown.description,
        website: shown.website,
        created_at: shown.created_at,
        members: shown.members.into_iter().map(person).collect(),
        packages: shown.packages.into_iter().map(|package| package.name).collect(),
    }))
}

/// Gives a member another role. For owners of the organisation.
#[utoipa::path(
    put,
    path = "/api/v1/organisations/{handle}/members/{member}",
    operation_id = "changeMember",
    security(("token" = []), ("session" = [])),
    params(("handle" = String, Path, description = "A handle"), ("member" = String, Path, description = "The handle of a member")),
    request_body = wire::NewRole,
    responses((status = 204, description = "They have it"), (status = 401, body = wire::Problem), (status = 403, body = wire::Problem), (status = 404, body = wire::Problem), (status = 409, body = wire::Problem, description = "Somebody has to own it, or it is so already"), (status = 422, body = wire::Problem))
)]
pub(super) async fn change_member(
    State(state): State<AppState>,
    Client(client): Client,
    Path((text, member)): Path<(String, String)>,
    asker: Asker,
    new: Result<Json<wire::NewRole>, JsonRejection>,
) -> Result<StatusCode, ApiError> {
    let caller = asker.acting(&state).await?;
    let role = body(new)?.role;
    let event = state.registry.change_role(&caller, &organisation(&text)?, &handle(&member)?, role, &client).await?;
    state.until_known(event).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes the role of a member away, or the caller's own. The last owner stays.
#[utoipa::path(
    delete,
    path = "/api/v1/organisations/{handle}/members/{member}",
    operation_id = "removeMember",
    security(("token" = []), ("session" = [])),
    params(("handle" = String, Path, description = "A handle"), ("member" = String, Path, description = "The handle of a member")),
    responses((status = 204, description = "They have none any more"), (status = 401, body = wire::Problem), (status = 403, body = wire::Problem), (status = 404, body = wire::Problem), (status = 409, body = wire::Problem, description = "Somebody has to own it, or it is so already"), (status = 422, body = wire::Problem))
)]
pub(super) async fn remove_member(
    State(state): State<AppState>,
    Client(client): Client,
    Path((text, member)): Path<(String, String)>,
    asker: Asker,
) -> Result<StatusCode, ApiError> {
    let caller = asker.acting(&state).await?;
    let event = state.registry.remove_person(&caller, &organisation(&text)?, &handle(&member)?, &client).await?;
    state.until_known(Some(event)).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Invitations to belong to an organisation that wait for an answer. For its owners.
#[utoipa::path(
    get,
    path = "/api/v1/organisations/{handle}/invitations",
    operation_id = "listOrganisationInvitations",
    security(("token" = []), ("session" = [])),
    params(("handle" = String, Path, description = "A handle")),
    responses((status = 200, body = wire::InvitationList), (status = 401, body = wire::Problem), (status = 403, body = wire::Problem), (status = 404, body = wire::Problem))
)]
pub(super) async fn list_invitations(
    State(state): State<AppState>,
    Path(text): Path<String>,
    asker: Asker,
) -> Result<Json<wire::InvitationList>, ApiError> {
    list_sent(&state, asker, organisation(&text)?).await
}

/// Asks somebody to belong to an organisation. For its owners.
#[utoipa::path(
    post,
    path = "/api/v1/organisations/{handle}/invitations",
    operation_id = "inviteToOrganisation",
    security(("token" = []), ("session" = [])),
    params(("handle" = String, Path, description = "A handle")),
    request_body = wire::NewInvitation,
    responses((status = 201, body = wire::SentInvitation), (status = 401, body = wire::Problem), (status = 403, body = wire::Problem), (status = 404, body = wire::Problem), (status = 409, body = wire::Problem, description = "Somebody has to own it, or it is so already"), (status = 422, body = wire::Problem), (status = 429, body = wire::Problem))
)]
pub(super) async fn invite(
    State(state): State<AppState>,
    Client(client): Client,
    Path(text): Path<String>,
    asker: Asker,
    new: Result<Json<wire::NewInvitation>, JsonRejection>,
) -> Result<(StatusCode, Json<wire::SentInvitation>), ApiError> {
    let caller = asker.acting(&state).await?;
    send(&state, &caller, organisation(&text)?, body(new)?, &client).await
}

/// Withdraws an invitation to belong to an organisation. For its owners.
#[utoipa::path(
    delete,
    path = "/api/v1/organisations/{handle}/invitations/{id}",
    operation_id = "withdrawOrganisationInvitation",
    security(("token" = []), ("session" = [])),
    params(("handle" = String, Path, description = "A handle"), ("id" = i64, Path, description = "The id of an invitation")),
    responses((status = 204, description = "It cannot be accepted any more"), (status = 401, body = wire::Problem), (status = 403, body = wire::Problem), (status = 404, body = wire::Problem))
)]
pub(super) async fn withdraw_invitation(
    State(state): State<AppState>,
    Client(client): Client,
    Path((text, id)): Path<(String, String)>,
    asker: Asker,
) -> Result<StatusCode, ApiError> {
    let caller = asker.acting(&state).await?;
    state.registry.withdraw_invitation(&caller, &organisation(&text)?, number(&id)?, &client).await?;
    Ok(StatusCode::NO_CONTENT)
}
