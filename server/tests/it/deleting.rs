//! Accounts that are deleted: what is erased, what stays, and what happens to packages.

use crate::support::{Browser, PASSWORD, TestServer, TrunkArchive, plain};

#[tokio::test]
async fn a_deleted_account_leaves_its_releases_and_nothing_else() {
    let server = TestServer::start_reachable().await;
    let mut ada = server.logged_in("Ada-L").await;
    let token = server.token("Ada-L").await;
    server.published(&token, &TrunkArchive::sql("pg_alone", "1.0.0")).await;
    server.published(&token, &TrunkArchive::sql("pg_shared", "1.0.0")).await;
    server.logged_in("ben").await;
    sqlx::query(
        "insert into package_owners
        select package_id, (select principal_id from principals where handle = 'ben'), 'owner', now()
        from packages where name = 'pg_shared'",
    )
    .execute(&server.pool)
    .await
    .expect("an owner");
    let profile = [("display_name", "Ada Lovelace"), ("bio", "Numbers"), ("website", "https://ada.example.org")];
    assert_eq!(ada.post(&server, "/settings", &profile).await.status, 200);

    let page = plain(&ada.get(&server, "/settings/delete").await.text);
    for said in [
        "1 token stops working",
        "2 releases of yours stay",
        "pg_alone",
        "pg_shared",
        "Nobody will own these packages any more",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    for typed in ["", "ada", "ada-l", "somebody"] {
        let refused = ada.post(&server, "/settings/delete", &[("handle", typed)]).await;
        assert_eq!(refused.status, 422, "{typed}");
    }
    let other_session = {
        let mut browser = Browser::new();
        assert_eq!(browser.post(&server, "/login", &[("login", "ada-l"), ("password", PASSWORD)]).await.status, 303);
        browser
    };
    let gone = ada.post(&server, "/settings/delete", &[("handle", "Ada-L")]).await;
    assert_eq!((gone.status, gone.location()), (303, "/account-deleted"), "{}", gone.text);
    assert!(ada.cookies().is_empty(), "{}", ada.cookies());
    assert_eq!(ada.get(&server, "/account-deleted").await.status, 200);
    server.settle().await;

    // Nobody is there any more.
    assert_eq!(other_session.clone().get(&server, "/settings").await.status, 303);
    assert_eq!(Browser::new().post(&server, "/login", &[("login", "ada-l"), ("password", PASSWORD)]).await.status, 422);
    assert_eq!(server.get("/users/ada-l").await.status(), 404);
    let refused = server.registry.authenticate(token.reveal(), &registry::ClientInfo::default()).await;
    assert_eq!(refused.expect_err("gone").code(), "token-unknown");
    // The packages are.
    for name in ["pg_alone", "pg_shared"] {
        let page = server.text(&format!("/packages/{name}")).await;
        assert!(page.contains(name) && !page.to_lowercase().contains("ada"), "{name}: {page}");
    }
    let orphaned: Vec<(String, bool)> = sqlx::query_as("select name, is_orphaned from packages order by name")
        .fetch_all(&server.pool)
        .await
        .expect("packages");
    assert_eq!(orphaned, [("pg_alone".to_owned(), true), ("pg_shared".to_owned(), false)]);
    // Nobody else is taken for them.
    for handle in ["Ada-L", "ada_l"] {
        let fields = [("handle", handle), ("email", "eve@example.org"), ("password", PASSWORD)];
        let refused = Browser::new().post(&server, "/register", &fields).await;
        assert_eq!(refused.status, 422, "{handle}");
        assert!(plain(&refused.text).contains("is taken"), "{}", refused.text);
    }
    // The address is free, and was told; else nothing is left of them in any table, and the log is as it was.
    let kept: Vec<String> = server
        .registry
        .kept_mails(Some(&"Ada-L@example.org".parse().expect("an address")), 50)
        .await
        .expect("messages")
        .into_iter()
        .map(|mail| mail.subject)
        .collect();
    assert_eq!(kept, ["Your account was deleted"]);
    sqlx::query("delete from mails").execute(&server.pool).await.expect("removed");
    let tables: Vec<String> = sqlx::query_scalar("select tablename::text from pg_tables where schemaname = 'public'")
        .fetch_all(&server.pool)
        .await
        .expect("tables");
    for table in tables {
        let query =
            format!("select t::text from {table} as t where t::text ~* 'ada[-_ ]l|lovelace|ada\\.example' limit 1");
        let found: Option<String> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_optional(&server.pool).await.expect("rows");
        assert!(found.is_none(), "{table}: {found:?}");
    }
    let noted: i64 = sqlx::query_scalar(
        "select count(*) from audit where principal_id = (select principal_id from principals where handle like 'deleted-%')",
    )
    .fetch_one(&server.pool)
    .await
    .expect("a count");
    assert_eq!(noted, 0, "nor from where they came");
    assert_eq!(server.registry.check().await.expect("checked").findings, vec![]);
    let kinds: Vec<String> = sqlx::query_scalar("select kind from events order by event_id desc limit 2")
        .fetch_all(&server.pool)
        .await
        .expect("kinds");
    assert_eq!(kinds, ["account.deleted", "package.orphaned"]);
}

#[tokio::test]
async fn two_owners_who_leave_together_leave_an_orphan() {
    let server = TestServer::start_reachable().await;
    let (mut ada, mut ben) = (server.logged_in("ada").await, server.logged_in("ben").await);
    let token = server.token("ada").await;
    server.published(&token, &TrunkArchive::sql("pg_shared", "1.0.0")).await;
    sqlx::query(
        "insert into package_owners
        select package_id, (select principal_id from principals where handle = 'ben'), 'owner', now() from packages",
    )
    .execute(&server.pool)
    .await
    .expect("an owner");
    let both = tokio::join!(
        ada.post(&server, "/settings/delete", &[("handle", "ada")]),
        ben.post(&server, "/settings/delete", &[("handle", "ben")]),
    );
    assert_eq!((both.0.status, both.1.status), (303, 303));
    let is_orphaned: bool =
        sqlx::query_scalar("select is_orphaned from packages").fetch_one(&server.pool).await.expect("a package");
    assert!(is_orphaned);
}
