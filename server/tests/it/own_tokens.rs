//! Tokens as their owners make and end them.

use registry::Token;
use reqwest::Method;

use crate::support::{TestServer, TrunkArchive, plain};

#[tokio::test]
async fn tokens_are_made_shown_once_used_and_revoked() {
    let server = TestServer::start_reachable().await;
    let mut browser = server.logged_in("ada").await;
    let wanted = |name: &'static str, action: &'static str, patterns: &'static str| {
        [("form", "create"), ("name", name), ("action", action), ("patterns", patterns), ("expiry", "30")]
    };
    for (fields, said) in [
        (wanted("", "publish-new", ""), "a token has a name"),
        (wanted("ci", "", ""), "choose at least one"),
        (wanted("ci", "publish-new", "a b*c"), "b*c"),
    ] {
        let answer = browser.post(&server, "/settings/tokens", &fields).await;
        assert_eq!(answer.status, 422, "{said}");
        assert!(plain(&answer.text).to_lowercase().contains(said), "{said}: {}", answer.text);
    }
    let made = browser.post(&server, "/settings/tokens", &wanted("From CI", "publish-new", "pg_*")).await;
    assert_eq!(made.status, 200);
    let begin = made.text.find("pgi_").expect("the token is shown");
    let token: Token = made.text[begin..begin + 42].parse().expect("a token");
    let page = browser.get(&server, "/settings/tokens").await.text;
    assert!(!page.contains(token.reveal()) && page.contains("From CI"), "it is shown once");

    let archive = TrunkArchive::sql("pg_example", "1.0.0");
    server.published(&token, &archive).await;
    let other = TrunkArchive::sql("example", "1.0.0");
    let refused = server.trunk_publish(&token, &other.metadata(), &other.bytes()).await;
    assert_eq!(refused.status(), 403);
    let page = browser.get(&server, "/settings/tokens").await.text;
    assert!(plain(&page).contains("from 127.0.0.1"), "{page}");
    server.settle().await;
    let profile = browser.get(&server, "/users/ada").await.text;
    assert!(profile.contains("pg_example") && !profile.contains("ada@example.org"), "{profile}");

    // Somebody else's token is not theirs to revoke.
    let id: i64 = sqlx::query_scalar("select token_id from tokens").fetch_one(&server.pool).await.expect("an id");
    let revoke = [("form", "revoke"), ("token", &id.to_string())];
    let mut bens = server.logged_in("ben").await;
    assert_eq!(bens.post(&server, "/settings/tokens", &revoke).await.status, 422);
    assert!(server.registry.authenticate(token.reveal(), &registry::ClientInfo::default()).await.is_ok());
    assert_eq!(browser.post(&server, "/settings/tokens", &revoke).await.status, 200);
    let refused = server.trunk_publish(&token, &archive.metadata(), &archive.bytes()).await;
    assert_eq!(refused.status(), 401);
    assert!(refused.text().await.expect("text").contains("revoked"));
}

#[tokio::test]
async fn a_token_that_somebody_finds_is_revoked_and_its_owner_told() {
    let server = TestServer::start_reachable().await;
    let token = server.token("ada").await;
    let shown = async |body: &str| {
        let request = server.request(Method::POST, "/api/v1/tokens/revoke").header("content-type", "application/json");
        request.body(body.to_owned()).send().await.expect("an answer").status().as_u16()
    };
    assert_eq!(shown("{}").await, 400);
    let unknown = Token::generate(&mut rand::rng());
    for text in ["nonsense", unknown.reveal(), token.reveal(), token.reveal()] {
        assert_eq!(shown(&format!("{{\"token\": \"{text}\"}}")).await, 204, "nobody finds out which tokens there are");
    }
    let refused = server.registry.authenticate(token.reveal(), &registry::ClientInfo::default()).await;
    assert_eq!(refused.expect_err("revoked").code(), "token-revoked");
    let email = "ada@example.org".parse().expect("an address");
    let mails = server.registry.kept_mails(Some(&email), 10).await.expect("messages");
    assert_eq!(mails.len(), 1, "once: {mails:?}");
    assert!(mails[0].text.as_deref().is_some_and(|text| text.contains("\"for a test\"") && !text.contains("pgi_")));
}
