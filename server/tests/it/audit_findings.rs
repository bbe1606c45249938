//! What audits of other registries have found, each as a test of its own name. More of them stand where their subject is:
//! `second_factors::totp_replay_with_normalised_code`, `account_api::token_delete_checks_owner`,
//! `domains::domain_resurrection_recovers_no_account`.

use registry::WorkflowService;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Browser, Issuer, Options, PASSWORD, TestServer, plain};

#[tokio::test]
async fn authenticated_answers_are_never_stored() {
    let server = TestServer::start_reachable().await;
    let ada = server.logged_in("ada").await;
    let token = server.token("ada").await;
    let mut seen = 0;
    for route in server.routes.iter().filter(|route| route.method == Method::GET && !route.path.contains('{')) {
        let with_cookie = server.request(Method::GET, &route.path).header("cookie", ada.cookies());
        let answer = with_cookie.send().await.expect("an answer");
        let stored = answer.headers().get("cache-control").map(|value| value.to_str().expect("text").to_owned());
        assert_eq!(stored.as_deref(), Some("no-store"), "{} {}", route.path, answer.status());
        // Whoever comes next gets nothing of it.
        let text = answer.text().await.unwrap_or_default();
        let next = server.get_cached(&route.path).await;
        let next_text = next.text().await.unwrap_or_default();
        assert!(!next_text.contains(">ada<") || !text.contains(">ada<"), "{}", route.path);
        seen += 1;
    }
    assert!(seen > 30, "{seen} routes");
    for (method, path) in [(Method::GET, "/api/v1/me"), (Method::POST, "/token/new")] {
        let asked = server.request(method, path).bearer_auth(token.reveal()).json(&json!({ "name": "x" }));
        let answer = asked.send().await.expect("an answer");
        assert_eq!(answer.status(), 200, "{path}");
        let stored = answer.headers().get("cache-control").map(|value| value.to_str().expect("text").to_owned());
        assert_eq!(stored.as_deref(), Some("no-store"), "{path} {}", answer.status());
    }
}

#[tokio::test]
async fn each_post_has_its_own_permission() {
    let server = TestServer::start_reachable().await;
    let mut seen = 0;
    for route in server.routes.iter().filter(|route| route.method != Method::GET) {
        let path = ["{name}", "{version}", "{pg}", "{platform}", "{id}", "{provider}"]
            .iter()
            .fold(route.path.clone(), |path, parameter| path.replace(parameter, "1"));
        let answer = server.request(route.method.clone(), &path).header("origin", server.base()).body("{}");
        let answer = answer.send().await.expect("an answer");
        let status = answer.status().as_u16();
        match format!("{:?}", route.access).as_str() {
            "Visitor" => {
                let place = answer.headers()["location"].to_str().expect("text");
                assert!(status == 303 && place.starts_with("/login?next="), "{} {path}: {status}", route.method);
            }
            "Account" | "Token" => {
                assert!(matches!(status, 400 | 401 | 404 | 415 | 422), "{} {path}: {status}", route.method);
                assert!(!(200..300).contains(&status));
            }
            _ => assert!(status != 500, "{} {path}: {status}", route.method),
        }
        seen += 1;
    }
    assert!(seen > 25, "{seen} routes");
}

#[tokio::test]
async fn password_reset_does_not_reveal_who_somebody_is() {
    let server = TestServer::start_reachable().await;
    server.logged_in("ada").await;
    let operator: model::Email = "operator@example.org".parse().expect("an address");
    server.registry.create_account(&"operator".parse().expect("a handle"), &operator).await.expect("made");
    let mut answers = Vec::new();
    for email in ["ada@example.org", "operator@example.org", "nobody@example.org"] {
        let answer = Browser::new().post(&server, "/forgot-password", &[("email", email)]).await;
        answers.push((answer.status, plain(&answer.text).replace(email, "EMAIL")));
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
    // Nor does the page of a link say whose it is.
    let link = server.link_for("ada@example.org").await;
    let page = plain(&Browser::new().get(&server, &link).await.text);
    assert!(!page.contains("ada@example.org"), "{page}");
}

async fn with_issuers() -> (TestServer, Issuer, Issuer) {
    let (one, other) = (Issuer::start().await, Issuer::start().await);
    let workflow_issuers = vec![one.workflows(WorkflowService::GitHub), other.workflows(WorkflowService::GitHub)];
    let server = TestServer::start_as(Options { public_url: None, workflow_issuers, ..Options::default() }).await;
    let mut ada = server.logged_in("ada").await;
    let fields = [
        ("form", "add"),
        ("name", "pg_example"),
        ("issuer", one.address()),
        ("repository", "ada/pg_example"),
        ("workflow", "release.yml"),
    ];
    assert_eq!(ada.post(&server, "/settings/publishing", &fields).await.status, 200);
    (server, one, other)
}

fn run(server: &TestServer, issuer: &Issuer, id: &str, lives: i64) -> Value {
    let now = TestServer::NOW.unix_timestamp();
    json!({
        "iss": issuer.address(), "aud": server.base(), "iat": now, "exp": now + lives, "jti": id,
        "repository": "ada/pg_example", "repository_id": "74", "repository_owner_id": "65",
        "workflow_ref": "ada/pg_example/.github/workflows/release.yml@refs/heads/main",
        "event_name": "push", "ref": "refs/heads/main", "run_id": "1",
        "sha": "0123456789abcdef0123456789abcdef01234567",
    })
}

async fn exchange(server: &TestServer, token: &str) -> u16 {
    let request = server.request(Method::POST, "/api/v1/trusted-publishing/tokens");
    request.json(&json!({ "token": token })).send().await.expect("an answer").status().as_u16()
}

#[tokio::test]
async fn jti_outlives_its_token_and_the_leeway() {
    let (server, issuer, _) = with_issuers().await;
    // One that has just ended is still taken, and one that lives for long: neither may be taken again as long as it could be.
    for (id, lives) in [("over", -59), ("long", 86_000)] {
        let token = issuer.sign(&run(&server, &issuer, id, lives));
        assert_eq!(exchange(&server, &token).await, 200, "{id}");
        assert_eq!(exchange(&server, &token).await, 401, "{id}");
        let kept: bool = sqlx::query_scalar("select expires_at > $2 from exchanged_tokens where token_id = $1")
            .bind(id)
            .bind(TestServer::NOW + time::Duration::seconds(lives + 60))
            .fetch_one(&server.pool)
            .await
            .expect("kept");
        assert!(kept, "{id}");
    }
    assert_eq!(exchange(&server, &issuer.sign(&run(&server, &issuer, "for ever", 86_400 * 30))).await, 401);
}

#[tokio::test]
async fn issuer_is_looked_up_alone() {
    let (server, one, other) = with_issuers().await;
    // Signed by one that is known, in the name of another one that is known; and the other way round.
    let mut claims = run(&server, &one, "a", 300);
    assert_eq!(exchange(&server, &other.sign(&claims)).await, 401);
    claims["iss"] = json!(other.address());
    assert_eq!(exchange(&server, &one.sign(&claims)).await, 401);
    // By the right one, which the package does not trust.
    assert_eq!(exchange(&server, &other.sign(&claims)).await, 403);
    // The same number of a token at two issuers is not the same token.
    assert_eq!(exchange(&server, &one.sign(&run(&server, &one, "a", 300))).await, 200);
}

#[tokio::test]
async fn rights_end_with_the_owner_who_gave_them() {
    let (server, issuer, _) = with_issuers().await;
    let token = server.token("ada").await;
    server.published(&token, &crate::support::TrunkArchive::sql("pg_example", "1.0.0")).await;
    let mut ada = Browser::new();
    assert_eq!(ada.post(&server, "/login", &[("login", "ada"), ("password", PASSWORD)]).await.status, 303);
    assert_eq!(exchange(&server, &issuer.sign(&run(&server, &issuer, "before", 300))).await, 200);
    assert_eq!(ada.post(&server, "/settings/delete", &[("handle", "ada")]).await.location(), "/account-deleted");
    assert_eq!(exchange(&server, &issuer.sign(&run(&server, &issuer, "after", 300))).await, 403);
    let left: i64 = sqlx::query_scalar("select count(*) from tokens").fetch_one(&server.pool).await.expect("a count");
    assert_eq!(left, 0, "also the token that a run got before");
}
