//! The façade for the `trunk` command (crate `pg-trunk`) and for what was built on Trunk's registry.
//!
//! Routes, shapes and the order of keys are Trunk's; names, rights and files are the registry's. Every route is also there
//! below `/for/…`, where only what fits is listed: `/for/pg16`, `/for/linux-arm64`, `/for/pg17/debian-12-arm64`.

mod archives;
mod categories;
mod error;
mod extensions;
mod multipart;
mod path;
mod projects;
mod publish;
mod tokens;

use axum::{http::Method, response::Redirect};

use crate::{
    routes::{Access, Routes},
    state::AppState,
};

/// All routes of the façade.
pub(crate) fn routes(routes: Routes<AppState>) -> Routes<AppState> {
    let routes = ["", "/for/{scope}", "/for/{scope}/{further_scope}"].into_iter().fold(routes, add);
    // Where Trunk had its descriptions; ours describe these routes too.
    routes
        .add(&Method::GET, "/api-docs/openapi.json", Access::Anyone, || async {
            Redirect::permanent("/api/v1/openapi.json")
        })
        .add(&Method::GET, "/swagger-ui", Access::Anyone, || async { Redirect::permanent("/docs/trunk") })
        .add(&Method::GET, "/swagger-ui/", Access::Anyone, || async { Redirect::permanent("/docs/trunk") })
        .add(&Method::GET, "/redoc", Access::Anyone, || async { Redirect::permanent("/docs/trunk") })
}

fn add(routes: Routes<AppState>, prefix: &str) -> Routes<AppState> {
    let at = |path: &str| format!("{prefix}{path}");
    routes
        .add_cached(&at("/api/v1/trunk-projects"), &["extension-name"], projects::list)
        .add_cached(&at("/api/v1/trunk-projects/{name}"), &[], projects::show)
        .add_cached(&at("/api/v1/trunk-projects/{name}/version/{version}"), &[], projects::show_version)
        .add_cached(&at("/categories/all"), &[], categories::list)
        .add_cached(&at("/extensions/all"), &[], extensions::list)
        .add_cached(&at("/extensions/libraries"), &[], extensions::libraries)
        .add_cached(&at("/extensions/detail/{name}"), &[], extensions::show)
        .add_cached(&at("/extensions/detail/{name}/{version}"), &[], extensions::show)
        .add_cached(&at("/extensions/details/{name}/readme"), &[], extensions::readme)
        .add(&Method::POST, &at("/extensions/details/{name}/readme"), Access::Anyone, extensions::renew_readme)
        .add_cached(&at("/extensions/{name}/{version}/download"), &[], archives::link)
        .add(&Method::GET, &at("/extensions/{name}/{version}/archives/{file}"), Access::Anyone, archives::download)
        .add(&Method::POST, &at("/extensions/new"), Access::Token, publish::publish)
        .add(&Method::POST, &at("/token/new"), Access::Token, tokens::issue)
}
