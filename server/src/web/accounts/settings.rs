use axum::{extract::State, http::StatusCode, response::Response};
use registry::{ProfileChange, ProfileError, RegistryError};

use super::form::{SentForm, problem};
use crate::state::AppState;

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// Changes what the account says of itself.
pub(super) async fn profile(State(state): State<AppState>, form: SentForm) -> Result<Response, StatusCode> {
    let change = ProfileChange {
        display_name: form.get("display_name").to_owned(),
        bio: form.get("bio").to_owned(),
        website: form.get("website").to_owned(),
        shows_email: form.get("shows_email") == "yes",
    };
    let changed = state.registry.change_profile(form.visitor()?, &change, &form.client).await;
    let field = match &changed {
        Ok(()) => return Ok(form.done(state, "Your profile is changed").await),
        Err(ProfileError::DisplayName) => "display_name",
        Err(ProfileError::Bio) => "bio",
        Err(ProfileError::Website) => "website",
        Err(ProfileError::Registry(error)) => return Ok(form.failed(state, error).await),
    };
    let reason = changed.err().map(|error| problem(Some(field), error));
    Ok(form.refused(state, UNPROCESSABLE, reason.into_iter().collect()).await)
}

/// Ends sessions.
pub(super) async fn sessions(State(state): State<AppState>, form: SentForm) -> Result<Response, StatusCode> {
    let visitor = form.visitor()?;
    let ended = if form.get("form") == "all" {
        state.registry.end_other_sessions(visitor, &form.client).await.map(|count| match count {
            0 => "There was no other session".to_owned(),
            1 => "The other session has ended".to_owned(),
            count => format!("{count} other sessions have ended"),
        })
    } else {
        let id = form.get("session").parse().unwrap_or_default();
        state
            .registry
            .end_session(visitor.account(), id, &form.client)
            .await
            .map(|()| "The session has ended".to_owned())
    };
    Ok(match ended {
        Ok(notice) => form.done(state, notice).await,
        Err(RegistryError::NotFound) => {
            let gone = problem(None, "that session has ended already");
            form.refused(state, UNPROCESSABLE, vec![gone]).await
        }
        Err(error) => form.failed(state, &error).await,
    })
}
