use std::time::Duration;

use http::{HeaderMap, HeaderValue, Method, Request, Response, header};
use reqwest::redirect::Policy;
use serde::de::DeserializeOwned;
use url::Url;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of an answer.
const LARGEST: usize = 1 << 20;

/// Asks other servers over HTTP: those that the configuration names, and none that a visitor could. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct WebClient(reqwest::Client);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WebError {
    /// Nobody answered, or not in time.
    #[error("{host} cannot be reached: {cause}")]
    Unreachable { host: String, cause: reqwest::Error },
    /// The answer is an error.
    #[error("{host} answered with status {status}")]
    Status { host: String, status: u16 },
    /// The answer is too large, or not what was expected.
    #[error("{host} answered with something else than expected: {reason}")]
    Unexpected { host: String, reason: String },
}

/// The header that shows a token.
pub(super) fn bearer(token: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Ok(mut value) = HeaderValue::from_str(&format!("Bearer {token}")) {
        value.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, value);
    }
    headers
}

impl WebClient {
    /// Opens no connection yet.
    pub(crate) fn new() -> Result<Self, reqwest::Error> {
        reqwest::Client::builder()
            .user_agent(concat!("pginstall/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .timeout(PATIENCE)
            .build()
            .map(Self)
    }

    /// Sends a request and takes the whole answer, whatever its status.
    pub(crate) async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, WebError> {
        let host = request.uri().host().unwrap_or_default().to_owned();
        let unreachable = |cause| WebError::Unreachable { host: host.clone(), cause };
        let request = reqwest::Request::try_from(request).map_err(unreachable)?;
        let mut answer = self.0.execute(request).await.map_err(unreachable)?;
        let mut response = Response::builder().status(answer.status());
        if let Some(headers) = response.headers_mut() {
            *headers = answer.headers().clone();
        }
        let mut body = Vec::new();
        while let Some(bytes) = answer.chunk().await.map_err(unreachable)? {
            if body.len() + bytes.len() > LARGEST {
                return Err(WebError::Unexpected { host, reason: "it is too large".to_owned() });
            }
            body.extend_from_slice(&bytes);
        }
        response.body(body).map_err(|error| WebError::Unexpected { host, reason: error.to_string() })
    }

    /// What stands at an address, as JSON.
    pub(crate) async fn get_json<T: DeserializeOwned>(&self, address: &Url, headers: HeaderMap) -> Result<T, WebError> {
        let host = address.host_str().unwrap_or_default().to_owned();
        let unexpected = |reason: String| WebError::Unexpected { host: host.clone(), reason };
        let mut request = Request::builder().method(Method::GET).uri(address.as_str());
        if let Some(all) = request.headers_mut() {
            *all = headers;
        }
        let request = request.body(Vec::new()).map_err(|error| unexpected(error.to_string()))?;
        let answer = self.send(request).await?;
        if !answer.status().is_success() {
            return Err(WebError::Status { host, status: answer.status().as_u16() });
        }
        serde_json::from_slice(answer.body()).map_err(|error| unexpected(error.to_string()))
    }
}
