use app::{FormProblem, FormState};
use axum::{
    body::{Body, to_bytes},
    extract::{FromRequest, Request},
    http::{HeaderValue, StatusCode, Uri, header},
    response::Response,
};
use registry::{Limited, RegistryError, Visitor};

use super::super::pages;
use crate::{request_context::Client, server_error, state::AppState};

/// Bytes of a form.
const LARGEST: usize = 64 << 10;
/// Fields whose content is never sent back.
const SECRETS: [&str; 3] = ["password", "current_password", "new_password"];

/// A form that was sent, by whom and from where.
#[derive(Debug)]
pub(super) struct SentForm {
    fields: Vec<(String, String)>,
    path: String,
    visitor: Option<Visitor>,
    pub(super) client: registry::ClientInfo,
}

impl FromRequest<AppState> for SentForm {
    type Rejection = Response;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let visitor = parts.extensions.get::<Visitor>().cloned();
        let client = Client::of(&mut parts);
        let path = parts.uri.path().to_owned();
        let refused = |state: &AppState, status, reason: &str| {
            let sent =
                Self { fields: Vec::new(), path: path.clone(), visitor: visitor.clone(), client: client.clone() };
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
        Ok(Self { fields, path, visitor, client })
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
        self.visitor.as_ref().ok_or(StatusCode::UNAUTHORIZED)
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

    /// The page with what was done.
    pub(super) async fn done(self, state: AppState, notice: impl Into<String>) -> Response {
        self.again(state, StatusCode::OK, FormState { notice: Some(notice.into()), ..FormState::default() }, Vec::new())
            .await
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
            request.extensions_mut().insert(visitor);
        }
        let mut page = pages::render(state, request, move || leptos::prelude::provide_context(form.clone())).await;
        *page.status_mut() = status;
        page.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        page
    }
}
