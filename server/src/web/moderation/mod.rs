//! Reports by anybody, and verdicts by those who keep the registry in order.

mod report;
mod verdict;

use axum::http::Method;

use super::{admin::staff, form};
use crate::{
    routes::{Access, Routes},
    state::AppState,
};

/// All of them.
pub(crate) fn add_moderation_forms(routes: Routes<AppState>) -> Routes<AppState> {
    routes
        .add(&Method::POST, "/report", Access::Anyone, report::report)
        .add(&Method::POST, "/report/confirm", Access::Anyone, report::confirm)
        .add(&Method::POST, "/admin/reports", Access::Moderator, verdict::open)
        .add(&Method::POST, "/admin/reports/{id}", Access::Moderator, verdict::decide)
}
