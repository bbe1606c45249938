//! The shapes of the API.

use std::collections::BTreeSet;

use crate::support::{FakePostgres, TestServer, until};

async fn with_packages() -> TestServer {
    let server = TestServer::start().await;
    let fake = FakePostgres::new();
    fake.library_extension("hstore", "1.8");
    fake.sql_extension("cube", "1.5", "");
    fake.sql_extension("earthdistance", "1.1", "requires = 'cube'");
    fake.library("auto_explain", "x86_64-gnu-pg15");
    server.import(fake.installation()).await;
    server
}

fn pretty(value: &serde_json::Value) -> String {
    TestServer::portable(&serde_json::to_string_pretty(value).expect("JSON"))
}

#[tokio::test]
async fn packages_releases_and_categories_have_their_shape() {
    let server = with_packages().await;
    insta::assert_snapshot!("packages", pretty(&server.json("/api/v1/packages").await));
    insta::assert_snapshot!("package", pretty(&server.json("/api/v1/packages/hstore").await));
    insta::assert_snapshot!("release", pretty(&server.json("/api/v1/packages/auto_explain/15.18.0").await));
    insta::assert_snapshot!("categories", pretty(&server.json("/api/v1/categories").await));
    let current = server.json("/api/v1/packages/HStore/latest?pg=15").await;
    assert_eq!(current["version"], "1.8.0", "names fold");
}

#[tokio::test]
async fn the_document_is_what_it_was_and_lists_every_route() {
    let server = TestServer::start().await;
    let document = server.json("/api/v1/openapi.json").await;
    insta::assert_snapshot!("openapi", serde_json::to_string_pretty(&document).expect("JSON"));
    let documented: BTreeSet<String> = document["paths"]
        .as_object()
        .expect("paths")
        .iter()
        .flat_map(|(path, item)| {
            item.as_object().expect("methods").keys().map(move |method| format!("{} {path}", method.to_uppercase()))
        })
        .collect();
    let routed: BTreeSet<String> = server
        .routes
        .iter()
        // What older clients expect there is another façade.
        .filter(|route| route.path.starts_with("/api/v1/") && !route.path.starts_with("/api/v1/trunk-projects"))
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    assert_eq!(documented, routed);
}

#[tokio::test]
async fn a_list_continues_where_it_ended() {
    let server = with_packages().await;
    for sort in ["name", "updated", "created"] {
        let mut names = Vec::new();
        let mut after = String::new();
        loop {
            let page = server.json(&format!("/api/v1/packages?limit=1&sort={sort}{after}")).await;
            names.extend(
                page["items"]
                    .as_array()
                    .expect("items")
                    .iter()
                    .map(|item| item["name"].as_str().expect("a name").to_owned()),
            );
            let Some(next) = page["next"].as_str() else { break };
            after = format!("&after={next}");
        }
        names.sort();
        assert_eq!(names, ["auto_explain", "cube", "earthdistance", "hstore"], "{sort}");
    }
    let some = server.json("/api/v1/packages?category=data_transformations").await;
    assert!(some["items"].as_array().expect("items").iter().any(|item| item["name"] == "hstore"));
    let none = server.json("/api/v1/packages?category=machine_learning").await;
    assert_eq!(none, serde_json::json!({ "items": [], "next": null }));
}

#[tokio::test]
async fn errors_are_problems() {
    let server = with_packages().await;
    for (path, status, code) in [
        ("/api/v1/packages/nothing", 404, "not-found"),
        ("/api/v1/packages/no%00name", 404, "not-found"),
        ("/api/v1/packages/hstore/9.9.9", 404, "not-found"),
        ("/api/v1/packages/hstore/not-a-version", 404, "not-found"),
        ("/api/v1/packages/hstore?pg=17", 404, "not-found"),
        ("/api/v1/packages/hstore/1.8.0/artifacts/15/plan9", 404, "not-found"),
        ("/api/v1/packages/hstore/1.8.0/artifacts/any/any", 404, "not-found"),
        ("/api/v1/packages?limit=0", 400, "invalid-parameter"),
        ("/api/v1/packages?limit=101", 400, "invalid-parameter"),
        ("/api/v1/packages?after=x", 400, "invalid-parameter"),
        ("/api/v1/packages?sort=colour", 400, "invalid-parameter"),
        ("/api/v1/packages?category=%2F", 400, "invalid-parameter"),
        ("/api/v1/packages/hstore?pg=x", 400, "invalid-parameter"),
        ("/api/v1/nothing", 404, "no-such-address"),
        ("/api", 404, "no-such-address"),
    ] {
        let response = server.get(path).await;
        assert_eq!(response.status(), status, "{path}");
        assert_eq!(response.headers()["content-type"], "application/problem+json", "{path}");
        let problem: serde_json::Value = response.json().await.expect("JSON");
        assert_eq!((&problem["code"], &problem["status"]), (&code.into(), &status.into()), "{path}");
    }
}

#[tokio::test]
async fn an_ambiguous_name_names_its_candidates() {
    let server = with_packages().await;
    sqlx::raw_sql(
        "update packages set is_default = false where name = 'cube';
        insert into packages (full_name, name, is_default, kind, visibility, origin, is_orphaned, created_at, updated_at)
        values ('example.org/cube', 'Cube', false, 'extension', 'public', 'upload', true, now(), now())",
    )
    .execute(&server.pool)
    .await
    .expect("prepared");
    let response = server.get("/api/v1/packages/cube").await;
    assert_eq!(response.status(), 409);
    let problem: serde_json::Value = response.json().await.expect("JSON");
    assert_eq!(problem["candidates"], serde_json::json!(["example.org/cube", "localhost/cube"]));
    assert_eq!(server.get("/packages/cube").await.status(), 409);
}

#[tokio::test]
async fn packages_for_members_do_not_exist_for_others() {
    let server = with_packages().await;
    sqlx::raw_sql(
        "update packages set visibility = 'members' where name = 'hstore';
        select append_event('package.hidden', 1, 'package:localhost/hstore', json_build_object('package', package_id)::text, now())
        from packages where name = 'hstore'",
    )
    .execute(&server.pool)
    .await
    .expect("hidden");
    server.settle().await;
    let platform = "debian-12-x86_64-gnu";
    for path in [
        "/api/v1/packages/hstore".to_owned(),
        "/api/v1/packages/hstore/1.8.0".to_owned(),
        format!("/api/v1/packages/hstore/1.8.0/artifacts/15/{platform}"),
        "/packages/hstore".to_owned(),
    ] {
        assert_eq!(server.get(&path).await.status(), 404, "{path}");
    }
    for path in ["/api/v1/packages", "/packages", "/", "/categories/data_transformations"] {
        until(path, async || !server.text(path).await.contains("hstore")).await;
    }
}
