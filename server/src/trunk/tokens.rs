use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use registry::{AuthenticationError, Token};

use super::error::TrunkError;
use crate::{request_context::Client, state::AppState, uploads::shown_token};

/// A further token for whoever shows one, good for exactly the same.
pub(super) async fn issue(State(state): State<AppState>, Client(client): Client, headers: HeaderMap) -> Response {
    let Some(token) = shown_token(&headers) else {
        return (StatusCode::UNAUTHORIZED, Json("Error: No Authorization header found on the request payload!"))
            .into_response();
    };
    let caller = match state.registry.authenticate(&token, &client).await {
        Ok(caller) => caller,
        Err(AuthenticationError::Registry(error)) => return TrunkError::from(error).into_response(),
        Err(error) => {
            return (StatusCode::UNAUTHORIZED, Json(format!("Error: {error}"))).into_response();
        }
    };
    let token = Token::generate(&mut rand::rng());
    match state.registry.reissue_token(&caller, "from /token/new", token, &client).await {
        Ok(issued) => issued.token.reveal().to_owned().into_response(),
        Err(error) => TrunkError::from(error).into_response(),
    }
}
