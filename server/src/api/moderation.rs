//! Reports by anybody, and what those do who keep the registry in order: with the action `admin` of a token of theirs, or in a
//! browser.

use axum::{
    Json,
    extract::{Path, RawQuery, State, rejection::JsonRejection},
    http::StatusCode,
};
use model::{Email, StaffRole, wire};
use registry::{
    AccountRow, CaseSubject, CaseSummary, Decision, NewReport, Reason, ReportError, ReportSubject, Reported, Staff,
    StaffError, StaffReader,
};

use super::{
    ApiError,
    asker::{Asker, number},
    parameters::Query,
    people::{body, handle},
};
use crate::{request_context::Client, state::AppState};

/// Somebody of the staff who acts. For everybody else there is no such address.
async fn staff(state: &AppState, asker: Asker) -> Result<Staff, ApiError> {
    let staff = match asker {
        Asker::Person(ref visitor) => {
            visitor.reads_as(StaffRole::Moderator)?;
            state.registry.staff(&asker.proved(state)?)
        }
        Asker::Program(ref caller) if caller.may_everywhere(model::TokenAction::Admin) => {
            state.registry.staff_acting(caller).await?
        }
        Asker::Program(_) => return Err(ApiError::Scope),
    };
    staff.ok_or_else(|| registry::RegistryError::NotFound.into())
}

/// The same for whoever only looks.
async fn reader(state: &AppState, asker: Asker, needed: StaffRole) -> Result<StaffReader, ApiError> {
    if let Asker::Person(visitor) = &asker {
        return Ok(visitor.reads_as(needed)?);
    }
    Ok(staff(state, asker).await?.reads_as(needed)?)
}

/// Says that something is wrong: with a token or session, or by an address to which a link is sent that confirms it.
#[utoipa::path(
    post,
    path = "/api/v1/reports",
    operation_id = "report",
    security((), ("token" = []), ("session" = [])),
    request_body = wire::NewReport,
    responses(
        (status = 202, body = wire::TakenReport),
        (status = 400, body = wire::Problem),
        (status = 403, body = wire::Problem, description = "The address of the account is not confirmed"),
        (status = 409, body = wire::Problem, description = "The same was said already"),
        (status = 422, body = wire::Problem),
        (status = 429, body = wire::Problem),
    )
)]
pub(super) async fn report(
    State(state): State<AppState>,
    Client(client): Client,
    asker: Option<Asker>,
    new: Result<Json<wire::NewReport>, JsonRejection>,
) -> Result<(StatusCode, Json<wire::TakenReport>), ApiError> {
    let new = body(new)?;
    let subject = match (new.package, new.user) {
        (Some(package), None) => ReportSubject::Package(package, new.version),
        (None, Some(user)) => ReportSubject::Principal(user),
        _ => return Err(ReportError::Subject.into()),
    };
    let email = new.email.map(|text| text.parse::<Email>().map_err(|_| ReportError::Email)).transpose()?;
    let report = NewReport { subject, kind: new.kind, text: new.text };
    let account = asker.and_then(|asker| match asker {
        Asker::Person(visitor) => Some(visitor.account()),
        Asker::Program(caller) => caller.account(),
    });
    let reported = state.registry.report(account, email.as_ref(), &report, &client).await?;
    Ok((StatusCode::ACCEPTED, Json(wire::TakenReport { confirmed: reported == Reported::Taken })))
}

/// The cases that wait for a verdict. For moderators and admins.
#[utoipa::path(
    get,
    path = "/api/v1/moderation/cases",
    operation_id = "listCases",
    security(("token" = []), ("session" = [])),
    responses(
        (status = 200, body = wire::CaseList),
        (status = 401, body = wire::Problem),
        (status = 403, body = wire::Problem),
        (status = 404, body = wire::Problem, description = "For everybody else there is no such address"),
    )
)]
pub(super) async fn list_cases(State(state): State<AppState>, asker: Asker) -> Result<Json<wire::CaseList>, ApiError> {
    let reader = reader(&state, asker, StaffRole::Moderator).await?;
    let cases = state.registry.moderation_queue(reader).await?;
    Ok(Json(wire::CaseList { items: cases.into_iter().map(case_item).collect() }))
}

/// Decides a case. For moderators and admins; accounts are locked by admins.
#[utoipa::path(
    post,
    path = "/api/v1/moderation/cases/{id}/verdict",
    operation_id = "decideCase",
    security(("token" = []), ("session" = [])),
    params(("id" = i64, Path, description = "The id of a case")),
    request_body = wire::NewVerdict,
    responses(
        (status = 200, body = wire::ActEvent),
        (status = 401, body = wire::Problem),
        (status = 403, body = wire::Problem),
        (status = 404, body = wire::Problem),
        (status = 409, body = wire::Problem, description = "Somebody else has decided it, or it is so already"),
        (status = 422, body = wire::Problem),
    )
)]
pub(super) async fn decide(
    State(state): State<AppState>,
    Client(client): Client,
    Path(id): Path<String>,
    asker: Asker,
    new: Result<Json<wire::NewVerdict>, JsonRejection>,
) -> Result<Json<wire::ActEvent>, ApiError> {
    let staff = staff(&state, asker).await?;
    let new = body(new)?;
    let decision = Decision { verdict: new.verdict, release: new.version, reason: reason(&new.reason)? };
    let event = state.registry.decide(&staff, number(&id)?, &decision, &client).await?;
    finish(&state, event).await
}

/// Accounts whose handle, address or name has a text. For admins.
#[utoipa::path(
    get,
    path = "/api/v1/admin/accounts",
    operation_id = "searchAccounts",
    security(("token" = []), ("session" = [])),
    params(("q" = Option<String>, Query, description = "A part of a handle, an address or a name")),
    responses(
        (status = 200, body = wire::AccountList),
        (status = 401, body = wire::Problem),
        (status = 403, body = wire::Problem),
        (status = 404, body = wire::Problem, description = "For everybody else there is no such address"),
    )
)]
pub(super) async fn search_accounts(
    State(state): State<AppState>,
    RawQuery(query): RawQuery,
    asker: Asker,
) -> Result<Json<wire::AccountList>, ApiError> {
    let reader = reader(&state, asker, StaffRole::Admin).await?;
    let text = Query::read(query.as_deref()).get::<String>("q")?.unwrap_or_default();
    let accounts = state.registry.search_accounts(reader, &text).await?;
    Ok(Json(wire::AccountList { items: accounts.into_iter().map(account_item).collect() }))
}

/// Locks an account. For admins.
#[utoipa::path(
    put,
    path = "/api/v1/admin/accounts/{handle}/lock",
    operation_id = "lockAccount",
    security(("token" = []), ("session" = [])),
    params(("handle" = String, Path, description = "A handle")),
    request_body = wire::StaffReason,
    responses(
        (status = 200, body = wire::ActEvent),
        (status = 401, body = wire::Problem),
        (status = 403, body = wire::Problem),
        (status = 404, body = wire::Problem),
        (status = 409, body = wire::Problem, description = "It is so already"),
        (status = 422, body = wire::Problem),
    )
)]
pub(super) async fn lock(
    State(state): State<AppState>,
    Client(client): Client,
    Path(name): Path<String>,
    asker: Asker,
    new: Result<Json<wire::StaffReason>, JsonRejection>,
) -> Result<Json<wire::ActEvent>, ApiError> {
    let staff = staff(&state, asker).await?;
    let reason = reason(&body(new)?.reason)?;
    let event = state.registry.lock_account(&staff, &handle(&name)?, &reason, &client).await?;
    finish(&state, event).await
}

/// Unlocks an account. For admins.
#[utoipa::path(
    put,
    path = "/api/v1/admin/accounts/{handle}/unlock",
    operation_id = "unlockAccount",
    security(("token" = []), ("session" = [])),
    params(("handle" = String, Path, description = "A handle")),
    request_body = wire::StaffReason,
    responses(
        (status = 200, body = wire::ActEvent),
        (status = 401, body = wire::Problem),
        (status = 403, body = wire::Problem),
        (status = 404, body = wire::Problem),
        (status = 409, body = wire::Problem, description = "It is so already"),
        (status = 422, body = wire::Problem),
    )
)]
pub(super) async fn unlock(
    State(state): State<AppState>,
    Client(client): Client,
    Path(name): Path<String>,
    asker: Asker,
    new: Result<Json<wire::StaffReason>, JsonRejection>,
) -> Result<Json<wire::ActEvent>, ApiError> {
    let staff = staff(&state, asker).await?;
    let reason = reason(&body(new)?.reason)?;
    let event = state.registry.unlock_account(&staff, &handle(&name)?, &reason, &client).await?;
    finish(&state, event).await
}

/// Says what an account may do to keep the registry in order. For admins.
#[utoipa::path(
    put,
    path = "/api/v1/admin/accounts/{handle}/role",
    operation_id = "changeStaffRole",
    security(("token" = []), ("session" = [])),
    params(("handle" = String, Path, description = "A handle")),
    request_body = wire::NewStaffRole,
    responses(
        (status = 200, body = wire::ActEvent),
        (status = 401, body = wire::Problem),
        (status = 403, body = wire::Problem),
        (status = 404, body = wire::Problem),
        (status = 409, body = wire::Problem, description = "It is so already"),
        (status = 422, body = wire::Problem),
    )
)]
pub(super) async fn change_role(
    State(state): State<AppState>,
    Client(client): Client,
    Path(name): Path<String>,
    asker: Asker,
    new: Result<Json<wire::NewStaffRole>, JsonRejection>,
) -> Result<Json<wire::ActEvent>, ApiError> {
    let staff = staff(&state, asker).await?;
    let new = body(new)?;
    let reason = reason(&new.reason)?;
    let event = state.registry.change_staff_role(&staff, &handle(&name)?, new.role, &reason, &client).await?;
    finish(&state, event).await
}

fn reason(text: &str) -> Result<Reason, ApiError> {
    Reason::new(text).map_err(|error| StaffError::from(error).into())
}

async fn finish(state: &AppState, event: registry::EventId) -> Result<Json<wire::ActEvent>, ApiError> {
    state.until_known(Some(event)).await;
    Ok(Json(wire::ActEvent { event }))
}

fn case_item(case: CaseSummary) -> wire::CaseItem {
    let (package, user) = match case.subject {
        CaseSubject::Package(package) => (Some(package), None),
        CaseSubject::Account(handle) | CaseSubject::Organisation(handle) => (None, Some(handle)),
    };
    let CaseSummary { id, kinds, reports, opened_at, .. } = case;
    wire::CaseItem { id, package, user, kinds, reports, opened_at }
}

fn account_item(account: AccountRow) -> wire::AccountItem {
    wire::AccountItem {
        handle: account.handle,
        email: account.email.to_string(),
        email_verified: account.is_verified,
        second_factor: account.has_second_factor,
        role: account.role,
        lock_reason: account.lock_reason,
        created_at: account.created_at,
        packages: account.packages,
    }
}
