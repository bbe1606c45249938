//! Kept mail in a browser, for those who work on the registry. Not a page of the site: it is there by an explicit setting,
//! for this machine only.

use std::fmt::Write as _;

use axum::{
    extract::{Request, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse as _, Response},
};
use registry::KeptMail;
use time::format_description::well_known::Rfc3339;
use url::Url;

use super::site_files::escaped;
use crate::{server_error, state::AppState};

/// How many messages it shows.
const NEWEST: u32 = 100;

/// The page: the newest messages, the newest first.
pub(crate) async fn dev_mail(State(state): State<AppState>, request: Request) -> Response {
    // A name of somebody else that leads to this machine would let a page from there read it (DNS rebinding).
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if !is_name_of_this_server(host, &state.http.public_url) {
        return StatusCode::NOT_FOUND.into_response();
    }
    match state.registry.kept_mails(None, NEWEST).await {
        Ok(mails) => ([(header::CACHE_CONTROL, "no-store")], Html(page(&mails))).into_response(),
        Err(error) => {
            let status = server_error::status(&error);
            (status, format!("{status}\n")).into_response()
        }
    }
}

/// Whether a `Host` names this machine itself, or the server as it is known.
fn is_name_of_this_server(host: &str, public_url: &Url) -> bool {
    let Ok(url) = Url::parse(&format!("http://{host}/")) else { return false };
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost" || public_url.host_str() == Some(name),
        None => false,
    }
}

fn page(mails: &[KeptMail]) -> String {
    let mut list = String::new();
    for mail in mails {
        let written = mail.created_at.format(&Rfc3339).unwrap_or_default();
        let _ = writeln!(
            list,
            "<article>\n<h2>{}</h2>\n<p>To {}, {}, <time datetime=\"{written}\">{written}</time>, {}</p>\n<pre>{}</pre>\n</article>",
            escaped(&mail.subject),
            escaped(mail.recipient.as_str()),
            escaped(&mail.kind),
            mail.state.as_str(),
            with_links(mail.text.as_deref().or(mail.last_error.as_deref()).unwrap_or_default()),
        );
    }
    if mails.is_empty() {
        list.push_str("<p>There is no mail.</p>\n");
    }
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Mail</title>\n</head>\n\
         <body>\n<h1>Mail</h1>\n{list}</body>\n</html>\n"
    )
}

/// A text as HTML, in which addresses that stand alone between spaces or line ends are links.
fn with_links(text: &str) -> String {
    let mut html = String::new();
    for piece in text.split_inclusive(char::is_whitespace) {
        let word = piece.trim_end();
        let space = &piece[word.len()..];
        let address = escaped(word);
        if word.starts_with("http://") || word.starts_with("https://") {
            let _ = write!(html, "<a href=\"{address}\" rel=\"noreferrer\">{address}</a>{space}");
        } else {
            let _ = write!(html, "{address}{space}");
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_become_links_and_all_else_is_text() {
        assert_eq!(
            with_links("Hello <b>,\n\nOpen:\nhttps://x.test/?a=1&b=\"2\"\n\njavascript:alert(1)\n"),
            "Hello &lt;b&gt;,\n\nOpen:\n<a href=\"https://x.test/?a=1&amp;b=&quot;2&quot;\" rel=\"noreferrer\">\
             https://x.test/?a=1&amp;b=&quot;2&quot;</a>\n\njavascript:alert(1)\n"
        );
    }

    #[test]
    fn names_of_others_are_not_this_server() {
        let public_url = "https://extensions.test".parse().expect("an address");
        for host in ["localhost", "localhost:8080", "127.0.0.1:8080", "[::1]:8080", "extensions.test", "LOCALHOST"] {
            assert!(is_name_of_this_server(host, &public_url), "{host}");
        }
        for host in ["", "evil.test", "192.0.2.1", "localhost.evil.test", "evil.test:8080", "a b"] {
            assert!(!is_name_of_this_server(host, &public_url), "{host}");
        }
    }
}
