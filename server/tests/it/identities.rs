//! Accounts elsewhere: logging in with them, linking, unlinking, and what nobody may get by them.

use serde_json::{Value, json};

use crate::support::{Browser, CLIENT, Issuer, Options, PASSWORD, TestServer, plain};

/// A server and a provider that knows it, also in the place of GitHub.
async fn start() -> (TestServer, Issuer) {
    let issuer = Issuer::start().await;
    let providers = vec![issuer.provider(), issuer.github()];
    (TestServer::start_as(Options { public_url: None, providers, ..Options::default() }).await, issuer)
}

/// What an ID token says of somebody.
fn claims(issuer: &Issuer, subject: &str, nonce: &str) -> Value {
    let now = TestServer::NOW.unix_timestamp();
    json!({
        "iss": issuer.address(),
        "aud": CLIENT,
        "exp": now + 300,
        "iat": now,
        "auth_time": now,
        "nonce": nonce,
        "sub": subject,
        "preferred_username": subject,
        "email": format!("{subject}@example.org"),
        "email_verified": true,
    })
}

/// What the registry has sent along to the provider.
#[derive(Debug)]
struct Sent {
    state: String,
    nonce: String,
    challenge: String,
    query: Vec<(String, String)>,
}

fn sent(address: &str) -> Sent {
    let address: url::Url = address.parse().expect("an address");
    let query: Vec<(String, String)> = address.query_pairs().into_owned().collect();
    let get =
        |name: &str| query.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()).unwrap_or_default();
    Sent { state: get("state"), nonce: get("nonce"), challenge: get("code_challenge"), query: query.clone() }
}

/// Begins a log-in.
async fn begin(server: &TestServer, browser: &mut Browser, provider: &str) -> Sent {
    let answer = browser.get(server, &format!("/login/with/{provider}?next=/settings/tokens")).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    sent(answer.location())
}

/// Comes back with a code and a state.
async fn come_back(
    server: &TestServer,
    browser: &mut Browser,
    provider: &str,
    code: &str,
    state: &str,
) -> crate::support::Answer {
    browser.get(server, &format!("/login/with/{provider}/callback?code={code}&state={state}")).await
}

/// Logs in as somebody of the provider.
async fn log_in(server: &TestServer, issuer: &Issuer, browser: &mut Browser, subject: &str) -> crate::support::Answer {
    let sent = begin(server, browser, "example").await;
    let code = issuer.code(claims(issuer, subject, &sent.nonce), &sent.challenge);
    come_back(server, browser, "example", &code, &sent.state).await
}

#[tokio::test]
async fn somebody_known_elsewhere_gets_an_account_and_logs_in() {
    let (server, issuer) = start().await;
    let mut browser = Browser::new();
    assert!(browser.get(&server, "/login").await.text.contains("Log in with Example"));
    let begun = begin(&server, &mut browser, "example").await;
    let get = |name: &str| begun.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    assert_eq!(
        (get("response_type"), get("code_challenge_method"), get("client_id")),
        (Some("code"), Some("S256"), Some(CLIENT))
    );
    assert_eq!(get("redirect_uri"), Some(format!("{}/login/with/example/callback", server.base()).as_str()));
    assert!(begun.state.len() >= 20 && begun.nonce.len() >= 20, "{begun:?}");

    let back = log_in(&server, &issuer, &mut browser, "ada").await;
    assert_eq!((back.status, back.location()), (303, "/register/identity"), "{}", back.text);
    assert_eq!(back.headers["referrer-policy"], "strict-origin");
    assert_eq!(back.headers["cache-control"], "no-store");
    let page = browser.get(&server, "/register/identity").await;
    assert!(page.text.contains("ada@example.org") && page.text.contains("value=\"ada\""), "{}", page.text);
    assert_eq!(Browser::new().get(&server, "/register/identity").await.location(), "/register", "not for others");
    for (handle, said) in
        [("a b", "A handle has"), ("admin", "nobody gets"), ("ci-1", "nobody gets"), ("deleted-7", "nobody gets")]
    {
        let refused = browser.post(&server, "/register/identity", &[("handle", handle)]).await;
        assert_eq!(refused.status, 422, "{handle}");
        let text = plain(&refused.text).to_lowercase();
        assert!(text.contains(&said.to_lowercase()) && text.contains("ada@example.org"), "{handle}: {text}");
    }
    let made = browser.post(&server, "/register/identity", &[("handle", "Ada")]).await;
    assert_eq!((made.status, made.location()), (303, "/settings/tokens"), "{}", made.text);
    assert!(browser.get(&server, "/settings").await.text.contains("Ada"));

    // From now on it is the account's.
    let mut elsewhere = Browser::new();
    let back = log_in(&server, &issuer, &mut elsewhere, "ada").await;
    assert_eq!((back.status, back.location()), (303, "/settings/tokens"));
    let page = elsewhere.get(&server, "/settings/security").await.text;
    assert!(plain(&page).contains("You have none: you log in another way"), "no password: {page}");
    // The only way in stays.
    let id: i64 =
        sqlx::query_scalar("select identity_id from identities").fetch_one(&server.pool).await.expect("an id");
    let unlink = [("form", "unlink"), ("identity", &id.to_string())];
    // Being logged in there still does not show that it is not only their browser.
    assert_eq!(elsewhere.post(&server, "/settings/security", &unlink).await.status, 403);
    let refused = browser.post(&server, "/settings/security", &unlink).await;
    assert_eq!(refused.status, 422);
    assert!(plain(&refused.text).contains("the only way in"), "{}", refused.text);
    // With a password there is another one.
    assert_eq!(elsewhere.post(&server, "/settings/security", &[("form", "set-password")]).await.status, 200);
    let chosen = server.follow_link(&mut Browser::new(), "ada@example.org", &[("password", PASSWORD)]).await;
    assert_eq!(chosen.status, 200, "{}", chosen.text);
    let mut anew = Browser::new();
    assert_eq!(anew.post(&server, "/login", &[("login", "ada"), ("password", PASSWORD)]).await.status, 303);
    assert_eq!(anew.post(&server, "/settings/security", &unlink).await.status, 200);
    assert_eq!(log_in(&server, &issuer, &mut Browser::new(), "ada").await.location(), "/register/identity");
}

#[tokio::test]
async fn an_address_elsewhere_takes_over_no_account() {
    let (server, issuer) = start().await;
    server.logged_in("ada").await;
    for (subject, email, verified) in [
        ("mallory-1", json!("ada@example.org"), json!(true)),
        ("mallory-2", json!("ADA@example.org"), json!(true)),
        ("mallory-3", json!("ada@example.org"), json!(false)),
        ("mallory-4", json!("ada@example.org"), json!("true")),
        ("mallory-5", json!("new@example.org"), json!(false)),
        ("mallory-6", json!(null), json!(true)),
    ] {
        let mut browser = Browser::new();
        let begun = begin(&server, &mut browser, "example").await;
        let mut token = claims(&issuer, subject, &begun.nonce);
        token["email"] = email.clone();
        token["email_verified"] = verified.clone();
        let code = issuer.code(token, &begun.challenge);
        let back = come_back(&server, &mut browser, "example", &code, &begun.state).await;
        assert_eq!(back.location(), "/register/identity", "{subject}");
        let refused = browser.post(&server, "/register/identity", &[("handle", subject)]).await;
        assert_eq!(refused.status, 422, "{subject}");
        let said = plain(&refused.text);
        let is_told =
            said.contains("there is an account with the address") || said.contains("There is an account with");
        assert_eq!(is_told, verified == json!(true) && email != json!(null), "{subject}: {said}");
        assert_eq!(browser.get(&server, "/settings").await.status, 303, "{subject}");
    }
}

#[tokio::test]
async fn answers_that_were_not_asked_for_do_nothing() {
    let (server, issuer) = start().await;
    let refused = async |browser: &mut Browser, provider: &str, code: &str, state: &str| {
        let back = come_back(&server, browser, provider, code, state).await;
        assert_eq!(browser.clone().get(&server, "/settings").await.status, 303);
        (back.status, plain(&back.text))
    };
    // In a browser that has begun nothing: somebody else's answer.
    let mut mallory = Browser::new();
    let begun = begin(&server, &mut mallory, "example").await;
    let code = issuer.code(claims(&issuer, "mallory", &begun.nonce), &begun.challenge);
    let (status, said) = refused(&mut Browser::new(), "example", &code, &begun.state).await;
    assert_eq!(status, 422);
    assert!(said.contains("begun too long ago, in another browser"), "{said}");
    // With another state, or none, or two.
    let mut victim = Browser::new();
    begin(&server, &mut victim, "example").await;
    assert_eq!(refused(&mut victim, "example", &code, &begun.state).await.0, 422);
    for query in ["code=x", "", "state=a&state=b&code=x"] {
        let mut browser = Browser::new();
        begin(&server, &mut browser, "example").await;
        assert_eq!(browser.get(&server, &format!("/login/with/example/callback?{query}")).await.status, 422, "{query}");
    }
    // At another provider than the one that was asked.
    let mut mixed = Browser::new();
    let begun = begin(&server, &mut mixed, "example").await;
    assert_eq!(refused(&mut mixed, "github", "x", &begun.state).await.0, 422);
    // The same answer again.
    let mut twice = Browser::new();
    let begun = begin(&server, &mut twice, "example").await;
    let code = issuer.code(claims(&issuer, "twice", &begun.nonce), &begun.challenge);
    assert_eq!(come_back(&server, &mut twice, "example", &code, &begun.state).await.status, 303);
    assert_eq!(refused(&mut twice, "example", &code, &begun.state).await.0, 422);
    // Whoever refuses is told so; what the provider says of it is not repeated.
    let mut no = Browser::new();
    let begun = begin(&server, &mut no, "example").await;
    let query = format!("error=access_denied&error_description=%3Cscript%3E&state={}", begun.state);
    let back = no.get(&server, &format!("/login/with/example/callback?{query}")).await;
    assert_eq!(back.status, 422);
    assert!(
        plain(&back.text).contains("Example did not let you in") && !back.text.contains("&lt;script"),
        "{}",
        back.text
    );
    assert_eq!(no.get(&server, "/login/with/nobody").await.status, 404);
}

#[tokio::test]
async fn tokens_that_cannot_be_trusted_log_nobody_in() {
    let (server, issuer) = start().await;
    let now = TestServer::NOW.unix_timestamp();
    for (name, value) in [
        ("nonce", json!("another")),
        ("nonce", json!(null)),
        ("aud", json!("another-client")),
        ("aud", json!([CLIENT, "another-client"])),
        ("iss", json!("https://issuer.test")),
        ("exp", json!(now - 61)),
        ("iat", json!(now + 3600)),
        ("sub", json!("")),
        ("sub", json!(null)),
    ] {
        let mut browser = Browser::new();
        let begun = begin(&server, &mut browser, "example").await;
        let mut token = claims(&issuer, "ada", &begun.nonce);
        token[name] = value.clone();
        let code = issuer.code(token, &begun.challenge);
        let back = come_back(&server, &mut browser, "example", &code, &begun.state).await;
        assert_eq!(back.status, 502, "{name} {value}");
        assert!(plain(&back.text).contains("cannot be trusted"), "{name} {value}: {}", back.text);
        assert_eq!(browser.get(&server, "/register/identity").await.location(), "/register");
    }
    // A code that was got for somebody else's log-in.
    let mut browser = Browser::new();
    let begun = begin(&server, &mut browser, "example").await;
    let code = issuer.code(claims(&issuer, "ada", &begun.nonce), "another challenge");
    assert_eq!(come_back(&server, &mut browser, "example", &code, &begun.state).await.status, 422);
}

#[tokio::test]
async fn a_second_factor_is_asked_for_all_the_same() {
    let (server, issuer) = start().await;
    let mut ada = Browser::new();
    log_in(&server, &issuer, &mut ada, "ada").await;
    assert_eq!(ada.post(&server, "/register/identity", &[("handle", "ada")]).await.status, 303);
    sqlx::query(
        "insert into authenticators select principal_id, decode(repeat('00', 20), 'hex'), 0, now() from accounts",
    )
    .execute(&server.pool)
    .await
    .expect("added");
    let mut browser = Browser::new();
    assert_eq!(log_in(&server, &issuer, &mut browser, "ada").await.location(), "/login/second-factor");
    assert_eq!(browser.get(&server, "/settings").await.status, 303);
}

#[tokio::test]
async fn accounts_are_linked_by_those_who_own_both() {
    let (server, issuer) = start().await;
    let mut ada = server.logged_in("ada").await;
    let link = [("form", "link"), ("provider", "example")];
    let link_as = async |browser: &mut Browser, subject: &str| {
        let left = browser.post(&server, "/settings/security", &link).await;
        assert_eq!(left.status, 200, "no redirect: the browser would hold it against the form");
        let refresh = left.headers["refresh"].to_str().expect("text").to_owned();
        let begun = sent(refresh.split_once("url=").expect("an address").1);
        let code = issuer.code(claims(&issuer, subject, &begun.nonce), &begun.challenge);
        come_back(&server, browser, "example", &code, &begun.state).await
    };
    let back = link_as(&mut ada, "ada-there").await;
    assert_eq!((back.status, back.location()), (303, "/settings/security"), "{}", back.text);
    let page = plain(&ada.get(&server, "/settings/security").await.text);
    assert!(page.contains("linked to ada-there at Example") && page.contains("Unlink"), "{page}");
    // Said once.
    assert!(!plain(&ada.get(&server, "/settings/security").await.text).contains("is linked to ada-there"));
    assert_eq!(log_in(&server, &issuer, &mut Browser::new(), "ada-there").await.location(), "/settings/tokens");
    // It is nobody else's then.
    let mut ben = server.logged_in("ben").await;
    let refused = link_as(&mut ben, "ada-there").await;
    assert_eq!(refused.status, 422);
    assert!(plain(&refused.text).contains("Another account here is linked to"), "{}", refused.text);
    // Others cannot unlink it.
    let id: i64 =
        sqlx::query_scalar("select identity_id from identities").fetch_one(&server.pool).await.expect("an id");
    let unlink = [("form", "unlink"), ("identity", &id.to_string())];
    assert_eq!(ben.post(&server, "/settings/security", &unlink).await.status, 422);
    let mails = server.registry.kept_mails(Some(&"ada@example.org".parse().expect("an address")), 10).await;
    assert!(mails.expect("messages").iter().any(|mail| mail.subject == "Another account was linked to yours"));
    // Nobody is led to link their account to somebody else's by a log-in that was begun for logging in.
    let begun = begin(&server, &mut ben, "example").await;
    let code = issuer.code(claims(&issuer, "ben-there", &begun.nonce), &begun.challenge);
    let back = come_back(&server, &mut ben, "example", &code, &begun.state).await;
    assert_eq!(back.location(), "/register/identity");
}

#[tokio::test]
async fn an_account_elsewhere_shows_who_it_is() {
    let (server, issuer) = start().await;
    let mut ada = Browser::new();
    log_in(&server, &issuer, &mut ada, "ada").await;
    assert_eq!(ada.post(&server, "/register/identity", &[("handle", "ada")]).await.status, 303);
    sqlx::query("update sessions set data = data || '{\"proved_at\": 0}'")
        .execute(&server.pool)
        .await
        .expect("changed");
    let asked = ada.post(&server, "/settings/tokens", &[("form", "create"), ("name", "ci"), ("action", "yank")]).await;
    assert!(asked.status == 403 && asked.text.contains("Confirm with Example"), "{}", asked.text);
    let held = [
        ("provider", "example"),
        ("held_path", "/settings/tokens"),
        ("held_field_form", "create"),
        ("held_field_name", "ci"),
        ("held_field_action", "yank"),
    ];
    let confirm = async |browser: &mut Browser, subject: &str, seconds_ago: Option<i64>| {
        let left = browser.post(&server, "/settings/confirm", &held).await;
        let refresh = left.headers["refresh"].to_str().expect("text").to_owned();
        let begun = sent(refresh.split_once("url=").expect("an address").1);
        assert!(begun.query.contains(&("prompt".to_owned(), "login".to_owned())), "not by being logged in there still");
        let mut token = claims(&issuer, subject, &begun.nonce);
        token["auth_time"] = json!(seconds_ago.map(|seconds| TestServer::NOW.unix_timestamp() - seconds));
        let code = issuer.code(token, &begun.challenge);
        come_back(&server, browser, "example", &code, &begun.state).await
    };
    // Whoever takes the demand for a password out of the address shows nothing.
    for seconds_ago in [None, Some(61), Some(100_000)] {
        assert_eq!(confirm(&mut ada, "ada", seconds_ago).await.status, 422, "{seconds_ago:?}");
    }
    let other = confirm(&mut ada, "somebody-else", Some(0)).await;
    assert_eq!(other.status, 422);
    assert!(plain(&other.text).contains("not shown by somebody-else at Example"), "{}", other.text);
    // Nor does it stand in for a second factor.
    let added =
        "insert into authenticators select principal_id, decode(repeat('00', 20), 'hex'), 0, now() from accounts";
    sqlx::query(added).execute(&server.pool).await.expect("added");
    assert_eq!(confirm(&mut ada, "ada", Some(0)).await.status, 422);
    assert!(!ada.get(&server, "/settings/confirm").await.text.contains("Confirm with Example"));
    sqlx::query("delete from authenticators").execute(&server.pool).await.expect("removed");
    let back = confirm(&mut ada, "ada", Some(0)).await;
    assert!(back.status == 200 && back.text.contains("name=\"action\" value=\"yank\""), "{}", back.text);
    let made = ada.post(&server, "/settings/tokens", &[("form", "create"), ("name", "ci"), ("action", "yank")]).await;
    assert!(made.status == 200 && made.text.contains("pgi_"), "{}", made.text);
}

#[tokio::test]
async fn somebody_of_github_is_known_by_a_number() {
    let (server, issuer) = start().await;
    let log_in = async |browser: &mut Browser, user: Value| {
        let begun = begin(&server, browser, "github").await;
        let code = issuer.code(user, &begun.challenge);
        come_back(&server, browser, "github", &code, &begun.state).await
    };
    let user = |id: u64, login: &str, verified: bool| {
        json!({
            "id": id,
            "login": login,
            "emails": [
                { "email": "other@example.org", "primary": false, "verified": true },
                { "email": "octo@example.org", "primary": true, "verified": verified },
            ],
        })
    };
    let mut browser = Browser::new();
    assert_eq!(log_in(&mut browser, user(4_000_000_000, "octo", false)).await.location(), "/register/identity");
    let page = plain(&browser.get(&server, "/register/identity").await.text);
    assert!(page.contains("vouches for no e-mail address"), "{page}");
    assert_eq!(log_in(&mut browser, user(4_000_000_000, "octo", true)).await.location(), "/register/identity");
    assert_eq!(browser.post(&server, "/register/identity", &[("handle", "octo")]).await.status, 303);
    // The name may be another one by now, and somebody else may have the old one.
    assert_eq!(log_in(&mut Browser::new(), user(4_000_000_000, "renamed", true)).await.location(), "/settings/tokens");
    assert_eq!(log_in(&mut Browser::new(), user(7, "octo", true)).await.location(), "/register/identity");
    // It cannot be told to ask for a password, so it shows who it is only where there is nothing else.
    assert!(browser.get(&server, "/settings/confirm").await.text.contains("Confirm with GitHub"));
    sqlx::query("update accounts set password = '$argon2id$x'").execute(&server.pool).await.expect("changed");
    assert!(!browser.get(&server, "/settings/confirm").await.text.contains("Confirm with GitHub"));
}

#[tokio::test]
async fn a_provider_that_is_away_is_said_to_be() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let gone = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let mut provider = Issuer::start().await.provider();
    provider.kind = registry::ProviderKind::OpenId { issuer: gone };
    let options = Options { public_url: None, providers: vec![provider], ..Options::default() };
    let server = TestServer::start_as(options).await;
    let answer = Browser::new().get(&server, "/login/with/example").await;
    assert_eq!(answer.status, 503);
    let said = plain(&answer.text);
    assert!(said.contains("Example cannot be reached now") && said.contains("log in another way"), "{said}");
}

#[tokio::test]
async fn what_strangers_begin_is_soon_forgotten() {
    let (server, _) = start().await;
    let mut browser = Browser::new();
    begin(&server, &mut browser, "example").await;
    let far = format!("/login/with/example?next=/{}", "x".repeat(5000));
    assert_eq!(browser.get(&server, &far).await.status, 303);
    let (end, size): (time::OffsetDateTime, i32) =
        sqlx::query_as("select max(expires_at), max(octet_length(data::text)) from sessions")
            .fetch_one(&server.pool)
            .await
            .expect("a session");
    assert!(end <= TestServer::NOW + time::Duration::hours(1) && size < 2000, "{end} {size}");
    let mut limited = 0;
    for _ in 0..110 {
        limited += u32::from(Browser::new().get(&server, "/login/with/example").await.status == 429);
    }
    assert!(limited >= 10, "{limited}");
}
