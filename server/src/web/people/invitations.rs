use axum::{extract::State, http::StatusCode, response::Response};
use registry::{PeopleError, RegistryError};

use super::form::{SentForm, problem};
use crate::state::AppState;

/// Accepts or declines an invitation.
pub(super) async fn answer(State(state): State<AppState>, form: SentForm) -> Result<Response, StatusCode> {
    let account = form.visitor()?.account();
    let id = form.get("invitation").parse().unwrap_or_default();
    let registry = &state.registry;
    let answered = if form.get("form") == "accept" {
        match registry.accept_invitation(account, id, &form.client).await {
            Ok((name, event)) => {
                state.until_known(Some(event)).await;
                Ok(format!("From now on you look after {name}"))
            }
            Err(error) => Err(error),
        }
    } else {
        let declined = registry.decline_invitation(account, id, &form.client).await;
        declined.map(|name| format!("The invitation to {name} is declined"))
    };
    Ok(match answered {
        Ok(notice) => form.done(state, notice).await,
        Err(PeopleError::Registry(RegistryError::NotFound)) => {
            let gone = problem(None, "this invitation was withdrawn or answered, or its time is over");
            form.refused(state, StatusCode::UNPROCESSABLE_ENTITY, vec![gone]).await
        }
        Err(PeopleError::Registry(error)) => form.failed(state, &error).await,
        Err(error) => form.refused(state, StatusCode::UNPROCESSABLE_ENTITY, vec![problem(None, error)]).await,
    })
}
