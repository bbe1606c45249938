//! The whole server, put together in one place.

use axum::{Router, http::Method, middleware};

use crate::{
    api, operations,
    page_cache::{self, PageCache},
    request_context,
    routes::{Access, Route, Routes},
    state::AppState,
    web,
};

/// The router and the list of all routes.
pub fn application(state: &AppState) -> (Router, Vec<Route>) {
    let operations = Routes::<AppState>::new()
        .add(&Method::GET, "/healthz", Access::Anyone, operations::alive)
        .add(&Method::GET, "/readyz", Access::Anyone, operations::ready)
        .add(&Method::GET, "/metrics", Access::Loopback, operations::show);
    let (router, mut recorded) = api::routes(web::add_site_files(operations)).into_parts();
    let (router, pages) = web::add_pages(router, state);
    recorded.extend(pages);
    let cache = PageCache::new(state.clone(), &recorded);
    let router = router
        .layer(middleware::from_fn_with_state(state.clone(), web::add_security_headers))
        .layer(middleware::from_fn_with_state(cache, page_cache::through))
        .layer(middleware::from_fn_with_state(state.clone(), request_context::with_context))
        .with_state(state.clone());
    (router, recorded)
}

/// The server as a service for a listener.
pub fn service(
    state: &AppState,
) -> axum::extract::connect_info::IntoMakeServiceWithConnectInfo<Router, std::net::SocketAddr> {
    application(state).0.into_make_service_with_connect_info()
}
