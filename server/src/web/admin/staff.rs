use app::Notice;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use model::StaffRole;
use registry::{EventId, Reason, RegistryError, Staff, StaffError};

use super::form::{SentForm, problem};
use crate::{state::AppState, web::pages};

/// The form of somebody of the staff, with the role that it needs, who has shown a short while ago who they are. For everybody
/// else there is no such page, and they are not asked.
pub(in crate::web) async fn acting(
    state: &AppState,
    form: SentForm,
    needed: StaffRole,
) -> Result<(SentForm, Staff), Response> {
    let may = form.visitor().is_ok_and(|visitor| visitor.staff_role().is_some_and(|role| role >= needed));
    if !may {
        return Err(absent(state.clone(), form).await);
    }
    let (form, proved) = form.proved(state).await?;
    match state.registry.staff(&proved) {
        Some(staff) => Ok((form, staff)),
        None => Err(absent(state.clone(), form).await),
    }
}

/// The same with the reason that every act asks for.
pub(in crate::web) async fn acting_with_reason(
    state: &AppState,
    form: SentForm,
    needed: StaffRole,
) -> Result<(SentForm, Staff, Reason), Response> {
    let (form, staff) = acting(state, form, needed).await?;
    match Reason::new(form.get("reason")) {
        Ok(reason) => Ok((form, staff, reason)),
        Err(error) => {
            let wrong = problem(Some("reason"), error);
            Err(form.refused(state.clone(), StatusCode::UNPROCESSABLE_ENTITY, vec![wrong]).await)
        }
    }
}

/// What was done, with its event; or the page again.
pub(in crate::web) async fn finish(
    state: AppState,
    form: SentForm,
    done: Result<EventId, StaffError>,
    words: &str,
) -> Response {
    match done {
        Ok(event) => {
            // What is said to be done is seen on every page: banners and lists follow the log.
            state.until_shown(Some(event)).await;
            form.done(state, Notice { text: words.to_owned(), event: Some(event) }).await
        }
        Err(error) => refuse(form, state, error).await,
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
        StaffError::Field(field, reason) => {
            form.refused(state, StatusCode::UNPROCESSABLE_ENTITY, vec![problem(Some(field), reason)]).await
        }
        error => form.refused(state, StatusCode::UNPROCESSABLE_ENTITY, vec![problem(None, error)]).await,
    }
}
