//! `/api/v1`: our own clients.

mod account;
mod artifacts;
mod asker;
mod categories;
mod convert;
mod events;
mod moderation;
mod openapi;
mod organisations;
mod packages;
mod parameters;
mod people;
mod problem;
mod publishing;
mod search;
mod tokens;

use axum::http::Method;

pub(crate) use problem::{ApiError, method_not_allowed};

use crate::{
    dialect,
    routes::{Access, Routes},
    state::AppState,
};

/// All routes of the API.
pub(crate) fn routes(routes: Routes<AppState>) -> Routes<AppState> {
    routes
        .add_cached("/api/v1/packages", &["category", "tag", "sort", "after", "limit"], packages::list)
        .add_cached("/api/v1/packages/{name}", &["pg"], packages::show)
        .add_cached("/api/v1/packages/{name}/{version}", &["pg"], packages::show_release)
        .add(&Method::PUT, "/api/v1/packages/{name}/{version}", Access::Token, publishing::publish_source)
        .add(&Method::GET, "/api/v1/packages/{name}/{version}/source", Access::Anyone, artifacts::download_source)
        .add(
            &Method::GET,
            "/api/v1/packages/{name}/{version}/artifacts/{pg}/{platform}",
            Access::Anyone,
            artifacts::download,
        )
        .add(
            &Method::PUT,
            "/api/v1/packages/{name}/{version}/artifacts/{pg}/{platform}",
            Access::Token,
            publishing::publish,
        )
        .add(&Method::POST, "/api/v1/packages/{name}/{version}/yank", Access::Token, publishing::yank)
        .add(&Method::POST, "/api/v1/packages/{name}/{version}/unyank", Access::Token, publishing::unyank)
        .add(&Method::DELETE, "/api/v1/packages/{name}/{version}", Access::Token, publishing::delete)
        .add(&Method::POST, "/api/v1/tokens/revoke", Access::Anyone, tokens::revoke)
        .add(&Method::POST, "/api/v1/trusted-publishing/tokens", Access::Anyone, tokens::exchange)
        .add(&Method::GET, "/api/v1/me", Access::Account, account::me)
        .add(&Method::GET, "/api/v1/me/tokens", Access::Account, account::list_tokens)
        .add(&Method::POST, "/api/v1/me/tokens", Access::Account, account::create_token)
        .add(&Method::DELETE, "/api/v1/me/tokens/{id}", Access::Account, account::revoke_token)
        .add(&Method::GET, "/api/v1/me/sessions", Access::Account, account::list_sessions)
        .add(&Method::DELETE, "/api/v1/me/sessions/{id}", Access::Account, account::end_session)
        .add(&Method::GET, "/api/v1/me/identities", Access::Account, account::list_identities)
        .add(&Method::DELETE, "/api/v1/me/identities/{id}", Access::Account, account::unlink_identity)
        .add(&Method::GET, "/api/v1/me/invitations", Access::Account, people::list_received)
        .add(&Method::POST, "/api/v1/me/invitations/{id}/accept", Access::Account, people::accept)
        .add(&Method::DELETE, "/api/v1/me/invitations/{id}", Access::Account, people::decline)
        .add_cached("/api/v1/packages/{name}/owners", &[], people::list_owners)
        .add(&Method::PUT, "/api/v1/packages/{name}/owners/{handle}", Access::Account, people::change_owner)
        .add(&Method::DELETE, "/api/v1/packages/{name}/owners/{handle}", Access::Account, people::remove_owner)
        .add(&Method::GET, "/api/v1/packages/{name}/invitations", Access::Account, people::list_package_invitations)
        .add(&Method::POST, "/api/v1/packages/{name}/invitations", Access::Account, people::invite_to_package)
        .add(
            &Method::DELETE,
            "/api/v1/packages/{name}/invitations/{id}",
            Access::Account,
            people::withdraw_package_invitation,
        )
        .add(&Method::POST, "/api/v1/organisations", Access::Account, organisations::create)
        .add_cached("/api/v1/organisations/{handle}", &[], organisations::show)
        .add(
            &Method::PUT,
            "/api/v1/organisations/{handle}/members/{member}",
            Access::Account,
            organisations::change_member,
        )
        .add(
            &Method::DELETE,
            "/api/v1/organisations/{handle}/members/{member}",
            Access::Account,
            organisations::remove_member,
        )
        .add(
            &Method::GET,
            "/api/v1/organisations/{handle}/invitations",
            Access::Account,
            organisations::list_invitations,
        )
        .add(&Method::POST, "/api/v1/organisations/{handle}/invitations", Access::Account, organisations::invite)
        .add(
            &Method::DELETE,
            "/api/v1/organisations/{handle}/invitations/{id}",
            Access::Account,
            organisations::withdraw_invitation,
        )
        .add(&Method::POST, "/api/v1/reports", Access::Anyone, moderation::report)
        .add(&Method::GET, "/api/v1/moderation/cases", Access::Moderator, moderation::list_cases)
        .add(&Method::POST, "/api/v1/moderation/cases/{id}/verdict", Access::Moderator, moderation::decide)
        .add(&Method::GET, "/api/v1/admin/accounts", Access::Admin, moderation::search_accounts)
        .add(&Method::PUT, "/api/v1/admin/accounts/{handle}/lock", Access::Admin, moderation::lock)
        .add(&Method::PUT, "/api/v1/admin/accounts/{handle}/unlock", Access::Admin, moderation::unlock)
        .add(&Method::PUT, "/api/v1/admin/accounts/{handle}/role", Access::Admin, moderation::change_role)
        .add(&Method::GET, "/api/v1/events", Access::Anyone, events::list)
        .add_cached("/api/v1/categories", &[], categories::list)
        .add_cached("/api/v1/search", crate::web::SEARCH_PARAMETERS, search::search)
        .add_cached("/api/v1/suggest", &["q"], search::suggest)
        .add_cached("/api/v1/openapi.json", &[], openapi::show)
        .add_cached("/api", &[], dialect::unknown)
        .add_cached("/api/{*path}", &[], dialect::unknown)
}
