use app::{FormProblem, FormState, HeldForm, Notice};
use axum::{
    body::{Body, to_bytes},
    extract::{FromRequest, Request},
    http::{HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse as _, Redirect, Response},
};
use registry::{
    Evidence, ExternalIdentity, Limited, PasskeyAnswer, Password, ProveError, Proved, RegistryError, Visitor,
};
use tower_sessions::Session;

use super::{
    kept, pages,
    sessions::{PROVED_AT, is_private},
};
use crate::{request_context::Client, server_error, state::AppState};

/// Bytes of a form.
const LARGEST: usize = 64 << 10;
/// Fields whose content is never sent back.
const SECRETS: [&str; 8] = [
    "password",
    "current_password",
    "new_password",
    "code",
    "passkey",
    "proof_password",
    "proof_code",
    "proof_passkey",
];
/// The page that asks who somebody is.
const CONFIRM: &str = "/settings/confirm";

/// A form that was sent, by whom and from where.
#[derive(Debug)]
pub(super) struct SentForm {
    fields: Vec<(String, String)>,
    path: String,
    // Boxed: every future that holds the form would carry it.
    visitor: Option<Box<Visitor>>,
    session: Option<Session>,
    newcomer: Option<ExternalIdentity>,
    pub(super) client: registry::ClientInfo,
}

impl FromRequest<AppState> for SentForm {
    type Rejection = Response;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let visitor = parts.extensions.get::<Visitor>().cloned().map(Box::new);
        let client = Client::of(&mut parts);
        let path = parts.uri.path().to_owned();
        let session = parts.extensions.get::<Session>().cloned();
        let newcomer = parts.extensions.get::<ExternalIdentity>().cloned();
        let refused = |state: &AppState, status, reason: &str| {
            let sent = Self {
                fields: Vec::new(),
                path: path.clone(),
                visitor: visitor.clone(),
                session: session.clone(),
                newcomer: newcomer.clone(),
                client: client.clone(),
            };
            let (state, reason) = (state.clone(), reason.to_owned());
            async move { sent.again(state, status, FormState::default(), vec![problem(None, reason)]).await }
        };
        let Ok(bytes) = to_bytes(body, LARGEST).await else {
            return Err(refused(state, StatusCode::PAYLOAD_TOO_LARGE, "the form is too large").await);
        };
        let fields = url::form_urlencoded::parse(&bytes)
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect::<Vec<_>>();
        if fields.iter().any(|(_, value)| value.contains('\0')) {
            return Err(refused(state, StatusCode::UNPROCESSABLE_ENTITY, "a field has a NUL character in it").await);
        }
        Ok(Self { fields, path, visitor, session, newcomer, client })
    }
}

/// One thing that is wrong.
pub(super) fn problem(field: Option<&'static str>, reason: impl std::fmt::Display) -> FormProblem {
    FormProblem { field, reason: reason.to_string() }
}

impl SentForm {
    /// What was typed into a field; empty where that is nothing.
    pub(super) fn get(&self, name: &str) -> &str {
        self.fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// What was sent under one name.
    pub(super) fn all<'form>(&'form self, name: &'form str) -> impl Iterator<Item = &'form str> {
        self.fields.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Who has sent it. Pages of settings are only for those who have logged in, so there is somebody.
    pub(super) fn visitor(&self) -> Result<&Visitor, StatusCode> {
        self.visitor.as_deref().ok_or(StatusCode::UNAUTHORIZED)
    }

    /// Who has sent it, if they have shown a short while ago who they are, or show it with the form. Otherwise a page that asks
    /// for it, and goes on with the form when it was shown.
    pub(super) async fn proved(self, state: &AppState) -> Result<(Self, Proved), Response> {
        let visitor = self.visitor().map_err(axum::response::IntoResponse::into_response)?.clone();
        // What is shown is looked at, also where nobody had to show it.
        let Some(evidence) = self.evidence().await else {
            return match state.registry.proved(&visitor) {
                Some(proved) => Ok((self, proved)),
                None => Err(self.ask(state, Vec::new()).await),
            };
        };
        let problems = match state.registry.prove(&visitor, evidence, &self.client).await {
            Ok(proved) => {
                if let Some(session) = &self.session
                    && let Err(error) = session.insert(PROVED_AT, proved.at()).await
                {
                    tracing::warn!(%error, "a session does not remember who has shown who they are");
                }
                return Ok((self, proved));
            }
            Err(ProveError::Registry(error)) => return Err(self.failed(state.clone(), &error).await),
            Err(error @ ProveError::Password) => vec![problem(Some("proof_password"), error)],
            Err(error @ ProveError::Code) => vec![problem(Some("proof_code"), error)],
            Err(error) => vec![problem(None, error)],
        };
        Err(self.ask(state, problems).await)
    }

    /// What the form shows of who somebody is.
    async fn evidence(&self) -> Option<Evidence> {
        let given = |name| Some(self.get(name)).filter(|text| !text.is_empty()).map(str::to_owned);
        if let Some(answer) = given("proof_passkey") {
            let challenge = match &self.session {
                Some(session) => kept::take(session, kept::PASSKEY_CHALLENGE).await,
                None => None,
            };
            return Some(Evidence::Passkey(PasskeyAnswer { challenge, answer }));
        }
        let password = given("proof_password").map(|password| Evidence::Password(Password::from(password)));
        password.or_else(|| given("proof_code").map(Evidence::Code))
    }

    /// The page that asks who somebody is, with the form to go on with.
    async fn ask(self, state: &AppState, problems: Vec<FormProblem>) -> Response {
        let held = self.held();
        // The page that asks has a form of its own, which only leads on.
        let values = [("next".to_owned(), self.get("next").to_owned())].into();
        let held = (held.path != CONFIRM).then_some(held);
        let form = FormState { held, values, ..FormState::default() };
        let status = if problems.is_empty() { StatusCode::FORBIDDEN } else { StatusCode::UNPROCESSABLE_ENTITY };
        Self { path: CONFIRM.to_owned(), ..self }.again(state.clone(), status, form, problems).await
    }

    /// The form without what is secret in it, to go on with later.
    pub(super) fn held(&self) -> HeldForm {
        let fields = self.fields.iter().filter(|(name, _)| !SECRETS.contains(&name.as_str())).cloned().collect();
        HeldForm { path: self.path.clone(), fields }
    }

    /// The form that came along with the page that asks who somebody is, if one did: its fields have names of their own there.
    pub(super) fn carried(&self) -> Option<HeldForm> {
        let path = Some(self.get("held_path")).filter(|path| is_private(path))?.to_owned();
        let fields = self.fields.iter().filter_map(|(name, value)| {
            let name = name.strip_prefix("held_field_")?;
            Some((name.to_owned(), value.clone()))
        });
        Some(HeldForm { path, fields: fields.collect() })
    }

    /// The session of whoever has sent it.
    pub(super) fn session(&self) -> Result<&Session, StatusCode> {
        self.session.as_ref().ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The same for the page at another address, which is shown again where something is wrong.
    pub(super) fn at(self, path: &str) -> Self {
        Self { path: path.to_owned(), ..self }
    }

    fn kept(&self) -> FormState {
        let mut state = FormState::default();
        for (name, value) in self.fields.iter().filter(|(name, _)| !SECRETS.contains(&name.as_str())) {
            let kept = state.values.entry(name.clone()).or_default();
            if !kept.is_empty() {
                kept.push(' ');
            }
            kept.push_str(value);
        }
        state
    }

    /// The page again, with what was typed and what is wrong.
    pub(super) async fn refused(self, state: AppState, status: StatusCode, problems: Vec<FormProblem>) -> Response {
        let kept = self.kept();
        self.again(state, status, kept, problems).await
    }

    /// The page again, for something that was tried too often.
    pub(super) async fn limited(self, state: AppState, limited: Limited) -> Response {
        let mut response = self.refused(state, StatusCode::TOO_MANY_REQUESTS, vec![problem(None, limited)]).await;
        let seconds = HeaderValue::from(limited.after.as_secs());
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
        response
    }

    /// The page again, where something is away that may come back.
    pub(super) async fn failed(self, state: AppState, error: &RegistryError) -> Response {
        let status = server_error::status(error);
        self.refused(state, status, vec![problem(None, error)]).await
    }

    /// The page with what was done: anew for those who have logged in, so that nothing is sent twice by loading it again.
    pub(super) async fn done(self, state: AppState, notice: impl Into<Notice>) -> Response {
        let notice: Notice = notice.into();
        if let (Some(session), Some(_)) = (&self.session, &self.visitor)
            && is_private(&self.path)
            && session.insert(kept::NOTICE, &notice).await.is_ok()
        {
            return Redirect::to(&self.path).into_response();
        }
        self.again(state, StatusCode::OK, FormState { notice: Some(notice), ..FormState::default() }, Vec::new()).await
    }

    /// The page with this state.
    pub(super) async fn again(
        self,
        state: AppState,
        status: StatusCode,
        mut form: FormState,
        problems: Vec<FormProblem>,
    ) -> Response {
        form.problems = problems;
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = self.path.parse().unwrap_or(Uri::from_static("/"));
        if let Some(visitor) = self.visitor {
            request.extensions_mut().insert(*visitor);
        }
        if let Some(newcomer) = self.newcomer {
            request.extensions_mut().insert(newcomer);
        }
        // Boxed: it is large, and everybody who answers so would carry it.
        let page = pages::render(state, request, move || leptos::prelude::provide_context(form.clone()));
        let mut page = Box::pin(page).await;
        // A page that is not there for them any more says so itself.
        if page.status().is_success() {
            *page.status_mut() = status;
        }
        page.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        page
    }
}
