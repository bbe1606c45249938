//! The account of whoever asks: with a token, or with the session of a browser.

use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
    http::StatusCode,
};
use model::{TokenAction, wire};
use registry::{IdentityDetails, NewToken, SessionDetails, Token, TokenDetails, TokenState};
use time::Duration;

use super::{
    ApiError,
    asker::{Asker, number},
};
use crate::{request_context::Client, state::AppState};

/// Days of a token where nothing is said, and at most.
const USUAL_DAYS: u16 = 90;
const MOST_DAYS: u16 = 3650;

/// Whose token or session this is.
#[utoipa::path(
    get,
    path = "/api/v1/me",
    operation_id = "showMe",
    security(("token" = []), ("session" = [])),
    responses((status = 200, body = wire::Me), (status = 401, body = wire::Problem))
)]
pub(super) async fn me(State(state): State<AppState>, asker: Asker) -> Result<Json<wire::Me>, ApiError> {
    Ok(Json(match asker {
        Asker::Person(visitor) => wire::Me {
            handle: Some(visitor.handle().clone()),
            email: Some(visitor.email().to_string()),
            email_verified: Some(visitor.is_verified()),
            by: "session".to_owned(),
            actions: TokenAction::ALL.to_vec(),
            packages: vec![model::NamePattern::all()],
            expires_at: Some(visitor.expires_at),
        },
        Asker::Program(caller) => {
            let details = match caller.account().filter(|_| caller.may_ever(TokenAction::Account)) {
                Some(account) => Some(state.registry.account_of(account).await?),
                None => None,
            };
            let is_account = caller.account().is_some();
            wire::Me {
                handle: is_account.then(|| caller.handle().clone()),
                email: details.as_ref().map(|details| details.email.to_string()),
                email_verified: details.as_ref().map(|details| details.is_verified),
                by: if is_account { "token" } else { "workflow" }.to_owned(),
                actions: caller.actions().to_vec(),
                packages: caller.patterns().to_vec(),
                expires_at: caller.expires_at(),
            }
        }
    }))
}

/// The account's tokens.
#[utoipa::path(
    get,
    path = "/api/v1/me/tokens",
    operation_id = "listTokens",
    security(("token" = []), ("session" = [])),
    responses((status = 200, body = wire::TokenList), (status = 401, body = wire::Problem), (status = 403, body = wire::Problem))
)]
pub(super) async fn list_tokens(
    State(state): State<AppState>,
    asker: Asker,
) -> Result<Json<wire::TokenList>, ApiError> {
    let tokens = state.registry.tokens(asker.account()?).await?;
    Ok(Json(wire::TokenList { items: tokens.into_iter().map(token_item).collect() }))
}

/// Makes a token. A token makes only tokens that may do no more than itself and end no later; somebody in a browser has to have
/// shown a short while ago who they are.
#[utoipa::path(
    post,
    path = "/api/v1/me/tokens",
    operation_id = "createToken",
    security(("token" = []), ("session" = [])),
    request_body = wire::NewToken,
    responses(
        (status = 201, body = wire::IssuedToken),
        (status = 400, body = wire::Problem),
        (status = 401, body = wire::Problem),
        (status = 403, body = wire::Problem),
        (status = 422, body = wire::Problem),
    )
)]
pub(super) async fn create_token(
    State(state): State<AppState>,
    Client(client): Client,
    asker: Asker,
    body: Result<Json<wire::NewToken>, JsonRejection>,
) -> Result<(StatusCode, Json<wire::IssuedToken>), ApiError> {
    asker.account()?;
    let new = new_token(&state, body)?;
    let token = Token::generate(&mut rand::rng());
    let issued = match &asker {
        Asker::Person(_) => {
            let proved = asker.proved(&state)?;
            state.registry.create_own_token(&proved, &new, token, &client).await
        }
        Asker::Program(caller) => state.registry.create_narrower_token(caller, &new, token, &client).await,
    };
    let issued = issued.map_err(ApiError::from)?;
    let answer = wire::IssuedToken { token: issued.token.reveal().to_owned(), expires_at: issued.expires_at };
    Ok((StatusCode::CREATED, Json(answer)))
}

fn new_token(state: &AppState, body: Result<Json<wire::NewToken>, JsonRejection>) -> Result<NewToken, ApiError> {
    let Json(asked) = body.map_err(|error| ApiError::Parameter { name: "body", reason: error.body_text() })?;
    let days = asked.days.unwrap_or(USUAL_DAYS);
    if days > MOST_DAYS {
        let reason = format!("a token ends after at most {MOST_DAYS} days, or with 0 never");
        return Err(ApiError::Parameter { name: "days", reason });
    }
    let expires_at = (days > 0).then(|| state.clock.now() + Duration::days(days.into()));
    let patterns = if asked.packages.is_empty() { vec![model::NamePattern::all()] } else { asked.packages };
    Ok(NewToken { name: asked.name.trim().to_owned(), actions: asked.actions, patterns, expires_at })
}

/// Revokes one of the account's tokens.
#[utoipa::path(
    delete,
    path = "/api/v1/me/tokens/{id}",
    operation_id = "revokeOwnToken",
    security(("token" = []), ("session" = [])),
    params(("id" = i64, Path, description = "The id of a token")),
    responses(
        (status = 204, description = "It cannot be used any more"),
        (status = 401, body = wire::Problem),
        (status = 403, body = wire::Problem),
        (status = 404, body = wire::Problem, description = "It is none of the account's"),
    )
)]
pub(super) async fn revoke_token(
    State(state): State<AppState>,
    Client(client): Client,
    Path(id): Path<String>,
    asker: Asker,
) -> Result<StatusCode, ApiError> {
    state.registry.revoke_own_token(asker.account()?, number(&id)?, &client).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Where somebody has logged in to the account.
#[utoipa::path(
    get,
    path = "/api/v1/me/sessions",
    operation_id = "listSessions",
    security(("token" = []), ("session" = [])),
    responses((status = 200, body = wire::SessionList), (status = 401, body = wire::Problem), (status = 403, body = wire::Problem))
)]
pub(super) async fn list_sessions(
    State(state): State<AppState>,
    asker: Asker,
) -> Result<Json<wire::SessionList>, ApiError> {
    let sessions = state.registry.sessions(asker.account()?).await?;
    Ok(Json(wire::SessionList { items: sessions.into_iter().map(session_item).collect() }))
}

/// Ends one of the account's sessions.
#[utoipa::path(
    delete,
    path = "/api/v1/me/sessions/{id}",
    operation_id = "endSession",
    security(("token" = []), ("session" = [])),
    params(("id" = i64, Path, description = "The id of a session")),
    responses(
        (status = 204, description = "It has ended"),
        (status = 401, body = wire::Problem),
        (status = 403, body = wire::Problem),
        (status = 404, body = wire::Problem, description = "It is none of the account's"),
    )
)]
pub(super) async fn end_session(
    State(state): State<AppState>,
    Client(client): Client,
    Path(id): Path<String>,
    asker: Asker,
) -> Result<StatusCode, ApiError> {
    state.registry.end_session(asker.account()?, number(&id)?, &client).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Accounts elsewhere that log in to this one. For people in browsers.
#[utoipa::path(
    get,
    path = "/api/v1/me/identities",
    operation_id = "listIdentities",
    security(("session" = [])),
    responses((status = 200, body = wire::IdentityList), (status = 401, body = wire::Problem), (status = 403, body = wire::Problem))
)]
pub(super) async fn list_identities(
    State(state): State<AppState>,
    asker: Asker,
) -> Result<Json<wire::IdentityList>, ApiError> {
    let Asker::Person(visitor) = asker else { return Err(ApiError::Scope) };
    let factors = state.registry.factors(&visitor).await?;
    Ok(Json(wire::IdentityList { items: factors.identities.into_iter().map(identity_item).collect() }))
}

/// Unlinks one of them, never the last way in. For people who have shown a short while ago who they are.
#[utoipa::path(
    delete,
    path = "/api/v1/me/identities/{id}",
    operation_id = "unlinkIdentity",
    security(("session" = [])),
    params(("id" = i64, Path, description = "The id of an identity")),
    responses(
        (status = 204, description = "It logs in no more"),
        (status = 401, body = wire::Problem),
        (status = 403, body = wire::Problem),
        (status = 404, body = wire::Problem, description = "It is none of the account's"),
        (status = 409, body = wire::Problem, description = "It is the last way in"),
    )
)]
pub(super) async fn unlink_identity(
    State(state): State<AppState>,
    Client(client): Client,
    Path(id): Path<String>,
    asker: Asker,
) -> Result<StatusCode, ApiError> {
    let proved = asker.proved(&state)?;
    state.registry.unlink_identity(&proved, number(&id)?, &client).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn token_item(token: TokenDetails) -> wire::TokenItem {
    let state = match token.state {
        TokenState::Active => "active",
        TokenState::Expired => "expired",
        TokenState::Revoked => "revoked",
    };
    wire::TokenItem {
        id: token.id,
        name: token.name,
        actions: token.actions,
        packages: token.patterns,
        state: state.to_owned(),
        created_at: token.created_at,
        expires_at: token.expires_at,
        last_used_at: token.last_used_at,
        last_used_address: token.last_used_address,
        last_used_client: token.last_used_client,
    }
}

fn session_item(session: SessionDetails) -> wire::SessionItem {
    let SessionDetails { id, user_agent, address, created_at, last_used_at, is_current } = session;
    wire::SessionItem { id, user_agent, address, created_at, last_used_at, is_current }
}

fn identity_item(identity: IdentityDetails) -> wire::IdentityItem {
    let IdentityDetails { id, issuer, name, created_at, .. } = identity;
    wire::IdentityItem { id, issuer, name, created_at }
}
