//! Issuers of signed tokens: where their keys are (OpenID Connect Discovery 1.0), and whether a token is theirs (RFC 7519,
//! OpenID Connect Core 1.0, section 3.1.3.7).

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration as Span, Instant},
};

use http::HeaderMap;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::JwkSet};
use serde::Deserialize;
use serde_json::{Map, Value};
use time::{Duration, OffsetDateTime};
use url::Url;

use super::{WebClient, web_client::WebError};

/// How long keys are trusted before they are fetched again.
const KEPT: Span = Span::from_hours(1);
/// How often at most keys are fetched because a token names one that is not known, or because it has failed before.
const BETWEEN_FETCHES: Span = Span::from_secs(10);
/// How long keys are trusted that cannot be fetched again: one that was withdrawn is good no longer than that.
const LONGEST_KEPT: Span = Span::from_hours(24);
/// How far the clocks of two servers may differ.
pub(crate) const LEEWAY: Duration = Duration::seconds(60);
/// What tokens may be signed with: with a pair of keys, never with a secret that both know.
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];
/// Bytes of a token.
const LARGEST: usize = 32 << 10;

/// An issuer of tokens, by its address. What it says of itself is fetched when it is needed. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Issuer {
    address: String,
    client: WebClient,
    known: Arc<Mutex<Option<Known>>>,
    /// Held while somebody fetches: when that was tried last.
    fetching: Arc<tokio::sync::Mutex<Option<Instant>>>,
}

#[derive(Clone, Debug)]
struct Known {
    metadata: Metadata,
    keys: JwkSet,
    fetched_at: Instant,
}

/// What an issuer says of itself.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Metadata {
    issuer: String,
    /// Where people are sent; workflows have no such page.
    pub(crate) authorization_endpoint: Option<Url>,
    /// Where a code is exchanged.
    pub(crate) token_endpoint: Option<Url>,
    /// Where more is said of somebody than in their token.
    pub(crate) userinfo_endpoint: Option<Url>,
    jwks_uri: Url,
    /// Whether its answers name it (RFC 9207).
    #[serde(default)]
    pub(crate) authorization_response_iss_parameter_supported: bool,
}

/// Why a token is not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IssuerError {
    /// The issuer does not answer as it should.
    #[error(transparent)]
    Web(#[from] WebError),
    /// It did not answer a moment ago.
    #[error("the issuer at {0} did not answer a moment ago")]
    Away(String),
    /// It says it is another one.
    #[error("the issuer at {0} says that it is another one")]
    OtherIssuer(String),
    /// It is no token, or it was changed, or it is signed with something else.
    #[error("it is no token of this issuer: {0}")]
    Signature(String),
    /// It is for somebody else.
    #[error("it is meant for another audience than {0}")]
    Audience(String),
    /// Its time is over.
    #[error("its time is over")]
    Expired,
    /// Its time has not come.
    #[error("its time has not come yet")]
    Early,
}

impl Issuer {
    /// The issuer at an address, which is compared as it is written.
    pub(crate) fn new(address: &str, client: WebClient) -> Self {
        Self { address: address.to_owned(), client, known: Arc::default(), fetching: Arc::default() }
    }

    /// Its address.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// What it says of itself.
    pub(crate) async fn metadata(&self) -> Result<Metadata, IssuerError> {
        Ok(self.known(None).await?.metadata)
    }

    fn kept(&self) -> Option<Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What is known of it and need not be fetched, for a token with the key of this name.
    fn recent(&self, key: Option<&str>) -> Option<Known> {
        let known = self.kept()?;
        let has_key = key.is_none_or(|key| known.keys.find(key).is_some());
        let age = known.fetched_at.elapsed();
        (age < KEPT && (has_key || age < BETWEEN_FETCHES)).then_some(known)
    }

    /// What is known of it, with the key of this name if it has one. One fetches, the others wait for it.
    async fn known(&self, key: Option<&str>) -> Result<Known, IssuerError> {
        if let Some(known) = self.recent(key) {
            return Ok(known);
        }
        let mut tried_at = self.fetching.lock().await;
        if let Some(known) = self.recent(key) {
            return Ok(known);
        }
        // Keys do not become bad because their server is away for a while.
        let still_good = self.kept().filter(|known| known.fetched_at.elapsed() < LONGEST_KEPT);
        if tried_at.is_some_and(|tried| tried.elapsed() < BETWEEN_FETCHES) {
            return still_good.ok_or_else(|| IssuerError::Away(self.address.clone()));
        }
        let fetched = self.fetch().await;
        *tried_at = Some(Instant::now());
        match (fetched, still_good) {
            (Ok(known), _) => {
                *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(known.clone());
                Ok(known)
            }
            (Err(IssuerError::Web(error)), Some(known)) => {
                tracing::warn!(%error, issuer = self.address, "the keys of an issuer were not fetched again");
                Ok(known)
            }
            (Err(error), _) => Err(error),
        }
    }

    async fn fetch(&self) -> Result<Known, IssuerError> {
        let unexpected = |reason: &str| WebError::Unexpected { host: self.address.clone(), reason: reason.to_owned() };
        let place = format!("{}/.well-known/openid-configuration", self.address.trim_end_matches('/'));
        let place = Url::parse(&place).map_err(|_| unexpected("its address is none"))?;
        let metadata: Metadata = self.client.get_json(&place, HeaderMap::new()).await?;
        if metadata.issuer != self.address {
            return Err(IssuerError::OtherIssuer(self.address.clone()));
        }
        // Whoever answers in the clear elsewhere than here could be anybody.
        let places = [
            Some(&metadata.jwks_uri),
            metadata.token_endpoint.as_ref(),
            metadata.authorization_endpoint.as_ref(),
            metadata.userinfo_endpoint.as_ref(),
        ];
        if places.into_iter().flatten().any(|place| !is_safe(place)) {
            return Err(unexpected("some of its addresses are not https").into());
        }
        // What is of no kind that is known here is left out.
        let keys: Map<String, Value> = self.client.get_json(&metadata.jwks_uri, HeaderMap::new()).await?;
        let keys = keys.get("keys").and_then(Value::as_array).ok_or_else(|| unexpected("it has no keys"))?;
        let keys = keys.iter().filter_map(|key| serde_json::from_value(key.clone()).ok()).collect();
        Ok(Known { metadata, keys: JwkSet { keys }, fetched_at: Instant::now() })
    }

    /// What a token says, if it is the issuer's, for this audience, and good now.
    pub(crate) async fn verify(
        &self,
        token: &str,
        audience: &str,
        now: OffsetDateTime,
    ) -> Result<Map<String, Value>, IssuerError> {
        let wrong = |reason: &dyn std::fmt::Display| IssuerError::Signature(reason.to_string());
        if token.len() > LARGEST {
            return Err(wrong(&"it is too large"));
        }
        let header = jsonwebtoken::decode_header(token).map_err(|error| wrong(&error))?;
        if !ALGORITHMS.contains(&header.alg) {
            return Err(wrong(&"it is signed in a way that is not taken"));
        }
        let known = self.known(header.kid.as_deref()).await?;
        let key = match &header.kid {
            Some(name) => known.keys.find(name),
            // Without a name there must be no doubt.
            None if known.keys.keys.len() == 1 => known.keys.keys.first(),
            None => None,
        };
        let key = key.ok_or_else(|| wrong(&"its key is not known"))?;
        let key = DecodingKey::from_jwk(key).map_err(|error| wrong(&error))?;
        // The times are looked at below, by the registry's own clock.
        let mut validation = Validation::new(header.alg);
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let claims = jsonwebtoken::decode::<Map<String, Value>>(token, &key, &validation);
        let claims = claims.map_err(|error| wrong(&error))?.claims;
        self.check(&claims, audience, now)?;
        Ok(claims)
    }

    fn check(&self, claims: &Map<String, Value>, audience: &str, now: OffsetDateTime) -> Result<(), IssuerError> {
        if claims.get("iss").and_then(Value::as_str) != Some(&self.address) {
            return Err(IssuerError::OtherIssuer(self.address.clone()));
        }
        let is_meant = match claims.get("aud") {
            Some(Value::String(one)) => one == audience,
            // Several audiences could show it to each other.
            Some(Value::Array(all)) => matches!(all.as_slice(), [Value::String(one)] if one == audience),
            _ => false,
        };
        if !is_meant {
            return Err(IssuerError::Audience(audience.to_owned()));
        }
        let (now, leeway) = (now.unix_timestamp(), LEEWAY.whole_seconds());
        let time = |name: &str| claims.get(name).and_then(seconds);
        match time("exp") {
            Some(end) if now < end.saturating_add(leeway) => {}
            _ => return Err(IssuerError::Expired),
        }
        if [time("nbf"), time("iat")].into_iter().flatten().any(|begin| begin > now.saturating_add(leeway)) {
            return Err(IssuerError::Early);
        }
        Ok(())
    }
}

/// A `NumericDate` in whole seconds.
#[expect(clippy::cast_possible_truncation, reason = "what is no time is far away from now on either side")]
fn seconds(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64))
}

/// Whether what is sent there cannot be read on the way: https, or this machine.
pub(crate) fn is_safe(address: &Url) -> bool {
    let is_here = match address.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    address.scheme() == "https" || address.scheme() == "http" && is_here
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use time::macros::datetime;

    use super::*;

    fn check(claims: &Value) -> Result<(), IssuerError> {
        let issuer = Issuer::new("https://issuer.test", WebClient::new().expect("a client"));
        let claims = claims.as_object().expect("an object").clone();
        issuer.check(&claims, "here", datetime!(2026-11-21 12:00 UTC))
    }

    #[test]
    fn a_token_is_for_here_and_now() {
        let now = datetime!(2026-11-21 12:00 UTC).unix_timestamp();
        let with = |name: &str, value: Value| {
            let mut claims = json!({ "iss": "https://issuer.test", "aud": "here", "exp": now + 300, "iat": now });
            claims[name] = value;
            check(&claims)
        };
        assert!(with("sub", json!("x")).is_ok() && with("aud", json!(["here"])).is_ok());
        assert!(with("exp", json!(now - 59)).is_ok() && with("iat", json!(now + 60)).is_ok());
        for (name, value) in [
            ("iss", json!("https://issuer.test/")),
            ("iss", json!("https://issuer.test.evil")),
            ("iss", json!(null)),
            ("aud", json!("there")),
            ("aud", json!(["here", "there"])),
            ("aud", json!(null)),
            ("exp", json!(now - 60)),
            ("exp", json!(null)),
            ("exp", json!("never")),
            ("nbf", json!(now + 61)),
            ("iat", json!(now + 61)),
        ] {
            assert!(with(name, value.clone()).is_err(), "{name} {value}");
        }
    }

    #[test]
    fn only_this_machine_is_spoken_to_in_the_clear() {
        for (address, safe) in [
            ("https://a.test", true),
            ("http://localhost:9000", true),
            ("http://127.0.0.1", true),
            ("http://[::1]:1", true),
            ("http://a.test", false),
            ("http://localhost.a.test", false),
            ("ftp://localhost", false),
        ] {
            assert_eq!(is_safe(&address.parse().expect("an address")), safe, "{address}");
        }
    }
}
