use axum::{Json, extract::State};
use model::wire;

use super::{
    ApiError,
    convert::{self, Addresses},
};
use crate::state::AppState;

/// All categories.
#[utoipa::path(
    get,
    path = "/api/v1/categories",
    operation_id = "listCategories",
    responses((status = 200, body = wire::CategoryList), (status = 503, body = wire::Problem))
)]
pub(super) async fn list(State(state): State<AppState>) -> Result<Json<wire::CategoryList>, ApiError> {
    let addresses = Addresses::new(&state.http.public_url);
    let categories = state.registry.categories().await?;
    Ok(Json(wire::CategoryList {
        items: categories.into_iter().map(|category| convert::category(&addresses, category)).collect(),
    }))
}
