//! A registry that only those read who have logged in or show a token.

use axum::{
    extract::{Request, State},
    http::{Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use registry::{AuthenticationError, Caller, Visitor};

use crate::{api::ApiError, dialect::Dialect, request_context::Client, state::AppState, uploads};

/// What everybody reaches all the same: how one logs in, what a browser needs for that, and what asks for a token itself.
const OPEN: [&str; 21] = [
    "/account-deleted",
    "/login",
    "/logout",
    "/register",
    "/forgot-password",
    "/reset-password",
    "/verify-email",
    "/passkeys",
    "/assets",
    "/favicon.svg",
    "/share.png",
    "/robots.txt",
    "/healthz",
    "/readyz",
    "/metrics",
    "/dev/mail",
    "/policies",
    "/.well-known/security.txt",
    "/token/new",
    "/api/v1/tokens/revoke",
    "/api/v1/trusted-publishing/tokens",
];

fn is_open(path: &str) -> bool {
    OPEN.iter().any(|root| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

/// Whose token one of Trunk's clients has shown, where the registry asks for one to be read.
#[derive(Clone, Debug)]
pub(crate) struct KnownByToken(pub(crate) Caller);

/// Lets only those through who have logged in or show a token, where the configuration says so.
pub(crate) async fn only_known(
    State(state): State<AppState>,
    Client(client): Client,
    mut request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    // What changes something asks for a token itself, some of it in a form.
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let has_token = Dialect::of(path) == Dialect::Api && path != "/api/v1/reports"
        || path == "/publish"
        || path.ends_with("/extensions/new")
        || path.ends_with("/token/new");
    let asks_itself = !is_read && has_token;
    if !state.http.login_to_read || asks_itself || is_open(path) || request.extensions().get::<Visitor>().is_some() {
        return next.run(request).await;
    }
    let is_of_trunk = Dialect::of(path) == Dialect::Trunk;
    let error = match uploads::shown_token(request.headers()) {
        // Clients show it who were told of the file in a list.
        Some(ticket)
            if is_of_trunk
                && path.contains("/archives/")
                && state.registry.reads_with(&ticket).await.unwrap_or(false) =>
        {
            return next.run(request).await;
        }
        Some(token) => match state.registry.authenticate(&token, &client).await {
            Ok(caller) => {
                if is_of_trunk {
                    request.extensions_mut().insert(KnownByToken(caller));
                }
                return next.run(request).await;
            }
            Err(error) => error,
        },
        None => AuthenticationError::Missing,
    };
    match Dialect::of(path) {
        Dialect::Api => ApiError::from(error).into_response(),
        Dialect::Trunk => {
            let challenge = [(header::WWW_AUTHENTICATE, "Basic realm=\"pginstall\"")];
            (StatusCode::UNAUTHORIZED, challenge, error.to_string()).into_response()
        }
        Dialect::Web => {
            let target = request.uri().path_and_query().map_or(path, |target| target.as_str());
            let next: String = url::form_urlencoded::byte_serialize(target.as_bytes()).collect();
            let place = Redirect::to(&format!("/login?next={next}"));
            ([(header::CACHE_CONTROL, "no-store")], place).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_logging_in_needs_is_open() {
        for path in ["/login", "/login/second-factor", "/assets/x/a.css", "/readyz", "/api/v1/tokens/revoke"] {
            assert!(is_open(path), "{path}");
        }
        for path in
            ["/", "/packages", "/loginx", "/api/v1/packages", "/extensions/all", "/sitemap.xml", "/feeds/all.atom"]
        {
            assert!(!is_open(path), "{path}");
        }
    }
}
