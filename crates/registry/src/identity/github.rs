//! What GitHub says of somebody who has logged in there: its API, since it signs no tokens for people.

use http::{HeaderValue, header};
use serde::Deserialize;
use url::Url;

use super::{
    WebClient,
    web_client::{WebError, bearer},
};

/// An account, as `GET /user` shows it.
#[derive(Debug, Deserialize)]
pub(super) struct User {
    /// Stays where the name changes.
    pub(super) id: u64,
    pub(super) login: String,
}

#[derive(Debug, Deserialize)]
struct Address {
    email: String,
    primary: bool,
    verified: bool,
}

/// Whose token it is, and their first address if it is verified.
pub(super) async fn user(client: &WebClient, api: &Url, token: &str) -> Result<(User, Option<String>), WebError> {
    let mut headers = bearer(token);
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/vnd.github+json"));
    let at = |path: &str| {
        let address = format!("{}{path}", api.as_str().trim_end_matches('/'));
        Url::parse(&address).map_err(|error| WebError::Unexpected { host: address, reason: error.to_string() })
    };
    let user: User = client.get_json(&at("/user")?, headers.clone()).await?;
    let addresses: Vec<Address> = client.get_json(&at("/user/emails")?, headers).await?;
    let email = addresses.into_iter().find(|address| address.primary && address.verified).map(|address| address.email);
    Ok((user, email))
}
