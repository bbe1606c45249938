//! What owners say of a package, and what becomes of its releases.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use model::{PackageName, Version, Visibility};
use registry::{
    Caller, Deprecation, EventId, PackageChange, PackageSettingsError, PeopleError, RegistryError, ReportError,
    WithdrawError,
};

use super::{
    acting,
    form::{SentForm, problem},
};
use crate::state::AppState;

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
/// Kinds of links, each a field of the form.
const LINKS: [&str; 5] = ["homepage", "repository", "documentation", "issues", "support"];

/// Description, categories, tags and links.
pub(super) async fn description(
    State(state): State<AppState>,
    Path(name): Path<String>,
    form: SentForm,
) -> Result<Response, StatusCode> {
    let name: PackageName = name.parse().map_err(|_| StatusCode::NOT_FOUND)?;
    let (form, caller) = match acting(&state, form).await {
        Ok(acting) => acting,
        Err(page) => return Ok(page),
    };
    let links = LINKS.iter().map(|kind| ((*kind).to_owned(), form.get(kind).to_owned()));
    let change = PackageChange {
        summary: form.get("summary").to_owned(),
        categories: form.all("category").map(str::to_owned).collect(),
        tags: form.get("tags").split(',').map(str::to_owned).collect(),
        links: links.collect(),
    };
    let changed = state.registry.change_package(&caller, &name, &change).await;
    Ok(finish(state, form, changed, "What is said of the package is changed").await)
}

/// Deprecation, archive and visibility, and the end of a package.
pub(super) async fn availability(
    State(state): State<AppState>,
    Path(name): Path<String>,
    form: SentForm,
) -> Result<Response, StatusCode> {
    let name: PackageName = name.parse().map_err(|_| StatusCode::NOT_FOUND)?;
    let (form, caller) = match acting(&state, form).await {
        Ok(acting) => acting,
        Err(page) => return Ok(page),
    };
    if form.get("form") == "appeal" {
        return appeal(state, form, &name).await;
    }
    let registry = &state.registry;
    let (changed, notice) = match form.get("form") {
        "deprecate" => {
            let typed = form.get("successor").trim();
            let successor = match typed.parse::<PackageName>() {
                Ok(name) => Some(name),
                Err(_) if typed.is_empty() => None,
                Err(error) => {
                    return Ok(form.refused(state, UNPROCESSABLE, vec![problem(Some("successor"), error)]).await);
                }
            };
            let deprecation = Deprecation { reason: form.get("reason").to_owned(), successor };
            (registry.deprecate(&caller, &name, Some(&deprecation)).await, "The package is deprecated")
        }
        "undeprecate" => (registry.deprecate(&caller, &name, None).await, "The package is no longer deprecated"),
        "archive" => (registry.archive(&caller, &name, true).await, "The package is archived"),
        "unarchive" => (registry.archive(&caller, &name, false).await, "The package is no longer archived"),
        "hide" => {
            let hidden = registry.set_visibility(&caller, &name, Visibility::Members).await;
            (hidden, "Only those who look after the package see it now")
        }
        "show" => (registry.set_visibility(&caller, &name, Visibility::Public).await, "Everybody sees the package now"),
        _ => return Ok(Box::pin(delete(state, form, &caller, &name)).await),
    };
    Ok(finish(state, form, changed, notice).await)
}

/// Asks that a verdict be looked at again.
async fn appeal(state: AppState, form: SentForm, name: &PackageName) -> Result<Response, StatusCode> {
    let appealed = state.registry.appeal(form.visitor()?, name, form.get("text"), &form.client).await;
    Ok(match appealed {
        Ok(()) => form.done(state, "Somebody looks at it again. You will be told what is decided").await,
        Err(ReportError::Limited(limited)) => form.limited(state, limited).await,
        Err(ReportError::Registry(error)) => form.failed(state, &error).await,
        Err(error @ ReportError::Text) => form.refused(state, UNPROCESSABLE, vec![problem(Some("text"), error)]).await,
        Err(error) => form.refused(state, UNPROCESSABLE, vec![problem(None, error)]).await,
    })
}

async fn delete(state: AppState, form: SentForm, caller: &Caller, name: &PackageName) -> Response {
    match state.registry.delete_package(caller, name, form.get("confirmation")).await {
        Ok(event) => {
            state.until_known(Some(event)).await;
            Redirect::to("/settings/packages").into_response()
        }
        Err(error) => withdrawn(state, form, error).await,
    }
}

/// Yanks a release, takes that back, or deletes it.
pub(super) async fn releases(
    State(state): State<AppState>,
    Path(name): Path<String>,
    form: SentForm,
) -> Result<Response, StatusCode> {
    let name: PackageName = name.parse().map_err(|_| StatusCode::NOT_FOUND)?;
    let (form, caller) = match acting(&state, form).await {
        Ok(acting) => acting,
        Err(page) => return Ok(page),
    };
    let Ok(version) = form.get("version").parse::<Version>() else {
        return Ok(form.refused(state, UNPROCESSABLE, vec![problem(None, "choose a release")]).await);
    };
    let registry = &state.registry;
    let (done, notice) = match form.get("form") {
        "yank" => (registry.yank(&caller, &name, &version, form.get("reason")).await, "is yanked"),
        "unyank" => (registry.unyank(&caller, &name, &version).await, "is no longer yanked"),
        _ => (registry.delete_release(&caller, &name, &version).await, "is deleted"),
    };
    Ok(match done {
        Ok(event) => {
            state.until_known(event).await;
            form.done(state, format!("Version {version} {notice}")).await
        }
        Err(error) => withdrawn(state, form, error).await,
    })
}

async fn withdrawn(state: AppState, form: SentForm, error: WithdrawError) -> Response {
    let field = match &error {
        WithdrawError::Registry(error) => return form.failed(state, error).await,
        WithdrawError::Limited(limited) => return form.limited(state, *limited).await,
        WithdrawError::NoReason => Some("reason"),
        WithdrawError::Confirmation(_) => Some("confirmation"),
        _ => None,
    };
    form.refused(state, UNPROCESSABLE, vec![problem(field, error)]).await
}

async fn finish(
    state: AppState,
    form: SentForm,
    changed: Result<Option<EventId>, PackageSettingsError>,
    notice: &str,
) -> Response {
    let error = match changed {
        Ok(Some(event)) => {
            state.until_known(Some(event)).await;
            return form.done(state, notice).await;
        }
        Ok(None) => return form.done(state, "It was so already; nothing was changed").await,
        Err(error) => error,
    };
    let field = match &error {
        PackageSettingsError::Registry(RegistryError::NotFound)
        | PackageSettingsError::NotAllowed(PeopleError::Registry(RegistryError::NotFound)) => {
            let gone = problem(None, "there is no such package of yours any more");
            return form.refused(state, UNPROCESSABLE, vec![gone]).await;
        }
        PackageSettingsError::Registry(error) => return form.failed(state, error).await,
        PackageSettingsError::NotAllowed(PeopleError::Limited(limited)) => return form.limited(state, *limited).await,
        PackageSettingsError::NotAllowed(_) => None,
        PackageSettingsError::Summary => Some("summary"),
        PackageSettingsError::Category(_) | PackageSettingsError::TooManyCategories => Some("category"),
        PackageSettingsError::Tag(_)
        | PackageSettingsError::ForbiddenTag { .. }
        | PackageSettingsError::TooManyTags => Some("tags"),
        PackageSettingsError::Link(kind) => Some(*kind),
        PackageSettingsError::Reason => Some("reason"),
        PackageSettingsError::Successor(_) | PackageSettingsError::Itself => Some("successor"),
    };
    form.refused(state, UNPROCESSABLE, vec![problem(field, error)]).await
}
