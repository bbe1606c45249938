//! What admins do with the registry as a whole.

use axum::{extract::State, http::StatusCode, response::Response};
use model::{Flag, PackageName, StaffRole};

use super::{
    form::{SentForm, problem},
    staff::{acting_with_reason, finish},
};
use crate::state::AppState;

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// Reserves a name, or frees one.
pub(super) async fn names(State(state): State<AppState>, form: SentForm) -> Response {
    let (form, staff, reason) = match acting_with_reason(&state, form, StaffRole::Admin).await {
        Ok(acting) => acting,
        Err(page) => return page,
    };
    let name = match form.get("name").trim().parse::<PackageName>() {
        Ok(name) => name,
        Err(error) => return form.refused(state, UNPROCESSABLE, vec![problem(Some("name"), error)]).await,
    };
    let is_reserved = form.get("form") != "free";
    let done = state.registry.reserve_name(&staff, &name, is_reserved, &reason, &form.client).await;
    let words = if is_reserved { "Nobody takes that name any more" } else { "Anybody may take that name" };
    finish(state, form, done, words).await
}

/// Sets or clears a switch.
pub(super) async fn flags(State(state): State<AppState>, form: SentForm) -> Response {
    let (form, staff, reason) = match acting_with_reason(&state, form, StaffRole::Admin).await {
        Ok(acting) => acting,
        Err(page) => return page,
    };
    let Ok(flag) = form.get("flag").parse::<Flag>() else {
        return form.refused(state, UNPROCESSABLE, vec![problem(None, "choose a switch")]).await;
    };
    let is_set = form.get("set") == "yes";
    let done = state.registry.set_flag(&staff, flag, is_set, &reason, &form.client).await;
    let words = if is_set { "The switch is set, on every node" } else { "The switch is cleared, on every node" };
    finish(state, form, done, words).await
}

/// Lets a job be tried again.
pub(super) async fn operations(State(state): State<AppState>, form: SentForm) -> Response {
    let (form, staff, reason) = match acting_with_reason(&state, form, StaffRole::Admin).await {
        Ok(acting) => acting,
        Err(page) => return page,
    };
    let id = form.get("job").parse().unwrap_or_default();
    let done = state.registry.retry_job(&staff, id, &reason, &form.client).await;
    finish(state, form, done, "The job is tried again").await
}
