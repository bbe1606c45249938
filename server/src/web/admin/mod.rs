//! The forms of those who keep the registry in order. Every act asks for a reason.

mod accounts;
pub(in crate::web) mod staff;

use axum::http::Method;

use super::form;
use crate::{
    routes::{Access, Routes},
    state::AppState,
};

/// All of them.
pub(crate) fn add_admin_forms(routes: Routes<AppState>) -> Routes<AppState> {
    routes.add(&Method::POST, "/settings/admin-link", Access::Visitor, accounts::become_first_admin).add(
        &Method::POST,
        "/admin/accounts/{handle}",
        Access::Admin,
        accounts::change,
    )
}
