//! Logging in at a provider: OAuth 2.0 (RFC 6749) with PKCE (RFC 7636), and OpenID Connect where the provider speaks it.

use http::HeaderValue;
use model::Email;
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet,
    ExtraTokenFields, HttpRequest, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, StandardRevocableToken,
    StandardTokenResponse, TokenResponse as _, TokenUrl,
    basic::{BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use subtle::ConstantTimeEq as _;
use time::Duration;
use url::Url;

use super::{
    Issuer, IssuerError, LEEWAY, Provider, ProviderKind, github,
    web_client::{WebError, bearer},
};
use crate::{
    Registry,
    accounts::{ClientInfo, Limited},
};

/// How long somebody has to log in elsewhere.
const LIFETIME: Duration = Duration::minutes(15);

/// What a log-in elsewhere is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SignInPurpose {
    /// To log in, or to make an account.
    LogIn,
    /// To link the account there to that of the visitor.
    Link,
    /// To show once more who the visitor is.
    Prove,
}

/// A log-in elsewhere that was begun. It stays on the server, in the session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SignIn {
    provider: String,
    state: String,
    nonce: String,
    verifier: String,
    begun_at: i64,
    /// What it is for.
    pub purpose: SignInPurpose,
    /// Where somebody wanted to go.
    pub next: String,
}

/// A provider that people log in at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderInfo {
    /// What stands in addresses.
    pub slug: String,
    /// What people know it as.
    pub name: String,
    /// Who vouches for the identities that come from it.
    pub issuer: String,
    /// Whether it can be told to ask for a password although somebody is logged in there.
    pub asks_again: bool,
}

/// Who somebody is elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExternalIdentity {
    /// The name of the provider.
    pub provider: String,
    /// Who vouches for it.
    pub issuer: String,
    /// Which account it is there; never another one's.
    pub subject: String,
    /// What it is called there now.
    pub name: String,
    /// Its address, where the provider has verified it.
    pub email: Option<Email>,
}

/// Why nobody is known by a log-in elsewhere.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// No provider has this name.
    #[error("nobody logs in here by way of that")]
    UnknownProvider,
    /// It was not begun here, or in another browser, or too long ago, or it was used already.
    #[error("this log-in was begun too long ago, in another browser, or was used already; begin anew")]
    Stale,
    /// The provider says no, or they have thought better of it.
    #[error("{0} did not let you in, so nothing was done here; try again, or another way")]
    Refused(String),
    /// The provider does not answer.
    #[error("{0} cannot be reached now; try again in a moment, or log in another way")]
    Unreachable(String),
    /// The provider has answered with something that cannot be trusted.
    #[error("what {0} answered cannot be trusted; it was logged for the people who run this server")]
    Untrusted(String),
    /// Too often.
    #[error(transparent)]
    Limited(#[from] Limited),
}

/// What the token endpoint of an OpenID provider answers beside the usual.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct WithIdToken {
    id_token: Option<String>,
}

impl ExtraTokenFields for WithIdToken {}

type Tokens = StandardTokenResponse<WithIdToken, BasicTokenType>;
type OAuthClient = Client<
    BasicErrorResponse,
    Tokens,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

impl Registry {
    /// The providers that people log in at.
    pub fn providers(&self) -> Vec<ProviderInfo> {
        let info = |provider: &Provider| ProviderInfo {
            slug: provider.slug.clone(),
            name: provider.settings.name.clone(),
            issuer: issuer_of(provider),
            asks_again: provider.issuer.is_some(),
        };
        self.providers.iter().map(info).collect()
    }

    /// Who vouches for identities that log in today.
    pub(crate) fn known_issuers(&self) -> Vec<String> {
        self.providers.iter().map(issuer_of).collect()
    }

    fn identity_provider(&self, slug: &str) -> Result<&Provider, SignInError> {
        self.providers.iter().find(|provider| provider.slug == slug).ok_or(SignInError::UnknownProvider)
    }

    /// Begins a log-in at a provider: the address to send somebody to, and what is to be kept meanwhile.
    pub async fn begin_sign_in(
        &self,
        slug: &str,
        purpose: SignInPurpose,
        next: &str,
        client: &ClientInfo,
    ) -> Result<(Url, SignIn), SignInError> {
        let provider = self.identity_provider(slug)?;
        self.limits.identity_by_network.count(&client.network())?;
        let oauth = self.oauth_client(provider).await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let nonce = CsrfToken::new_random();
        let mut request = oauth.authorize_url(CsrfToken::new_random).set_pkce_challenge(challenge);
        let scopes: &[&str] = match provider.settings.kind {
            ProviderKind::GitHub { .. } => &["read:user", "user:email"],
            ProviderKind::OpenId { .. } => &["openid", "email", "profile"],
        };
        for scope in scopes {
            request = request.add_scope(Scope::new((*scope).to_owned()));
        }
        if provider.issuer.is_some() {
            request = request.add_extra_param("nonce", nonce.secret());
            if purpose == SignInPurpose::Prove {
                // Who is still logged in there shows nothing by that.
                request = request.add_extra_param("prompt", "login").add_extra_param("max_age", "0");
            }
        }
        let (address, state) = request.url();
        let begun = SignIn {
            provider: provider.slug.clone(),
            state: state.into_secret(),
            nonce: nonce.into_secret(),
            verifier: verifier.into_secret(),
            begun_at: self.clock.now().unix_timestamp(),
            purpose,
            next: next.to_owned(),
        };
        Ok((address, begun))
    }

    /// Ends a log-in at a provider: who somebody is there. `answer` is what the provider has put into the address they came
    /// back by, each name once.
    pub async fn finish_sign_in(
        &self,
        slug: &str,
        begun: &SignIn,
        answer: &[(String, String)],
    ) -> Result<ExternalIdentity, SignInError> {
        let provider = self.identity_provider(slug)?;
        let given = |name: &str| {
            let mut values = answer.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
            let value = values.next();
            if values.next().is_some() { None } else { value }
        };
        let is_same = given("state").is_some_and(|state| bool::from(state.as_bytes().ct_eq(begun.state.as_bytes())));
        if begun.provider != provider.slug
            || !is_same
            || begun.begun_at + LIFETIME.whole_seconds() <= self.clock.now().unix_timestamp()
        {
            return Err(SignInError::Stale);
        }
        let name = || provider.settings.name.clone();
        if given("error").is_some() {
            return Err(SignInError::Refused(name()));
        }
        self.check_sender(provider, given("iss")).await?;
        let code = given("code").ok_or(SignInError::Stale)?;
        let oauth = self.oauth_client(provider).await?;
        let web = self.web_client.clone();
        let send = move |request: HttpRequest| {
            let web = web.clone();
            async move { web.send(as_json(request)).await }
        };
        let tokens = oauth
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(begun.verifier.clone()))
            .request_async(&send)
            .await;
        let tokens = tokens.map_err(|error| {
            tracing::warn!(%error, provider = provider.slug, "a provider did not take a code");
            match error {
                oauth2::RequestTokenError::Request(_) => SignInError::Unreachable(name()),
                _ => SignInError::Refused(name()),
            }
        })?;
        self.identify(provider, &tokens, begun).await
    }

    /// Whether the answer comes from the provider that was asked, where it says (RFC 9207).
    async fn check_sender(&self, provider: &Provider, sender: Option<&str>) -> Result<(), SignInError> {
        let Some(issuer) = &provider.issuer else { return Ok(()) };
        let metadata = issuer.metadata().await.map_err(|error| issuer_failed(provider, &error))?;
        let is_right = match sender {
            Some(sender) => sender == issuer.address(),
            None => !metadata.authorization_response_iss_parameter_supported,
        };
        if is_right { Ok(()) } else { Err(SignInError::Stale) }
    }

    async fn identify(
        &self,
        provider: &Provider,
        tokens: &Tokens,
        begun: &SignIn,
    ) -> Result<ExternalIdentity, SignInError> {
        let untrusted = || SignInError::Untrusted(provider.settings.name.clone());
        let (subject, name, email) = match (&provider.settings.kind, &provider.issuer) {
            (ProviderKind::OpenId { .. }, Some(issuer)) => {
                let token = tokens.extra_fields().id_token.as_deref().ok_or_else(untrusted)?;
                let claims = issuer.verify(token, &provider.settings.client_id, self.clock.now()).await;
                let claims = claims.map_err(|error| issuer_failed(provider, &error))?;
                if claims.get("nonce").and_then(Value::as_str) != Some(&begun.nonce) {
                    return Err(untrusted());
                }
                // Whoever has the browser could have taken the demand out of the address.
                let asked_at = claims.get("auth_time").and_then(Value::as_i64);
                let is_fresh = asked_at.is_some_and(|time| time + LEEWAY.whole_seconds() >= begun.begun_at);
                if begun.purpose == SignInPurpose::Prove && !is_fresh {
                    return Err(SignInError::Refused(provider.settings.name.clone()));
                }
                let claims = self.with_user_info(provider, issuer, claims, tokens).await?;
                let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
                let subject =
                    text("sub").filter(|subject| (1..=255).contains(&subject.len()) && !subject.contains('\0'));
                let subject = subject.ok_or_else(untrusted)?;
                let is_verified = claims.get("email_verified") == Some(&Value::Bool(true));
                let email = text("email").filter(|_| is_verified);
                let name = text("preferred_username").or_else(|| text("name")).or_else(|| email.clone());
                (subject.clone(), name.unwrap_or(subject), email)
            }
            (ProviderKind::GitHub { api, .. }, _) => {
                let user = github::user(&self.web_client, api, tokens.access_token().secret()).await;
                let (user, email) = user.map_err(|error| web_failed(provider, &error))?;
                (user.id.to_string(), user.login, email)
            }
            (ProviderKind::OpenId { .. }, None) => return Err(untrusted()),
        };
        let name: String = name.chars().filter(|letter| !model::is_unseen(*letter)).take(100).collect();
        Ok(ExternalIdentity {
            provider: provider.settings.name.clone(),
            issuer: issuer_of(provider),
            name: if name.is_empty() { subject.chars().take(100).collect() } else { name },
            subject,
            email: email.and_then(|email| email.parse().ok()),
        })
    }

    /// What a token says, and what the provider says of the same person elsewhere where the token is short.
    async fn with_user_info(
        &self,
        provider: &Provider,
        issuer: &Issuer,
        mut claims: Map<String, Value>,
        tokens: &Tokens,
    ) -> Result<Map<String, Value>, SignInError> {
        let metadata = issuer.metadata().await.map_err(|error| issuer_failed(provider, &error))?;
        let Some(place) = metadata.userinfo_endpoint.filter(|_| !claims.contains_key("email")) else {
            return Ok(claims);
        };
        let headers = bearer(tokens.access_token().secret());
        let more: Map<String, Value> =
            self.web_client.get_json(&place, headers).await.map_err(|error| web_failed(provider, &error))?;
        // It may be about somebody else (OpenID Connect Core 1.0, section 5.3.4).
        if more.get("sub") != claims.get("sub") {
            return Err(SignInError::Untrusted(provider.settings.name.clone()));
        }
        for (name, value) in more {
            claims.entry(name).or_insert(value);
        }
        Ok(claims)
    }

    async fn oauth_client(&self, provider: &Provider) -> Result<OAuthClient, SignInError> {
        let untrusted = || SignInError::Untrusted(provider.settings.name.clone());
        let (authorize, token) = match (&provider.settings.kind, &provider.issuer) {
            (ProviderKind::GitHub { server, .. }, _) => {
                let at = |path: &str| format!("{}{path}", server.as_str().trim_end_matches('/'));
                (at("/login/oauth/authorize"), at("/login/oauth/access_token"))
            }
            (ProviderKind::OpenId { .. }, Some(issuer)) => {
                let metadata = issuer.metadata().await.map_err(|error| issuer_failed(provider, &error))?;
                let authorize = metadata.authorization_endpoint.ok_or_else(untrusted)?;
                (authorize.into(), metadata.token_endpoint.ok_or_else(untrusted)?.into())
            }
            (ProviderKind::OpenId { .. }, None) => return Err(untrusted()),
        };
        let mut back = self.public_url.clone();
        back.set_path(&format!("/login/with/{}/callback", provider.slug));
        let auth_type = match provider.settings.kind {
            ProviderKind::GitHub { .. } => AuthType::RequestBody,
            ProviderKind::OpenId { .. } => AuthType::BasicAuth,
        };
        Ok(Client::new(ClientId::new(provider.settings.client_id.clone()))
            .set_client_secret(ClientSecret::new(provider.settings.client_secret.clone()))
            .set_auth_type(auth_type)
            .set_auth_uri(AuthUrl::new(authorize).map_err(|_| untrusted())?)
            .set_token_uri(TokenUrl::new(token).map_err(|_| untrusted())?)
            .set_redirect_uri(RedirectUrl::from_url(back)))
    }
}

/// GitHub answers with a form where nobody asks for JSON.
fn as_json(mut request: HttpRequest) -> HttpRequest {
    request.headers_mut().insert(http::header::ACCEPT, HeaderValue::from_static("application/json"));
    request
}

fn issuer_of(provider: &Provider) -> String {
    match &provider.settings.kind {
        ProviderKind::GitHub { server, .. } => server.as_str().trim_end_matches('/').to_owned(),
        ProviderKind::OpenId { issuer } => issuer.clone(),
    }
}

fn issuer_failed(provider: &Provider, error: &IssuerError) -> SignInError {
    match error {
        IssuerError::Web(error) => web_failed(provider, error),
        IssuerError::Away(_) => SignInError::Unreachable(provider.settings.name.clone()),
        error => {
            tracing::warn!(%error, provider = provider.slug, "a token of a provider is not taken");
            SignInError::Untrusted(provider.settings.name.clone())
        }
    }
}

fn web_failed(provider: &Provider, error: &WebError) -> SignInError {
    tracing::warn!(%error, provider = provider.slug, "a provider does not answer as it should");
    match error {
        WebError::Unexpected { .. } => SignInError::Untrusted(provider.settings.name.clone()),
        _ => SignInError::Unreachable(provider.settings.name.clone()),
    }
}
