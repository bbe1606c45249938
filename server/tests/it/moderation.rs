//! What people report, what moderators decide, and that it holds everywhere.

use std::time::{Duration, Instant};

use model::StaffRole;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    Browser, TestServer, TrunkArchive, decide, events, newest_mail, plain, putting, queue, report, staff, until, yank,
};

/// Where everybody could find the package: search, list, site map, Trunk's list, home page.
async fn listed(server: &TestServer) -> [bool; 5] {
    let search = server.cached_json("/api/v1/search?q=pg_example").await;
    let list = server.cached_json("/api/v1/packages").await;
    let found = |list: &Value| {
        list["items"].as_array().is_some_and(|items| items.iter().any(|item| item["name"] == "pg_example"))
    };
    let sitemap = server.get_cached("/sitemaps/packages-0.xml").await.text().await.expect("text");
    let projects = server.get_cached("/api/v1/trunk-projects").await.text().await.expect("text");
    let home = server.get_cached("/").await.text().await.expect("text");
    [
        found(&search),
        found(&list),
        sitemap.contains("pg_example"),
        projects.contains("pg_example"),
        home.contains("/packages/pg_example"),
    ]
}

async fn statuses(server: &TestServer, paths: [&str; 3]) -> Vec<u16> {
    let mut found = Vec::new();
    for path in paths {
        found.push(server.get_cached(path).await.status().as_u16());
    }
    found
}

#[tokio::test]
async fn a_quarantined_package_is_refused_everywhere_until_it_is_released() {
    let server = TestServer::start_reachable().await;
    let (mut ada, mut bob) = (server.logged_in("ada").await, server.logged_in("bob").await);
    let mut moderator = staff(&server, "mona", StaffRole::Moderator).await;
    let token = server.token("ada").await;
    server.published(&token, &TrunkArchive::sql("pg_example", "1.0.0")).await;
    server.published(&token, &TrunkArchive::sql("pg_example", "1.1.0")).await;
    assert_eq!(yank(&server, &token, "pg_example/1.0.0", "Broken").send().await.expect("an answer").status(), 204);
    server.settle().await;
    let release = server.json("/api/v1/packages/pg_example/1.1.0").await;
    let file =
        release["artifacts"][0]["url"].as_str().and_then(|url| url.strip_prefix(server.base())).expect("an address");
    let offered = [file, "/api/v1/trunk-projects/pg_example", "/extensions/pg_example/1.1.0/download"];
    let before = statuses(&server, offered).await;
    assert!(before.iter().all(|status| *status < 400), "{before:?}");
    assert_eq!(listed(&server).await, [true; 5]);

    assert!(report(&server, &mut bob, "pg_example", "malware").await.contains("Thank you"));
    assert!(newest_mail(&server, "mona@example.org").await.contains("/admin/reports/"), "the staff is told");
    let cases = queue(&server, &mut moderator).await;
    assert_eq!(cases.len(), 1);
    let page = moderator.get(&server, &format!("/admin/reports/{}", cases[0])).await.text;
    assert!(page.contains("It sends &lt;b&gt;everything&lt;/b&gt; elsewhere."), "{page}");
    for reason in ["", "  ", "too short"] {
        let (status, text) =
            decide(&server, &mut moderator, cases[0], &[("verdict", "quarantined"), ("reason", reason)]).await;
        assert!(status == 422 && text.contains("Say why, in 10 to 1000 characters"), "{reason:?}: {text}");
    }
    let (status, text) = decide(
        &server,
        &mut moderator,
        cases[0],
        &[("verdict", "quarantined"), ("reason", "It does <i>harm</i> to servers.")],
    )
    .await;
    assert!(status == 200 && text.contains("It is decided"), "{text}");
    let started = Instant::now();
    until("nothing offers it", async || listed(&server).await == [false; 5]).await;
    for path in offered {
        let answer = server.get_cached(path).await;
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap_or_default();
        assert!(status == 404 || text == "[]" || text.is_empty(), "{path}: {status} {text}");
    }
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    let page = server.get_cached("/packages/pg_example").await;
    assert_eq!(page.status(), 200, "it can be seen that it is held back");
    let text = page.text().await.expect("text");
    assert!(text.contains("held back") && text.contains("It does &lt;i&gt;harm&lt;/i&gt; to servers."), "{text}");
    let package = server.cached_json("/api/v1/packages/pg_example").await;
    assert_eq!(package["current"]["state"], "quarantined", "{package}");
    // Nothing of it is changed by its owner, or published.
    let third = TrunkArchive::sql("pg_example", "1.2.0");
    let refused = server.trunk_publish(&token, &third.metadata(), &third.bytes()).await;
    assert_eq!(refused.status(), 409);
    assert!(refused.text().await.expect("text").contains("held back"));
    assert_eq!(yank(&server, &token, "pg_example/1.1.0", "Mine").send().await.expect("an answer").status(), 409);
    let answer = ada.post(&server, "/settings/packages/pg_example/description", &[("summary", "x")]).await;
    assert!(plain(&answer.text).contains("while it is held back"), "{}", answer.text);
    // Both sides were told, with the reason.
    for email in ["ada@example.org", "bob@example.org"] {
        assert!(newest_mail(&server, email).await.contains("It does <i>harm</i> to servers."), "{email}");
    }
    let kinds = events(&server, "package:localhost/pg_example").await;
    assert_eq!(kinds.last().map(String::as_str), Some("package.quarantined"), "{kinds:?}");

    // The owner appeals, others do not.
    let availability = "/settings/packages/pg_example/availability";
    let foreign = bob.post(&server, availability, &[("form", "appeal"), ("text", "It is mine, I swear.")]).await;
    assert_eq!(foreign.status, 404);
    let appeal = [("form", "appeal"), ("text", "The function only reads what it is given.")];
    let appealed = ada.post(&server, availability, &appeal).await;
    assert!(plain(&appealed.text).contains("Somebody looks at it again"), "{}", appealed.text);
    let again = ada.post(&server, availability, &appeal).await;
    assert!(plain(&again.text).contains("You have said so already"), "{}", again.text);
    let cases = queue(&server, &mut moderator).await;
    let (status, _) = decide(
        &server,
        &mut moderator,
        cases[0],
        &[("verdict", "released"), ("reason", "The owner is right, it only reads.")],
    )
    .await;
    assert_eq!(status, 200);
    until("it is offered again", async || listed(&server).await == [true; 5]).await;
    assert_eq!(statuses(&server, offered).await, before);
    let package = server.cached_json("/api/v1/packages/pg_example").await;
    let restored: Vec<&Value> =
        package["releases"].as_array().expect("releases").iter().map(|release| &release["state"]).collect();
    assert_eq!(restored, ["active", "yanked"], "as they were");
    let numbers = plain(&server.text("/transparency").await);
    assert!(numbers.contains("Malware: it does harm1") && numbers.contains("released1"), "{numbers}");
}

#[tokio::test]
async fn one_release_is_held_back_and_others_stay() {
    let server = TestServer::start_reachable().await;
    let mut moderator = staff(&server, "mona", StaffRole::Moderator).await;
    let token = {
        server.logged_in("ada").await;
        server.token("ada").await
    };
    for version in ["1.0.0", "1.1.0"] {
        server.published(&token, &TrunkArchive::sql("pg_example", version)).await;
    }
    let open = [("package", "pg_example"), ("reason", "Seen in the list of new files.")];
    let opened = moderator.send(&server, "/admin/reports", &open).await;
    let case: i64 = opened.location().rsplit('/').next().and_then(|id| id.parse().ok()).expect("a case");
    let verdict = [("verdict", "quarantined"), ("release", "1.1.0"), ("reason", "This version does harm.")];
    assert_eq!(decide(&server, &mut moderator, case, &verdict).await.0, 200);
    let latest = server.json("/api/v1/packages/pg_example/latest").await;
    assert_eq!(latest["version"], "1.0.0");
    let held = server.json("/api/v1/packages/pg_example/1.1.0").await;
    let file =
        held["artifacts"][0]["url"].as_str().and_then(|url| url.strip_prefix(server.base())).expect("an address");
    assert_eq!(server.get(file).await.status(), 404);
    let page = server.text("/packages/pg_example/1.1.0").await;
    assert!(page.contains("This version does harm."), "{page}");
    // A new version goes on, the held one does not.
    server.published(&token, &TrunkArchive::sql("pg_example", "1.2.0")).await;
    // Decided once: the stale form of somebody else is told so.
    let (status, text) = decide(&server, &mut moderator, case, &verdict).await;
    assert!(status == 409 && text.contains("Somebody else has decided this meanwhile"), "{status} {text}");
    // All of it is held back, and released: what was held for itself before stays so.
    for (verdict, reason) in [("quarantined", "All of it does harm."), ("released", "Only that version did harm.")] {
        let opened = moderator.send(&server, "/admin/reports", &open).await;
        let case: i64 = opened.location().rsplit('/').next().and_then(|id| id.parse().ok()).expect("a case");
        let fields = [("verdict", verdict), ("release", ""), ("reason", reason)];
        assert_eq!(decide(&server, &mut moderator, case, &fields).await.0, 200, "{verdict}");
    }
    let package = server.json("/api/v1/packages/pg_example").await;
    let restored: Vec<&Value> =
        package["releases"].as_array().expect("releases").iter().map(|release| &release["state"]).collect();
    assert_eq!(restored, ["active", "quarantined", "active"]);
}

#[tokio::test]
async fn while_a_package_is_held_back_nobody_comes_in_and_no_workflow_is_trusted() {
    let server = TestServer::start_reachable().await;
    let mut moderator = staff(&server, "mona", StaffRole::Moderator).await;
    let (mut ada, mut bob) = (server.logged_in("ada").await, server.logged_in("bob").await);
    let token = server.token("ada").await;
    server.published(&token, &TrunkArchive::sql("pg_example", "1.0.0")).await;
    let invite = [("form", "invite"), ("invitee", "bob"), ("role", "owner")];
    ada.post(&server, "/settings/packages/pg_example", &invite).await;
    let offered = bob.get(&server, "/settings/invitations").await.text;
    let (_, rest) = offered.split_once("name=\"invitation\" value=\"").expect("an invitation");
    let invitation = rest.split('"').next().expect("an id").to_owned();
    let open = [("package", "pg_example"), ("reason", "Seen in the list of new files.")];
    let opened = moderator.send(&server, "/admin/reports", &open).await;
    let case: i64 = opened.location().rsplit('/').next().and_then(|id| id.parse().ok()).expect("a case");
    let verdict = [("verdict", "quarantined"), ("reason", "It has to be looked at.")];
    assert_eq!(decide(&server, &mut moderator, case, &verdict).await.0, 200);
    let accepted = bob.post(&server, "/settings/invitations", &[("form", "accept"), ("invitation", &invitation)]).await;
    assert!(accepted.status == 422 && plain(&accepted.text).contains("held back"), "{}", plain(&accepted.text));
    let workflow = [
        ("form", "add"),
        ("name", "pg_example"),
        ("issuer", "https://token.actions.githubusercontent.com"),
        ("repository", "ada/pg_example"),
        ("workflow", "release.yml"),
    ];
    let trusted = ada.post(&server, "/settings/publishing", &workflow).await;
    assert_eq!(trusted.status, 422, "{}", plain(&trusted.text));
    let trusted: i64 =
        sqlx::query_scalar("select count(*) from trusted_publishers").fetch_one(&server.pool).await.expect("a count");
    assert_eq!(trusted, 0);
    // Search engines do not show it.
    assert!(server.text("/packages/pg_example").await.contains("content=\"noindex\""));
    // The page says that an appeal waits, and asks for no other one.
    let availability = "/settings/packages/pg_example/availability";
    ada.post(&server, availability, &[("form", "appeal"), ("text", "The function only reads what it is given.")]).await;
    let page = ada.get(&server, availability).await.text;
    assert!(page.contains("An appeal waits.") && !page.contains("Why this is wrong"), "{}", plain(&page));
}

#[tokio::test]
async fn two_verdicts_at_once_are_one() {
    let server = TestServer::start_reachable().await;
    let (mut mona, mut milo) =
        (staff(&server, "mona", StaffRole::Moderator).await, staff(&server, "milo", StaffRole::Moderator).await);
    let mut bob = server.logged_in("bob").await;
    let token = {
        server.logged_in("ada").await;
        server.token("ada").await
    };
    server.published(&token, &TrunkArchive::sql("pg_example", "1.0.0")).await;
    report(&server, &mut bob, "pg_example", "spam").await;
    let case = queue(&server, &mut mona).await[0];
    let reason = ("reason", "This is the one verdict.");
    let (held, dismissed) = ([("verdict", "quarantined"), reason], [("verdict", "dismissed"), reason]);
    let (one, other) =
        tokio::join!(decide(&server, &mut mona, case, &held), decide(&server, &mut milo, case, &dismissed));
    let mut statuses = [one.0, other.0];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{one:?} {other:?}");
    let kinds = events(&server, "package:localhost/pg_example").await;
    let verdicts =
        kinds.iter().filter(|kind| matches!(kind.as_str(), "package.quarantined" | "case.dismissed")).count();
    assert_eq!(verdicts, 1, "{kinds:?}");
}

#[tokio::test]
async fn whoever_has_no_account_confirms_a_report_by_mail() {
    let server = TestServer::start_reachable().await;
    let mut moderator = staff(&server, "mona", StaffRole::Moderator).await;
    let token = {
        server.logged_in("ada").await;
        server.token("ada").await
    };
    server.published(&token, &TrunkArchive::sql("pg_example", "1.0.0")).await;
    let mut browser = Browser::new();
    let page = browser.get(&server, "/report?package=pg_example&version=1.0.0").await;
    assert!(page.text.contains("value=\"pg_example\"") && page.text.contains("value=\"1.0.0\""), "{}", page.text);
    for (fields, why) in [
        (
            vec![("package", "pg_example"), ("kind", "spam"), ("text", "It is only an advertisement.")],
            "Give an address",
        ),
        (
            vec![
                ("package", "nonsense"),
                ("kind", "spam"),
                ("text", "It is only an advertisement."),
                ("email", "v@example.org"),
            ],
            "There is no such package",
        ),
        (
            vec![("package", "pg_example"), ("kind", "spam"), ("text", "short"), ("email", "v@example.org")],
            "Say what is wrong",
        ),
        (
            vec![
                ("package", "pg_example"),
                ("kind", "appeal"),
                ("text", "It is only an advertisement."),
                ("email", "v@example.org"),
            ],
            "Choose what is wrong",
        ),
    ] {
        let answer = browser.post(&server, "/report", &fields).await;
        assert!(answer.status == 422 && plain(&answer.text).contains(why), "{why}: {}", answer.text);
    }
    let fields = [
        ("package", "pg_example"),
        ("version", "1.0.0"),
        ("kind", "spam"),
        ("text", "It is only an advertisement."),
        ("email", "visitor@example.org"),
    ];
    let sent = browser.post(&server, "/report", &fields).await;
    assert!(plain(&sent.text).contains("A link was sent to visitor@example.org"), "{}", sent.text);
    assert!(queue(&server, &mut moderator).await.is_empty(), "not before it is confirmed");
    let confirmed = server.follow_link(&mut browser, "visitor@example.org", &[]).await;
    assert!(plain(&confirmed.text).contains("Your report is confirmed"), "{}", confirmed.text);
    let again = server.follow_link(&mut browser, "visitor@example.org", &[]).await;
    assert!(plain(&again.text).contains("good no more"), "{}", again.text);
    let case = queue(&server, &mut moderator).await[0];
    decide(&server, &mut moderator, case, &[("verdict", "dismissed"), ("reason", "It is an example, no spam.")]).await;
    assert!(newest_mail(&server, "visitor@example.org").await.contains("It is an example, no spam."));
}

#[tokio::test]
async fn a_name_near_to_one_that_many_use_goes_to_the_queue() {
    let server = TestServer::start_reachable().await;
    let mut moderator = staff(&server, "mona", StaffRole::Moderator).await;
    server.logged_in("ada").await;
    let (token, other) = (server.token("ada").await, {
        server.logged_in("eve").await;
        server.token("eve").await
    });
    server.published(&token, &TrunkArchive::sql("pg_popular", "1.0.0")).await;
    sqlx::query("insert into downloads (day, artifact_id, count) select $1::date, artifact_id, 100 from artifacts")
        .bind(TestServer::NOW.date())
        .execute(&server.pool)
        .await
        .expect("downloads");
    let near = TrunkArchive::sql("pg_popualr", "1.0.0");
    let answer = putting(&server, &other, &near, "any").send().await.expect("an answer");
    assert_eq!(answer.status(), 201);
    let told = answer.text().await.expect("text");
    assert!(told.contains("name-near") && told.contains("pg_popular"), "its publisher is told: {told}");
    let mail = newest_mail(&server, "mona@example.org").await;
    assert!(mail.contains("/admin/reports/"), "the staff is told: {mail}");
    let page = plain(&moderator.get(&server, "/admin/reports").await.text);
    assert!(page.contains("pg_popualr") && page.contains("typo-squatting"), "{page}");
    // Whoever owns the one may call another one nearly the same.
    server.published(&token, &TrunkArchive::sql("pg_popular2", "1.0.0")).await;
    server.published(&token, &TrunkArchive::sql("pgpopular_x", "1.0.0")).await;
    assert_eq!(queue(&server, &mut moderator).await.len(), 1);
}

#[tokio::test]
async fn programs_report_and_decide_with_the_action_for_it() {
    let server = TestServer::start_reachable().await;
    staff(&server, "mona", StaffRole::Moderator).await;
    let mut admin = staff(&server, "root_of_all", StaffRole::Admin).await;
    let (ada, eve) = (server.logged_in("ada").await, server.logged_in("eve").await);
    assert_ne!(ada.cookies(), eve.cookies());
    let (owner, stranger) = (server.token("ada").await, server.token("eve").await);
    server.published(&owner, &TrunkArchive::sql("pg_example", "1.0.0")).await;
    let asked = async |method: Method, path: &str, token: Option<&registry::Token>, body: Value| {
        let mut request = server.request(method, &format!("/api/v1/{path}")).json(&body);
        if let Some(token) = token {
            request = request.bearer_auth(token.reveal());
        }
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        (status, answer.json::<Value>().await.unwrap_or_default())
    };
    let report = json!({ "package": "pg_example", "version": "1.0.0", "kind": "malware", "text": "It reads what it should not." });
    let (status, answer) = asked(Method::POST, "reports", Some(&stranger), report.clone()).await;
    assert_eq!((status, &answer["confirmed"]), (202, &json!(true)), "{answer}");
    assert_eq!(asked(Method::POST, "reports", Some(&stranger), report.clone()).await.0, 409);
    assert_eq!(asked(Method::POST, "reports", None, report).await.0, 422, "without an address nobody is known");
    let by_mail = json!({ "user": "eve", "kind": "abuse", "text": "She is rude to others.", "email": "v@example.org" });
    let (status, answer) = asked(Method::POST, "reports", None, by_mail).await;
    assert_eq!((status, &answer["confirmed"]), (202, &json!(false)), "{answer}");

    let everywhere = model::NamePattern::all;
    let moderator = server.token_for("mona", vec![model::TokenAction::Admin], everywhere()).await;
    let narrow = server.token_for("mona", vec![model::TokenAction::Admin], "pg_*".parse().expect("a pattern")).await;
    let publishing = server.token_for("mona", vec![model::TokenAction::PublishNew], everywhere()).await;
    for token in [&narrow, &publishing] {
        assert_eq!(asked(Method::GET, "moderation/cases", Some(token), json!({})).await.0, 403);
    }
    let (_, cases) = asked(Method::GET, "moderation/cases", Some(&moderator), json!({})).await;
    assert_eq!(
        (&cases["items"][0]["package"], &cases["items"][0]["kinds"]),
        (&json!("pg_example"), &json!(["malware"])),
        "{cases}"
    );
    let verdict = format!("moderation/cases/{}/verdict", cases["items"][0]["id"]);
    let (status, answer) =
        asked(Method::POST, &verdict, Some(&moderator), json!({ "verdict": "quarantined", "reason": "no" })).await;
    assert_eq!((status, &answer["code"]), (422, &json!("reason-missing")), "{answer}");
    let body = json!({ "verdict": "quarantined", "reason": "It does read what it should not." });
    let (status, answer) = asked(Method::POST, &verdict, Some(&moderator), body.clone()).await;
    assert!(status == 200 && answer["event"].is_i64(), "{answer}");
    assert_eq!(asked(Method::POST, &verdict, Some(&moderator), body).await.0, 409);
    let package = server.json("/api/v1/packages/pg_example").await;
    assert_eq!(package["current"]["state"], "quarantined");

    // Moderators are no admins, by token as in the browser.
    let lock = json!({ "reason": "She publishes what others wrote." });
    assert_eq!(asked(Method::PUT, "admin/accounts/eve/lock", Some(&moderator), lock.clone()).await.0, 403);
    assert_eq!(asked(Method::GET, "admin/accounts", Some(&moderator), json!({})).await.0, 404);
    let token = server.token_for("root_of_all", vec![model::TokenAction::Admin], everywhere()).await;
    assert_eq!(asked(Method::PUT, "admin/accounts/eve/lock", Some(&token), lock.clone()).await.0, 200);
    assert_eq!(asked(Method::PUT, "admin/accounts/eve/lock", Some(&token), lock.clone()).await.0, 409);
    let (_, found) = asked(Method::GET, "admin/accounts?q=eve@", Some(&token), json!({})).await;
    assert_eq!(found["items"][0]["lock_reason"], "She publishes what others wrote.", "{found}");
    assert_eq!(asked(Method::PUT, "admin/accounts/eve/unlock", Some(&token), lock).await.0, 200);
    let role = json!({ "role": "moderator", "reason": "She has made up for it." });
    assert_eq!(asked(Method::PUT, "admin/accounts/eve/role", Some(&token), role).await.0, 200);
    let page = plain(&admin.get(&server, "/admin/accounts/eve").await.text);
    assert!(page.contains("account.locked") && page.contains("She publishes what others wrote."), "{page}");
}

#[tokio::test]
async fn a_package_that_nobody_owns_is_claimed_by_a_file_that_an_admin_looks_at() {
    let server = TestServer::start_reachable().await;
    let mut admin = staff(&server, "root_of_all", StaffRole::Admin).await;
    let mut moderator = staff(&server, "mona", StaffRole::Moderator).await;
    let mut ada = server.logged_in("ada").await;
    let token = server.token("ada").await;
    server.published(&token, &TrunkArchive::sql("pg_example", "1.0.0")).await;
    let (mut bob, mut eve) = (server.logged_in("bob").await, server.logged_in("eve").await);
    assert_eq!(bob.get(&server, "/settings/claims/pg_example").await.status, 404, "somebody owns it");
    ada.post(&server, "/settings/delete", &[("handle", "ada")]).await;
    assert!(server.text("/packages/pg_example").await.contains("/settings/claims/pg_example"));
    let code = async |browser: &mut Browser| {
        let page = browser.get(&server, "/settings/claims/pg_example").await.text;
        let (_, rest) = page.split_once("pginstall-claim-").expect("a code");
        rest.chars().take_while(char::is_ascii_hexdigit).collect::<String>()
    };
    let own = code(&mut bob).await;
    assert!(
        own.len() == 24 && own == code(&mut bob).await && own != code(&mut eve).await,
        "of each account its own: {own}"
    );
    let wrong = bob.post(&server, "/settings/claims/pg_example", &[("address", "javascript:alert(1)")]).await;
    assert!(wrong.status == 422 && plain(&wrong.text).contains("An address begins with"), "{}", wrong.text);
    let address = [("address", "https://example.org/repository/.pginstall-claim")];
    let claimed = bob.post(&server, "/settings/claims/pg_example", &address).await;
    assert!(plain(&claimed.text).contains("You have claimed it"), "{}", claimed.text);
    let case = queue(&server, &mut admin).await[0];
    let page = admin.get(&server, &format!("/admin/reports/{case}")).await.text;
    assert!(page.contains(&own) && page.contains("https://example.org/repository/.pginstall-claim"), "{page}");
    let granted = [("verdict", "granted"), ("reason", "The file is there with the code.")];
    // Somebody else has claimed it too: nobody could say who is meant, so both begin again.
    assert_eq!(eve.post(&server, "/settings/claims/pg_example", &address).await.status, 200);
    let (status, text) = decide(&server, &mut admin, case, &granted).await;
    assert!(status == 422 && text.contains("Several have claimed it"), "{status} {text}");
    let dismissed = [("verdict", "dismissed"), ("reason", "Only the code of bob was found there.")];
    assert_eq!(decide(&server, &mut admin, case, &dismissed).await.0, 200);
    assert!(newest_mail(&server, "eve@example.org").await.contains("was declined"));
    bob.post(&server, "/settings/claims/pg_example", &address).await;
    let case = queue(&server, &mut admin).await[0];
    assert_eq!(decide(&server, &mut moderator, case, &granted).await.0, 403, "moderators do not give packages away");
    assert_eq!(decide(&server, &mut admin, case, &granted).await.0, 200);
    let package = server.json("/api/v1/packages/pg_example").await;
    assert_eq!(package["orphaned"], false);
    assert!(newest_mail(&server, "bob@example.org").await.contains("You own the package pg_example"));
    server.published(&server.token("bob").await, &TrunkArchive::sql("pg_example", "1.1.0")).await;
    assert_eq!(eve.post(&server, "/settings/claims/pg_example", &address).await.status, 404, "too late");
}

#[tokio::test]
async fn a_claim_ends_with_the_account_and_leaves_no_case_that_nobody_sees() {
    let server = TestServer::start_reachable().await;
    let mut moderator = staff(&server, "mona", StaffRole::Moderator).await;
    let mut ada = server.logged_in("ada").await;
    let token = server.token("ada").await;
    server.published(&token, &TrunkArchive::sql("pg_example", "1.0.0")).await;
    let (mut bob, mut eve) = (server.logged_in("bob").await, server.logged_in("eve").await);
    ada.post(&server, "/settings/delete", &[("handle", "ada")]).await;
    let address = [("address", "https://example.org/repository/.pginstall-claim")];
    assert_eq!(bob.post(&server, "/settings/claims/pg_example", &address).await.status, 200);
    assert_eq!(queue(&server, &mut moderator).await.len(), 1);
    bob.post(&server, "/settings/delete", &[("handle", "bob")]).await;
    assert!(queue(&server, &mut moderator).await.is_empty());
    let open: i64 = sqlx::query_scalar("select count(*) from cases where closed_at is null")
        .fetch_one(&server.pool)
        .await
        .expect("a count");
    assert_eq!(open, 0);
    // What is reported next begins a case of its own, of which the staff is told.
    report(&server, &mut eve, "pg_example", "malware").await;
    assert!(newest_mail(&server, "mona@example.org").await.contains("/admin/reports/"));
}
