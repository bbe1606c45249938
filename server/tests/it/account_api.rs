//! The account of whoever asks, through the API: with a token of each scope, and with a session.

use model::{NamePattern, TokenAction};
use registry::{NewToken, Token};
use reqwest::Method;
use serde_json::{Value, json};
use time::Duration;

use crate::support::{Browser, TestServer};

/// Asks with a token, or with the cookies of a browser, as the site's own scripts do.
async fn ask(server: &TestServer, who: &Who<'_>, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
    let request = server.request(method, path).header("origin", server.base());
    let request = match who {
        Who::Nobody => request,
        Who::Token(token) => request.bearer_auth(token.reveal()),
        Who::Browser(browser) => request.header("cookie", browser.cookies()),
    };
    let request = match body {
        Some(body) => request.json(&body),
        None => request,
    };
    let answer = request.send().await.expect("an answer");
    if !matches!(who, Who::Nobody) {
        assert_eq!(answer.headers()["cache-control"], "no-store", "{path}");
    }
    let status = answer.status().as_u16();
    (status, answer.json().await.unwrap_or_default())
}

enum Who<'a> {
    Nobody,
    Token(&'a Token),
    Browser(&'a Browser),
}

#[tokio::test]
async fn a_token_says_whose_it_is_and_what_it_may() {
    let server = TestServer::start_reachable().await;
    let mut browser = server.logged_in("ada").await;
    let plain = server.token("ada").await;
    let (status, me) = ask(&server, &Who::Token(&plain), Method::GET, "/api/v1/me", None).await;
    assert_eq!((status, &me["handle"], &me["by"]), (200, &json!("ada"), &json!("token")));
    assert_eq!((&me["actions"], &me["packages"]), (&json!(["publish-new", "publish-update", "yank"]), &json!(["*"])));
    assert_eq!((&me["email"], &me["expires_at"]), (&Value::Null, &Value::Null), "not for every program");
    let account = server.token_for("ada", vec![TokenAction::Account], NamePattern::all()).await;
    let (_, me) = ask(&server, &Who::Token(&account), Method::GET, "/api/v1/me", None).await;
    assert_eq!((&me["email"], &me["email_verified"]), (&json!("ada@example.org"), &json!(true)));
    let (_, me) = ask(&server, &Who::Browser(&browser), Method::GET, "/api/v1/me", None).await;
    assert_eq!((&me["by"], &me["email"]), (&json!("session"), &json!("ada@example.org")));
    let (status, problem) = ask(&server, &Who::Nobody, Method::GET, "/api/v1/me", None).await;
    assert_eq!((status, &problem["code"]), (401, &json!("token-missing")));
    // A token that is good for nothing is not made up for by a cookie.
    let wrong = server.request(Method::GET, "/api/v1/me").bearer_auth("pgi_x").header("cookie", browser.cookies());
    assert_eq!(wrong.send().await.expect("an answer").status(), 401);
    assert_eq!(browser.get(&server, "/settings").await.status, 200);
}

#[tokio::test]
async fn each_scope_is_good_for_its_own() {
    let server = TestServer::start_reachable().await;
    let browser = server.logged_in("ada").await;
    for action in TokenAction::ALL {
        let token = server.token_for("ada", vec![*action], NamePattern::all()).await;
        let expected = if *action == TokenAction::Account { 200 } else { 403 };
        for path in ["/api/v1/me/tokens", "/api/v1/me/sessions"] {
            assert_eq!(ask(&server, &Who::Token(&token), Method::GET, path, None).await.0, expected, "{action} {path}");
        }
        // These are for people.
        for (method, path) in [(Method::GET, "/api/v1/me/identities"), (Method::DELETE, "/api/v1/me/identities/1")] {
            assert_eq!(ask(&server, &Who::Token(&token), method, path, None).await.0, 403, "{action} {path}");
        }
    }
    for path in ["/api/v1/me/tokens", "/api/v1/me/sessions", "/api/v1/me/identities"] {
        assert_eq!(ask(&server, &Who::Browser(&browser), Method::GET, path, None).await.0, 200, "{path}");
        assert_eq!(ask(&server, &Who::Nobody, Method::GET, path, None).await.0, 401, "{path}");
    }
}

#[tokio::test]
async fn no_token_makes_one_that_may_do_more() {
    let server = TestServer::start_reachable().await;
    let browser = server.logged_in("ada").await;
    let end = TestServer::NOW + Duration::days(30);
    let new = NewToken {
        name: "narrow".to_owned(),
        actions: vec![TokenAction::Account, TokenAction::PublishUpdate],
        patterns: vec!["pg_*".parse().expect("a pattern")],
        expires_at: Some(end),
    };
    let handle = "ada".parse().expect("a handle");
    let own = Token::generate(&mut rand::rng());
    let own = server.registry.create_token(&handle, &new, own).await.expect("a token").token;
    let asked = async |who: &Who<'_>, actions: Value, packages: Value, days: u16| {
        let body = json!({ "name": "made by a program", "actions": actions, "packages": packages, "days": days });
        let (status, answer) = ask(&server, who, Method::POST, "/api/v1/me/tokens", Some(body)).await;
        (status, answer["code"].as_str().unwrap_or_default().to_owned(), answer["token"].as_str().map(str::to_owned))
    };
    let program = Who::Token(&own);
    for (actions, packages, days) in [
        (json!(["publish-new"]), json!(["pg_a"]), 1),
        (json!(["publish-update"]), json!(["*"]), 1),
        (json!(["publish-update"]), json!([]), 1),
        (json!(["publish-update"]), json!(["pg*"]), 1),
        (json!(["publish-update"]), json!(["pg_a"]), 31),
        (json!(["publish-update"]), json!(["pg_a"]), 0),
    ] {
        let (status, code, token) = asked(&program, actions.clone(), packages.clone(), days).await;
        assert_eq!((status, code.as_str(), token), (403, "token-wider", None), "{actions} {packages} {days}");
    }
    let (status, _, token) = asked(&program, json!(["publish-update"]), json!(["PG-a*"]), 30).await;
    assert_eq!(status, 201);
    let made: Token = token.expect("a token").parse().expect("a token");
    assert_eq!(ask(&server, &Who::Token(&made), Method::GET, "/api/v1/me/tokens", None).await.0, 403);
    // It ends with the one that has made it.
    let other = NewToken { actions: vec![TokenAction::Account], ..new.clone() };
    let other =
        server.registry.create_token(&handle, &other, Token::generate(&mut rand::rng())).await.expect("a token").token;
    let (_, _, child) = asked(&Who::Token(&other), json!(["account"]), json!(["pg_a"]), 1).await;
    let child: Token = child.expect("a token").parse().expect("a token");
    let (_, _, grandchild) = asked(&Who::Token(&child), json!(["account"]), json!(["pg_a"]), 0).await;
    assert_eq!(grandchild, None, "for ever is longer than a day");
    let leaked = json!({ "token": other.reveal() });
    assert_eq!(ask(&server, &Who::Nobody, Method::POST, "/api/v1/tokens/revoke", Some(leaked)).await.0, 204);
    for token in [&other, &child] {
        assert_eq!(ask(&server, &Who::Token(token), Method::GET, "/api/v1/me", None).await.0, 401);
    }
    // Somebody in a browser shows first who they are.
    let person = Who::Browser(&browser);
    assert_eq!(asked(&person, json!(["admin"]), json!(["*"]), 0).await.0, 201);
    sqlx::query("update sessions set data = data || '{\"proved_at\": 0}'")
        .execute(&server.pool)
        .await
        .expect("changed");
    let (status, code, _) = asked(&person, json!(["yank"]), json!(["*"]), 1).await;
    assert_eq!((status, code.as_str()), (403, "confirmation-needed"));
    // And from a page of another site nothing is made.
    let foreign = server.request(Method::POST, "/api/v1/me/tokens").header("cookie", browser.cookies());
    let foreign = foreign.header("origin", "https://elsewhere.test").json(&json!({ "name": "x", "actions": ["yank"] }));
    assert_eq!(foreign.send().await.expect("an answer").status(), 403);
    for body in [
        json!({}),
        json!({ "name": "x", "actions": ["fly"] }),
        json!({ "name": "x", "actions": ["yank"], "days": 9999 }),
    ] {
        assert_eq!(
            ask(&server, &program, Method::POST, "/api/v1/me/tokens", Some(body.clone())).await.0,
            400,
            "{body}"
        );
    }
    for body in [
        json!({ "name": "", "actions": ["publish-update"], "packages": ["pg_a"], "days": 1 }),
        json!({ "name": "x", "actions": [], "packages": ["pg_a"], "days": 1 }),
    ] {
        assert_eq!(
            ask(&server, &program, Method::POST, "/api/v1/me/tokens", Some(body.clone())).await.0,
            422,
            "{body}"
        );
    }
}

#[tokio::test]
async fn token_delete_checks_owner() {
    let server = TestServer::start_reachable().await;
    let adas = server.token_for("ada", vec![TokenAction::Account], NamePattern::all()).await;
    let bens = server.token_for("ben", vec![TokenAction::Account], NamePattern::all()).await;
    server.logged_in("cyd").await;
    let (_, list) = ask(&server, &Who::Token(&adas), Method::GET, "/api/v1/me/tokens", None).await;
    assert_eq!(list["items"].as_array().map(Vec::len), Some(1), "{list}");
    assert!(!list.to_string().contains(&adas.reveal()[4..]), "no token is shown again");
    let path = format!("/api/v1/me/tokens/{}", list["items"][0]["id"]);
    let sessions: i64 =
        sqlx::query_scalar("select max(session_id) from sessions").fetch_one(&server.pool).await.expect("an id");
    for foreign in [path.clone(), format!("/api/v1/me/sessions/{sessions}"), "/api/v1/me/tokens/x".to_owned()] {
        assert_eq!(ask(&server, &Who::Token(&bens), Method::DELETE, &foreign, None).await.0, 404, "{foreign}");
    }
    assert_eq!(ask(&server, &Who::Token(&adas), Method::DELETE, &path, None).await.0, 204);
    assert_eq!(ask(&server, &Who::Token(&adas), Method::GET, "/api/v1/me", None).await.0, 401);
}

#[tokio::test]
async fn owners_are_told_before_a_token_ends() {
    let server = TestServer::start_reachable().await;
    server.logged_in("ada").await;
    for (name, made, ends) in [("long", 85, 5), ("far", 1, 89), ("short", 0, 7), ("last day", 6, 1), ("over", 90, -1)] {
        sqlx::query(
            "insert into tokens (principal_id, name, hash, actions, patterns, created_at, expires_at)
            select principal_id, $1, sha256($1::bytea), '{yank}', '{*}', $2, $3 from principals where handle = 'ada'",
        )
        .bind(name)
        .bind(TestServer::NOW - Duration::days(made))
        .bind(TestServer::NOW + Duration::days(ends))
        .execute(&server.pool)
        .await
        .expect("a token");
    }
    assert_eq!(server.registry.warn_of_expiring_tokens().await.expect("told"), 2);
    assert_eq!(server.registry.warn_of_expiring_tokens().await.expect("told"), 0, "once");
    let mails = server.registry.kept_mails(Some(&"ada@example.org".parse().expect("an address")), 10).await;
    let texts: Vec<String> = mails.expect("messages").into_iter().filter_map(|mail| mail.text).collect();
    for name in ["\"long\"", "\"last day\""] {
        assert!(texts.iter().any(|text| text.contains(name) && text.contains("ends on 2026-11")), "{name}: {texts:?}");
    }
}
