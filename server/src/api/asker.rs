//! Whoever asks: with a token, or with the session of a browser.

use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::request::Parts,
};
use model::TokenAction;
use registry::{AccountRef, AuthenticationError, Caller, Proved, Viewer, Visitor};

use super::ApiError;
use crate::{request_context::Client, state::AppState, uploads};

/// Whoever asks.
pub(super) enum Asker {
    /// A program with a token.
    Program(Caller),
    /// Somebody in a browser. The site's own pages send what changes something, and no others.
    Person(Visitor),
}

impl FromRequestParts<AppState> for Asker {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let client = Client::of(parts);
        // A token that is shown counts, whatever cookie comes with it.
        if let Some(token) = uploads::shown_token(&parts.headers) {
            return Ok(Self::Program(state.registry.authenticate(&token, &client).await?));
        }
        let visitor = parts.extensions.get::<Visitor>().cloned();
        visitor.map(Self::Person).ok_or_else(|| AuthenticationError::Missing.into())
    }
}

impl OptionalFromRequestParts<AppState> for Asker {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Option<Self>, ApiError> {
        match <Self as FromRequestParts<AppState>>::from_request_parts(parts, state).await {
            Ok(asker) => Ok(Some(asker)),
            Err(ApiError::Authentication(AuthenticationError::Missing)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Asker {
    /// The account, if the asker may look after it.
    pub(super) fn account(&self) -> Result<AccountRef, ApiError> {
        match self {
            Self::Person(visitor) => Ok(visitor.account()),
            Self::Program(caller) if caller.may_ever(TokenAction::Account) => caller.account().ok_or(ApiError::Scope),
            Self::Program(_) => Err(ApiError::Scope),
        }
    }

    /// Somebody in a browser who has shown a short while ago who they are.
    pub(super) fn proved(&self, state: &AppState) -> Result<Proved, ApiError> {
        match self {
            Self::Person(visitor) => state.registry.proved(visitor).ok_or(ApiError::Unproved),
            Self::Program(_) => Err(ApiError::Scope),
        }
    }

    /// Whoever acts, with the rights of their account: with a token as far as that goes, in a browser if they have shown a short
    /// while ago who they are.
    pub(super) async fn acting(self, state: &AppState) -> Result<Caller, ApiError> {
        match self {
            Self::Person(_) => Ok(state.registry.acting(&self.proved(state)?).await?),
            Self::Program(caller) => Ok(caller),
        }
    }
}

/// An id in a path: what cannot be one does not exist.
pub(super) fn number(text: &str) -> Result<i64, ApiError> {
    text.parse().map_err(|_| registry::RegistryError::NotFound.into())
}

/// As whom somebody reads: with a session or a token as its account, else as everybody does. A token that is good for nothing is
/// no reason to refuse what everybody gets.
pub(super) struct Reader(pub(super) Viewer);

impl FromRequestParts<AppState> for Reader {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        if let Some(visitor) = parts.extensions.get::<Visitor>() {
            return Ok(Self(visitor.viewer()));
        }
        let client = Client::of(parts);
        let Some(token) = uploads::shown_token(&parts.headers) else { return Ok(Self(Viewer::Anonymous)) };
        let caller = state.registry.authenticate(&token, &client).await;
        Ok(Self(caller.map_or(Viewer::Anonymous, |caller| caller.viewer())))
    }
}
