//! Sessions and tries to get one: seen, ended, begun anew, asked for by other sites, and counted.

use reqwest::{Method, header};

use crate::support::{Browser, PASSWORD, TestServer, plain};

#[tokio::test]
async fn sessions_are_seen_and_ended() {
    let server = TestServer::start_reachable().await;
    let mut here = server.logged_in("ada").await;
    let mut there = Browser::new();
    assert_eq!(there.post(&server, "/login", &[("login", "ada"), ("password", PASSWORD)]).await.status, 303);
    let mut bens = server.logged_in("ben").await;
    let id: i64 = sqlx::query_scalar("select max(session_id) from sessions where principal_id = (select principal_id from principals where handle = 'ada')")
        .fetch_one(&server.pool)
        .await
        .expect("an id");
    let page = here.get(&server, "/settings/sessions").await.text;
    assert!(page.contains("Firefox") && page.contains("127.0.0.1"), "{page}");
    // Not somebody else's.
    let foreign = bens.post(&server, "/settings/sessions", &[("form", "one"), ("session", &id.to_string())]).await;
    assert_eq!(foreign.status, 422);
    assert_eq!(there.get(&server, "/settings").await.status, 200);
    assert_eq!(
        here.post(&server, "/settings/sessions", &[("form", "one"), ("session", &id.to_string())]).await.status,
        200
    );
    assert_eq!(there.get(&server, "/settings").await.status, 303);
    assert_eq!(there.post(&server, "/login", &[("login", "ada"), ("password", PASSWORD)]).await.status, 303);
    assert_eq!(here.post(&server, "/settings/sessions", &[("form", "all")]).await.status, 200);
    assert_eq!((there.get(&server, "/settings").await.status, here.get(&server, "/settings").await.status), (303, 200));
    // A cookie whose session is no more is taken away, so that pages come from the cache again.
    assert!(there.cookies().is_empty(), "{}", there.cookies());
    // What is kept is not what the cookie has.
    let kept: i64 = sqlx::query_scalar(
        "select count(*) from sessions where encode(key, 'base64') = $1 or data::text like '%' || $1 || '%'",
    )
    .bind(here.cookies().trim_start_matches("session="))
    .fetch_one(&server.pool)
    .await
    .expect("a count");
    assert_eq!(kept, 0);
}

#[tokio::test]
async fn a_session_begins_anew_with_each_login() {
    let server = TestServer::start_reachable().await;
    let mut browser = server.logged_in("ada").await;
    let before = browser.clone();
    assert_eq!(browser.post(&server, "/login", &[("login", "ada"), ("password", PASSWORD)]).await.status, 303);
    assert_ne!(before.cookies(), browser.cookies());
    assert_eq!(before.clone().get(&server, "/settings").await.status, 303, "the id of before is good for nothing");
    for (next, expected) in
        [("/packages?q=x", "/packages?q=x"), ("//elsewhere.test", "/settings"), ("https://elsewhere.test", "/settings")]
    {
        let answer = browser.post(&server, "/login", &[("login", "ada"), ("password", PASSWORD), ("next", next)]).await;
        assert_eq!(answer.location(), expected);
    }
}

#[tokio::test]
async fn forms_of_other_sites_do_nothing() {
    let server = TestServer::start_reachable().await;
    let mut browser = server.logged_in("ada").await;
    let cookies = browser.cookies();
    let post = |headers: &[(&'static str, &'static str)]| {
        let mut request = server.request(Method::POST, "/settings/sessions").header(header::COOKIE, cookies.clone());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body("form=all")
    };
    for headers in [
        vec![("origin", "https://elsewhere.test")],
        vec![("origin", "null")],
        vec![("sec-fetch-site", "cross-site")],
        vec![("sec-fetch-site", "same-site")],
        vec![],
    ] {
        let answer = post(&headers).send().await.expect("an answer");
        assert_eq!(answer.status(), 403, "{headers:?}");
        assert!(answer.text().await.expect("text").contains("came from another site"));
    }
    assert_eq!(post(&[("sec-fetch-site", "same-origin")]).send().await.expect("an answer").status(), 303);
    // Logging somebody in to another account from elsewhere is refused as well.
    let foreign = server.request(Method::POST, "/login").header("origin", "https://elsewhere.test").body("login=x");
    assert_eq!(foreign.send().await.expect("an answer").status(), 403);
    assert_eq!(browser.get(&server, "/settings").await.status, 200);
}

#[tokio::test]
async fn whoever_tries_too_often_waits() {
    let server = TestServer::start_reachable().await;
    server.logged_in("ada").await;
    let mut browser = Browser::new();
    let mut statuses = Vec::new();
    for _ in 0..12 {
        statuses.push(browser.post(&server, "/login", &[("login", "ada"), ("password", "guess")]).await);
    }
    assert!(statuses[..10].iter().all(|answer| answer.status == 422));
    let limited = &statuses[11];
    assert_eq!(limited.status, 429);
    assert_eq!(limited.headers["retry-after"], "300");
    assert!(plain(&limited.text).contains("tried too often"), "{}", limited.text);
    // Also with the right one, until the time is over.
    assert_eq!(browser.post(&server, "/login", &[("login", "ada"), ("password", PASSWORD)]).await.status, 429);
    let mut sent = 0;
    for _ in 0..8 {
        sent +=
            u32::from(browser.post(&server, "/forgot-password", &[("email", "ada@example.org")]).await.status == 200);
    }
    assert_eq!(sent, 5);
}

#[tokio::test]
async fn another_spelling_gives_no_further_tries() {
    let server = TestServer::start_reachable().await;
    server.logged_in("ada-b-c").await;
    let mut browser = Browser::new();
    let mut limited = 0;
    for name in ["ada-b-c", "ada_b-c", "ADA-b_c", "ada-b-c@example.org"] {
        for _ in 0..4 {
            let answer = browser.post(&server, "/login", &[("login", name), ("password", "guess")]).await;
            limited += u32::from(answer.status == 429);
        }
    }
    assert_eq!(
        limited, 2,
        "ten tries by the handle, and those by the address apart: the one does not tell of the other"
    );
}
