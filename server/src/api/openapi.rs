use axum::{
    http::header::CONTENT_TYPE,
    response::{IntoResponse as _, Response},
};
use model::wire;
use utoipa::{
    Modify, OpenApi,
    openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
};

use super::{
    account, artifacts, categories, events, moderation, organisations, packages, people, publishing, search, tokens,
};

/// The API in its own words.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "pginstall",
        description = "The registry of PostgreSQL extensions. Errors are application/problem+json; lists continue with `after`; \
                       responses have an ETag.",
        license(name = "PostgreSQL")
    ),
    modifiers(&Tokens),
    components(schemas(wire::Rehearsal)),
    paths(
        packages::list,
        packages::show,
        packages::show_release,
        artifacts::download,
        publishing::publish,
        publishing::publish_source,
        artifacts::download_source,
        publishing::yank,
        publishing::unyank,
        publishing::delete,
        tokens::revoke,
        tokens::exchange,
        account::me,
        account::list_tokens,
        account::create_token,
        account::revoke_token,
        account::list_sessions,
        account::end_session,
        account::list_identities,
        account::unlink_identity,
        people::list_received,
        people::accept,
        people::decline,
        people::list_owners,
        people::change_owner,
        people::remove_owner,
        people::list_package_invitations,
        people::invite_to_package,
        people::withdraw_package_invitation,
        organisations::create,
        organisations::show,
        organisations::change_member,
        organisations::remove_member,
        organisations::list_invitations,
        organisations::invite,
        organisations::withdraw_invitation,
        moderation::report,
        moderation::list_cases,
        moderation::decide,
        moderation::search_accounts,
        moderation::lock,
        moderation::unlock,
        moderation::change_role,
        events::list,
        categories::list,
        search::search,
        search::suggest,
        show,
    )
)]
pub(super) struct Document;

/// How a token is shown.
struct Tokens;

impl Modify for Tokens {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("pgi_").build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
        let cookie =
            ApiKeyValue::with_description("session", "The session of a browser; \"__Host-session\" over https");
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    }
}

/// This document.
#[utoipa::path(
    get,
    path = "/api/v1/openapi.json",
    operation_id = "showOpenApi",
    responses((status = 200, content_type = "application/json", description = "OpenAPI 3.1"))
)]
pub(super) async fn show() -> Response {
    let json = Document::openapi().to_pretty_json().unwrap_or_else(|_| "{}".to_owned());
    ([(CONTENT_TYPE, "application/json")], json).into_response()
}
