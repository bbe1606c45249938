use axum::{
    extract::{Path, Request, State},
    response::{IntoResponse as _, Redirect, Response},
};
use model::Folded;

use super::pages;
use crate::state::AppState;

/// `/extensions/{name}` leads to the package that provides an extension by default.
pub(crate) async fn show_provider(
    State(state): State<AppState>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    match state.registry.provider(&Folded::of(&name)).await {
        Ok(package) => Redirect::to(&format!("/packages/{package}")).into_response(),
        // The page for what is not there, or for a database that is away.
        Err(_) => pages::not_found(state, request).await,
    }
}
