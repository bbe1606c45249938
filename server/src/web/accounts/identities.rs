//! Logging in at a provider, and what comes of it.

use app::{FormState, HeldForm};
use axum::{
    extract::{Path, RawQuery, Request, State},
    http::{HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse as _, Redirect, Response},
};
use model::Handle;
use registry::{
    ExternalIdentity, IdentityError, NewcomerError, RegisterError, SignIn, SignInError, SignInPurpose, Visitor,
};
use tower_sessions::Session;

use super::{
    super::{pages, sessions::PROVED_AT},
    form::{SentForm, problem},
    kept, log_in,
};
use crate::{request_context::Client, state::AppState};

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// Sends somebody to a provider to log in.
pub(super) async fn begin(
    State(state): State<AppState>,
    Path(provider): Path<String>,
    RawQuery(query): RawQuery,
    session: Session,
    Client(client): Client,
) -> Response {
    let parameters: Vec<(String, String)> =
        url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
    let next = parameters.iter().find(|(name, _)| name == "next").map_or("", |(_, value)| value);
    let next = log_in::way_on(&state.http.public_url, next);
    let begun = state.registry.begin_sign_in(&provider, SignInPurpose::LogIn, &next, &client).await;
    match begun {
        Ok((address, sign_in)) => match session.insert(kept::SIGN_IN, sign_in).await {
            Ok(()) => Redirect::to(address.as_str()).into_response(),
            Err(error) => {
                tracing::error!(%error, "a log-in elsewhere was not begun");
                (StatusCode::SERVICE_UNAVAILABLE, "You could not be sent there just now; try again in a moment.\n")
                    .into_response()
            }
        },
        Err(error) => failed(&state, None, "/login", &error).await,
    }
}

/// Sends somebody who has logged in to a provider, for something else than logging in.
pub(super) async fn leave(
    state: AppState,
    form: SentForm,
    purpose: SignInPurpose,
    held: Option<HeldForm>,
) -> Result<Response, StatusCode> {
    let next = log_in::way_on(&state.http.public_url, form.get("next"));
    let begun = state.registry.begin_sign_in(form.get("provider"), purpose, &next, &form.client).await;
    let (address, sign_in) = match begun {
        Ok(begun) => begun,
        Err(SignInError::Limited(limited)) => return Ok(form.limited(state, limited).await),
        Err(error) => return Ok(form.refused(state, status(&error), vec![problem(None, error)]).await),
    };
    let session = form.session()?;
    let kept = async {
        session.insert(kept::SIGN_IN, sign_in).await?;
        session.insert(kept::HELD, held).await
    };
    kept.await.map_err(|_: tower_sessions::session::Error| StatusCode::SERVICE_UNAVAILABLE)?;
    // Not a redirect: browsers hold that against the page whose form was sent, which may only send to this site.
    let mut page = (StatusCode::OK, format!("Go on at {address}\n")).into_response();
    let refresh = HeaderValue::from_str(&format!("0; url={address}")).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    page.headers_mut().insert("refresh", refresh);
    page.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(page)
}

/// Takes somebody in who comes back from a provider.
pub(super) async fn come_back(
    State(state): State<AppState>,
    Path(provider): Path<String>,
    RawQuery(query): RawQuery,
    session: Session,
    Client(client): Client,
    request: Request,
) -> Response {
    let visitor = request.extensions().get::<Visitor>().cloned();
    let answer: Vec<(String, String)> =
        url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
    // Whatever comes of it, it is good once.
    let begun: Option<SignIn> = kept::take(&session, kept::SIGN_IN).await;
    let held: Option<HeldForm> = kept::take::<Option<HeldForm>>(&session, kept::HELD).await.flatten();
    let place = match begun.as_ref().map(|begun| begun.purpose) {
        Some(SignInPurpose::Link) => "/settings/security",
        Some(SignInPurpose::Prove) => "/settings/confirm",
        _ => "/login",
    };
    let Some(begun) = begun else { return failed(&state, visitor, place, &SignInError::Stale).await };
    let identity = match state.registry.finish_sign_in(&provider, &begun, &answer).await {
        Ok(identity) => identity,
        Err(error) => {
            let form = again(&begun, held, &error);
            return page(&state, visitor, place, status(&error), form).await;
        }
    };
    let back = Back { state, session, client, begun, identity };
    match (back.begun.purpose, visitor) {
        (SignInPurpose::LogIn, _) => back.log_in().await,
        (SignInPurpose::Link, Some(visitor)) => back.link(visitor).await,
        (SignInPurpose::Prove, Some(visitor)) => back.prove(visitor, held).await,
        // Whoever went has been logged out meanwhile.
        (_, None) => Redirect::to("/login").into_response(),
    }
}

/// Somebody who has come back from a provider.
struct Back {
    state: AppState,
    session: Session,
    client: registry::ClientInfo,
    begun: SignIn,
    identity: ExternalIdentity,
}

impl Back {
    async fn log_in(self) -> Response {
        match self.state.registry.log_in_with_identity(&self.identity, &self.client).await {
            Ok(Some(step)) => {
                let went = log_in::go_on(&self.state, &self.session, step, &self.begun.next).await;
                went.unwrap_or_else(|text| (StatusCode::SERVICE_UNAVAILABLE, text).into_response())
            }
            Ok(None) => {
                let kept = async {
                    self.session.insert(kept::NEXT, &self.begun.next).await?;
                    self.session.insert(kept::NEWCOMER, &self.identity).await
                };
                match kept.await {
                    Ok(()) => Redirect::to("/register/identity").into_response(),
                    Err::<_, tower_sessions::session::Error>(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
                }
            }
            Err(error) => say(&self.state, None, "/login", UNPROCESSABLE, error).await,
        }
    }

    async fn link(self, visitor: Visitor) -> Response {
        let place = "/settings/security";
        let Some(proved) = self.state.registry.proved(&visitor) else {
            let text = "that took too long; confirm that it is you, and link it again";
            return say(&self.state, Some(visitor), place, UNPROCESSABLE, text).await;
        };
        match self.state.registry.link_identity(&proved, &self.identity, &self.client).await {
            Ok(()) => {
                let notice = format!("Your account is linked to {} at {}", self.identity.name, self.identity.provider);
                let _ = self.session.insert(kept::NOTICE, app::Notice::from(notice)).await;
                Redirect::to(place).into_response()
            }
            Err(IdentityError::Registry(error)) => {
                let status = crate::server_error::status(&error);
                say(&self.state, Some(visitor), place, status, error).await
            }
            Err(error) => say(&self.state, Some(visitor), place, UNPROCESSABLE, error).await,
        }
    }

    async fn prove(self, visitor: Visitor, held: Option<HeldForm>) -> Response {
        let Self { state, session, identity, begun, .. } = self;
        let proved = state.registry.prove_by_identity(&visitor, &identity).await;
        let proved = match proved {
            Ok(Some(proved)) => proved,
            Ok(None) => {
                let text = format!(
                    "who you are here is not shown by {} at {}: it is not linked to your account, or the account has something that shows more",
                    identity.name, identity.provider
                );
                let form = again(&begun, held, text);
                return page(&state, Some(visitor), "/settings/confirm", UNPROCESSABLE, form).await;
            }
            Err(error) => {
                let status = crate::server_error::status(&error);
                return say(&state, Some(visitor), "/settings/confirm", status, error).await;
            }
        };
        if session.insert(PROVED_AT, proved.at()).await.is_err() {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        match held {
            Some(held) => {
                let notice = Some("You have confirmed that it is you".into());
                let form = FormState { held: Some(held), notice, is_confirmed: true, ..FormState::default() };
                page(&state, Some(visitor), "/settings/confirm", StatusCode::OK, form).await
            }
            None => Redirect::to(&log_in::way_on(&state.http.public_url, &begun.next)).into_response(),
        }
    }
}

/// Makes an account for somebody who is known elsewhere.
pub(super) async fn register(State(state): State<AppState>, session: Session, form: SentForm) -> Response {
    let newcomer = session.get::<ExternalIdentity>(kept::NEWCOMER).await.ok().flatten();
    let Some(newcomer) = newcomer else { return Redirect::to("/register").into_response() };
    let handle = match form.get("handle").trim().parse::<Handle>() {
        Ok(handle) => handle,
        Err(error) => return form.refused(state, UNPROCESSABLE, vec![problem(Some("handle"), error)]).await,
    };
    let account = match state.registry.register_with_identity(&newcomer, &handle, &form.client).await {
        Ok(account) => account,
        Err(NewcomerError::Limited(limited)) => return form.limited(state, limited).await,
        Err(NewcomerError::Registry(error) | NewcomerError::Handle(RegisterError::Registry(error))) => {
            return form.failed(state, &error).await;
        }
        Err(error @ NewcomerError::Handle(_)) => {
            return form.refused(state, UNPROCESSABLE, vec![problem(Some("handle"), error)]).await;
        }
        Err(error) => return form.refused(state, UNPROCESSABLE, vec![problem(None, error)]).await,
    };
    let next: Option<String> = kept::take(&session, kept::NEXT).await;
    let step = registry::LogInStep::Done(account);
    match log_in::go_on(&state, &session, step, next.as_deref().unwrap_or_default()).await {
        Ok(answer) => answer,
        Err(text) => form.refused(state, StatusCode::SERVICE_UNAVAILABLE, vec![problem(None, text)]).await,
    }
}

/// The page that somebody has left, with what they wanted to do there and why nothing has come of it.
fn again(begun: &SignIn, held: Option<HeldForm>, reason: impl std::fmt::Display) -> FormState {
    FormState {
        values: [("next".to_owned(), begun.next.clone())].into(),
        problems: vec![problem(None, reason)],
        held,
        ..FormState::default()
    }
}

const fn status(error: &SignInError) -> StatusCode {
    match error {
        SignInError::UnknownProvider => StatusCode::NOT_FOUND,
        SignInError::Unreachable(_) => StatusCode::SERVICE_UNAVAILABLE,
        SignInError::Untrusted(_) => StatusCode::BAD_GATEWAY,
        SignInError::Limited(_) => StatusCode::TOO_MANY_REQUESTS,
        SignInError::Stale | SignInError::Refused(_) => UNPROCESSABLE,
    }
}

async fn failed(state: &AppState, visitor: Option<Visitor>, place: &str, error: &SignInError) -> Response {
    say(state, visitor, place, status(error), error).await
}

/// A page with what went wrong, and what to do there.
async fn say(
    state: &AppState,
    visitor: Option<Visitor>,
    place: &str,
    status: StatusCode,
    reason: impl std::fmt::Display,
) -> Response {
    let form = FormState { problems: vec![problem(None, reason)], ..FormState::default() };
    page(state, visitor, place, status, form).await
}

async fn page(
    state: &AppState,
    visitor: Option<Visitor>,
    place: &str,
    status: StatusCode,
    form: FormState,
) -> Response {
    let mut request = Request::new(axum::body::Body::empty());
    *request.uri_mut() = place.parse().unwrap_or(Uri::from_static("/"));
    if let Some(visitor) = visitor {
        request.extensions_mut().insert(visitor);
    }
    let page = pages::render(state.clone(), request, move || leptos::prelude::provide_context(form.clone()));
    let mut page = Box::pin(page).await;
    *page.status_mut() = status;
    page.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    page
}
