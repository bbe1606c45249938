use app::{
    context::{Search, Site},
    layout::{App, shell},
};
use axum::{
    Router,
    extract::{Request, State},
    http::{Method, StatusCode},
    response::Response,
};
use leptos::{nonce::Nonce, prelude::provide_context};
use leptos_axum::{LeptosRoutes as _, generate_route_list};

use super::sessions::is_private;
use crate::{
    dialect,
    routes::{Access, Route},
    state::AppState,
};

/// The query parameters that a search depends on.
pub(crate) const SEARCH_PARAMETERS: &[&str] =
    &["category", "limit", "load", "page", "pg", "platform", "q", "sort", "tag", "trusted"];

/// Whether a page is of those that are different for everybody: it is never kept.
fn is_own(path: &str) -> bool {
    // What people change of themselves causes no event.
    is_private(path)
        || path.starts_with("/users/")
        // Reports are no events.
        || path.starts_with("/report")
        || path == "/transparency"
        || path.starts_with("/login/")
        || path.starts_with("/register/")
        || matches!(path, "/login" | "/register" | "/forgot-password" | "/reset-password" | "/verify-email")
}

/// Who sees a page.
fn access(path: &str) -> Access {
    match path {
        "/admin" | "/admin/log" => Access::Moderator,
        _ if path.starts_with("/admin/reports") || path.starts_with("/admin/packages") => Access::Moderator,
        _ if path.starts_with("/admin") => Access::Admin,
        _ if is_private(path) => Access::Visitor,
        _ => Access::Anyone,
    }
}

/// The query parameters that a page depends on.
fn parameters(path: &str) -> &'static [&'static str] {
    match path {
        "/packages" | "/search" | "/categories/{slug}" | "/tags/{tag}" => SEARCH_PARAMETERS,
        "/packages/{name}" | "/packages/{name}/{version}" | "/packages/{name}/{version}/{tab}" => {
            &["pg", "platform", "way"]
        }
        _ if path.starts_with("/activity") => &["before"],
        _ => &[],
    }
}

/// Adds every page of `app`, the browser files, and the page for everything else.
pub(crate) fn add_pages(router: Router<AppState>, state: &AppState) -> (Router<AppState>, Vec<Route>) {
    let pages = generate_route_list(App);
    let recorded = pages
        .iter()
        .map(|page| Route {
            method: Method::GET,
            path: page.path().to_owned(),
            access: access(page.path()),
            cached: (!is_own(page.path())).then(|| parameters(page.path())),
        })
        .collect();
    let router = router
        .leptos_routes_with_context(state, pages, provide(state.clone()), {
            let options = state.leptos_options.clone();
            move || shell(options.clone())
        })
        .fallback(file_or_not_found);
    (router, recorded)
}

/// What every page finds in its context.
fn provide(state: AppState) -> impl Fn() + Clone + Send + Sync + 'static {
    move || {
        // Pages are cached, so nothing in them may differ from one rendering to the next.
        provide_context(Nonce::from_value(""));
        provide_context(state.registry.clone());
        provide_context(Search(state.search.clone()));
        provide_context(Site::new(state.http.public_url.as_str(), &state.assets.directory()));
    }
}

async fn file_or_not_found(State(state): State<AppState>, request: Request) -> Response {
    let is_read = *request.method() == Method::GET || *request.method() == Method::HEAD;
    let file = is_read.then(|| state.assets.respond(request.uri().path(), request.headers())).flatten();
    match file {
        Some(response) => response,
        None => match dialect::unknown_address(request.uri()) {
            Some(answer) => answer,
            None => not_found(state, request).await,
        },
    }
}

/// The page of an address, with more in its context: what a form brought.
pub(super) async fn render(
    state: AppState,
    request: Request,
    provide_more: impl Fn() + Clone + Send + Sync + 'static,
) -> Response {
    let options = state.leptos_options.clone();
    let provide = provide(state);
    let context = move || {
        provide();
        provide_more();
    };
    leptos_axum::render_app_async_with_context(context, move || shell(options.clone()))(request).await
}

/// The page for an address that is none.
pub(super) async fn not_found(state: AppState, request: Request) -> Response {
    let mut page = render(state, request, || ()).await;
    if page.status() == StatusCode::OK {
        *page.status_mut() = StatusCode::NOT_FOUND;
    }
    page
}
