//! People who have logged in: their cookie, who they are, and that nobody sends their forms for them.

use std::collections::HashMap;

use app::Notice;
use async_trait::async_trait;
use axum::{
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use registry::{ClientInfo, ExternalIdentity, Registry, RegistryError, SessionData, SessionKey, Visitor};
use time::{Duration, OffsetDateTime};
use tower_sessions::{
    Expiry, Session, SessionManagerLayer, SessionStore,
    cookie::SameSite,
    session::{Id, Record},
    session_store,
};

use super::kept;
use crate::{page_cache::has_session, request_context::Client, server_error, state::AppState};

/// How long a session is good after it was last renewed.
const LIFETIME: Duration = Duration::days(30);
/// How long before its end it is renewed when it is used: once a day.
const RENEWED: Duration = Duration::days(29);
/// The same for a session in which nobody has: what was begun there is soon forgotten, and a stranger cannot fill the database
/// for long.
const NOBODYS_LIFETIME: Duration = Duration::hours(1);
/// The value of a session that says who has logged in.
pub(super) const PRINCIPAL: &str = "principal";

/// That which says with which of their passwords.
pub(super) const PASSWORD_GENERATION: &str = "password_generation";

/// That which says when they have last shown who they are, in seconds of Unix time.
pub(super) const PROVED_AT: &str = "proved_at";

tokio::task_local! {
    /// From where the request comes: the store is not told.
    static CLIENT: ClientInfo;
}

/// The sessions of the registry, as tower-sessions wants them.
#[derive(Clone, Debug)]
pub(crate) struct Sessions(Registry);

fn key(id: &Id) -> SessionKey {
    SessionKey::of(id.0)
}

fn data(record: &Record) -> SessionData {
    let mut values = record.data.clone();
    let principal = values.remove(PRINCIPAL).and_then(|value| value.as_i64());
    SessionData { principal, values, expires_at: Some(record.expiry_date) }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what results are mapped with")]
fn failure(error: RegistryError) -> session_store::Error {
    session_store::Error::Backend(error.to_string())
}

impl Sessions {
    /// Until when a session is good.
    fn end(&self, record: &Record) -> OffsetDateTime {
        let is_somebodys = record.data.contains_key(PRINCIPAL);
        if is_somebodys { record.expiry_date } else { record.expiry_date.min(self.0.clock().now() + NOBODYS_LIFETIME) }
    }
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        let client = CLIENT.try_with(Clone::clone).unwrap_or_default();
        loop {
            let created = self.0.create_session(key(&record.id), &data(record), self.end(record), &client).await;
            if created.map_err(failure)? {
                return Ok(());
            }
            record.id = Id::default();
        }
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        self.0.save_session(key(&record.id), &data(record), self.end(record)).await.map_err(failure)
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let Some(found) = self.0.load_session(key(id)).await.map_err(failure)? else { return Ok(None) };
        let mut data: HashMap<_, _> = found.values;
        if let Some(principal) = found.principal {
            data.insert(PRINCIPAL.to_owned(), principal.into());
        }
        let expiry_date = found.expires_at.unwrap_or_else(|| self.0.clock().now());
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        self.0.delete_session(key(id)).await.map_err(failure)
    }
}

/// What gives requests a session. The cookie is for this host and for scripts of nobody.
pub(crate) fn session_layer(state: &AppState) -> SessionManagerLayer<Sessions> {
    let is_https = state.http.public_url.scheme() == "https";
    SessionManagerLayer::new(Sessions(state.registry.clone()))
        .with_name(if is_https { "__Host-session" } else { "session" })
        .with_secure(is_https)
        .with_same_site(SameSite::Lax)
        .with_http_only(true)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(LIFETIME))
}

/// Puts into the request who has logged in, and keeps what they are shown out of all caches.
pub(crate) async fn with_visitor(
    State(state): State<AppState>,
    session: Session,
    mut request: Request,
    next: Next,
) -> Response {
    let has_cookie = has_session(request.headers());
    let path = request.uri().path();
    let visitor = match if has_cookie { visitor(&state, &session).await } else { Ok(None) } {
        Ok(visitor) => visitor,
        Err(error) if is_below(path, "/api/v1/me") => return crate::api::ApiError::from(error).into_response(),
        // Nobody is taken for somebody who has logged out because the database is away.
        Err(error) if is_private(path) => {
            let text = "The registry cannot reach its database now. Try again in a moment.\n";
            return (server_error::status(&error), [(header::RETRY_AFTER, "5")], text).into_response();
        }
        Err(_) => None,
    };
    if visitor.is_none() && is_private(path) {
        let target = request.uri().path_and_query().map_or(path, |target| target.as_str());
        let next: String = url::form_urlencoded::byte_serialize(target.as_bytes()).collect();
        return Redirect::to(&format!("/login?next={next}")).into_response();
    }
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let mut known = Known::default();
    if has_cookie && path == "/register/identity" {
        known.newcomer = session.get(kept::NEWCOMER).await.ok().flatten();
    }
    if has_cookie && is_read && visitor.is_some() && is_private(path) {
        known.notice = session.get::<Notice>(kept::NOTICE).await.ok().flatten();
        // Only where there is one: a session that is written anew could undo what another request has just changed.
        if known.notice.is_some() {
            let _ = session.remove::<Notice>(kept::NOTICE).await;
        }
    }
    if path == "/register/identity" && known.newcomer.is_none() {
        return ([(header::CACHE_CONTROL, "no-store")], Redirect::to("/register")).into_response();
    }
    let has_secret = matches!(path, "/reset-password" | "/verify-email" | "/report/confirm" | "/settings/admin-link")
        || is_below(path, "/login/with");
    // What is answered to whoever shows a token is for them alone.
    let is_theirs = request.headers().contains_key(header::AUTHORIZATION);
    // Files of the browser are the same for everybody.
    let is_file = is_below(path, "/assets");
    if let Some(visitor) = visitor {
        request.extensions_mut().insert(visitor);
    }
    if let Some(newcomer) = known.newcomer {
        request.extensions_mut().insert::<ExternalIdentity>(newcomer);
    }
    if let Some(notice) = known.notice {
        request.extensions_mut().insert(notice);
    }
    let mut response = next.run(request).await;
    // Also what stands in links is for nobody else.
    if has_cookie && !is_file || has_secret || is_theirs {
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// What a session remembers for the page that is asked for.
#[derive(Default)]
struct Known {
    /// Who is known elsewhere and has no account here yet.
    newcomer: Option<ExternalIdentity>,
    /// What was done just now.
    notice: Option<Notice>,
}

async fn visitor(state: &AppState, session: &Session) -> Result<Option<Visitor>, RegistryError> {
    let Some(id) = session.id() else { return Ok(None) };
    let Some(visitor) = state.registry.visitor(key(&id)).await? else {
        // Looked at, a session that is no more loses its cookie; one in which nobody has logged in keeps it.
        let _ = session.get_value(PRINCIPAL).await;
        return Ok(None);
    };
    if visitor.expires_at - state.clock.now() < RENEWED {
        session.set_expiry(Some(Expiry::OnInactivity(LIFETIME)));
    }
    Ok(Some(visitor))
}

/// Whether a page is only for those who have logged in.
pub(super) fn is_private(path: &str) -> bool {
    is_below(path, "/settings") || is_below(path, "/admin")
}

fn is_below(path: &str, root: &str) -> bool {
    path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Lies around the layer of sessions: tells the store from where a request comes, and keeps answers with a cookie out of
/// caches.
///
/// Also adds what tower-sessions 0.15.0 leaves out when it takes a cookie away: without `Secure` browsers keep one whose name
/// begins with `__Host-`. Mended there since (pull request 268), and not released yet.
pub(crate) async fn around_sessions(Client(client): Client, request: Request, next: Next) -> Response {
    let mut response = CLIENT.scope(client, next.run(request)).await;
    let cookies: Vec<HeaderValue> = response.headers().get_all(header::SET_COOKIE).iter().cloned().collect();
    if cookies.is_empty() {
        return response;
    }
    let headers = response.headers_mut();
    headers.remove(header::SET_COOKIE);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for cookie in cookies {
        let text = cookie.to_str().unwrap_or_default();
        let secured = if text.starts_with("__Host-") && !text.contains("; Secure") {
            HeaderValue::from_str(&format!("{text}; Secure")).ok()
        } else {
            None
        };
        headers.append(header::SET_COOKIE, secured.unwrap_or(cookie));
    }
    response
}

/// Refuses forms that another site sends: its pages can make a browser send them, with the cookie of whoever is looking.
///
/// Programs show tokens and no cookies, so they are not asked.
pub(crate) async fn refuse_foreign_forms(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if is_safe || is_own(&state, &request) {
        return next.run(request).await;
    }
    let text = format!(
        "This form came from another site, so nothing was done. Open {} and fill it in there.\n",
        state.http.public_url
    );
    (StatusCode::FORBIDDEN, text).into_response()
}

fn is_own(state: &AppState, request: &Request) -> bool {
    let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let origin = text(header::ORIGIN.as_str());
    match (text("sec-fetch-site"), origin) {
        // Browsers say it themselves, and no page can say it for them.
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => origin == state.http.public_url.origin().ascii_serialization(),
        // No browser that sends a cookie leaves both out.
        (None, None) => !has_session(request.headers()),
    }
}
