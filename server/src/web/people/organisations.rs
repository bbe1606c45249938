use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use model::Handle;
use registry::{OrganisationChange, PeopleError, RegistryError};

use super::{
    acting,
    form::{SentForm, problem},
};
use crate::state::AppState;

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

fn said(form: &SentForm) -> OrganisationChange {
    OrganisationChange {
        display_name: form.get("display_name").to_owned(),
        description: form.get("description").to_owned(),
        website: form.get("website").to_owned(),
    }
}

/// Makes an organisation.
pub(super) async fn create(State(state): State<AppState>, form: SentForm) -> Result<Response, StatusCode> {
    let (form, proved) = match form.proved(&state).await {
        Ok(proved) => proved,
        Err(page) => return Ok(page),
    };
    let handle = match form.get("handle").trim().parse::<Handle>() {
        Ok(handle) => handle,
        Err(error) => return Ok(form.refused(state, UNPROCESSABLE, vec![problem(Some("handle"), error)]).await),
    };
    match state.registry.create_organisation(&proved, &handle, &said(&form), &form.client).await {
        Ok(event) => {
            state.until_known(Some(event)).await;
            Ok(Redirect::to(&format!("/settings/organisations/{handle}")).into_response())
        }
        Err(error) => Ok(refuse(form, state, error).await),
    }
}

/// What an organisation says of itself, and its end.
pub(super) async fn profile(
    State(state): State<AppState>,
    Path(handle): Path<String>,
    form: SentForm,
) -> Result<Response, StatusCode> {
    let handle: Handle = handle.parse().map_err(|_| StatusCode::NOT_FOUND)?;
    let (form, caller) = match acting(&state, form).await {
        Ok(acting) => acting,
        Err(page) => return Ok(page),
    };
    let is_deletion = form.get("form") == "delete";
    let done = if is_deletion {
        state.registry.delete_organisation(&caller, &handle, form.get("confirmation"), &form.client).await
    } else {
        state.registry.change_organisation(&caller, &handle, &said(&form)).await
    };
    match done {
        Ok(event) => {
            state.until_known(Some(event)).await;
            if is_deletion {
                return Ok(Redirect::to("/settings/organisations").into_response());
            }
            Ok(form.done(state, "What the organisation says of itself is changed").await)
        }
        Err(error) => Ok(refuse(form, state, error).await),
    }
}

async fn refuse(form: SentForm, state: AppState, error: PeopleError) -> Response {
    let field = match &error {
        PeopleError::Registry(RegistryError::NotFound) => {
            let gone = problem(None, "there is no such organisation of yours any more");
            return form.refused(state, UNPROCESSABLE, vec![gone]).await;
        }
        PeopleError::Registry(error) => return form.failed(state, error).await,
        PeopleError::HandleTaken(_) | PeopleError::HandleReserved(_) => Some("handle"),
        PeopleError::DisplayName => Some("display_name"),
        PeopleError::Description => Some("description"),
        PeopleError::Website => Some("website"),
        PeopleError::Confirmation(_) => Some("confirmation"),
        _ => None,
    };
    form.refused(state, UNPROCESSABLE, vec![problem(field, error)]).await
}
