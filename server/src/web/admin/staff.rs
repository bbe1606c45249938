use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use registry::{RegistryError, Staff, StaffError};

use super::form::{SentForm, problem};
use crate::{state::AppState, web::pages};

/// The form of somebody of the staff who has shown a short while ago who they are. For everybody else there is no such page, and
/// they are not asked.
pub(in crate::web) async fn acting(state: &AppState, form: SentForm) -> Result<(SentForm, Staff), Response> {
    let is_staff = form.visitor().is_ok_and(|visitor| visitor.staff_role().is_some());
    if !is_staff {
        return Err(absent(state.clone(), form).await);
    }
    let (form, proved) = form.proved(state).await?;
    match state.registry.staff(&proved) {
        Some(staff) => Ok((form, staff)),
        None => Err(absent(state.clone(), form).await),
    }
}

/// The page for an address that is none.
async fn absent(state: AppState, form: SentForm) -> Response {
    let Ok(visitor) = form.visitor() else { return StatusCode::NOT_FOUND.into_response() };
    let mut request = axum::extract::Request::new(axum::body::Body::empty());
    request.extensions_mut().insert(visitor.clone());
    *request.uri_mut() = axum::http::Uri::from_static("/admin/nothing");
    pages::not_found(state, request).await
}

/// The page again, with why something was not done.
pub(in crate::web) async fn refuse(form: SentForm, state: AppState, error: StaffError) -> Response {
    match error {
        StaffError::Registry(RegistryError::NotFound) => {
            let gone = problem(None, "that is not there any more");
            form.refused(state, StatusCode::UNPROCESSABLE_ENTITY, vec![gone]).await
        }
        StaffError::Registry(error) => form.failed(state, &error).await,
        StaffError::Limited(limited) => form.limited(state, limited).await,
        error @ StaffError::Role(_) => form.refused(state, StatusCode::FORBIDDEN, vec![problem(None, error)]).await,
        error @ (StaffError::Decided | StaffError::Unchanged) => {
            form.refused(state, StatusCode::CONFLICT, vec![problem(None, error)]).await
        }
        error @ StaffError::Reason(_) => {
            form.refused(state, StatusCode::UNPROCESSABLE_ENTITY, vec![problem(Some("reason"), error)]).await
        }
        error => form.refused(state, StatusCode::UNPROCESSABLE_ENTITY, vec![problem(None, error)]).await,
    }
}
