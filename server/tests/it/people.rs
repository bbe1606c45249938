//! Who looks after packages: roles, invitations, organisations; and what happens where two act at once.

use model::Email;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Browser, TestServer, TrunkArchive, acting, coded, events, newest_mail, plain};

/// A server with a package of ada's.
async fn with_package(name: &str) -> (TestServer, Browser) {
    let server = TestServer::start_reachable().await;
    let ada = server.logged_in("ada").await;
    let token = server.token("ada").await;
    server.published(&token, &TrunkArchive::sql(name, "1.0.0")).await;
    server.settle().await;
    (server, ada)
}

fn invite<'a>(invitee: &'a str, role: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![("form", "invite"), ("invitee", invitee), ("role", role)]
}

/// The ids of the invitations on a page, in their order.
fn invitations(page: &str) -> Vec<String> {
    let mut ids = Vec::new();
    let mut rest = page;
    while let Some((_, after)) = rest.split_once("name=\"invitation\" value=\"") {
        let (id, after) = after.split_once('"').expect("a value");
        ids.push(id.to_owned());
        rest = after;
    }
    ids
}

async fn accept(server: &TestServer, browser: &mut Browser) -> u16 {
    let page = browser.get(server, "/settings/invitations").await;
    let ids = invitations(&page.text);
    let id = ids.first().expect("an invitation").clone();
    browser.post(server, "/settings/invitations", &[("form", "accept"), ("invitation", &id)]).await.status
}

/// Handle and role of everybody who looks after a package, as everybody sees it.
async fn owners(server: &TestServer, name: &str) -> Vec<(String, String)> {
    let list = server.json(&format!("/api/v1/packages/{name}/owners")).await;
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    list["items"].as_array().expect("a list").iter().map(|item| (text(&item["handle"]), text(&item["role"]))).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(handle, role)| ((*handle).to_owned(), (*role).to_owned())).collect()
}

async fn subjects(server: &TestServer, email: &str) -> Vec<String> {
    let email: Email = email.parse().expect("an address");
    let mails = server.registry.kept_mails(Some(&email), 50).await.expect("messages");
    mails.into_iter().map(|mail| mail.subject).collect()
}

#[tokio::test]
async fn a_maintainer_is_invited_publishes_and_manages_nobody() {
    let (server, mut ada) = with_package("pg_example").await;
    let mut bob = server.logged_in("bob").await;
    let settings = "/settings/packages/pg_example";
    assert_eq!(bob.get(&server, settings).await.status, 404, "a stranger does not see it");
    let sent = ada.post(&server, settings, &invite("Bob", "maintainer")).await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    assert!(plain(&sent.text).contains("bob as maintainer"), "{}", sent.text);
    let menu = plain(&bob.get(&server, "/settings").await.text);
    assert!(menu.contains("Invitations 1 waiting"), "he is told on every page of his settings: {menu}");
    // Before he accepts he may do nothing.
    let token = server.token("bob").await;
    let second = TrunkArchive::sql("pg_example", "1.1.0");
    assert_eq!(server.trunk_publish(&token, &second.metadata(), &second.bytes()).await.status(), 403);
    assert!(subjects(&server, "bob@example.org").await[0].contains("invited to look after pg_example"));
    assert_eq!(accept(&server, &mut bob).await, 200);
    assert_eq!(owners(&server, "pg_example").await, pairs(&[("ada", "owner"), ("bob", "maintainer")]));
    server.published(&token, &second).await;
    assert!(subjects(&server, "ada@example.org").await[0].contains("Who looks after pg_example has changed"));
    assert_eq!(
        events(&server, "package:localhost/pg_example")
            .await
            .into_iter()
            .filter(|kind| kind.starts_with("owner"))
            .collect::<Vec<_>>(),
        ["owner.added"]
    );
    // Publishing is one role and managing people is another: OpenSSF's Authorization, level 2.
    let page = bob.get(&server, settings).await;
    assert!(page.status == 200 && !page.text.contains("Invite somebody"), "{}", page.text);
    for fields in [
        invite("cyn", "maintainer"),
        vec![("form", "role"), ("handle", "bob"), ("role", "owner")],
        vec![("form", "remove"), ("handle", "ada")],
    ] {
        let answer = bob.post(&server, settings, &fields).await;
        assert_eq!(answer.status, 422, "{}", answer.text);
        assert!(plain(&answer.text).contains("Only owners of pg_example do this"), "{}", answer.text);
    }
    for (path, form) in [("description", ("summary", "x")), ("availability", ("form", "archive"))] {
        let answer = bob.post(&server, &format!("{settings}/{path}"), &[form]).await;
        assert!(plain(&answer.text).contains("Only owners of pg_example do this"), "{path}: {}", answer.text);
    }
    // Maintainers may yank, and leave.
    let yanked = bob
        .post(&server, &format!("{settings}/releases"), &[("form", "yank"), ("version", "1.1.0"), ("reason", "Broken")])
        .await;
    assert_eq!(yanked.status, 200, "{}", yanked.text);
    let left = bob.send(&server, settings, &[("form", "remove"), ("handle", "bob")]).await;
    assert_eq!((left.status, left.location()), (303, "/settings/packages"));
    assert_eq!(server.trunk_publish(&token, &second.metadata(), &second.bytes()).await.status(), 403);
}

#[tokio::test]
async fn the_last_owner_stays_also_where_two_leave_at_once() {
    let (server, mut ada) = with_package("pg_example").await;
    let settings = "/settings/packages/pg_example";
    for fields in
        [vec![("form", "remove"), ("handle", "ada")], vec![("form", "role"), ("handle", "ada"), ("role", "maintainer")]]
    {
        let answer = ada.post(&server, settings, &fields).await;
        assert_eq!(answer.status, 422);
        assert!(plain(&answer.text).contains("Somebody has to own it"), "{}", answer.text);
    }
    let mut bob = server.logged_in("bob").await;
    ada.post(&server, settings, &invite("bob", "owner")).await;
    accept(&server, &mut bob).await;
    let (mut one, mut other) = (ada.clone(), bob.clone());
    let (first, second) = tokio::join!(
        one.send(&server, settings, &[("form", "remove"), ("handle", "ada")]),
        other.send(&server, settings, &[("form", "remove"), ("handle", "bob")]),
    );
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 422], "one leaves, one stays");
    assert_eq!(owners(&server, "pg_example").await.len(), 1);
    let kinds = events(&server, "package:localhost/pg_example").await;
    assert_eq!(kinds.iter().filter(|kind| *kind == "owner.removed").count(), 1, "{kinds:?}");
}

#[tokio::test]
async fn an_invitation_is_answered_once_by_whom_it_is_for() {
    let (server, mut ada) = with_package("pg_example").await;
    let (mut bob, mut cyn) = (server.logged_in("bob").await, server.logged_in("cyn").await);
    let settings = "/settings/packages/pg_example";
    for (invitee, why) in [
        ("ada", "You look after it already"),
        ("ada@example.org", "You look after it already"),
        ("ADA@EXAMPLE.ORG", "You look after it already"),
        ("nobody", "There is no account or organisation nobody"),
        ("system", "There is no account or organisation system"),
        ("<b>", "Type a handle, or an e-mail address"),
        ("", "Type a handle, or an e-mail address"),
    ] {
        let answer = ada.post(&server, settings, &invite(invitee, "maintainer")).await;
        assert_eq!(answer.status, 422, "{invitee}");
        assert!(plain(&answer.text).contains(why), "{invitee}: {}", answer.text);
    }
    let member = ada.post(&server, settings, &invite("bob", "member")).await;
    assert!(plain(&member.text).contains("There is no role member here"), "{}", member.text);
    ada.post(&server, settings, &invite("bob", "maintainer")).await;
    let again = ada.post(&server, settings, &invite("BOB", "owner")).await;
    assert!(plain(&again.text).contains("There is an invitation for"), "{}", again.text);
    let id = invitations(&bob.get(&server, "/settings/invitations").await.text)[0].clone();
    // Of somebody else it is not there.
    for form in ["accept", "decline"] {
        let foreign = cyn.post(&server, "/settings/invitations", &[("form", form), ("invitation", &id)]).await;
        assert_eq!(foreign.status, 422, "{form}");
    }
    let (mut one, mut other) = (bob.clone(), bob.clone());
    let fields = [("form", "accept"), ("invitation", id.as_str())];
    let (first, second) = tokio::join!(
        one.send(&server, "/settings/invitations", &fields),
        other.send(&server, "/settings/invitations", &fields),
    );
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 422], "accepted once");
    // Withdrawn, declined, over, or sent by somebody who owns nothing any more: nothing comes of it.
    ada.post(&server, settings, &invite("cyn", "maintainer")).await;
    let id = invitations(&cyn.get(&server, "/settings/invitations").await.text)[0].clone();
    ada.post(&server, settings, &[("form", "withdraw"), ("invitation", &id)]).await;
    let withdrawn = cyn.post(&server, "/settings/invitations", &[("form", "accept"), ("invitation", &id)]).await;
    assert!(plain(&withdrawn.text).contains("withdrawn or answered"), "{}", withdrawn.text);
    ada.post(&server, settings, &invite("cyn", "maintainer")).await;
    let id = invitations(&cyn.get(&server, "/settings/invitations").await.text)[0].clone();
    cyn.post(&server, "/settings/invitations", &[("form", "decline"), ("invitation", &id)]).await;
    assert!(subjects(&server, "ada@example.org").await[0].contains("was declined"));
    ada.post(&server, settings, &invite("cyn", "maintainer")).await;
    sqlx::query("update invitations set expires_at = $1")
        .bind(TestServer::NOW)
        .execute(&server.pool)
        .await
        .expect("old");
    assert!(invitations(&cyn.get(&server, "/settings/invitations").await.text).is_empty());
    ada.post(&server, settings, &[("form", "role"), ("handle", "bob"), ("role", "owner")]).await;
    ada.post(&server, settings, &invite("cyn", "maintainer")).await;
    bob.post(&server, settings, &[("form", "remove"), ("handle", "ada")]).await;
    let id = invitations(&cyn.get(&server, "/settings/invitations").await.text)[0].clone();
    let orphaned = cyn.post(&server, "/settings/invitations", &[("form", "accept"), ("invitation", &id)]).await;
    assert!(plain(&orphaned.text).contains("no owner any more"), "{}", orphaned.text);
    assert_eq!(owners(&server, "pg_example").await, pairs(&[("bob", "owner")]));
}

#[tokio::test]
async fn an_invitation_by_address_is_for_whoever_confirms_that_address() {
    let (server, mut ada) = with_package("pg_example").await;
    let sent = ada.post(&server, "/settings/packages/pg_example", &invite("bob@example.org", "owner")).await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    assert!(subjects(&server, "bob@example.org").await[0].contains("invited to look after"));
    // Somebody else sees nothing of it; an account with the address, which begins later, does.
    let mut cyn = server.logged_in("cyn").await;
    assert!(invitations(&cyn.get(&server, "/settings/invitations").await.text).is_empty());
    let mut bob = server.logged_in("bob").await;
    assert_eq!(accept(&server, &mut bob).await, 200);
    assert_eq!(owners(&server, "pg_example").await, pairs(&[("ada", "owner"), ("bob", "owner")]));
}

#[tokio::test]
async fn a_package_is_given_to_somebody_else_and_to_an_organisation() {
    let (server, mut ada) = with_package("pg_example").await;
    let mut bob = server.logged_in("bob").await;
    let settings = "/settings/packages/pg_example";
    let mut transfer = invite("bob", "owner");
    transfer.push(("transfers", "yes"));
    ada.post(&server, settings, &transfer).await;
    assert_eq!(owners(&server, "pg_example").await, pairs(&[("ada", "owner")]), "not before it is accepted");
    accept(&server, &mut bob).await;
    assert_eq!(owners(&server, "pg_example").await, pairs(&[("bob", "owner")]));
    assert_eq!(ada.get(&server, settings).await.status, 404);

    // An organisation is not named like an account, a reserved handle or one that was given up.
    for (handle, why) in [("BOB", "The handle BOB is taken"), ("admin", "is reserved"), ("a b", "A handle has")] {
        let answer = bob.post(&server, "/settings/organisations", &[("handle", handle)]).await;
        assert_eq!(answer.status, 422, "{handle}");
        assert!(plain(&answer.text).contains(why), "{handle}: {}", answer.text);
    }
    let made = bob.send(&server, "/settings/organisations", &[("handle", "acme"), ("display_name", "Acme <b>")]).await;
    assert_eq!((made.status, made.location()), (303, "/settings/organisations/acme"), "{}", made.text);
    let (handle, email) = ("Acme".parse().expect("a handle"), "x@example.org".parse().expect("an address"));
    let namesake = server.registry.create_account(&handle, &email);
    assert!(namesake.await.is_err(), "and no account like an organisation");
    let foreign = ada.post(&server, "/settings/organisations/acme", &invite("ada", "owner")).await;
    assert_eq!(foreign.status, 404, "a stranger does not see its settings: {}", foreign.text);

    // bob gives the package to it, and ada publishes as a member.
    let mut transfer = invite("acme", "owner");
    transfer.push(("transfers", "yes"));
    let given = bob.post(&server, settings, &transfer).await;
    assert_eq!(given.status, 200, "he still owns it through the organisation: {}", given.text);
    assert_eq!(owners(&server, "pg_example").await, pairs(&[("acme", "owner")]));
    bob.post(&server, "/settings/organisations/acme", &invite("ada", "member")).await;
    assert_eq!(accept(&server, &mut ada).await, 200);
    let page = plain(&ada.get(&server, "/settings/packages").await.text);
    assert!(page.contains("maintainer, through acme"), "{page}");
    let token = server.token("ada").await;
    server.published(&token, &TrunkArchive::sql("pg_example", "1.1.0")).await;
    let answer = ada.post(&server, settings, &invite("cyn", "maintainer")).await;
    assert!(plain(&answer.text).contains("Only owners of pg_example do this"), "{}", answer.text);
    // Rights of an organisation end with it: ada is removed.
    bob.post(&server, "/settings/organisations/acme", &[("form", "remove"), ("handle", "ada")]).await;
    let third = TrunkArchive::sql("pg_example", "1.2.0");
    assert_eq!(server.trunk_publish(&token, &third.metadata(), &third.bytes()).await.status(), 403);
    // With packages it is not deleted, and its last owner does not leave it.
    let profile = "/settings/organisations/acme/profile";
    let kept = bob.post(&server, profile, &[("form", "delete"), ("confirmation", "acme")]).await;
    assert!(plain(&kept.text).contains("owns packages"), "{}", kept.text);
    let kept = bob.post(&server, "/settings/organisations/acme", &[("form", "remove"), ("handle", "bob")]).await;
    assert!(plain(&kept.text).contains("Somebody has to own it"), "{}", kept.text);
    let page = server.text("/users/acme").await;
    assert!(page.contains("Acme &lt;b&gt;") && page.contains("pg_example") && page.contains("bob"), "{page}");
}

#[tokio::test]
async fn an_account_that_is_deleted_leaves_its_organisations() {
    let (server, mut ada) = with_package("pg_example").await;
    let settings = "/settings/packages/pg_example";
    for handle in ["acme", "alone"] {
        ada.send(&server, "/settings/organisations", &[("handle", handle)]).await;
    }
    let mut transfer = invite("alone", "owner");
    transfer.push(("transfers", "yes"));
    assert_eq!(ada.post(&server, settings, &transfer).await.status, 200);
    let mut bob = server.logged_in("bob").await;
    ada.post(&server, "/settings/organisations/acme", &invite("bob", "member")).await;
    accept(&server, &mut bob).await;
    let page = plain(&ada.get(&server, "/settings/delete").await.text);
    assert!(page.contains("These organisations end") && page.contains("longest owns them"), "{page}");
    let deleted = ada.post(&server, "/settings/delete", &[("handle", "ada")]).await;
    assert_eq!(deleted.location(), "/account-deleted", "{}", deleted.text);
    let members = server.json("/api/v1/organisations/acme").await;
    assert_eq!(
        members["members"],
        json!([{ "handle": "bob", "kind": "account", "role": "owner", "since": members["members"][0]["since"] }])
    );
    assert_eq!(server.get("/api/v1/organisations/alone").await.status(), 404);
    let package = server.json("/api/v1/packages/pg_example").await;
    assert_eq!(package["orphaned"], true, "{package}");
    let report = server.registry.check().await.expect("looked at");
    assert!(report.findings.is_empty(), "the log is whole: {:?}", report.findings);
    let mut cyn = server.logged_in("cyn").await;
    let again = cyn.post(&server, "/settings/organisations", &[("handle", "Alone")]).await;
    assert!(plain(&again.text).contains("is taken"), "the handle is nobody's for ever: {}", again.text);
}

#[tokio::test]
async fn owners_say_what_a_package_is_and_whether_it_is_cared_for() {
    let (server, mut ada) = with_package("pg_example").await;
    let token = server.token("ada").await;
    server.published(&token, &TrunkArchive::sql("pg_other", "1.0.0")).await;
    let settings = "/settings/packages/pg_example";
    let description = format!("{settings}/description");
    let fields = [
        ("summary", "Answers <questions>"),
        ("category", "search"),
        ("category", "analytics"),
        ("category", ""),
        ("tags", "Trigrams, full text"),
        ("repository", "https://example.org/repository"),
        ("homepage", ""),
    ];
    let changed = ada.post(&server, &description, &fields).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    server.settle().await;
    let package = server.json("/api/v1/packages/pg_example").await;
    assert_eq!(
        (&package["summary"], &package["categories"], &package["tags"], &package["links"]),
        (
            &json!("Answers <questions>"),
            &json!(["search", "analytics"]),
            &json!(["full text", "trigrams"]),
            &json!([{ "kind": "repository", "url": "https://example.org/repository" }])
        )
    );
    let mail = newest_mail(&server, "ada@example.org").await;
    assert!(mail.contains("ada has changed its description, categories, tags, links."), "{mail}");
    let again = ada.post(&server, &description, &fields).await;
    assert!(plain(&again.text).contains("It was so already"), "{}", again.text);
    for (field, value, why) in [
        ("homepage", "javascript:alert(1)", "An address begins with"),
        ("tags", "a/b", "can be no tag"),
        ("category", "nonsense", "There is no category nonsense"),
    ] {
        let answer = ada.post(&server, &description, &[("summary", "kept words"), (field, value)]).await;
        assert_eq!(answer.status, 422, "{field}");
        assert!(plain(&answer.text).contains(why) && answer.text.contains("kept words"), "{field}: {}", answer.text);
    }

    let availability = format!("{settings}/availability");
    let itself = ada.post(&server, &availability, &[("form", "deprecate"), ("successor", "PG-example")]).await;
    assert!(plain(&itself.text).contains("not its own successor"), "{}", itself.text);
    let nobody = ada.post(&server, &availability, &[("form", "deprecate"), ("successor", "nonsense")]).await;
    assert!(plain(&nobody.text).contains("There is no package nonsense here"), "{}", nobody.text);
    let deprecated = [("form", "deprecate"), ("successor", "pg_other"), ("reason", "It is faster")];
    assert_eq!(ada.post(&server, &availability, &deprecated).await.status, 200);
    assert!(newest_mail(&server, "ada@example.org").await.contains("deprecated it in favour of pg_other"));
    let page = plain(&server.text("/packages/pg_example").await);
    assert!(page.contains("deprecated. Use pg_other instead") && page.contains("It is faster"), "{page}");
    let package = server.json("/api/v1/packages/pg_example").await;
    assert_eq!(package["deprecated"], json!({ "reason": "It is faster", "successor": "pg_other" }), "{package}");

    ada.post(&server, &availability, &[("form", "archive")]).await;
    let second = TrunkArchive::sql("pg_example", "1.1.0");
    let refused = server.trunk_publish(&token, &second.metadata(), &second.bytes()).await;
    assert_eq!(refused.status(), 403);
    assert!(refused.text().await.expect("text").contains("archived"));
    ada.post(&server, &availability, &[("form", "unarchive")]).await;
    server.published(&token, &second).await;
    let wrong = ada.post(&server, &availability, &[("form", "delete"), ("confirmation", "pg_exampl")]).await;
    assert!(plain(&wrong.text).contains("Type the name of the package"), "{}", wrong.text);
    let deleted = ada.send(&server, &availability, &[("form", "delete"), ("confirmation", "pg_example")]).await;
    assert_eq!((deleted.status, deleted.location()), (303, "/settings/packages"), "{}", deleted.text);
    assert_eq!(server.get("/api/v1/packages/pg_example").await.status(), 404);
    assert_eq!(server.trunk_publish(&token, &second.metadata(), &second.bytes()).await.status(), 409, "never again");
}

#[tokio::test]
async fn programs_manage_owners_with_the_action_for_it_only() {
    let (server, _) = with_package("pg_example").await;
    let mut bob = server.logged_in("bob").await;
    let publishing = server.token_for("ada", vec![model::TokenAction::PublishUpdate], model::NamePattern::all()).await;
    let token = server.token_for("ada", vec![model::TokenAction::Owners], "pg_*".parse().expect("a pattern")).await;
    let other = server.token_for("ada", vec![model::TokenAction::Owners], "other".parse().expect("a pattern")).await;
    let path = "pg_example/invitations";
    let body = json!({ "handle": "bob", "role": "maintainer" });
    for narrow in [&publishing, &other] {
        let refused = acting(&server, narrow, Method::POST, path).json(&body).send().await.expect("an answer");
        assert_eq!(coded(refused).await, (403, "token-scope".to_owned()));
    }
    let sent = acting(&server, &token, Method::POST, path).json(&body).send().await.expect("an answer");
    assert_eq!(sent.status(), 201);
    let listed: Value =
        acting(&server, &token, Method::GET, path).send().await.expect("an answer").json().await.expect("JSON");
    assert_eq!(listed["items"][0]["invitee"], "bob", "{listed}");
    let again = acting(&server, &token, Method::POST, path).json(&body).send().await.expect("an answer");
    assert_eq!(coded(again).await, (409, "invitation-exists".to_owned()));
    for wrong in [json!({ "role": "owner" }), json!({ "handle": "bob", "email": "b@example.org", "role": "owner" })] {
        let refused = acting(&server, &token, Method::POST, path).json(&wrong).send().await.expect("an answer");
        assert_eq!(coded(refused).await, (422, "invitee".to_owned()));
    }
    accept(&server, &mut bob).await;
    let role = "pg_example/owners/bob";
    let changed =
        acting(&server, &token, Method::PUT, role).json(&json!({ "role": "owner" })).send().await.expect("an answer");
    assert_eq!(changed.status(), 204);
    assert_eq!(owners(&server, "pg_example").await, pairs(&[("ada", "owner"), ("bob", "owner")]));
    let removed = acting(&server, &token, Method::DELETE, role).send().await.expect("an answer");
    assert_eq!(removed.status(), 204);
    let gone = acting(&server, &token, Method::DELETE, role).send().await.expect("an answer");
    assert_eq!(coded(gone).await, (404, "not-found".to_owned()));
    let last = acting(&server, &token, Method::DELETE, "pg_example/owners/ada").send().await.expect("an answer");
    assert_eq!(coded(last).await, (409, "last-owner".to_owned()));
    // A person in a browser has to have shown who they are, and gets nothing of others.
    let foreign = server
        .request(Method::POST, &format!("/api/v1/packages/{path}"))
        .header("cookie", bob.cookies())
        .header("origin", server.base());
    assert_eq!(coded(foreign.json(&body).send().await.expect("an answer")).await, (403, "not-an-owner".to_owned()));
}
