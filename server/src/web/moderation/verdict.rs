use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use model::{PackageName, StaffRole, Verdict, Version};
use registry::{Decision, StaffError};

use super::{
    form::{SentForm, problem},
    staff::{acting_with_reason, finish, refuse},
};
use crate::state::AppState;

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// Begins a case about a package that nobody has reported.
pub(super) async fn open(State(state): State<AppState>, form: SentForm) -> Response {
    let (form, staff, reason) = match acting_with_reason(&state, form, StaffRole::Moderator).await {
        Ok(acting) => acting,
        Err(page) => return page,
    };
    let name = match form.get("package").trim().parse::<PackageName>() {
        Ok(name) => name,
        Err(error) => return form.refused(state, UNPROCESSABLE, vec![problem(Some("package"), error)]).await,
    };
    match state.registry.case_of_package(&staff, &name, &reason).await {
        Ok(case) => Redirect::to(&format!("/admin/reports/{case}")).into_response(),
        Err(error @ StaffError::NoPackage(_)) => {
            form.refused(state, UNPROCESSABLE, vec![problem(Some("package"), error)]).await
        }
        Err(error) => refuse(form, state, error).await,
    }
}

/// Decides a case.
pub(super) async fn decide(State(state): State<AppState>, Path(id): Path<String>, form: SentForm) -> Response {
    let (form, staff, reason) = match acting_with_reason(&state, form, StaffRole::Moderator).await {
        Ok(acting) => acting,
        Err(page) => return page,
    };
    let Ok(verdict) = form.get("verdict").parse::<Verdict>() else {
        return refuse(form, state, StaffError::Verdict).await;
    };
    let release = match form.get("release") {
        "" => None,
        text => match text.parse::<Version>() {
            Ok(version) => Some(version),
            Err(error) => return form.refused(state, UNPROCESSABLE, vec![problem(None, error)]).await,
        },
    };
    let decision = Decision { verdict, release, reason };
    let case = id.parse().unwrap_or_default();
    let done = state.registry.decide(&staff, case, &decision, &form.client).await;
    finish(state, form, done, "It is decided, and both sides are told").await
}
