use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use model::{Handle, StaffRole};
use registry::StaffError;

use super::{
    form::{SentForm, problem},
    staff::{acting_with_reason, finish, refuse},
};
use crate::state::AppState;

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// Makes somebody the first admin by the link on the console.
pub(super) async fn become_first_admin(State(state): State<AppState>, form: SentForm) -> Response {
    let (form, proved) = match form.proved(&state).await {
        Ok(proved) => proved,
        Err(page) => return page,
    };
    match state.registry.become_first_admin(&proved, form.get("token"), &form.client).await {
        Ok(event) => {
            state.until_known(Some(event)).await;
            Redirect::to("/admin").into_response()
        }
        Err(StaffError::Decided) => {
            let reason = "this link is good no more: it was used, its time is over, or there is an admin already";
            form.refused(state, UNPROCESSABLE, vec![problem(None, reason)]).await
        }
        Err(error) => refuse(form, state, error).await,
    }
}

/// Locks, unlocks, gives a role, or removes second factors.
pub(super) async fn change(State(state): State<AppState>, Path(handle): Path<String>, form: SentForm) -> Response {
    let (form, staff, reason) = match acting_with_reason(&state, form, StaffRole::Admin).await {
        Ok(acting) => acting,
        Err(page) => return page,
    };
    let Ok(handle) = handle.parse::<Handle>() else { return StatusCode::NOT_FOUND.into_response() };
    let (registry, client) = (&state.registry, &form.client);
    let (done, words) = match form.get("form") {
        "lock" => (registry.lock_account(&staff, &handle, &reason, client).await, "The account is locked"),
        "unlock" => {
            (registry.unlock_account(&staff, &handle, &reason, client).await, "The account is no longer locked")
        }
        "role" => {
            let role = form.get("role").parse::<StaffRole>().ok();
            let changed = registry.change_staff_role(&staff, &handle, role, &reason, client).await;
            (changed, "The role is changed")
        }
        "factors" => (registry.reset_factors(&staff, &handle, &reason, client).await, "The second factors are removed"),
        _ => return refuse(form, state, StaffError::Verdict).await,
    };
    finish(state, form, done, words).await
}
