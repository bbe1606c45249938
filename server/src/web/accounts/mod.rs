//! The forms of accounts: each is posted to its own page, which comes again with what was wrong.

mod form;
mod log_in;
mod register;
mod settings;
mod tokens;

use axum::http::Method;

use crate::{
    routes::{Access, Routes},
    state::AppState,
};

/// All of them.
pub(crate) fn add_account_forms(routes: Routes<AppState>) -> Routes<AppState> {
    routes
        .add(&Method::POST, "/register", Access::Anyone, register::register)
        .add(&Method::POST, "/verify-email", Access::Anyone, register::confirm)
        .add(&Method::POST, "/login", Access::Anyone, log_in::log_in)
        .add(&Method::POST, "/logout", Access::Anyone, log_in::log_out)
        .add(&Method::POST, "/forgot-password", Access::Anyone, log_in::forgot_password)
        .add(&Method::POST, "/reset-password", Access::Anyone, log_in::reset_password)
        .add(&Method::POST, "/settings", Access::Visitor, settings::profile)
        .add(&Method::POST, "/settings/security", Access::Visitor, settings::security)
        .add(&Method::POST, "/settings/sessions", Access::Visitor, settings::sessions)
        .add(&Method::POST, "/settings/tokens", Access::Visitor, tokens::tokens)
}
