//! Somebody at a browser without scripts: keeps cookies, sends forms from the site's own pages.

use std::collections::BTreeMap;

use reqwest::{Method, Response, header};

use super::TestServer;

/// A browser with its cookies.
#[derive(Clone, Debug, Default)]
pub(crate) struct Browser {
    cookies: BTreeMap<String, String>,
}

/// What a page answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: header::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    /// Where it leads.
    pub(crate) fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |value| value.to_str().expect("text"))
    }
}

impl Browser {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// The cookies as they are sent; empty where there are none.
    pub(crate) fn cookies(&self) -> String {
        self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// Opens a page.
    pub(crate) async fn get(&mut self, server: &TestServer, path: &str) -> Answer {
        let request = server.request(Method::GET, path).header(header::COOKIE, self.cookies());
        self.take(request.send().await.expect("an answer")).await
    }

    /// Sends a form, and follows to the page that says what was done where that is the same one.
    pub(crate) async fn post(&mut self, server: &TestServer, path: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.send(server, path, fields).await;
        if answer.status == 303 && answer.location() == path {
            return self.get(server, path).await;
        }
        answer
    }

    /// Sends a form.
    pub(crate) async fn send(&mut self, server: &TestServer, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = server
            .request(Method::POST, path)
            .header(header::COOKIE, self.cookies())
            .header(header::ORIGIN, server.base())
            .header(header::USER_AGENT, "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body);
        self.take(request.send().await.expect("an answer")).await
    }

    async fn take(&mut self, answer: Response) -> Answer {
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        for cookie in headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().expect("text");
            let (name, value) = cookie.split(';').next().and_then(|pair| pair.split_once('=')).expect("a pair");
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Answer { status, headers, text: answer.text().await.expect("text") }
    }
}

impl TestServer {
    /// The path of the link in the newest message to an address.
    pub(crate) async fn link_for(&self, email: &str) -> String {
        let email = email.parse().expect("an address");
        let mails = self.registry.kept_mails(Some(&email), 1).await.expect("messages");
        let text = mails.first().and_then(|mail| mail.text.clone()).expect("a message");
        let link = text.split_whitespace().find(|word| word.contains("?token=")).expect("a link").to_owned();
        link.strip_prefix(self.base()).expect("a link to this server").to_owned()
    }

    /// Opens the link in the newest message to an address and sends the form of its page.
    pub(crate) async fn follow_link(&self, browser: &mut Browser, email: &str, more: &[(&str, &str)]) -> Answer {
        let link = self.link_for(email).await;
        let page = browser.get(self, &link).await;
        assert_eq!(page.status, 200, "{link}");
        let (path, token) = link.split_once("?token=").expect("a token");
        assert!(page.text.contains(token), "the form of the page has the token");
        let mut fields = vec![("token", token)];
        fields.extend_from_slice(more);
        browser.post(self, path, &fields).await
    }

    /// A browser whose owner has registered, confirmed and logged in.
    pub(crate) async fn logged_in(&self, handle: &str) -> Browser {
        let (mut browser, email) = (Browser::new(), format!("{handle}@example.org"));
        let fields = [("handle", handle), ("email", email.as_str()), ("password", PASSWORD)];
        assert_eq!(browser.post(self, "/register", &fields).await.status, 200);
        assert_eq!(self.follow_link(&mut browser, &email, &[("password", PASSWORD)]).await.status, 200);
        self.log_in(browser, handle).await
    }

    /// Another browser of an account that is there.
    pub(crate) async fn logged_in_again(&self, handle: &str) -> Browser {
        self.log_in(Browser::new(), handle).await
    }

    async fn log_in(&self, mut browser: Browser, handle: &str) -> Browser {
        let answer = browser.post(self, "/login", &[("login", handle), ("password", PASSWORD)]).await;
        assert_eq!((answer.status, answer.location()), (303, "/settings"), "{}", answer.text);
        browser
    }
}

/// A password that nobody guesses.
pub(crate) const PASSWORD: &str = "hay moon copper kettle";

/// The text of a page without its tags, for sentences that are put together from pieces.
pub(crate) fn plain(page: &str) -> String {
    let mut text = String::new();
    let mut rest = page;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        rest = tag.split_once('>').map_or("", |(_, rest)| rest);
    }
    text.push_str(rest);
    text.replace("&#x27;", "'").replace("&quot;", "\"").replace("&amp;", "&")
}
