use axum::{Json, extract::State};
use serde::Serialize;

use super::error::TrunkError;
use crate::state::AppState;

/// What admins have chosen is a category to clients.
pub(super) const FEATURED: &str = "Featured";

/// A category as clients know it.
#[derive(Debug, Serialize)]
pub(super) struct Category {
    name: String,
    id: usize,
    slug: String,
    description: String,
    extension_count: i64,
}

/// All categories, and first what is no category here but is one to clients, who refuse slugs that they do not find in this list.
pub(super) async fn list(State(state): State<AppState>) -> Result<Json<Vec<Category>>, TrunkError> {
    let categories = state.registry.categories().await?;
    let own = categories.into_iter().zip(1..).map(|(category, id)| Category {
        name: category.name,
        id,
        slug: category.slug.to_string(),
        description: category.sentence,
        extension_count: category.count,
    });
    let own: Vec<Category> = own.collect();
    let featured = Category {
        name: FEATURED.to_owned(),
        id: own.len() + 1,
        slug: "featured".to_owned(),
        description: "Chosen by those who run the registry".to_owned(),
        extension_count: i64::try_from(state.registry.featured().await?.len()).unwrap_or(i64::MAX),
    };
    Ok(Json(std::iter::once(featured).chain(own).collect()))
}
