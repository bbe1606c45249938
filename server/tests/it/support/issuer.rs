//! A provider in the test: an issuer of signed tokens with its keys, where people log in and workflows get tokens, and what
//! stands in the place of GitHub.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use aws_lc_rs::{rand::SystemRandom, signature};
use axum::{
    Json, Router,
    extract::{Form, Query, State},
    http::{HeaderMap, StatusCode},
    routing::{get, post},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::Jwk};
use registry::{ProviderKind, ProviderSettings, WorkflowIssuer, WorkflowService};
use serde_json::{Value, json};

/// By what it knows the registry.
pub(crate) const CLIENT: &str = "the-registry";

/// What a code is worth.
#[derive(Clone, Debug)]
struct Grant {
    /// What the token says; of GitHub's stand-in, who it is.
    claims: Value,
    challenge: String,
}

#[derive(Default)]
struct Kept {
    grants: HashMap<String, Grant>,
    /// Who has a token of GitHub's stand-in.
    users: HashMap<String, Value>,
    keys: Vec<Value>,
    /// What the token of a run says, but for whom it is.
    run: Option<Value>,
}

/// A provider on a port of its own.
#[derive(Clone)]
pub(crate) struct Issuer {
    address: String,
    key: Arc<EncodingKey>,
    kept: Arc<Mutex<Kept>>,
}

fn new_key(name: &str) -> (EncodingKey, Value) {
    let document =
        signature::EcdsaKeyPair::generate_pkcs8(&signature::ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
    let key = EncodingKey::from_ec_der(document.expect("a key").as_ref());
    let mut public = Jwk::from_encoding_key(&key, Algorithm::ES256).expect("a public key");
    public.common.key_id = Some(name.to_owned());
    (key, serde_json::to_value(public).expect("JSON"))
}

impl Issuer {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let (key, public) = new_key("first");
        let kept = Arc::new(Mutex::new(Kept { keys: vec![public], ..Kept::default() }));
        let issuer = Self { address, key: Arc::new(key), kept };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .route("/run-token", get(run_token))
            .route("/login/oauth/access_token", post(github_token))
            .route("/api/user", get(github_user))
            .route("/api/user/emails", get(github_emails))
            .with_state(issuer.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        issuer
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// As an OpenID provider.
    pub(crate) fn provider(&self) -> ProviderSettings {
        ProviderSettings {
            name: "Example".to_owned(),
            client_id: CLIENT.to_owned(),
            client_secret: "hush".to_owned(),
            kind: ProviderKind::OpenId { issuer: self.address.clone() },
        }
    }

    /// As GitHub.
    pub(crate) fn github(&self) -> ProviderSettings {
        let (server, api) = (self.address.parse().expect("a URL"), format!("{}/api", self.address).parse());
        ProviderSettings {
            name: "GitHub".to_owned(),
            client_id: CLIENT.to_owned(),
            client_secret: "hush".to_owned(),
            kind: ProviderKind::GitHub { server, api: api.expect("a URL") },
        }
    }

    /// As a service that runs workflows.
    pub(crate) fn workflows(&self, service: WorkflowService) -> WorkflowIssuer {
        WorkflowIssuer { service, address: self.address.clone() }
    }

    /// A code for which the provider answers with a token that says this. `challenge` is what the registry has sent along.
    pub(crate) fn code(&self, claims: Value, challenge: &str) -> String {
        let mut kept = self.kept();
        let code = format!("code-{}", kept.grants.len());
        kept.grants.insert(code.clone(), Grant { claims, challenge: challenge.to_owned() });
        code
    }

    /// A token that says this, signed with the issuer's key.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        sign(&self.key, "first", claims)
    }

    /// The same, signed with a key that is nobody's, under the name of the issuer's own.
    pub(crate) fn forge(claims: &Value) -> String {
        sign(&new_key("first").0, "first", claims)
    }

    /// Lets runs ask for tokens that say this, as workflows at GitHub do: the address, and what to show there.
    pub(crate) fn run_tokens(&self, claims: Value) -> (String, &'static str) {
        self.kept().run = Some(claims);
        (format!("{}/run-token?api-version=2.0", self.address), "run-secret")
    }

    fn take(&self, form: &HashMap<String, String>) -> Option<Grant> {
        let grant = self.kept().grants.remove(form.get("code")?)?;
        let verifier = form.get("code_verifier")?;
        let hash = <sha2::Sha256 as sha2::Digest>::digest(verifier.as_bytes());
        (BASE64_URL_SAFE_NO_PAD.encode(hash) == grant.challenge).then_some(grant)
    }
}

fn sign(key: &EncodingKey, name: &str, claims: &Value) -> String {
    let mut header = Header::new(Algorithm::ES256);
    header.kid = Some(name.to_owned());
    jsonwebtoken::encode(&header, claims, key).expect("a token")
}

async fn discovery(State(issuer): State<Issuer>) -> Json<Value> {
    let at = |path: &str| format!("{}{path}", issuer.address);
    Json(json!({
        "issuer": issuer.address,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "jwks_uri": at("/keys"),
    }))
}

async fn keys(State(issuer): State<Issuer>) -> Json<Value> {
    // Of a kind that nobody knows, as some issuers have.
    let mut keys = vec![json!({ "kty": "NEW", "kid": "other" })];
    keys.extend(issuer.kept().keys.clone());
    Json(json!({ "keys": keys }))
}

async fn token(
    State(issuer): State<Issuer>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> (StatusCode, Json<Value>) {
    let known = format!("Basic {}", base64::prelude::BASE64_STANDARD.encode(format!("{CLIENT}:hush")));
    let is_known = headers.get("authorization").is_some_and(|value| *value == known);
    match issuer.take(&form).filter(|_| is_known) {
        Some(grant) => {
            let id_token = issuer.sign(&grant.claims);
            let body = json!({ "access_token": "x", "token_type": "Bearer", "id_token": id_token });
            (StatusCode::OK, Json(body))
        }
        None => (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))),
    }
}

async fn run_token(
    State(issuer): State<Issuer>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Result<Json<Value>, StatusCode> {
    let is_known = headers.get("authorization").is_some_and(|value| *value == "bearer run-secret");
    let (Some(audience), true) = (query.get("audience"), is_known) else { return Err(StatusCode::UNAUTHORIZED) };
    let mut claims = issuer.kept().run.clone().ok_or(StatusCode::NOT_FOUND)?;
    claims["aud"] = json!(audience);
    Ok(Json(json!({ "count": 1, "value": issuer.sign(&claims) })))
}

async fn github_token(State(issuer): State<Issuer>, Form(form): Form<HashMap<String, String>>) -> Json<Value> {
    let is_known = form.get("client_secret").is_some_and(|secret| secret == "hush");
    match issuer.take(&form).filter(|_| is_known) {
        Some(grant) => {
            let token = format!("gho_{}", issuer.kept().users.len());
            issuer.kept().users.insert(format!("Bearer {token}"), grant.claims);
            Json(json!({ "access_token": token, "token_type": "bearer", "scope": "read:user,user:email" }))
        }
        // With status 200, as there.
        None => Json(json!({ "error": "bad_verification_code", "error_description": "The code is incorrect." })),
    }
}

fn user(issuer: &Issuer, headers: &HeaderMap) -> Result<Value, StatusCode> {
    let token = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    issuer.kept().users.get(token).cloned().ok_or(StatusCode::UNAUTHORIZED)
}

async fn github_user(State(issuer): State<Issuer>, headers: HeaderMap) -> Result<Json<Value>, StatusCode> {
    let user = user(&issuer, &headers)?;
    Ok(Json(json!({ "id": user["id"], "login": user["login"] })))
}

async fn github_emails(State(issuer): State<Issuer>, headers: HeaderMap) -> Result<Json<Value>, StatusCode> {
    Ok(Json(user(&issuer, &headers)?["emails"].clone()))
}
