//! The forms of accounts: each is posted to its own page, which comes again with what was wrong.

mod identities;
mod log_in;
mod publishing;
mod register;
mod security;
mod settings;
mod tokens;

use axum::http::Method;

use super::{form, kept};
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
        .add(&Method::POST, "/login/second-factor", Access::Anyone, log_in::second_factor)
        .add(&Method::POST, "/login/passkey", Access::Anyone, log_in::log_in_with_passkey)
        .add(&Method::POST, "/passkeys/challenge", Access::Anyone, log_in::challenge_passkey)
        .add(&Method::GET, "/login/with/{provider}", Access::Anyone, identities::begin)
        .add(&Method::GET, "/login/with/{provider}/callback", Access::Anyone, identities::come_back)
        .add(&Method::POST, "/register/identity", Access::Anyone, identities::register)
        .add(&Method::POST, "/logout", Access::Anyone, log_in::log_out)
        .add(&Method::POST, "/forgot-password", Access::Anyone, log_in::forgot_password)
        .add(&Method::POST, "/reset-password", Access::Anyone, log_in::reset_password)
        .add(&Method::POST, "/settings", Access::Visitor, settings::profile)
        .add(&Method::POST, "/settings/security", Access::Visitor, security::security)
        .add(&Method::POST, "/settings/security/authenticator", Access::Visitor, security::add_authenticator)
        .add(&Method::POST, "/settings/security/recovery-codes", Access::Visitor, security::recovery_codes)
        .add(&Method::POST, "/settings/security/passkeys", Access::Visitor, security::propose_passkey)
        .add(&Method::POST, "/settings/confirm", Access::Visitor, security::confirm)
        .add(&Method::POST, "/settings/publishing", Access::Visitor, publishing::publishing)
        .add(&Method::POST, "/settings/delete", Access::Visitor, security::delete)
        .add(&Method::POST, "/settings/sessions", Access::Visitor, settings::sessions)
        .add(&Method::POST, "/settings/tokens", Access::Visitor, tokens::tokens)
}
