//! What every request carries: an id and the address of its client.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts, Request},
    http::{HeaderName, HeaderValue, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use registry::ClientInfo;

use crate::config::HttpConfig;

pub(crate) static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The address of the client, as far as trusted proxies say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClientAddress(pub(crate) IpAddr);

/// From where a request comes, for those who note it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Client(pub(crate) ClientInfo);

impl Client {
    /// As far as it is known.
    pub(crate) fn of(parts: &mut Parts) -> ClientInfo {
        let address = parts.extensions.get::<ClientAddress>().map(|client| client.0.to_string());
        let agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        ClientInfo::new(address.unwrap_or_default(), agent)
    }
}

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(Self::of(parts)))
    }
}

/// What is known of a request before anything else is done.
#[derive(Clone, Debug)]
pub(crate) struct RequestContext {
    pub(crate) client: ClientAddress,
    /// A value for logs and for the answer.
    pub(crate) id: HeaderValue,
}

impl RequestContext {
    pub(crate) fn of(http: &HttpConfig, request: &Request) -> Self {
        let peer = request
            .extensions()
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::from([127, 0, 0, 1]), |info| info.0.ip());
        Self { client: ClientAddress(client_address(http, peer, request)), id: request_id(http, peer, request) }
    }
}

/// The client: the last address in `X-Forwarded-For` that is no trusted proxy, if the peer is one.
fn client_address(http: &HttpConfig, peer: IpAddr, request: &Request) -> IpAddr {
    let trusted = |address: IpAddr| http.trusted_proxies.iter().any(|network| network.contains(&address));
    if !trusted(peer) {
        return peer;
    }
    let mut client = peer;
    let values: Vec<&str> =
        request.headers().get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).collect();
    for hop in values.join(",").rsplit(',') {
        let Ok(address) = hop.trim().parse() else { break };
        client = address;
        if !trusted(address) {
            break;
        }
    }
    client
}

/// The id that a trusted proxy gave, else a new one.
fn request_id(http: &HttpConfig, peer: IpAddr, request: &Request) -> HeaderValue {
    let trusted = http.trusted_proxies.iter().any(|network| network.contains(&peer));
    let given = request.headers().get(&REQUEST_ID).filter(|_| trusted).filter(|id| {
        (1..=64).contains(&id.len())
            && id.as_bytes().iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    });
    given.cloned().unwrap_or_else(|| {
        let id = hex::encode(rand::random::<[u8; 8]>());
        HeaderValue::from_str(&id).unwrap_or(HeaderValue::from_static("none"))
    })
}

/// What proxies add to a request that they pass on.
const FORWARDING_HEADERS: [&str; 6] =
    ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"];

/// Hides a route from everybody but clients on this machine.
pub(crate) async fn only_loopback(request: Request, next: Next) -> Response {
    let is_loopback = request.extensions().get::<ClientAddress>().is_some_and(|client| client.0.is_loopback());
    // A proxy on this machine that nobody named as trusted speaks for somebody else.
    let is_forwarded = FORWARDING_HEADERS.iter().any(|name| request.headers().contains_key(*name));
    if is_loopback && !is_forwarded { next.run(request).await } else { StatusCode::NOT_FOUND.into_response() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn http(proxies: &[&str]) -> HttpConfig {
        HttpConfig {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            public_url: "http://localhost:8080".parse().expect("a URL"),
            trusted_proxies: proxies.iter().map(|network| network.parse().expect("a network")).collect(),
            site_root: "".into(),
            login_to_read: false,
            security_contact: None,
            dev_mail: false,
        }
    }

    fn client(proxies: &[&str], peer: &str, forwarded: &[&str]) -> String {
        let mut request = Request::new(axum::body::Body::empty());
        for value in forwarded {
            request.headers_mut().append("x-forwarded-for", value.parse().expect("a value"));
        }
        client_address(&http(proxies), peer.parse().expect("an address"), &request).to_string()
    }

    #[test]
    fn a_stranger_cannot_choose_its_address() {
        assert_eq!(client(&[], "192.0.2.1", &["127.0.0.1"]), "192.0.2.1");
        assert_eq!(client(&["10.0.0.0/8"], "192.0.2.1", &["127.0.0.1"]), "192.0.2.1");
    }

    #[test]
    fn trusted_proxies_are_believed_from_the_right() {
        let proxies = ["10.0.0.0/8"];
        assert_eq!(client(&proxies, "10.0.0.1", &["127.0.0.1, 192.0.2.7"]), "192.0.2.7");
        assert_eq!(client(&proxies, "10.0.0.1", &["127.0.0.1, 192.0.2.7, 10.0.0.2"]), "192.0.2.7");
        assert_eq!(client(&proxies, "10.0.0.1", &["127.0.0.1", "192.0.2.7"]), "192.0.2.7");
        assert_eq!(client(&proxies, "10.0.0.1", &["nonsense"]), "10.0.0.1");
        assert_eq!(client(&proxies, "10.0.0.1", &[]), "10.0.0.1");
    }
}
