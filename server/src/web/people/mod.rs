//! The forms of those who look after packages and organisations, each posted to its own page.

mod claims;
mod invitations;
mod organisations;
mod packages;
mod roles;

use axum::http::Method;

use super::form;
use crate::{
    routes::{Access, Routes},
    state::AppState,
};

/// All of them.
pub(crate) fn add_people_forms(routes: Routes<AppState>) -> Routes<AppState> {
    routes
        .add(&Method::POST, "/settings/claims/{name}", Access::Visitor, claims::claim)
        .add(&Method::POST, "/settings/invitations", Access::Visitor, invitations::answer)
        .add(&Method::POST, "/settings/packages/{name}", Access::Visitor, roles::of_package)
        .add(&Method::POST, "/settings/packages/{name}/description", Access::Visitor, packages::description)
        .add(&Method::POST, "/settings/packages/{name}/releases", Access::Visitor, packages::releases)
        .add(&Method::POST, "/settings/packages/{name}/availability", Access::Visitor, packages::availability)
        .add(&Method::POST, "/settings/organisations", Access::Visitor, organisations::create)
        .add(&Method::POST, "/settings/organisations/{handle}", Access::Visitor, roles::of_organisation)
        .add(&Method::POST, "/settings/organisations/{handle}/profile", Access::Visitor, organisations::profile)
}
