//! What admins do with categories, tags, what is featured, short names and banners; and the log in which all of it stands.

use model::StaffRole;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Browser, TestServer, TrunkArchive, newest_mail, plain, source, staff};

const REASON: &str = "It is better so for everybody.";

/// A server with an admin, and packages of ada's, each with its categories.
async fn with_packages(packages: &[(&str, &[&str])]) -> (TestServer, Browser) {
    let server = TestServer::start_reachable().await;
    let admin = staff(&server, "root_of_all", StaffRole::Admin).await;
    server.logged_in("ada").await;
    for (name, categories) in packages {
        publish(&server, name, categories).await;
    }
    server.settle().await;
    (server, admin)
}

async fn publish(server: &TestServer, name: &str, categories: &[&str]) {
    let token = server.token("ada").await;
    let archive = TrunkArchive::sql(name, "1.0.0");
    let mut metadata = archive.metadata();
    metadata["categories"] = json!(categories);
    metadata["description"] = json!(format!("What {name} is for"));
    let answer = server.trunk_publish(&token, &metadata, &archive.bytes()).await;
    assert_eq!(answer.status(), 200, "{}", answer.text().await.expect("text"));
}

/// Sends a form with a reason and follows to what it says.
async fn act(server: &TestServer, admin: &mut Browser, path: &str, fields: &[(&str, &str)]) -> Answer {
    let mut fields = fields.to_vec();
    if !fields.iter().any(|(name, _)| *name == "reason") {
        fields.push(("reason", REASON));
    }
    admin.post(server, path, &fields).await
}

async fn done(server: &TestServer, admin: &mut Browser, path: &str, fields: &[(&str, &str)]) -> String {
    let answer = act(server, admin, path, fields).await;
    assert_eq!(answer.status, 200, "{fields:?}: {}", plain(&answer.text));
    server.settle().await;
    answer.text
}

fn texts<'value>(list: &'value Value, field: &str) -> Vec<&'value str> {
    list["items"].as_array().expect("a list").iter().filter_map(|item| item[field].as_str()).collect()
}

/// The newest event, as the log tells it: its kind and what it says.
async fn newest_event(server: &TestServer) -> (String, Value) {
    let (kind, payload): (String, String) =
        sqlx::query_as("select kind, payload from events order by event_id desc limit 1")
            .fetch_one(&server.pool)
            .await
            .expect("an event");
    (kind, serde_json::from_str(&payload).expect("JSON"))
}

#[tokio::test]
async fn a_category_is_renamed_moved_and_merged() {
    let (server, mut admin) = with_packages(&[
        ("pg_one", &["search"]),
        ("pg_two", &["search", "metrics"]),
        ("pg_three", &["metrics", "security", "search"]),
        ("pg_four", &["analytics"]),
    ])
    .await;
    let change = [("form", "change"), ("name", "Finding"), ("sentence", "Find what <b>is</b> there"), ("place", "1")];
    let page = done(&server, &mut admin, "/admin/categories/search", &change).await;
    let (kind, payload) = newest_event(&server).await;
    assert_eq!((kind.as_str(), &payload["changed"]), ("category.changed", &json!(["name", "sentence", "place"])));
    assert_eq!(payload["reason"], REASON);
    assert!(page.contains("/admin/log?event="), "the act links to its event: {}", plain(&page));
    let list = server.json("/api/v1/categories").await;
    assert_eq!(texts(&list, "slug")[..2], ["search", "analytics"]);
    assert_eq!(texts(&list, "name")[0], "Finding");
    let home = server.text("/").await;
    assert!(home.contains("Finding") && home.contains("Find what &lt;b&gt;is&lt;/b&gt; there"), "escaped, and there");
    // What is found by it, and how many are counted, goes on to be right with the places changed.
    let found = server.json("/api/v1/search?q=finding").await;
    assert_eq!(found["total"], 3, "packages are found by the new name of their category: {found}");
    for (slug, count) in [("search", 3), ("metrics", 2), ("analytics", 1), ("security", 1)] {
        assert_eq!(server.json(&format!("/api/v1/search?category={slug}")).await["total"], count, "{slug}");
    }

    let merged = admin
        .send(&server, "/admin/categories/search", &[("form", "merge"), ("into", "metrics"), ("reason", REASON)])
        .await;
    assert_eq!(merged.status, 303, "{}", plain(&merged.text));
    let log = admin.get(&server, merged.location()).await;
    assert!(log.status == 200 && plain(&log.text).contains("A category was merged"), "{}", plain(&log.text));
    server.settle().await;
    let list = server.json("/api/v1/categories").await;
    assert!(!texts(&list, "slug").contains(&"search") && list["items"].as_array().map(Vec::len) == Some(15), "{list}");
    for path in ["/api/v1/packages?category=metrics", "/api/v1/search?category=metrics"] {
        let mut names: Vec<String> = texts(&server.json(path).await, "name").into_iter().map(str::to_owned).collect();
        names.sort();
        assert_eq!(names, ["pg_one", "pg_three", "pg_two"], "{path}");
    }
    let package = server.json("/api/v1/packages/pg_three").await;
    assert_eq!(package["categories"], json!(["metrics", "security"]), "in both, it keeps the better place");
    let moved = server.get("/categories/search").await;
    assert_eq!(
        (moved.status().as_u16(), moved.headers()["location"].to_str().ok()),
        (307, Some("/categories/metrics"))
    );
    assert_eq!(server.get("/categories/nothing").await.status(), 404);
    let asked = server.get("/categories/search?pg=17").await;
    assert_eq!(asked.headers()["location"], "/categories/metrics?pg=17", "with what was asked");
    for path in ["/api/v1/packages?category=search", "/api/v1/search?category=search"] {
        assert_eq!(server.json(path).await["items"].as_array().map(Vec::len), Some(3), "{path}");
    }
    // Whoever still says the old key means the other one.
    publish(&server, "pg_five", &["search", "metrics", "security"]).await;
    assert_eq!(server.json("/api/v1/packages/pg_five").await["categories"], json!(["metrics", "security"]));
    // Categories of Trunk's clients follow.
    let trunk = server.json("/categories/all").await;
    assert!(!trunk.to_string().contains("\"search\""), "{trunk}");
}

#[tokio::test]
async fn categories_are_not_changed_into_what_makes_no_sense() {
    let (server, mut admin) = with_packages(&[]).await;
    let into = [("form", "merge"), ("into", "metrics"), ("reason", REASON)];
    assert_eq!(admin.send(&server, "/admin/categories/search", &into).await.status, 303);
    for (path, fields, status, words) in [
        ("/admin/categories/metrics", &[("form", "merge"), ("into", "metrics")][..], 422, "Choose another category"),
        ("/admin/categories/metrics", &[("form", "merge"), ("into", "search")], 422, "There is no category search"),
        ("/admin/categories/search", &[("form", "merge"), ("into", "metrics")], 404, "There is no such page"),
        (
            "/admin/categories/metrics",
            &[("form", "change"), ("name", "Security"), ("sentence", "x"), ("place", "1")],
            422,
            "Another category has this name",
        ),
        (
            "/admin/categories/metrics",
            &[("form", "change"), ("name", " "), ("sentence", "x"), ("place", "1")],
            422,
            "A name has 1 to 60 characters",
        ),
        (
            "/admin/categories/metrics",
            &[("form", "change"), ("name", "x"), ("sentence", "x"), ("place", "first")],
            422,
            "A place is a number",
        ),
        ("/admin/categories", &[("slug", "Wrong Key"), ("name", "x"), ("sentence", "x")], 422, "lower-case letters"),
        (
            "/admin/categories",
            &[("slug", "metrics"), ("name", "x"), ("sentence", "x")],
            422,
            "Another category has this key",
        ),
        (
            "/admin/categories/metrics",
            &[("form", "merge"), ("into", "security"), ("reason", "short")],
            422,
            "10 to 1000 characters",
        ),
    ] {
        let answer = act(&server, &mut admin, path, fields).await;
        assert!(
            answer.status == status && plain(&answer.text).contains(words),
            "{fields:?}: {} {}",
            answer.status,
            plain(&answer.text)
        );
    }
    // A key that was given up can be taken again, and is a category of its own then.
    done(
        &server,
        &mut admin,
        "/admin/categories",
        &[("slug", "search"), ("name", "Search"), ("sentence", "Find text")],
    )
    .await;
    assert_eq!(server.get("/categories/search").await.status(), 200);
    publish(&server, "pg_six", &["search"]).await;
    server.settle().await;
    assert_eq!(server.json("/api/v1/search?category=search").await["total"], 1);
}

async fn publish_source(server: &TestServer, name: &str, tags: &[&str]) -> Value {
    let token = server.token("ada").await;
    let tags: Vec<String> = tags.iter().map(ToString::to_string).collect();
    let answer = server
        .request(Method::PUT, &format!("/api/v1/packages/{name}/1.0.0"))
        .bearer_auth(token.reveal())
        .header("content-type", "application/zip")
        .body(source(name, "1.0.0", &tags))
        .send()
        .await
        .expect("an answer");
    assert!(answer.status().is_success(), "{}", answer.status());
    answer.json().await.expect("JSON")
}

#[tokio::test]
async fn a_tag_is_merged_and_another_one_forbidden() {
    let (server, mut admin) = with_packages(&[]).await;
    publish_source(&server, "pg_one", &["vectors", "spam"]).await;
    publish_source(&server, "pg_two", &["vector", "vectors"]).await;
    server.settle().await;
    let tags = async |name: &str| server.json(&format!("/api/v1/packages/{name}")).await["tags"].clone();
    done(&server, &mut admin, "/admin/tags", &[("form", "merge"), ("tag", "Vectors"), ("into", "vector")]).await;
    assert_eq!(tags("pg_one").await, json!(["spam", "vector"]));
    assert_eq!(tags("pg_two").await, json!(["vector"]));
    assert_eq!(server.json("/api/v1/search?tag=vector").await["total"], 2);
    assert_eq!(server.json("/api/v1/search?tag=vectors").await["total"], 2, "who says it means the other one");
    assert_eq!(server.json("/api/v1/packages?tag=vectors").await["items"].as_array().map(Vec::len), Some(2));
    let moved = server.get("/tags/vectors").await;
    assert_eq!((moved.status().as_u16(), moved.headers()["location"].to_str().ok()), (307, Some("/tags/vector")));

    done(
        &server,
        &mut admin,
        "/admin/tags",
        &[("form", "forbid"), ("tag", "spam"), ("reason", "It says nothing at all.")],
    )
    .await;
    assert_eq!(tags("pg_one").await, json!(["vector"]));
    assert_eq!(server.get("/tags/spam").await.status(), 404);
    // Who publishes is told, and what they say means what it means now.
    let answer = publish_source(&server, "pg_three", &["vectors", "spam", "vector"]).await;
    assert!(answer.to_string().contains("nobody may use it: It says nothing at all."), "{answer}");
    assert_eq!(tags("pg_three").await, json!(["vector"]));
    let mut ada = server.logged_in_again("ada").await;
    let settings = "/settings/packages/pg_three/description";
    let refused = ada.post(&server, settings, &[("summary", "x"), ("tags", "spam, other")]).await;
    assert!(
        refused.status == 422 && plain(&refused.text).contains("It says nothing at all."),
        "{}",
        plain(&refused.text)
    );
    ada.post(&server, settings, &[("summary", "x"), ("tags", "vectors, other")]).await;
    assert_eq!(tags("pg_three").await, json!(["other", "vector"]));

    // Chains end at the last tag, and turning one round leaves no circle.
    done(&server, &mut admin, "/admin/tags", &[("form", "merge"), ("tag", "vector"), ("into", "embedding")]).await;
    assert_eq!(server.get("/tags/vectors").await.headers()["location"], "/tags/embedding");
    done(&server, &mut admin, "/admin/tags", &[("form", "merge"), ("tag", "embedding"), ("into", "vector")]).await;
    assert_eq!(server.get("/tags/vectors").await.headers()["location"], "/tags/vector");
    assert_eq!(tags("pg_one").await, json!(["vector"]));
    for (fields, status, words) in [
        (&[("form", "merge"), ("tag", "vector"), ("into", "vector")][..], 422, "Name another tag"),
        (&[("form", "merge"), ("tag", "vector"), ("into", "spam")], 422, "Spam is forbidden"),
        (&[("form", "merge"), ("tag", "other"), ("into", "vectors")], 422, "Vectors was merged into vector itself"),
        (&[("form", "merge"), ("tag", "a/b"), ("into", "c")], 422, "A tag has 1 to 64 characters"),
        (&[("form", "forbid"), ("tag", "spam")], 409, "It is so already"),
        (&[("form", "allow"), ("tag", "vector")], 409, "It is so already"),
    ] {
        let answer = act(&server, &mut admin, "/admin/tags", fields).await;
        let text = plain(&answer.text);
        assert!(answer.status == status && text.contains(words), "{fields:?}: {} {text}", answer.status);
    }
    done(&server, &mut admin, "/admin/tags", &[("form", "allow"), ("tag", "spam")]).await;
    publish_source(&server, "pg_four", &["spam"]).await;
    assert_eq!(tags("pg_four").await, json!(["spam"]));
    let page = admin.get(&server, "/admin/tags?q=vec").await;
    assert!(
        plain(&page.text).contains("merged into vector") && !page.text.contains("spam</bdi>"),
        "{}",
        plain(&page.text)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn admins_and_owners_at_once_leave_no_forbidden_tag_and_nothing_half_done() {
    let (server, admin) = with_packages(&[("pg_one", &["search"]), ("pg_two", &["metrics"])]).await;
    let (ada, second) = (server.logged_in_again("ada").await, staff(&server, "second_admin", StaffRole::Admin).await);
    for round in 0..4 {
        let (mut ada, mut other, mut admin, mut second) = (ada.clone(), ada.clone(), admin.clone(), second.clone());
        let (tag, slug) = (format!("tag{round}"), ["one", "two", "three", "four"][round]);
        let description = |name: &str| format!("/settings/packages/{name}/description");
        let of = [("summary", "x"), ("tags", tag.as_str()), ("category", "search"), ("category", "metrics")];
        let (one, two) = (description("pg_one"), description("pg_two"));
        let forbid = [("form", "forbid"), ("tag", tag.as_str())];
        let category = |slug: &'static str| [("slug", slug), ("name", slug), ("sentence", "Something else")];
        let (first, again) = (category(slug), category(["uno", "due", "tre", "quattro"][round]));
        let path = "/admin/categories";
        let answers = tokio::join!(
            ada.send(&server, &one, &of),
            other.send(&server, &two, &of),
            act(&server, &mut admin, "/admin/tags", &forbid),
            async {
                let one = act(&server, &mut second, path, &first).await;
                (one, act(&server, &mut second, path, &again).await)
            },
        );
        let statuses = [answers.0.status, answers.1.status, answers.2.status, answers.3.0.status, answers.3.1.status];
        assert!(statuses.iter().all(|status| *status < 500), "{statuses:?}");
        assert_eq!((answers.2.status, answers.3.0.status, answers.3.1.status), (200, 200, 200), "{statuses:?}");
    }
    let forbidden: i64 = sqlx::query_scalar(
        "select count(*) from package_tags join tags using (tag) where forbidden_at is not null or became is not null",
    )
    .fetch_one(&server.pool)
    .await
    .expect("a count");
    assert_eq!(forbidden, 0, "what is forbidden is on no package");
    // Two admins who move at once: both are heard.
    let (mut admin, mut second) = (admin, second);
    let moved = |place: &'static str| {
        [("form", "change"), ("name", "Moved"), ("sentence", "x"), ("shown_place", "0"), ("place", place)]
    };
    let (one, other) = (moved("1"), [("form", "merge"), ("into", "security")]);
    let (one, other) = tokio::join!(
        act(&server, &mut admin, "/admin/categories/analytics", &one),
        act(&server, &mut second, "/admin/categories/connectors", &other)
    );
    assert!(one.status == 200 && matches!(other.status, 200 | 303), "{} {}", one.status, other.status);
    let list = server.json("/api/v1/categories").await;
    assert_eq!(list["items"].as_array().map(Vec::len), Some(23), "{list}");
    let positions: Vec<i16> = sqlx::query_scalar("select position from categories order by position")
        .fetch_all(&server.pool)
        .await
        .expect("positions");
    assert_eq!(positions, (1..=23).collect::<Vec<i16>>());
}

/// The id of a package.
async fn id_of(server: &TestServer, full_name: &str) -> i64 {
    sqlx::query_scalar("select package_id from packages where full_name = $1")
        .bind(full_name)
        .fetch_one(&server.pool)
        .await
        .expect("a package")
}

#[tokio::test]
async fn what_is_featured_comes_first_and_trunk_knows_it_as_a_category() {
    let (server, mut admin) = with_packages(&[("pg_one", &["search"]), ("pg_two", &[])]).await;
    let id = id_of(&server, "localhost/pg_one").await;
    let path = format!("/admin/packages/{id}");
    assert!(!server.text("/").await.contains("id=\"featured\""));
    done(&server, &mut admin, &path, &[("form", "feature")]).await;
    let home = server.text("/").await;
    let (_, after) = home.split_once("id=\"featured\"").expect("a section");
    assert!(after.split("id=\"categories\"").next().is_some_and(|part| part.contains("/packages/pg_one")));
    let all = server.json("/extensions/all").await;
    let categories = |name: &str| {
        let all = all.as_array().expect("a list");
        all.iter().find(|item| item["name"] == name).expect("a project")["categories"].clone()
    };
    assert_eq!(categories("pg_one"), json!(["Featured", "Search"]));
    assert_eq!(categories("pg_two"), json!([null]));
    let trunk = server.json("/categories/all").await;
    assert_eq!((&trunk[0]["slug"], &trunk[0]["extension_count"]), (&json!("featured"), &json!(1)));
    assert_eq!(act(&server, &mut admin, &path, &[("form", "feature")]).await.status, 409);
    // Hidden, it is on no page; and what only members see is not featured.
    let mut ada = server.logged_in_again("ada").await;
    for (name, form) in [("pg_one", "hide"), ("pg_two", "hide")] {
        ada.post(&server, &format!("/settings/packages/{name}/availability"), &[("form", form)]).await;
    }
    server.settle().await;
    assert!(!server.text("/").await.contains("pg_one"));
    let other = format!("/admin/packages/{}", id_of(&server, "localhost/pg_two").await);
    let refused = act(&server, &mut admin, &other, &[("form", "feature")]).await;
    assert!(
        refused.status == 422 && plain(&refused.text).contains("not there for everybody"),
        "{}",
        plain(&refused.text)
    );
    done(&server, &mut admin, &path, &[("form", "unfeature")]).await;
    // Nobody features what is theirs.
    let token = server.token("root_of_all").await;
    server.published(&token, &TrunkArchive::sql("pg_mine", "1.0.0")).await;
    let mine = format!("/admin/packages/{}", id_of(&server, "localhost/pg_mine").await);
    let refused = act(&server, &mut admin, &mine, &[("form", "feature")]).await;
    assert!(plain(&refused.text).contains("You decide nothing about yourself"), "{}", plain(&refused.text));
    assert_eq!(act(&server, &mut admin, "/admin/packages/999999", &[("form", "feature")]).await.status, 404);
}

#[tokio::test]
async fn a_short_name_is_given_to_another_holder() {
    let (server, mut admin) = with_packages(&[("pg_shared", &[])]).await;
    server.logged_in("bob").await;
    let token = server.token("bob").await;
    server.published(&token, &TrunkArchive::sql("pg_moved", "2.0.0")).await;
    // Another host's package comes with this short name, as imports and mirrors bring them.
    sqlx::raw_sql(
        "update packages set full_name = 'example.org/bob/pg_shared', name = 'PG-shared', is_default = false where name = 'pg_moved';
        set session_replication_role = replica;
        update extensions set name = 'pg_shared' where name = 'pg_moved';
        reset session_replication_role;
        insert into extension_providers (name_folded, package_id)
        select 'pg_shared', package_id from packages where full_name = 'example.org/bob/pg_shared'",
    )
    .execute(&server.pool)
    .await
    .expect("prepared");
    server.registry.rebuild().await.expect("rebuilt");
    assert_eq!(server.json("/api/v1/packages/pg_shared").await["full_name"], "localhost/pg_shared");
    let (old, new) = (id_of(&server, "localhost/pg_shared").await, id_of(&server, "example.org/bob/pg_shared").await);
    let shared = admin.get(&server, "/admin/packages?which=shared").await;
    assert!(["localhost/pg_shared", "example.org/bob/pg_shared"].iter().all(|name| shared.text.contains(name)));
    let page = admin.get(&server, &format!("/admin/packages/{new}")).await;
    assert!(
        page.text.contains("Give it the short name") && page.text.contains("localhost/pg_shared"),
        "{}",
        plain(&page.text)
    );
    done(&server, &mut admin, &format!("/admin/packages/{new}"), &[("form", "assign")]).await;

    let (kind, payload) = newest_event(&server).await;
    assert_eq!((kind.as_str(), &payload["package"]), ("name.assigned", &json!(new)));
    assert_eq!(server.json("/api/v1/packages/pg_shared").await["full_name"], "example.org/bob/pg_shared");
    assert!(server.text("/packages/PG-shared").await.contains("2.0.0"));
    let found = server.json("/api/v1/search?q=pg_shared").await;
    assert_eq!((&found["total"], &found["items"][0]["version"]), (&json!(1), &json!("2.0.0")), "{found}");
    let projects = server.json("/api/v1/trunk-projects/pg_shared").await;
    assert!(projects.to_string().contains("2.0.0") && !projects.to_string().contains("\"1.0.0\""), "{projects}");
    // An extension that both provide comes with the name.
    let provided = server.json("/api/v1/trunk-projects?extension-name=pg_shared").await;
    assert!(provided.to_string().contains("2.0.0"), "{provided}");
    for owner in ["ada@example.org", "bob@example.org"] {
        let mail = newest_mail(&server, owner).await;
        assert!(mail.contains("means example.org/bob/pg_shared") && mail.contains(REASON), "{mail}");
    }
    // Two admins at once: one of them is told that it is so already, and one package has the name.
    let mut second = staff(&server, "second_admin", StaffRole::Admin).await;
    let path = format!("/admin/packages/{old}");
    let fields = [("form", "assign")];
    let (one, other) =
        tokio::join!(act(&server, &mut admin, &path, &fields), act(&server, &mut second, &path, &fields));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    let defaults: i64 =
        sqlx::query_scalar("select count(*) from packages where name_folded = 'pg_shared' and is_default")
            .fetch_one(&server.pool)
            .await
            .expect("a count");
    assert_eq!(defaults, 1);
}

fn minute(moment: time::OffsetDateTime) -> String {
    let format = time::macros::format_description!("[year]-[month]-[day]T[hour]:[minute]");
    moment.format(format).expect("a moment")
}

#[tokio::test]
async fn a_banner_is_looked_at_published_and_taken_away() {
    let (server, mut admin) = with_packages(&[("pg_one", &[])]).await;
    let second = TestServer::start_beside(&server).await;
    let (hour, day) = (time::Duration::hours(1), time::Duration::days(1));
    let later = minute(TestServer::NOW + day);
    let text = "The <b>store</b> is moved & slow";
    let fields = [("tone", "caution"), ("text", text), ("link", "/docs/run"), ("ends", later.as_str())];
    let shown = "The &lt;b&gt;store&lt;/b&gt; is moved &amp; slow";
    let mut preview = fields.to_vec();
    preview.push(("form", "preview"));
    let page = admin.send(&server, "/admin/banners", &preview).await;
    assert!(
        page.status == 200 && page.text.contains("aria-label=\"Preview\"") && page.text.contains(shown),
        "{}",
        page.text
    );
    assert!(!server.text("/").await.contains("store"), "nothing is published by looking");
    let mut publish = fields.to_vec();
    publish.push(("form", "publish"));
    let short = [publish.as_slice(), &[("reason", "short")]].concat();
    assert_eq!(act(&server, &mut admin, "/admin/banners", &short).await.status, 422);
    let started = std::time::Instant::now();
    assert_eq!(act(&server, &mut admin, "/admin/banners", &publish).await.status, 200);
    // Cached pages of another node have it within a second, and so has every kind of page.
    loop {
        if second.get_cached("/").await.text().await.expect("text").contains(shown) {
            break;
        }
        assert!(started.elapsed().as_secs() < 5, "the other node does not show it");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    println!("a banner stands on the other node after {:?}", started.elapsed());
    for path in ["/", "/packages/pg_one", "/docs", "/login", "/packages/nothing"] {
        let page = server.text(path).await;
        assert!(page.contains(shown) && page.contains("href=\"/docs/run\""), "{path}");
    }
    assert!(admin.get(&server, "/settings").await.text.contains(shown));
    // One that begins later is not there yet.
    let begins = minute(TestServer::NOW + hour);
    let future = [("form", "publish"), ("tone", "notice"), ("text", "A feast"), ("starts", &begins), ("ends", &later)];
    assert_eq!(act(&server, &mut admin, "/admin/banners", &future).await.status, 200);
    server.settle().await;
    assert!(!server.text("/").await.contains("A feast"));
    let list = admin.get(&server, "/admin/banners").await.text;
    assert!(plain(&list).contains("A feast") && plain(&list).contains("later"), "{}", plain(&list));
    for (name, value, words) in [
        ("link", "javascript:alert(1)", "An address begins with"),
        ("ends", "2000-01-01T00:00", "It ends after it begins"),
        ("ends", "whenever", "A moment looks like"),
        ("tone", "loud", "Choose one"),
        ("text", "", "A banner has 1 to 300 characters"),
    ] {
        let mut wrong: Vec<_> = publish.iter().filter(|(known, _)| *known != name).copied().collect();
        wrong.push((name, value));
        let answer = act(&server, &mut admin, "/admin/banners", &wrong).await;
        assert!(answer.status == 422 && plain(&answer.text).contains(words), "{name}: {}", plain(&answer.text));
    }
    let id: i64 = sqlx::query_scalar("select banner_id from banners where tone = 'caution'")
        .fetch_one(&server.pool)
        .await
        .expect("a banner");
    let id = id.to_string();
    done(&server, &mut admin, "/admin/banners", &[("form", "withdraw"), ("banner", &id)]).await;
    assert!(!server.text("/").await.contains(shown));
    assert_eq!(act(&server, &mut admin, "/admin/banners", &[("form", "withdraw"), ("banner", &id)]).await.status, 409);
}

#[tokio::test]
async fn the_log_is_filtered_and_shows_the_staff_what_others_do_not_see() {
    let (server, mut admin) = with_packages(&[("pg_one", &[]), ("pg_two", &[])]).await;
    let mut moderator = staff(&server, "mona", StaffRole::Moderator).await;
    server.logged_in("eve").await;
    let reason = "She sends rude mail to others.";
    done(&server, &mut admin, "/admin/accounts/eve", &[("form", "lock"), ("reason", reason)]).await;
    let (kind, payload) = newest_event(&server).await;
    assert_eq!(kind, "account.locked");
    let random = payload["random"].as_str().expect("something that nobody guesses");
    assert_eq!(random.len(), 32, "{payload}");
    let log = async |browser: &mut Browser, query: &str| {
        let answer = browser.get(&server, &format!("/admin/log{query}")).await;
        assert_eq!(answer.status, 200, "{query}");
        plain(&answer.text)
    };
    let all = log(&mut moderator, "").await;
    assert!(all.contains("An account was locked, eve") && all.contains("not public"), "{all}");
    assert!(!all.contains(reason), "what is said of people is for admins: {all}");
    let locked = log(&mut admin, "?kind=account.locked").await;
    assert!(locked.contains(reason) && !locked.contains("pg_one"), "{locked}");
    let of_package = log(&mut admin, "?q=package:localhost/pg_one").await;
    assert!(of_package.contains("pg_one") && !of_package.contains("pg_two"), "{of_package}");
    let of_person = log(&mut admin, "?q=Eve").await;
    assert!(of_person.contains(reason) && !of_person.contains("pg_one"), "{of_person}");
    let of_ada = log(&mut admin, "?q=ada").await;
    assert!(of_ada.contains("pg_one") && of_ada.contains("pg_two") && !of_ada.contains(reason), "{of_ada}");
    assert!(log(&mut admin, "?until=2000-01-01").await.contains("None."));
    assert!(log(&mut admin, "?from=2000-01-01").await.contains("pg_one"));
    // What cannot be read is as if it were not there.
    for query in ["?from=x&until=99&before=-&event=y", "?q=%00'%25", "?kind=%00"] {
        log(&mut admin, query).await;
    }
    let mut bob = server.logged_in("bob").await;
    assert_eq!(bob.get(&server, "/admin/log").await.status, 404);
    assert!(
        !server.text("/activity").await.contains("users/eve")
            && !server.text("/api/v1/events?limit=1000").await.contains(random)
    );
}
