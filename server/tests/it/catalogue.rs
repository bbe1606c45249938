//! A large and odd catalogue: names of every length, hundreds of versions, dozens of requirements, many platforms.

use std::process::Command;

use model::{LoadKind, PostgresMajor};
use registry::{ListingQuery, Order, SearchQuery, Viewer};
use serde_json::Value;

use crate::support::TestServer;

/// Packages of the catalogue; number 42 has 500 releases, number 99 has 40 requirements.
const PACKAGES: u32 = 1200;

async fn filled() -> TestServer {
    let server = TestServer::start().await;
    let options = server.pool.connect_options();
    let host = options.get_socket().expect("a socket").display().to_string();
    let target = format!(
        "host={host} user={} dbname={}",
        options.get_username(),
        options.get_database().expect("a database of its own")
    );
    let output = Command::new("psql")
        .args([
            "-X",
            "-q",
            "-v",
            &format!("packages={PACKAGES}"),
            "-v",
            &format!("today={}", TestServer::NOW.date()),
            "-d",
            &target,
            "-f",
        ])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/synthetic-catalogue.sql"))
        .output()
        .expect("psql runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    server.settle().await;
    server.registry.popularity().refresh(&server.pool, server.registry.clock()).await.expect("counted");
    server
}

fn names(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().expect("items").iter();
    items.map(|item| item["name"].as_str().expect("a name").to_owned()).collect()
}

#[tokio::test]
async fn every_number_beside_a_filter_is_what_following_it_shows() {
    let server = filled().await;
    let all = server.json("/api/v1/search").await;
    assert_eq!(all["total"], PACKAGES);
    let platform = all["facets"]["platform"][1]["value"].as_str().expect("a platform").to_owned();
    let mut compared = 0;
    for base in [
        String::new(),
        "pg=16".to_owned(),
        format!("platform={platform}"),
        format!("pg=13&platform={platform}"),
        format!("pg=17&platform={platform}&trusted=true"),
        "platform=any&category=search".to_owned(),
        "platform=linux-any-riscv64-musl&pg=18".to_owned(),
        "q=index&pg=15&load=shared-preload-required".to_owned(),
        "q=json&category=data_transformations&trusted=true&pg=14".to_owned(),
    ] {
        let page = server.json(&format!("/api/v1/search?{base}")).await;
        for facet in ["category", "pg", "platform", "load"] {
            let others: Vec<&str> = base.split('&').filter(|pair| !pair.starts_with(&format!("{facet}="))).collect();
            for value in page["facets"][facet].as_array().expect("values") {
                let wanted = value["value"].as_str().expect("a value");
                let path = format!("/api/v1/search?{}&{facet}={wanted}", others.join("&"));
                assert_eq!(server.json(&path).await["total"], value["count"], "{base}: {path}");
                compared += 1;
            }
        }
        let trusted = server.json(&format!("/api/v1/search?{}&trusted=true", base.replace("trusted=true", ""))).await;
        assert_eq!(trusted["total"], page["facets"]["trusted"], "{base}");
    }
    assert!(compared > 150, "{compared}");
}

#[tokio::test]
async fn a_choice_that_leaves_nothing_says_what_there_is_without_it() {
    let server = filled().await;
    let all = server.json("/api/v1/search?load=on-demand").await;
    let platform = all["facets"]["platform"][2]["value"].as_str().expect("a platform").to_owned();
    let nothing = SearchQuery {
        major: PostgresMajor::try_from(10).ok(),
        platform: platform.parse().ok(),
        category: "machine_learning".parse().ok(),
        load: Some(LoadKind::OnDemand),
        page: 1,
        limit: 20,
        ..SearchQuery::default()
    };
    let index = server.search.as_ref();
    let found = server.registry.search(index, &nothing).await.expect("found");
    assert_eq!(found.total, 0);
    let without_major = SearchQuery { major: None, ..nothing.clone() };
    let more = server.registry.search(index, &without_major).await.expect("found");
    assert!(more.total > 0);
    assert_eq!(found.facets.without.major, more.total);
    for (without, query) in [
        (more.facets.without.platform, SearchQuery { platform: None, ..without_major.clone() }),
        (more.facets.without.category, SearchQuery { category: None, ..without_major.clone() }),
    ] {
        assert_eq!(without, server.registry.search(index, &query).await.expect("found").total);
    }
    let page =
        server.text(&format!("/packages?pg=10&platform={platform}&category=machine_learning&load=on-demand")).await;
    assert!(page.contains("Without “PostgreSQL 10”"), "{page}");
}

#[tokio::test]
async fn what_is_current_depends_on_the_major_and_is_the_same_everywhere() {
    let server = filled().await;
    // Some packages go on without an old major: its users stay with an old release.
    sqlx::raw_sql(
        "create temporary table kept as
        select p.package_id, p.full_name, min(r.release_id) as release_id
        from packages as p
        join releases as r using (package_id)
        where r.state = 'active'
            and not exists (
                select from releases as any_release
                join artifacts as a using (release_id)
                where any_release.package_id = p.package_id
                    and a.kind = 'binary'
                    and coalesce(a.postgres_major, 13) = 13
            )
        group by p.package_id
        having count(*) > 1
        order by fold_name(p.name)
        limit 10;
        insert into artifacts (release_id, kind, postgres_major, build, origin, file_name, sha256, published_by, published_at)
        select k.release_id, 'binary', 13, 1, 'upload', a.file_name, a.sha256, a.published_by, a.published_at
        from kept as k
        cross join lateral (select * from artifacts as a where a.release_id = k.release_id limit 1) as a;
        select append_event('artifact.added', 1, 'package:' || full_name, json_build_object('package', package_id)::text, now())
        from kept",
    )
    .execute(&server.pool)
    .await
    .expect("added");
    server.settle().await;
    let query = ListingQuery { category: None, tag: None, order: Order::Name, after: None, limit: 100 };
    let listings = server.registry.list(&query).await.expect("a list").items;
    let (mut compared, mut different) = (0, 0);
    for listing in listings {
        for major in &listing.majors {
            let package = server
                .registry
                .package(Viewer::Anonymous, &listing.name, None, Some(*major))
                .await
                .expect("a release for a major of the list");
            assert_eq!(listing.version_for(Some(*major)), Some(&package.release.version), "{} {major}", listing.name);
            compared += 1;
            if package.release.version != listing.version {
                different += 1;
                let version = package.release.version.to_string();
                let shown = server.json(&format!("/api/v1/packages/{}/latest?pg={major}", listing.name)).await;
                assert_eq!(shown["version"], version.as_str());
                let page = server.text(&format!("/packages/{}?pg={major}", listing.name)).await;
                assert!(page.contains(&format!("current version for PostgreSQL {major}")), "{} {major}", listing.name);
                let row = server.text(&format!("/search?q={}&pg={major}", listing.name)).await;
                assert!(row.contains(&format!("/packages/{}?pg={major}", listing.name)) && row.contains(&version));
            }
        }
    }
    assert!(compared > 100 && different > 3, "{compared} {different}");
}

#[tokio::test]
async fn popular_packages_come_first_where_somebody_wants_that() {
    let server = filled().await;
    let page = server.json("/api/v1/search?sort=downloads&limit=50").await;
    let counts: Vec<i64> = page["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| item["downloads"].as_i64().expect("a count"))
        .collect();
    assert!(counts[0] > 0 && counts.is_sorted_by(|left, right| left >= right), "{counts:?}");
    let home = server.text("/").await;
    for name in &names(&page)[..6] {
        assert!(home.contains(&format!("/packages/{name}\"")), "{name} is popular");
    }
    let first = &names(&page)[0];
    let shown = server.text(&format!("/packages/{first}")).await;
    assert!(shown.contains("Downloads by week") && shown.contains("in twelve weeks"));
}

#[tokio::test]
async fn tags_lead_to_the_packages_that_have_them() {
    let server = filled().await;
    let tags = sqlx::query_as::<_, (String, i64)>(
        "select tag, count(*) from package_tags group by tag order by 2 desc, 1 limit 5",
    );
    for (tag, count) in tags.fetch_all(&server.pool).await.expect("tags") {
        let tag = url::form_urlencoded::byte_serialize(tag.as_bytes()).collect::<String>();
        assert_eq!(server.json(&format!("/api/v1/search?tag={tag}")).await["total"], count, "{tag}");
        let response = server.get(&format!("/tags/{}", tag.replace('+', "%20"))).await;
        assert_eq!(response.status(), 200, "{tag}");
    }
}

#[tokio::test]
async fn odd_packages_have_good_pages() {
    let server = filled().await;
    let odd = sqlx::query_as::<_, (String, i64)>(
        "(select p.name, 500::bigint from packages as p join releases as r using (package_id) group by p.package_id having count(*) >= 500)
        union all
        (select p.name, 40 from packages as p join releases as r using (package_id) join extensions as e using (release_id)
            where cardinality(e.requires) >= 40 limit 1)
        union all
        (select name, 63 from packages where length(name) = 63 limit 2)
        union all
        (select name, 2 from packages where length(name) = 2 limit 1)
        union all
        (select name, 0 from packages where summary is null limit 1)",
    );
    let odd = odd.fetch_all(&server.pool).await.expect("packages");
    assert!(odd.len() >= 5, "{odd:?}");
    for (name, kind) in &odd {
        for tab in ["", "/versions", "/files", "/dependencies"] {
            let response = server.get(&format!("/packages/{name}{tab}")).await;
            assert_eq!(response.status(), 200, "{name}{tab}");
            let text = response.text().await.expect("text");
            match (*kind, tab) {
                (500, "/versions") => {
                    let package = server.json(&format!("/api/v1/packages/{name}")).await;
                    let releases = package["releases"].as_array().expect("releases").len();
                    assert!(releases > 400 && text.matches("<time").count() >= releases, "{name}: {releases}");
                }
                (40, "/dependencies") => {
                    assert!(text.matches("<li class=\"flex flex-wrap items-baseline justify-between").count() >= 40);
                }
                _ => assert!(text.len() < 200_000, "{name}{tab} has {} bytes", text.len()),
            }
        }
        assert_eq!(server.get(&format!("/api/v1/packages/{name}")).await.status(), 200, "{name}");
    }
}

#[tokio::test]
async fn the_site_map_has_every_package_once() {
    let server = filled().await;
    let index = server.text("/sitemap.xml").await;
    let addresses = |xml: &str| -> Vec<String> {
        xml.split("<loc>").skip(1).map(|part| part.split_once("</loc>").expect("an end").0.to_owned()).collect()
    };
    let mut packages = Vec::new();
    for part in addresses(&index) {
        let path = part.strip_prefix("http://registry.test").expect("an address of this site");
        packages
            .extend(addresses(&server.text(path).await).into_iter().filter(|address| address.contains("/packages/")));
    }
    packages.sort();
    packages.dedup();
    assert_eq!(packages.len(), PACKAGES as usize);
}
