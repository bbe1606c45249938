//! The forms of those who look after packages and organisations, each posted to its own page.

mod claims;
mod invitations;
mod organisations;
mod packages;
mod roles;

use axum::{http::Method, response::Response};
use registry::Caller;

use self::form::SentForm;
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

/// The form of somebody who has shown who they are, and may do all that their account may.
async fn acting(state: &AppState, form: SentForm) -> Result<(SentForm, Caller), Response> {
    let (form, proved) = form.proved(state).await?;
    match state.registry.acting(&proved).await {
        Ok(caller) => Ok((form, caller)),
        Err(error) => Err(form.failed(state.clone(), &error).await),
    }
}
