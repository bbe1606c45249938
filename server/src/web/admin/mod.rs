//! The forms of those who keep the registry in order. Every act asks for a reason.

mod accounts;
mod catalogue;
mod registry;
pub(in crate::web) mod staff;

use axum::http::Method;

use super::form;
use crate::{
    routes::{Access, Routes},
    state::AppState,
};

/// All of them.
pub(crate) fn add_admin_forms(routes: Routes<AppState>) -> Routes<AppState> {
    routes
        .add(&Method::POST, "/settings/admin-link", Access::Visitor, accounts::become_first_admin)
        .add(&Method::POST, "/admin/accounts/{handle}", Access::Admin, accounts::change)
        .add(&Method::POST, "/admin/packages/{id}", Access::Admin, catalogue::package)
        .add(&Method::POST, "/admin/categories", Access::Admin, catalogue::add_category)
        .add(&Method::POST, "/admin/categories/{slug}", Access::Admin, catalogue::category)
        .add(&Method::POST, "/admin/tags", Access::Admin, catalogue::tags)
        .add(&Method::POST, "/admin/banners", Access::Admin, catalogue::banners)
        .add(&Method::POST, "/admin/names", Access::Admin, registry::names)
        .add(&Method::POST, "/admin/flags", Access::Admin, registry::flags)
        .add(&Method::POST, "/admin/operations", Access::Admin, registry::operations)
}
