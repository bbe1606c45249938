//! The event log and what follows it.

use futures::TryStreamExt as _;
use registry::{BrokenChain, Finding};

use crate::support::{FakePostgres, TestServer};

async fn with_packages() -> TestServer {
    let server = TestServer::start().await;
    let fake = FakePostgres::new();
    for name in ["first", "second", "third"] {
        fake.sql_extension(name, "1.0", "");
    }
    server.import(fake.installation()).await;
    server
}

async fn events(server: &TestServer) -> Vec<(i64, String, String)> {
    let rows =
        sqlx::query_as::<_, (i64, String, String)>("select event_id, kind, subject from events order by event_id");
    rows.fetch_all(&server.pool).await.expect("rows")
}

#[tokio::test]
async fn every_change_is_one_event_in_its_order() {
    let server = with_packages().await;
    let expected = [
        (1, "registry.created", "registry"),
        (2, "release.published", "package:localhost/first"),
        (3, "release.published", "package:localhost/second"),
        (4, "release.published", "package:localhost/third"),
    ];
    let expected = expected.map(|(id, kind, subject)| (id, kind.to_owned(), subject.to_owned()));
    assert_eq!(events(&server).await, expected);
    let report = server.registry.check().await.expect("checked");
    // Nothing in them is compiled: each is there for two architectures.
    assert_eq!((report.events, report.objects, report.findings), (4, 6, vec![]));
}

#[tokio::test]
async fn the_log_cannot_be_rewritten() {
    let server = with_packages().await;
    for statement in ["update events set payload = '{}'", "delete from events", "truncate events cascade"] {
        assert!(sqlx::raw_sql(statement).execute(&server.pool).await.is_err(), "{statement}");
    }
    // Whatever id and hash somebody brings along, the chain gives its own.
    sqlx::raw_sql(
        "insert into events (event_id, kind, actor_id, subject, payload, happened_at, previous_hash, hash)
        values (99, 'artifact.added', 1, 'x', '{}', now(), sha256(''), sha256(''))",
    )
    .execute(&server.pool)
    .await
    .expect("inserted");
    let report = server.registry.check().await.expect("checked");
    assert_eq!((report.events, report.findings), (5, vec![]));
}

#[tokio::test]
async fn one_changed_byte_is_found() {
    for (change, expected) in [
        (
            "update events set payload = replace(payload, 'second', 'sekond') where event_id = 3",
            BrokenChain::Content(3),
        ),
        (
            "update events set happened_at = happened_at + interval '1 microsecond' where event_id = 2",
            BrokenChain::Content(2),
        ),
        ("update events set previous_hash = sha256('x') where event_id = 4", BrokenChain::Link(4)),
        ("delete from events where event_id = 2", BrokenChain::Gap(2)),
    ] {
        let server = with_packages().await;
        // As a superuser of the database could.
        sqlx::raw_sql("set session_replication_role = replica").execute(&server.pool).await.expect("set");
        let mut connection = server.pool.acquire().await.expect("a connection");
        sqlx::raw_sql("set session_replication_role = replica").execute(&mut *connection).await.expect("set");
        sqlx::raw_sql(change).execute(&mut *connection).await.expect("changed");
        let findings = server.registry.check().await.expect("checked").findings;
        assert!(findings.contains(&Finding::Chain(expected.clone())), "{change}: {findings:?}");
    }
}

#[tokio::test]
async fn details_can_be_erased_and_not_changed() {
    let server = with_packages().await;
    sqlx::raw_sql(
        "select append_event('artifact.added', 1, 'x', '{}', now(), 'a name', decode(repeat('ab', 16), 'hex'))",
    )
    .execute(&server.pool)
    .await
    .expect("appended");
    assert!(server.registry.check().await.expect("checked").findings.is_empty());
    sqlx::raw_sql("update event_details set details = 'another name'").execute(&server.pool).await.expect("changed");
    assert_eq!(server.registry.check().await.expect("checked").findings, [Finding::Chain(BrokenChain::Details(5))]);
    sqlx::raw_sql("delete from event_details").execute(&server.pool).await.expect("erased");
    assert!(server.registry.check().await.expect("checked").findings.is_empty(), "the chain holds without them");
}

#[tokio::test]
async fn ids_are_gapless_also_when_many_append_at_once_and_some_give_up() {
    let server = TestServer::start().await;
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..40 {
        let pool = server.pool.clone();
        writers.spawn(async move {
            let mut transaction = pool.begin().await.expect("begun");
            sqlx::raw_sql("select append_event('artifact.added', 1, 'x', '{}', now())")
                .execute(&mut *transaction)
                .await
                .expect("appended");
            if writer % 4 == 0 {
                transaction.rollback().await.expect("rolled back");
            } else {
                transaction.commit().await.expect("committed");
            }
        });
    }
    while let Some(writer) = writers.join_next().await {
        writer.expect("a writer");
    }
    let report = server.registry.check().await.expect("checked");
    assert_eq!((report.events, report.findings), (31, vec![]));
}

#[tokio::test]
async fn a_rebuilt_projection_is_the_one_that_followed() {
    let server = with_packages().await;
    let listings = || async {
        let rows = sqlx::query_scalar::<_, String>("select l::text from listings as l order by name")
            .fetch_all(&server.pool)
            .await;
        rows.expect("rows")
    };
    let followed = listings().await;
    assert_eq!(followed.len(), 3);
    sqlx::raw_sql("delete from listings where name = 'second'; update listings set summary = 'wrong'")
        .execute(&server.pool)
        .await
        .expect("damaged");
    assert_ne!(listings().await, followed);
    assert_eq!(server.registry.rebuild().await.expect("rebuilt"), 4);
    assert_eq!(listings().await, followed);
}

#[tokio::test]
async fn a_damaged_or_missing_object_is_found() {
    let server = with_packages().await;
    let objects = server.registry.store().list().map_ok(|object| object.sha256);
    let mut objects: Vec<_> = objects.try_collect().await.expect("listed");
    objects.sort();
    let path = |sha256: &model::Sha256| {
        let name = sha256.to_string();
        server.data.objects().join(&name[..2]).join(&name[2..4]).join(name)
    };
    std::fs::remove_file(path(&objects[0])).expect("removed");
    std::fs::remove_file(path(&objects[1])).expect("removed");
    std::fs::write(path(&objects[1]), "other bytes").expect("written");
    let mut findings = server.registry.check().await.expect("checked").findings;
    findings.sort_by_key(ToString::to_string);
    assert_eq!(findings, [Finding::Missing(objects[0]), Finding::Changed(objects[1])]);
}
