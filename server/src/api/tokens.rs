use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use model::wire;
use registry::Token;

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
    body: Result<Json<wire::LeakedToken>, JsonRejection>,
) -> Result<StatusCode, ApiError> {
    let leaked = body
        .map(|Json(leaked)| leaked)
        .map_err(|error| ApiError::Parameter { name: "token", reason: error.body_text() })?;
    state.registry.revoke_leaked_token(&leaked.token, &client).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Exchanges the token of a run of a workflow for one that publishes a package which trusts the workflow. With `Accept:
/// text/plain` the answer is the token alone.
#[utoipa::path(
    post,
    path = "/api/v1/trusted-publishing/tokens",
    operation_id = "exchangeToken",
    request_body = wire::RunToken,
    responses(
        (status = 200, description = "A token that is good for a quarter of an hour", content(
            (wire::ExchangedToken = "application/json"),
            (String = "text/plain"),
        )),
        (status = 400, body = wire::Problem, description = "The body is not such an object"),
        (status = 401, body = wire::Problem, description = "The token of the run is not taken"),
        (status = 403, body = wire::Problem, description = "No package trusts the workflow"),
        (status = 409, body = wire::Problem, description = "Several packages trust it: say which one is meant"),
        (status = 429, body = wire::Problem),
        (status = 503, body = wire::Problem, description = "The service, or the database, cannot be reached"),
    )
)]
pub(super) async fn exchange(
    State(state): State<AppState>,
    Client(client): Client,
    headers: HeaderMap,
    body: Result<Json<wire::RunToken>, JsonRejection>,
) -> Result<Response, ApiError> {
    let Json(shown) = body.map_err(|error| ApiError::Parameter { name: "body", reason: error.body_text() })?;
    let token = Token::generate(&mut rand::rng());
    let exchanged = state.registry.exchange_token(&shown.token, shown.package.as_ref(), token, &client).await?;
    let wants_text = headers.get(header::ACCEPT).is_some_and(|value| value.as_bytes().starts_with(b"text/plain"));
    let mut answer = if wants_text {
        exchanged.token.reveal().to_owned().into_response()
    } else {
        Json(wire::ExchangedToken {
            token: exchanged.token.reveal().to_owned(),
            expires_at: exchanged.expires_at,
            package: exchanged.package,
        })
        .into_response()
    };
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(answer)
}
