use axum::{Json, extract::State, http::StatusCode};
use model::wire;

use super::ApiError;
use crate::{request_context::Client, state::AppState};

/// Revokes a token that was found where it should not be: whoever has one may end it. The answer does not tell whether it was
/// known.
#[utoipa::path(
    post,
    path = "/api/v1/tokens/revoke",
    operation_id = "revokeToken",
    request_body = wire::LeakedToken,
    responses(
        (status = 204, description = "It cannot be used, now or any more; its owner is told"),
        (status = 400, body = wire::Problem, description = "The body is not such an object"),
        (status = 429, body = wire::Problem),
        (status = 503, body = wire::Problem),
    )
)]
pub(super) async fn revoke(
    State(state): State<AppState>,
    Client(client): Client,
    body: Result<Json<wire::LeakedToken>, axum::extract::rejection::JsonRejection>,
) -> Result<StatusCode, ApiError> {
    let leaked = body
        .map(|Json(leaked)| leaked)
        .map_err(|error| ApiError::Parameter { name: "token", reason: error.body_text() })?;
    state.registry.revoke_leaked_token(&leaked.token, &client).await?;
    Ok(StatusCode::NO_CONTENT)
}
