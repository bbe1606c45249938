//! Finding things: by name, by what they do, misspelled, filtered, and while there is no index.

use std::{fs, time::Instant};

use registry::{Installation, SearchIndex, SearchQuery, Understood};

use crate::support::{FakePostgres, TestServer, installed_bindir};

async fn with_contrib() -> TestServer {
    let server = TestServer::start().await;
    server.import(Installation::read(&installed_bindir().join("pg_config")).expect("an installation")).await;
    server.settle().await;
    server
}

async fn names(server: &TestServer, query: &str) -> Vec<String> {
    let found = server.json(&format!("/api/v1/search?{query}")).await;
    found["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| item["name"].as_str().expect("a name").to_owned())
        .collect()
}

/// What somebody asks, and what must come first. Most share no word with the name.
const QUESTIONS: &[(&str, &str)] = &[
    ("trigram", "pg_trgm"),
    ("trigrams", "pg_trgm"),
    ("fuzzy search", "pg_trgm"),
    ("key value", "hstore"),
    ("schemaless", "hstore"),
    ("log slow queries", "auto_explain"),
    ("top queries", "pg_stat_statements"),
    ("remove accents", "unaccent"),
    ("pivot", "tablefunc"),
    ("crosstab", "tablefunc"),
    ("password strength", "passwordcheck"),
    ("encryption", "pgcrypto"),
    ("read csv", "file_fdw"),
    ("another postgres server", "postgres_fdw"),
    ("isbn", "isn"),
    ("case insensitive text", "citext"),
    ("tree paths", "ltree"),
    ("corruption check", "amcheck"),
    ("bloat", "pgstattuple"),
    ("shared buffers content", "pg_buffercache"),
    ("warm cache after restart", "pg_prewarm"),
    ("brute force", "auth_delay"),
    ("latitude longitude", "earthdistance"),
    ("soundex", "fuzzystrmatch"),
    ("log execution plans", "auto_explain"),
];

#[tokio::test]
async fn questions_find_what_was_meant_first() {
    let server = with_contrib().await;
    let mut failures = Vec::new();
    for (question, expected) in QUESTIONS {
        let found = names(&server, &format!("q={}", question.replace(' ', "+"))).await;
        if found.first().map(String::as_str) != Some(expected) {
            failures.push(format!("{question}: {expected} is not first in {found:?}"));
        }
    }
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), QUESTIONS.len(), failures.join("\n"));
}

#[tokio::test]
async fn names_are_found_exactly_by_their_beginning_and_with_a_typo() {
    let server = with_contrib().await;
    for (query, expected) in [
        ("pg_trgm", "pg_trgm"),
        ("PG_TRGM", "pg_trgm"),
        ("pg-trgm", "pg_trgm"),
        ("pgtrgm", "pg_trgm"),
        ("trgm", "pg_trgm"),
        ("pg_trgn", "pg_trgm"),
        ("hstor", "hstore"),
        ("hsotre", "hstore"),
        ("uuid-ossp", "uuid-ossp"),
        ("uuid_ossp", "uuid-ossp"),
        ("cube", "cube"),
        ("isn", "isn"),
        ("lo", "lo"),
        ("unacent", "unaccent"),
    ] {
        let found = names(&server, &format!("q={query}")).await;
        assert_eq!(found.first().map(String::as_str), Some(expected), "{query}: {found:?}");
    }
    let suggested = server.json("/api/v1/suggest?q=pg_st").await;
    let suggested: Vec<&str> = suggested["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| item["name"].as_str().expect("a name"))
        .collect();
    assert!(suggested.contains(&"pg_stat_statements") && suggested.len() <= 8, "{suggested:?}");
    assert_eq!(server.json("/api/v1/suggest?q=").await["items"], serde_json::json!([]));
}

#[tokio::test]
async fn facets_count_what_another_choice_would_show() {
    let server = with_contrib().await;
    let all = server.json("/api/v1/search?limit=100").await;
    assert_eq!(all["understood"], "everything");
    let total = all["total"].as_u64().expect("a number");
    assert!(total >= 50);
    // Every number of every facet is what following it shows.
    for (base, facet, parameter) in [
        ("", "category", "category"),
        ("", "pg", "pg"),
        ("", "platform", "platform"),
        ("", "load", "load"),
        ("trusted=true", "category", "category"),
        ("category=search", "category", "category"),
        ("category=search&trusted=true", "load", "load"),
        ("q=index", "category", "category"),
    ] {
        let page = server.json(&format!("/api/v1/search?{base}")).await;
        let values = page["facets"][facet].as_array().expect("values");
        assert!(!values.is_empty(), "{base} {facet}");
        for value in values {
            let wanted = value["value"].as_str().expect("a value");
            let others: Vec<&str> =
                base.split('&').filter(|pair| !pair.starts_with(&format!("{parameter}="))).collect();
            let chosen = server.json(&format!("/api/v1/search?{}&{parameter}={wanted}", others.join("&"))).await;
            assert_eq!(chosen["total"], value["count"], "{base} {facet} {wanted}");
        }
    }
    let trusted = server.json("/api/v1/search?trusted=true").await;
    assert_eq!(trusted["total"], all["facets"]["trusted"]);
    assert_eq!(server.json("/api/v1/search?pg=10").await["total"], 0);
    // What has nothing compiled runs there too.
    let anywhere = server.json("/api/v1/search?platform=any").await["total"].as_u64().expect("a number");
    assert!(anywhere > 0 && anywhere < total);
    assert_eq!(server.json("/api/v1/search?platform=linux-any-aarch64-musl").await["total"], anywhere);
}

#[tokio::test]
async fn pages_of_results_have_everything_once() {
    let server = with_contrib().await;
    for sort in ["relevance", "name", "updated"] {
        let mut seen = Vec::new();
        let mut page = 1;
        loop {
            let part = server.json(&format!("/api/v1/search?limit=7&sort={sort}&page={page}")).await;
            seen.extend(
                part["items"]
                    .as_array()
                    .expect("items")
                    .iter()
                    .map(|item| item["name"].as_str().expect("a name").to_owned()),
            );
            let Some(next) = part["next_page"].as_u64() else { break };
            assert_eq!(next, page + 1);
            page = next;
        }
        let count = seen.len();
        if sort != "updated" {
            assert!(seen.is_sorted_by_key(|name| name.replace('-', "_")), "{sort}: {seen:?}");
        }
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), count, "{sort}: nothing twice");
        assert_eq!(
            count as u64,
            server.json("/api/v1/search").await["total"].as_u64().expect("a number"),
            "{sort}: nothing left out"
        );
    }
    for path in [
        "/api/v1/search?page=4294967295",
        "/api/v1/search?page=4294967295&limit=100",
        "/search?page=4294967295",
        "/search?page=99999999999",
    ] {
        assert_eq!(server.get(path).await.status(), 200, "{path}");
    }
}

#[tokio::test]
async fn absurd_questions_are_answered() {
    let server = with_contrib().await;
    let long = "word ".repeat(2000);
    for query in [
        "",
        " ",
        "%00",
        "\u{202e}",
        "🐘",
        "AND OR NOT",
        "\"",
        "(((",
        "a:b",
        "*",
        "~",
        "pg_*",
        "-",
        "_",
        "name:hstore",
        "\\",
        "é",
        "x^2",
        "[a TO b]",
        "ﬁ",
        "İ",
        long.as_str(),
    ] {
        for path in ["/search", "/api/v1/search", "/api/v1/suggest", "/packages"] {
            let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", query).finish();
            let response = server.get(&format!("{path}?{query}")).await;
            assert_eq!(response.status(), 200, "{path} {query:?}");
        }
    }
    let some = server.json("/api/v1/search?q=encryption+zebra").await;
    assert_eq!(some["understood"], "some-words");
    assert_eq!(some["items"][0]["name"], "pgcrypto");
    let none = server.json("/api/v1/search?q=zebra").await;
    assert_eq!((&none["total"], &none["near"]), (&serde_json::json!(0), &serde_json::json!([])));
    let near = server.json("/api/v1/search?q=hstoer1").await;
    assert_eq!((&near["total"], &near["near"]), (&serde_json::json!(0), &serde_json::json!(["hstore"])));
    assert!(server.text("/search?q=hstoer1").await.contains("href=\"/packages/hstore\""));
    assert!(server.text("/search?q=zebra").await.contains("Nothing has these words"));
    assert!(server.text("/search?q=%3Cscript%3Ealert(1)%3C/script%3E").await.contains("&lt;script&gt;"));
    for query in ["limit=0", "limit=x", "sort=x", "page=x", "pg=x", "load=x", "trusted=x", "platform=x"] {
        assert_eq!(server.get(&format!("/api/v1/search?{query}")).await.status(), 400, "{query}");
    }
}

#[tokio::test]
async fn what_is_new_is_found_within_a_second_and_what_is_hidden_is_not() {
    let server = TestServer::start().await;
    let fake = FakePostgres::new();
    fake.sql_extension("first", "1.0", "");
    server.import(fake.installation()).await;
    server.settle().await;
    assert_eq!(names(&server, "q=first").await, ["first"]);
    fake.sql_extension("second", "1.0", "");
    server.import(fake.installation()).await;
    let start = Instant::now();
    while names(&server, "q=second").await.is_empty() {
        assert!(start.elapsed().as_millis() < 1000, "not found within a second");
    }
    // Hidden, with the event that says so.
    sqlx::raw_sql(
        "update packages set visibility = 'members' where name = 'first';
        select append_event('artifact.added', 1, 'package:localhost/first', json_build_object('package', package_id)::text, now())
        from packages where name = 'first'",
    )
    .execute(&server.pool)
    .await
    .expect("hidden");
    let start = Instant::now();
    while !names(&server, "q=first").await.is_empty() {
        assert!(start.elapsed().as_millis() < 1000, "still found after a second");
    }
}

#[tokio::test]
async fn without_an_index_names_are_found_and_the_page_says_so() {
    let server = with_contrib().await;
    let query = |text: &str| SearchQuery { text: text.to_owned(), page: 1, limit: 20, ..SearchQuery::default() };
    let directory = tempfile::tempdir().expect("a directory");
    let empty = SearchIndex::open(directory.path()).expect("an empty index");
    for index in [None, Some(&empty)] {
        let found = server.registry.search(index, &query("trgm")).await.expect("found");
        assert_eq!(found.understood, Understood::NamesOnly);
        assert_eq!(found.items.iter().map(|item| item.name.to_string()).collect::<Vec<_>>(), ["pg_trgm"]);
        let found = server.registry.search(index, &query("hstore")).await.expect("found");
        assert_eq!(found.items[0].name.to_string(), "hstore");
    }
}

#[tokio::test]
async fn a_broken_index_is_built_anew_and_a_good_one_is_kept() {
    let server = with_contrib().await;
    let directory = tempfile::tempdir().expect("a directory");
    let open = || SearchIndex::open(directory.path()).expect("an index");
    let build = |index: SearchIndex| {
        let pool = server.pool.clone();
        async move {
            let (_projected_sender, projected) = tokio::sync::watch::channel(0);
            let (indexed, mut seen) = tokio::sync::watch::channel(0);
            let stop = tokio_util::sync::CancellationToken::new();
            let job = tokio::spawn(registry::run_search_index(index.clone(), pool, projected, indexed, stop.clone()));
            seen.wait_for(|event| *event > 0).await.expect("indexed");
            stop.cancel();
            job.await.expect("ended");
        }
    };
    let index = open();
    assert!(!index.is_complete());
    build(index).await;
    assert!(open().is_complete(), "it is there again after a restart");
    let segment = walk(directory.path())
        .into_iter()
        .find(|path| path.extension().is_some_and(|extension| extension == "term"))
        .expect("a file");
    let bytes = fs::read(&segment).expect("readable");
    fs::write(&segment, &bytes[..bytes.len() / 2]).expect("cut");
    let again = open();
    assert!(!again.is_complete(), "a damaged index is not used");
    build(again.clone()).await;
    let query = SearchQuery { text: "trigram".to_owned(), page: 1, limit: 5, ..SearchQuery::default() };
    let found = server.registry.search(Some(&again), &query).await.expect("found");
    assert_eq!(found.items[0].name.to_string(), "pg_trgm");
}

fn walk(directory: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).expect("readable") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { files.extend(walk(&path)) } else { files.push(path) }
    }
    files
}
