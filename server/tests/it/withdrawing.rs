//! Releases that are yanked and deleted: when, by whom, twice, and while somebody publishes to them.

use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::json;
use sqlx::AssertSqlSafe;

use crate::support::{
    LONG, TestServer, TrunkArchive, acting, asked, coded, events, form, putting, source, until, yank,
};

/// Makes a release older than it is.
async fn age(server: &TestServer, version: &str, by: &str) {
    let mut transaction = server.pool.begin().await.expect("begun");
    // As a superuser of the database could.
    sqlx::raw_sql(AssertSqlSafe(format!(
        "set local session_replication_role = replica;
        update releases set published_at = published_at - interval '{by}' where version = '{version}'"
    )))
    .execute(&mut *transaction)
    .await
    .expect("changed");
    transaction.commit().await.expect("committed");
}

#[tokio::test]
async fn a_release_is_deleted_within_three_days_or_never() {
    let server = TestServer::start().await;
    let ada = server.token("ada").await;
    for version in ["1.0.0", "1.1.0", "1.2.0"] {
        server.published(&ada, &TrunkArchive::sql("example", version)).await;
    }
    age(&server, "1.0.0", "72 hours 1 second").await;
    age(&server, "1.1.0", "72 hours").await;
    let delete = async |release: &str| asked(acting(&server, &ada, Method::DELETE, release)).await;
    assert_eq!(delete("example/1.0.0").await, (409, "release-too-old".to_owned()));
    assert_eq!(delete("example/1.1.0").await.0, 204, "at the last moment");
    assert_eq!(server.get("/api/v1/packages/example/1.0.0").await.status(), 200, "it is still there");
    let file = "/artifacts/15/any";
    assert_eq!(server.get(&format!("/api/v1/packages/example/1.0.0{file}")).await.status(), 200);
    assert_eq!(server.get(&format!("/api/v1/packages/example/1.1.0{file}")).await.status(), 404);
    // Yanking has no time limit, and makes it no younger.
    assert_eq!(asked(yank(&server, &ada, "example/1.0.0", "It is old")).await.0, 204);
    assert_eq!(delete("example/1.0.0").await, (409, "release-too-old".to_owned()));
    let kinds = events(&server, "package:localhost/example").await;
    assert_eq!(kinds[3..], ["release.deleted", "release.yanked"]);
}

#[tokio::test]
async fn doing_it_again_is_fine_and_changes_nothing() {
    let server = TestServer::start().await;
    let ada = server.token("ada").await;
    for version in ["1.0.0", "1.1.0"] {
        server.published(&ada, &TrunkArchive::sql("example", version)).await;
    }
    let unyank = |release: &str| acting(&server, &ada, Method::POST, &format!("{release}/unyank"));
    let delete = |release: &str| acting(&server, &ada, Method::DELETE, release);
    let kinds = async || events(&server, "package:localhost/example").await.split_off(2);

    assert_eq!(asked(unyank("example/1.1.0")).await.0, 204, "it is not yanked, as was asked for");
    assert_eq!(kinds().await, [""; 0]);
    assert_eq!(asked(yank(&server, &ada, "example/1.1.0", "Loses data")).await.0, 204);
    assert_eq!(asked(yank(&server, &ada, "example/1.1.0", "Something else")).await.0, 204);
    assert_eq!(kinds().await, ["release.yanked"]);
    server.settle().await;
    let page = server.text("/packages/example/1.1.0").await;
    assert!(page.contains("Loses data") && !page.contains("Something else"), "{page}");
    assert_eq!(asked(unyank("example/1.1.0")).await.0, 204);
    assert_eq!(asked(unyank("example/1.1.0")).await.0, 204);
    assert_eq!(kinds().await, ["release.yanked", "release.unyanked"]);

    assert_eq!(asked(delete("example/1.1.0")).await.0, 204);
    assert_eq!(asked(delete("example/1.1.0")).await.0, 204);
    assert_eq!(kinds().await, ["release.yanked", "release.unyanked", "release.deleted"]);
    // What is gone does not come back.
    let gone = (409, "release-state".to_owned());
    assert_eq!(asked(yank(&server, &ada, "example/1.1.0", "Loses data")).await, gone);
    assert_eq!(asked(unyank("example/1.1.0")).await, gone);
    for request in [unyank("example/9.9.9"), delete("example/9.9.9"), delete("unknown/1.0.0")] {
        assert_eq!(asked(request).await, (404, "not-found".to_owned()));
    }
    assert_eq!(kinds().await.len(), 3);
    assert_eq!(server.cached_json("/extensions/all").await[0]["latestVersion"], "1.0.0");
    assert_eq!(server.registry.check().await.expect("checked").findings, vec![]);
}

#[tokio::test]
async fn maintainers_publish_and_yank_and_do_not_own() {
    let server = TestServer::start().await;
    let (ada, ben) = (server.token("ada").await, server.token("ben").await);
    server.published(&ada, &TrunkArchive::sql("example", "1.0.0")).await;
    let next = TrunkArchive::sql("example", "1.1.0");
    assert_eq!(asked(putting(&server, &ben, &next, "15")).await, (403, "not-an-owner".to_owned()));
    sqlx::raw_sql(
        "insert into package_owners (package_id, principal_id, role, created_at)
        select p.package_id, b.principal_id, 'maintainer', p.created_at
        from packages as p
        cross join principals as b
        where p.name = 'example'
            and b.handle = 'ben'",
    )
    .execute(&server.pool)
    .await
    .expect("inserted");

    assert_eq!(asked(putting(&server, &ben, &next, "15")).await.0, 201);
    server.published(&ben, &next.clone().for_postgres(16)).await;
    assert_eq!(asked(yank(&server, &ben, "example/1.0.0", "There is a newer one")).await.0, 204, "also the owner's");
    let unyank = acting(&server, &ben, Method::POST, "example/1.0.0/unyank");
    assert_eq!(asked(unyank).await.0, 204);
    assert_eq!(asked(acting(&server, &ben, Method::DELETE, "example/1.1.0")).await.0, 204);
    let project = &server.cached_json("/extensions/detail/example").await[0];
    assert_eq!((&project["version"], &project["publisher"]), (&json!("1.0.0"), &json!("ada")));
    assert_eq!(project["owners"], json!([{"userId": "ada", "userName": "ada"}]), "one owner, as before");
    // What the one owner has elsewhere is none of the maintainer's business.
    server.published(&ada, &TrunkArchive::sql("another", "1.0.0")).await;
    let refused = putting(&server, &ben, &TrunkArchive::sql("another", "1.1.0"), "15");
    assert_eq!(asked(refused).await, (403, "not-an-owner".to_owned()));
}

#[tokio::test]
async fn strangers_get_in_nowhere() {
    let server = TestServer::start().await;
    let (ada, eve) = (server.token("ada").await, server.token("eve").await);
    server.published(&ada, &TrunkArchive::sql("example", "1.0.0")).await;
    let before = server.registry.check().await.expect("checked");
    let next = TrunkArchive::sql("example", "1.1.0");
    let zipped = source("example", "1.1.0", &[]);
    let rehearsal = acting(&server, &eve, Method::PUT, "example/1.1.0/artifacts/15/any?dry_run=true");
    for (what, request) in [
        ("a binary", putting(&server, &eve, &next, "15")),
        ("another major", putting(&server, &eve, &TrunkArchive::sql("example", "1.0.0").for_postgres(16), "16")),
        ("the same bytes", putting(&server, &eve, &TrunkArchive::sql("example", "1.0.0"), "15")),
        ("a source", acting(&server, &eve, Method::PUT, "example/1.1.0").body(zipped)),
        ("a yank", yank(&server, &eve, "example/1.0.0", "It is not mine")),
        ("an unyank", acting(&server, &eve, Method::POST, "example/1.0.0/unyank")),
        ("a deletion", acting(&server, &eve, Method::DELETE, "example/1.0.0")),
    ] {
        assert_eq!(asked(request).await, (403, "not-an-owner".to_owned()), "{what}");
    }
    let rehearsed = rehearsal.body(next.bytes()).send().await.expect("an answer").text().await.expect("text");
    assert!(rehearsed.contains("\"publishable\":false") && rehearsed.contains("not-an-owner"), "{rehearsed}");
    let refused = server.trunk_publish(&eve, &next.metadata(), &next.bytes()).await;
    assert_eq!(refused.status(), 403);
    assert!(refused.text().await.expect("text").contains("belongs to somebody else"));
    let request = server.request(Method::POST, "/publish");
    let request = request.header("content-type", "multipart/form-data; boundary=boundary");
    let refused = request.body(form(&eve, &next.bytes())).send().await.expect("an answer");
    assert_eq!(refused.status(), 403);
    assert!(refused.text().await.expect("text").contains("belongs to somebody else"));
    // Nor by an extension that is somebody else's, in a package of one's own.
    let mut hidden = TrunkArchive::sql("example", "1.0.0");
    "impostor".clone_into(&mut hidden.manifest.name);
    assert_eq!(asked(putting(&server, &eve, &hidden, "15")).await, (409, "extension-taken".to_owned()));

    let after = server.registry.check().await.expect("checked");
    assert_eq!((after.objects, after.events, after.findings), (before.objects, before.events, vec![]));
    let versions = server.cached_json("/api/v1/trunk-projects/example").await;
    assert_eq!(versions.as_array().map(Vec::len), Some(1));
    assert_eq!(server.get("/api/v1/packages/impostor").await.status(), 404);
}

/// Whichever of a deletion and of a further file came first, the other knew of it.
async fn is_consistent(server: &TestServer, name: &str, put: Response, delete: Response) {
    let (put, delete) = (coded(put).await, coded(delete).await);
    assert_eq!(delete.0, 204, "{name}: {delete:?}");
    let kinds = events(server, &format!("package:localhost/{name}")).await;
    match put.0 {
        // It was true when it was said.
        201 => assert_eq!(kinds, ["release.published", "artifact.added", "release.deleted"], "{name}"),
        409 => {
            assert_eq!(put.1, "version-deleted", "{name}");
            assert_eq!(kinds, ["release.published", "release.deleted"], "{name}");
        }
        _ => panic!("{name}: {put:?}"),
    }
    for major in [15, 16] {
        let file = server.get(&format!("/api/v1/packages/{name}/1.0.0/artifacts/{major}/any")).await;
        assert_eq!(file.status(), 404, "{name}");
    }
    assert_eq!(server.cached_json(&format!("/api/v1/trunk-projects/{name}")).await, json!([]));
    let kept = sqlx::query_scalar::<_, i64>(
        "select count(*)
        from artifacts as a
        join releases as r using (release_id)
        where r.state = 'deleted'
            and a.object_state is not null",
    )
    .fetch_one(&server.pool)
    .await
    .expect("a number");
    assert_eq!(kept, 0, "{name}: no bytes are kept for what nobody can fetch");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_published_to_a_release_that_is_being_deleted() {
    let server = TestServer::start().await;
    let token = server.token("ada").await;
    for round in 0..30 {
        let name = format!("raced_{round}");
        server.published(&token, &TrunkArchive::sql(&name, "1.0.0")).await;
        let further = TrunkArchive::sql(&name, "1.0.0").for_postgres(16);
        // They meet at another place in each round.
        let moment = Duration::from_millis(round);
        let put = putting(&server, &token, &further, "16").send();
        let delete = async {
            tokio::time::sleep(moment).await;
            acting(&server, &token, Method::DELETE, &format!("{name}/1.0.0")).send().await
        };
        let (put, delete) = tokio::join!(put, delete);
        is_consistent(&server, &name, put.expect("an answer"), delete.expect("an answer")).await;
    }
    let report = server.registry.check().await.expect("checked");
    assert_eq!((report.objects, report.findings), (0, vec![]));
}

/// Requests that wait for a lock of the database.
async fn waiting(server: &TestServer) -> i64 {
    sqlx::query_scalar::<_, i64>(
        "select count(*)
        from pg_stat_activity
        where datname = current_database()
            and wait_event_type = 'Lock'",
    )
    .fetch_one(&server.pool)
    .await
    .expect("a number")
}

/// The same in the one moment that matters: each of the two is held in its middle until the other has come.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whichever_of_deleting_and_adding_comes_second_knows_of_the_first() {
    let server = TestServer::start().await;
    let token = server.token("ada").await;
    for (name, is_put_first, held) in [
        // Adding a file writes here and deleting does not; deleting a release writes there before it is done.
        ("added_first", true, "artifact_files"),
        ("deleted_first", false, "artifact_variants"),
    ] {
        server.published(&token, &TrunkArchive::sql(name, "1.0.0")).await;
        let further = TrunkArchive::sql(name, "1.0.0").for_postgres(16);
        let put = putting(&server, &token, &further, "16").send();
        let delete = acting(&server, &token, Method::DELETE, &format!("{name}/1.0.0")).send();
        let mut lock = server.pool.begin().await.expect("begun");
        sqlx::raw_sql(AssertSqlSafe(format!("lock table {held} in share mode")))
            .execute(&mut *lock)
            .await
            .expect("locked");
        let first_waits = async || waiting(&server).await >= 1;
        let (put, delete) = if is_put_first {
            let put = tokio::spawn(put);
            until("that the first waits", first_waits).await;
            let delete = tokio::spawn(delete);
            until("the second", async || delete.is_finished() || waiting(&server).await >= 2).await;
            (put, delete)
        } else {
            let delete = tokio::spawn(delete);
            until("that the first waits", first_waits).await;
            let put = tokio::spawn(put);
            until("the second", async || put.is_finished() || waiting(&server).await >= 2).await;
            (put, delete)
        };
        lock.rollback().await.expect("rolled back");
        let put = tokio::time::timeout(LONG, put).await.expect("in time").expect("ended").expect("an answer");
        let delete = tokio::time::timeout(LONG, delete).await.expect("in time").expect("ended").expect("an answer");
        is_consistent(&server, name, put, delete).await;
    }
    let report = server.registry.check().await.expect("checked");
    assert_eq!((report.objects, report.findings), (0, vec![]));
}
