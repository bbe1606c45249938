//! The whole server, put together in one place.

use std::net::SocketAddr;

use axum::{ServiceExt as _, extract::connect_info::IntoMakeServiceWithConnectInfo, http::Method, middleware};

use crate::{
    api, dialect,
    front::Front,
    operations,
    routes::{Access, Route, Routes},
    state::AppState,
    trunk, web,
};

/// The whole application and the list of all routes.
pub fn application(state: &AppState) -> (Front, Vec<Route>) {
    let operations = Routes::<AppState>::new()
        .add(&Method::GET, "/healthz", Access::Anyone, operations::alive)
        .add(&Method::GET, "/readyz", Access::Anyone, operations::ready)
        .add(&Method::GET, "/metrics", Access::Loopback, operations::show);
    let operations = if state.http.dev_mail {
        operations.add(&Method::GET, "/dev/mail", Access::Loopback, web::dev_mail)
    } else {
        operations
    };
    let (router, mut recorded) = trunk::routes(api::routes(add_forms(web::add_feeds(web::add_site_files(operations)))))
        .add(&Method::GET, "/extensions/{name}", Access::Anyone, web::show_provider)
        .add(&Method::POST, "/publish", Access::Token, web::submit_publish_form)
        .into_parts();
    let (router, pages) = web::add_pages(router, state);
    recorded.extend(pages);
    let router = router
        .method_not_allowed_fallback(dialect::method_not_allowed)
        .layer(middleware::from_fn_with_state(state.clone(), web::only_known))
        .layer(middleware::from_fn_with_state(state.clone(), web::with_visitor))
        .layer(web::session_layer(state))
        .layer(middleware::from_fn(web::around_sessions))
        .layer(middleware::from_fn_with_state(state.clone(), web::refuse_foreign_forms))
        .layer(middleware::from_fn_with_state(state.clone(), web::add_security_headers))
        .with_state(state.clone());
    (Front::new(state, router, &recorded), recorded)
}

/// The server as a service for a listener.
pub fn service(state: &AppState) -> IntoMakeServiceWithConnectInfo<Front, SocketAddr> {
    application(state).0.into_make_service_with_connect_info()
}

/// The forms of the site.
fn add_forms(routes: Routes<AppState>) -> Routes<AppState> {
    web::add_admin_forms(web::add_moderation_forms(web::add_people_forms(web::add_account_forms(routes))))
}
