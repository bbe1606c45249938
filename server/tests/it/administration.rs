//! Who keeps the registry in order, and what admins do with accounts and with the registry as a whole.

use model::StaffRole;
use reqwest::Method;

use crate::support::{Browser, PASSWORD, TestServer, TrunkArchive, decide, newest_mail, plain, queue, report, staff};

#[tokio::test]
async fn nobody_decides_about_their_own_and_moderators_are_no_admins() {
    let server = TestServer::start_reachable().await;
    let mut moderator = staff(&server, "mona", StaffRole::Moderator).await;
    let mut bob = server.logged_in("bob").await;
    let token = server.token("mona").await;
    server.published(&token, &TrunkArchive::sql("pg_example", "1.0.0")).await;
    report(&server, &mut bob, "pg_example", "licence").await;
    let case = queue(&server, &mut moderator).await[0];
    let (status, text) =
        decide(&server, &mut moderator, case, &[("verdict", "dismissed"), ("reason", "There is nothing to see.")])
            .await;
    assert!(status == 422 && text.contains("You decide nothing about yourself"), "{text}");
    // Reported accounts are locked by admins only.
    let fields = [("user", "bob"), ("kind", "abuse"), ("text", "He writes rude things.")];
    assert_eq!(moderator.post(&server, "/report", &fields).await.status, 200);
    let case = *queue(&server, &mut moderator).await.last().expect("a case");
    let page = moderator.get(&server, &format!("/admin/reports/{case}")).await.text;
    assert!(!page.contains("Lock the account"), "{page}");
    let (status, text) =
        decide(&server, &mut moderator, case, &[("verdict", "locked"), ("reason", "He writes rude things.")]).await;
    assert!(status == 403 && text.contains("Only admins do this"), "{status} {text}");
    for path in ["/admin/accounts", "/admin/accounts/bob"] {
        assert_eq!(moderator.get(&server, path).await.status, 404, "{path}");
    }
    for form in ["lock", "role", "factors"] {
        let fields = [("form", form), ("role", "admin"), ("reason", "Because I can do it.")];
        let answer = moderator.post(&server, "/admin/accounts/bob", &fields).await;
        assert!(matches!(answer.status, 403 | 404), "{form}: {}", answer.status);
        let answer = moderator.post(&server, "/admin/accounts/mona", &fields).await;
        assert!(matches!(answer.status, 403 | 404), "{form}: {}", answer.status);
    }
    // For everybody else there is no such place.
    for path in ["/admin", "/admin/reports", &format!("/admin/reports/{case}"), "/admin/accounts"] {
        assert_eq!(bob.get(&server, path).await.status, 404, "{path}");
        let anonymous = Browser::new().get(&server, path).await;
        assert!(anonymous.status == 303 && anonymous.location().starts_with("/login?next="), "{path}");
    }
    let answer = bob
        .post(
            &server,
            &format!("/admin/reports/{case}"),
            &[("verdict", "dismissed"), ("reason", "I am innocent, really.")],
        )
        .await;
    assert_eq!(answer.status, 404);
    let open: bool = sqlx::query_scalar("select bool_and(closed_at is null) from cases")
        .fetch_one(&server.pool)
        .await
        .expect("cases");
    assert!(open);
}

#[tokio::test]
async fn a_role_that_is_taken_away_while_a_form_is_open_is_gone() {
    let server = TestServer::start_reachable().await;
    let mut moderator = staff(&server, "mona", StaffRole::Moderator).await;
    let mut bob = server.logged_in("bob").await;
    let token = {
        server.logged_in("ada").await;
        server.token("ada").await
    };
    server.published(&token, &TrunkArchive::sql("pg_example", "1.0.0")).await;
    report(&server, &mut bob, "pg_example", "spam").await;
    let case = queue(&server, &mut moderator).await[0];
    server.registry.grant_role(&"mona".parse().expect("a handle"), None).await.expect("taken");
    let (status, _) =
        decide(&server, &mut moderator, case, &[("verdict", "quarantined"), ("reason", "It is spam, clearly.")]).await;
    assert_eq!(status, 404);
    assert_eq!(server.json("/api/v1/packages/pg_example").await["current"]["state"], "active");
}

#[tokio::test]
async fn the_first_admin_comes_by_a_link_and_the_last_one_stays() {
    let server = TestServer::start_reachable().await;
    let (mut ada, mut bob) = (server.logged_in("ada").await, server.logged_in("bob").await);
    let link = server.registry.link_for_first_admin().await.expect("asked").expect("a link").address;
    let path = format!("{}?{}", link.path(), link.query().expect("a token"));
    let page = ada.get(&server, &path).await;
    assert!(page.status == 200 && page.text.contains("Become the first admin"), "{}", page.text);
    let secret = link.query_pairs().next().expect("a token").1.into_owned();
    let wrong = bob.post(&server, "/settings/admin-link", &[("token", "nonsense")]).await;
    assert!(plain(&wrong.text).contains("good no more"), "{}", wrong.text);
    let made = ada.send(&server, "/settings/admin-link", &[("token", &secret)]).await;
    assert_eq!((made.status, made.location()), (303, "/admin"), "{}", made.text);
    assert_eq!(ada.get(&server, "/admin").await.status, 200);
    let late = bob.post(&server, "/settings/admin-link", &[("token", &secret)]).await;
    assert!(plain(&late.text).contains("good no more"), "{}", late.text);
    assert!(server.registry.link_for_first_admin().await.expect("asked").is_none());

    let change = async |browser: &mut Browser, handle: &str, fields: &[(&str, &str)]| {
        let mut fields = fields.to_vec();
        fields.push(("reason", "A reason that is long enough."));
        let answer = browser.post(&server, &format!("/admin/accounts/{handle}"), &fields).await;
        (answer.status, plain(&answer.text))
    };
    let (status, text) = change(&mut ada, "ada", &[("form", "role"), ("role", "none")]).await;
    assert!(status == 422 && text.contains("Somebody has to be an admin"), "{text}");
    assert_eq!(change(&mut ada, "bob", &[("form", "role"), ("role", "admin")]).await.0, 200);
    assert_eq!(bob.get(&server, "/admin/accounts").await.status, 200);
    // Two who take each other's role at once: one of them stays.
    let (mut one, mut other) = (ada.clone(), bob.clone());
    let role = [("form", "role"), ("role", "none")];
    let (first, second) = tokio::join!(change(&mut one, "bob", &role), change(&mut other, "ada", &role));
    let admins: i64 = sqlx::query_scalar("select count(*) from accounts where staff_role = 'admin'")
        .fetch_one(&server.pool)
        .await
        .expect("a count");
    assert_eq!(admins, 1, "{first:?} {second:?}");
    // Nor does the command take the last one away.
    for handle in ["ada", "bob"] {
        let _ = server.registry.grant_role(&handle.parse().expect("a handle"), None).await;
    }
    let admins: i64 = sqlx::query_scalar("select count(*) from accounts where staff_role = 'admin'")
        .fetch_one(&server.pool)
        .await
        .expect("a count");
    assert_eq!(admins, 1);
}

#[tokio::test]
async fn a_locked_account_does_nothing_until_it_is_unlocked() {
    let server = TestServer::start_reachable().await;
    let mut admin = staff(&server, "root_of_all", StaffRole::Admin).await;
    let mut eve = server.logged_in("eve").await;
    let token = server.token("eve").await;
    let reason = "She publishes other people's work.";
    server.published(&token, &TrunkArchive::sql("pg_taken", "1.0.0")).await;
    let mut mate = server.logged_in("mate").await;
    eve.post(&server, "/settings/packages/pg_taken", &[("form", "invite"), ("invitee", "mate"), ("role", "owner")])
        .await;
    let offered = mate.get(&server, "/settings/invitations").await.text;
    let (_, rest) = offered.split_once("name=\"invitation\" value=\"").expect("an invitation");
    let invitation = rest.split('"').next().expect("an id").to_owned();
    let locked = admin.post(&server, "/admin/accounts/eve", &[("form", "lock"), ("reason", reason)]).await;
    assert_eq!(locked.status, 200, "{}", locked.text);
    assert_eq!(eve.get(&server, "/settings").await.status, 303, "her session has ended");
    let late = [("form", "accept"), ("invitation", invitation.as_str())];
    assert_eq!(
        mate.post(&server, "/settings/invitations", &late).await.status,
        422,
        "nobody comes in by what she has sent"
    );
    let wrong = Browser::new().post(&server, "/login", &[("login", "eve"), ("password", "another password")]).await;
    assert!(!plain(&wrong.text).contains("locked"), "only who knows the password is told");
    let login = Browser::new().post(&server, "/login", &[("login", "eve"), ("password", PASSWORD)]).await;
    assert!(login.status == 422 && plain(&login.text).contains(reason), "{}", login.text);
    let archive = TrunkArchive::sql("pg_eve", "1.0.0");
    assert_eq!(server.trunk_publish(&token, &archive.metadata(), &archive.bytes()).await.status(), 401);
    let me = server.request(Method::GET, "/api/v1/me").bearer_auth(token.reveal()).send().await.expect("an answer");
    assert_eq!(me.status(), 401);
    assert!(newest_mail(&server, "eve@example.org").await.contains(reason));
    let own = admin.post(&server, "/admin/accounts/root_of_all", &[("form", "lock"), ("reason", reason)]).await;
    assert!(plain(&own.text).contains("You decide nothing about yourself"), "{}", own.text);
    // What is said of her is not in the chain, only a hash of it, so it can be erased.
    let payload: String = sqlx::query_scalar("select payload from events where kind = 'account.locked'")
        .fetch_one(&server.pool)
        .await
        .expect("an event");
    assert!(!payload.contains("publishes"), "{payload}");
    let unlocked = admin
        .post(&server, "/admin/accounts/eve", &[("form", "unlock"), ("reason", "She has shown that it is hers.")])
        .await;
    assert_eq!(unlocked.status, 200, "{}", unlocked.text);
    server.published(&token, &archive).await;
    let login = eve.post(&server, "/login", &[("login", "eve"), ("password", PASSWORD)]).await;
    assert_eq!(login.status, 303);
    eve.post(&server, "/settings/delete", &[("handle", "eve")]).await;
    let details: i64 =
        sqlx::query_scalar("select count(*) from event_details").fetch_one(&server.pool).await.expect("a count");
    assert_eq!(details, 0, "erased with her account");
    let report = server.registry.check().await.expect("looked at");
    assert!(report.findings.is_empty(), "and the chain is whole: {:?}", report.findings);
}

#[tokio::test]
async fn switches_hold_at_once() {
    let server = TestServer::start_reachable().await;
    let mut admin = staff(&server, "root_of_all", StaffRole::Admin).await;
    let mut ada = server.logged_in("ada").await;
    let token = server.token("ada").await;
    server.published(&token, &TrunkArchive::sql("pg_example", "1.0.0")).await;
    let other = TestServer::start_beside(&server).await;
    let switch = async |admin: &mut Browser, flag: &str, set: &str| {
        let fields = [("flag", flag), ("set", set), ("reason", "The store is being moved.")];
        let answer = admin.post(&server, "/admin/flags", &fields).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    };
    let archive = TrunkArchive::sql("pg_example", "1.1.0");
    let publish = async |on: &TestServer| {
        let answer = on.trunk_publish(&token, &archive.metadata(), &archive.bytes()).await;
        (answer.status().as_u16(), answer.text().await.expect("text"))
    };
    switch(&mut admin, "no-publishing", "yes").await;
    for on in [&server, &other] {
        let (status, text) = publish(on).await;
        assert!(status == 503 && text.contains("The store is being moved."), "{status} {text}");
    }
    switch(&mut admin, "no-publishing", "no").await;

    switch(&mut admin, "no-registration", "yes").await;
    let fields = [("handle", "newcomer"), ("email", "n@example.org"), ("password", PASSWORD)];
    let refused = Browser::new().post(&server, "/register", &fields).await;
    assert!(refused.status == 503 && plain(&refused.text).contains("The store is being moved."), "{}", refused.text);
    switch(&mut admin, "no-registration", "no").await;

    switch(&mut admin, "read-only", "yes").await;
    let (status, text) = publish(&other).await;
    assert!(status == 503 && text.contains("read-only"), "{status} {text}");
    let settings = ada.post(&server, "/settings/packages/pg_example/description", &[("summary", "Other words")]).await;
    assert!(settings.status == 503 && plain(&settings.text).contains("read-only for a while"), "{}", settings.text);
    assert_eq!(
        server.json("/api/v1/packages/pg_example").await["summary"],
        "What pg_example is for",
        "and nothing was half-done"
    );
    // What keeps it in order goes on.
    let open = [("package", "pg_example"), ("reason", "Seen while it was moved.")];
    let opened = admin.send(&server, "/admin/reports", &open).await;
    let case: i64 = opened.location().rsplit('/').next().and_then(|id| id.parse().ok()).expect("a case");
    let verdict = [("verdict", "quarantined"), ("reason", "It has to be looked at.")];
    assert_eq!(decide(&server, &mut admin, case, &verdict).await.0, 200);
    switch(&mut admin, "read-only", "no").await;
    let again = admin
        .post(&server, "/admin/flags", &[("flag", "read-only"), ("set", "no"), ("reason", "The store is being moved.")])
        .await;
    assert_eq!(again.status, 409);
    let reserved = [("name", "pg_reserved"), ("form", "reserve"), ("reason", "It is the name of something else.")];
    assert_eq!(admin.post(&server, "/admin/names", &reserved).await.status, 200);
    let reserved = TrunkArchive::sql("pg-reserved", "1.0.0");
    let refused = server.trunk_publish(&token, &reserved.metadata(), &reserved.bytes()).await;
    assert!(refused.text().await.expect("text").contains("It is the name of something else."));
}
