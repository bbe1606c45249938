use axum::{
    Json,
    extract::{Path, RawQuery, State},
};
use model::{CategorySlug, PostgresMajor, ReleaseState, wire};
use registry::{ListingQuery, Order};

use super::{
    ApiError,
    asker::Reader,
    convert::{self, Addresses},
    parameters::{self, Query},
};
use crate::state::AppState;

/// How many items a list has where nobody says.
const DEFAULT_LIMIT: u8 = 50;
const LARGEST_LIMIT: u8 = 100;

/// Public packages, a part at a time.
#[utoipa::path(
    get,
    path = "/api/v1/packages",
    operation_id = "listPackages",
    params(
        ("category" = Option<String>, Query, description = "Slug of a category"),
        ("tag" = Option<String>, Query, description = "A tag"),
        ("sort" = Option<String>, Query, description = "name (the default), updated or created"),
        ("after" = Option<String>, Query, description = "The next of the part before"),
        ("limit" = Option<u8>, Query, description = "At most this many, 1 to 100; 50 by default"),
    ),
    responses((status = 200, body = wire::PackageList), (status = 400, body = wire::Problem), (status = 503, body = wire::Problem))
)]
pub(super) async fn list(
    State(state): State<AppState>,
    RawQuery(query): RawQuery,
) -> Result<Json<wire::PackageList>, ApiError> {
    let query = listing_query(&Query::read(query.as_deref()))?;
    let page = state.registry.list(&query).await?;
    let addresses = Addresses::new(&state.http.public_url);
    Ok(Json(wire::PackageList {
        items: page
            .items
            .into_iter()
            .map(|listing| convert::item(&addresses, state.registry.popularity(), listing))
            .collect(),
        next: page.next.map(|next| next.to_string()),
    }))
}

fn listing_query(query: &Query) -> Result<ListingQuery, ApiError> {
    let limit = query.get::<u8>("limit")?.unwrap_or(DEFAULT_LIMIT);
    if !(1..=LARGEST_LIMIT).contains(&limit) {
        return Err(ApiError::Parameter { name: "limit", reason: format!("it should be from 1 to {LARGEST_LIMIT}") });
    }
    let order = match query.get::<String>("sort")?.as_deref() {
        None | Some("name") => Order::Name,
        Some("updated") => Order::Updated,
        Some("created") => Order::Created,
        Some(_) => {
            return Err(ApiError::Parameter {
                name: "sort",
                reason: "it should be name, updated or created".to_owned(),
            });
        }
    };
    let tag = query.get::<String>("tag")?;
    if tag.as_deref().is_some_and(|tag| tag.contains('\0')) {
        return Err(ApiError::Parameter { name: "tag", reason: "it has a character that no tag has".to_owned() });
    }
    Ok(ListingQuery { category: query.get::<CategorySlug>("category")?, tag, order, after: query.get("after")?, limit })
}

/// A package with its current release.
#[utoipa::path(
    get,
    path = "/api/v1/packages/{name}",
    operation_id = "showPackage",
    params(
        ("name" = String, Path, description = "The short name"),
        ("pg" = Option<u8>, Query, description = "A major of PostgreSQL that the current release has a file for"),
    ),
    responses(
        (status = 200, body = wire::Package),
        (status = 404, body = wire::Problem),
        (status = 409, body = wire::Problem, description = "Several packages have this short name: see candidates"),
    )
)]
pub(super) async fn show(
    State(state): State<AppState>,
    Path(name): Path<String>,
    Reader(viewer): Reader,
    RawQuery(query): RawQuery,
) -> Result<Json<wire::Package>, ApiError> {
    let name = parameters::package_name(&name)?;
    let major = Query::read(query.as_deref()).get::<PostgresMajor>("pg")?;
    let details = state.registry.package(viewer, &name, None, major).await?;
    Ok(Json(convert::package(&Addresses::new(&state.http.public_url), details)))
}

/// A release of a package; `latest` is the current one.
#[utoipa::path(
    get,
    path = "/api/v1/packages/{name}/{version}",
    operation_id = "showRelease",
    params(
        ("name" = String, Path, description = "The short name"),
        ("version" = String, Path, description = "A version, or latest"),
        ("pg" = Option<u8>, Query, description = "With latest: a major of PostgreSQL that it has a file for"),
    ),
    responses(
        (status = 200, body = wire::Release),
        (status = 404, body = wire::Problem),
        (status = 409, body = wire::Problem, description = "Several packages have this short name: see candidates"),
    )
)]
pub(super) async fn show_release(
    State(state): State<AppState>,
    Path((name, version)): Path<(String, String)>,
    Reader(viewer): Reader,
    RawQuery(query): RawQuery,
) -> Result<Json<wire::Release>, ApiError> {
    let name = parameters::package_name(&name)?;
    let version = if version == "latest" { None } else { Some(parameters::version(&version)?) };
    let major = Query::read(query.as_deref()).get::<PostgresMajor>("pg")?;
    let details = state.registry.package(viewer, &name, version.as_ref(), major).await?;
    // What is held back is current for nobody.
    if version.is_none() && details.release.state == ReleaseState::Quarantined {
        return Err(registry::RegistryError::NotFound.into());
    }
    Ok(Json(convert::release(&Addresses::new(&state.http.public_url), &details.name, details.release)))
}
