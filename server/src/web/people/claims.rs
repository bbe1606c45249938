use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use registry::ReportError;

use super::form::{SentForm, problem};
use crate::state::AppState;

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// Claims a package that nobody owns.
pub(super) async fn claim(
    State(state): State<AppState>,
    Path(name): Path<String>,
    form: SentForm,
) -> Result<Response, StatusCode> {
    let name = name.parse().map_err(|_| StatusCode::NOT_FOUND)?;
    let claimed = state.registry.claim(form.visitor()?, &name, form.get("address"), &form.client).await;
    Ok(match claimed {
        Ok(()) => form.done(state, "An admin looks at what you have named. You will get a mail").await,
        Err(ReportError::Limited(limited)) => form.limited(state, limited).await,
        Err(ReportError::Registry(error)) => form.failed(state, &error).await,
        Err(error @ ReportError::Address) => {
            form.refused(state, UNPROCESSABLE, vec![problem(Some("address"), error)]).await
        }
        Err(error) => form.refused(state, UNPROCESSABLE, vec![problem(None, error)]).await,
    })
}
