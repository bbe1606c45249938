//! The façade for the `trunk` command: what it sends is published, and what it reads leads it to the right file.

use formats::manifest::{FileKind, ManifestFile};
use model::{NamePattern, TokenAction};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Digest as _;

use crate::support::{FakePostgres, Part, TestServer, TrunkArchive, multipart};

fn versions(projects: &Value) -> Vec<&str> {
    projects.as_array().expect("a list").iter().map(|project| project["version"].as_str().expect("a version")).collect()
}

/// What the command takes of a list: the last of those that compare as the highest, and of it the first file for the major.
fn chosen(projects: &Value, major: u64) -> Option<&Value> {
    let numbers = |project: &Value| -> Vec<i32> {
        let version = project["version"].as_str().expect("a version");
        version.split('.').map(|part| part.parse().unwrap_or(0)).collect()
    };
    let mut projects: Vec<&Value> = projects.as_array().expect("a list").iter().collect();
    projects.sort_by_key(|project| numbers(project));
    let downloads = projects.last()?["downloads"].as_array()?;
    downloads.iter().find(|download| download["pg_version"] == major)
}

impl TestServer {
    /// The text at a path with a line for each key.
    async fn in_lines(&self, path: &str) -> String {
        self.get(path).await.text().await.expect("text").replace(",\"", ",\n\"").replace("},{", "},\n{")
    }

    /// Follows a link of a list: the bytes, whose digest is that of the list.
    async fn follow(&self, download: &Value) -> Vec<u8> {
        let link = download["link"].as_str().expect("a link");
        assert!(link.ends_with(".tar.gz"), "{link}");
        let path = link.strip_prefix("http://registry.test").expect("a link to this registry");
        let answer = self.get(path).await;
        assert_eq!(answer.status(), 200, "{link}");
        let bytes = answer.bytes().await.expect("bytes").to_vec();
        assert_eq!(hex::encode(sha2::Sha256::digest(&bytes)), download["sha256"].as_str().expect("a digest"), "{link}");
        bytes
    }
}

#[tokio::test]
async fn what_is_published_is_listed_and_downloaded() {
    let server = TestServer::start().await;
    let token = server.token("ada").await;
    let archive = TrunkArchive::library("pg_example", "1.2.3", "x86_64-gnu-pg16")
        .with("licenses/LICENSE", b"Do what you want.")
        .with("README.md", b"# Example\n");
    let mut metadata = archive.metadata();
    metadata["description"] = json!("An example of an extension");
    metadata["repository"] = json!("https://example.org/pg_example");
    metadata["documentation"] = json!("https://example.org/pg_example/docs");
    metadata["license"] = json!("PostgreSQL");
    metadata["categories"] = json!(["featured", "search", "nonsense"]);
    metadata["extension_dependencies"] = json!(["hstore"]);
    metadata["system_dependencies"] = json!({"apt": ["libc6"]});
    metadata["configurations"] =
        json!([{"configuration_name": "example.size", "is_required": true, "recommended_default_value": "7"}]);
    metadata["libraries"] = json!([{"library_name": "pg_example", "requires_restart": true, "priority": 5}]);
    let answer = server.trunk_publish(&token, &metadata, &archive.bytes()).await;
    assert_eq!(answer.status(), 200);
    insta::assert_snapshot!("published", answer.text().await.expect("text"));

    let projects = server.cached_json("/api/v1/trunk-projects/pg_example").await;
    // As text, since the order of keys is part of the shape.
    let digest = projects[0]["downloads"][0]["sha256"].as_str().expect("a digest");
    insta::assert_snapshot!(
        "project",
        server.in_lines("/api/v1/trunk-projects/pg_example").await.replace(digest, "[digest]")
    );
    assert_eq!(server.follow(&projects[0]["downloads"][0]).await, archive.bytes());
    assert_eq!(server.cached_json("/api/v1/trunk-projects").await, projects);
    assert_eq!(server.cached_json("/api/v1/trunk-projects?extension-name=pg_example").await, projects);
    assert_eq!(server.cached_json("/api/v1/trunk-projects/pg_example/version/1.2.3").await, projects);
    assert_eq!(server.cached_json("/api/v1/trunk-projects/pg_example/version/1.2.4").await, json!([]));
    assert_eq!(server.cached_json("/api/v1/trunk-projects/unknown").await, json!([]));
    assert_eq!(server.cached_json("/api/v1/trunk-projects?extension-name=unknown").await, json!([]));

    insta::assert_snapshot!("listed", server.in_lines("/extensions/all").await);
    insta::assert_snapshot!("detailed", server.in_lines("/extensions/detail/pg_example").await);
    assert_eq!(server.cached_json("/extensions/libraries").await, json!(["pg_example"]));
    assert_eq!(server.get("/extensions/detail/unknown").await.status(), 404);
    let readme = server.get("/extensions/details/pg_example/readme").await;
    assert_eq!(readme.text().await.expect("text"), "# Example\n");

    // What leads from elsewhere to its page.
    let redirect = server.get("/extensions/pg-example").await;
    assert_eq!(
        (redirect.status().as_u16(), &redirect.headers()["location"]),
        (303, &"/packages/pg_example".parse().expect("a value"))
    );
    assert_eq!(server.get("/extensions/nothing").await.status(), 404);
    // The web site and its search know it too.
    server.settle().await;
    let page = server.get("/packages/pg_example").await.text().await.expect("a page");
    assert!(page.contains("An example of an extension"), "{page}");
    let page = server.text("/packages/pg_example/dependencies").await;
    for part in ["hstore", "libc6", "example.size", "Declared by its publisher"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let release = server.json("/api/v1/packages/pg_example/1.2.3").await;
    assert_eq!((&release["depends_on"][0], &release["settings"][0]["recommended"]), (&json!("hstore"), &json!("7")));
}

#[tokio::test]
async fn the_same_again_is_fine_and_other_bytes_are_not() {
    let server = TestServer::start().await;
    let token = server.token("ada").await;
    let archive = TrunkArchive::sql("example", "1.0.0");
    server.published(&token, &archive).await;

    let again = server.published(&token, &archive).await;
    assert!(again.contains("was published before"), "{again}");
    let mut metadata = archive.metadata();
    metadata["description"] = json!("Better words");
    metadata["homepage"] = json!("https://example.org/");
    let updated = server.trunk_publish(&token, &metadata, &archive.bytes()).await.text().await.expect("text");
    assert!(updated.contains("Updated: description, homepage"), "{updated}");
    let projects = server.cached_json("/api/v1/trunk-projects/example").await;
    assert_eq!(projects[0]["description"], "Better words");

    let other = archive.clone().with("extension/example--0.9.0--1.0.0.sql", b"select 1;");
    let refused = server.trunk_publish(&token, &other.metadata(), &other.bytes()).await;
    assert_eq!(refused.status(), 409);
    let text = refused.text().await.expect("text");
    assert!(text.contains("published already with other bytes"), "{text}");
    assert_eq!(server.cached_json("/api/v1/trunk-projects/example").await, projects, "nothing changed");

    // Another major, and another architecture, are further files.
    let further = server.published(&token, &other.for_postgres(16)).await;
    assert!(further.contains("A further file of the release, for PostgreSQL 16"), "{further}");
    let projects = server.cached_json("/api/v1/trunk-projects/example").await;
    assert_eq!(projects[0]["postgres_versions"], json!([15, 16]));
}

#[tokio::test]
async fn only_who_may_publishes() {
    let server = TestServer::start().await;
    let (ada, ben) = (server.token("ada").await, server.token("ben").await);
    let archive = TrunkArchive::sql("example", "1.0.0");
    let metadata = archive.metadata().to_string();
    let parts = |token| {
        multipart(&[
            Part { name: "metadata", token, content: metadata.as_bytes() },
            Part { name: "file", token, content: b"" },
        ])
    };
    let refused = server.post_multipart(&parts(None)).await;
    assert_eq!(refused.status(), 401);
    assert!(refused.text().await.expect("text").contains("add the header"), "it says what to do");
    for (wrong, said) in [("secret", "not a token of this registry"), (&ada.reveal()[..41], "mistyped")] {
        let refused = server.post_multipart(&parts(Some(wrong))).await;
        assert_eq!(refused.status(), 401);
        let text = refused.text().await.expect("text");
        assert!(text.contains(said), "{text}");
    }

    server.published(&ada, &archive).await;
    let next = TrunkArchive::sql("example", "1.1.0");
    let refused = server.trunk_publish(&ben, &next.metadata(), &next.bytes()).await;
    assert_eq!(refused.status(), 403);
    assert!(refused.text().await.expect("text").contains("belongs to somebody else"));
    // A name that is read alike, an extension of somebody else, and a reserved name.
    let alike = TrunkArchive::sql("Example", "1.1.0");
    assert_eq!(server.trunk_publish(&ben, &alike.metadata(), &alike.bytes()).await.status(), 409);
    let mut claims = TrunkArchive::sql("example", "9.0.0");
    claims.manifest.name = "mine".to_owned();
    let refused = server.trunk_publish(&ben, &claims.metadata(), &claims.bytes()).await;
    assert_eq!(refused.status(), 409);
    assert!(refused.text().await.expect("text").contains("is provided by the package"));
    // Not with a further file either.
    server.published(&ben, &TrunkArchive::sql("mine", "8.0.0")).await;
    let further =
        TrunkArchive::sql("mine", "8.0.0").for_postgres(16).with("extension/example.control", b"relocatable = true\n");
    let refused = server.trunk_publish(&ben, &further.metadata(), &further.bytes()).await;
    assert_eq!(refused.status(), 409);
    assert!(refused.text().await.expect("text").contains("is provided by the package"));
    let reserved = TrunkArchive::sql("postgres", "1.0.0");
    let refused = server.trunk_publish(&ben, &reserved.metadata(), &reserved.bytes()).await;
    assert_eq!(refused.status(), 403);
    assert!(refused.text().await.expect("text").contains("is reserved"));

    // A token is good for what it was made for.
    let update = server
        .token_for("ada", vec![TokenAction::PublishUpdate], "example".parse::<NamePattern>().expect("a pattern"))
        .await;
    server.published(&update, &next).await;
    let new = TrunkArchive::sql("another", "1.0.0");
    let refused = server.trunk_publish(&update, &new.metadata(), &new.bytes()).await;
    assert_eq!(refused.status(), 403);
    assert!(refused.text().await.expect("text").contains("this token may not publish a new package"));

    assert_eq!(versions(&server.cached_json("/api/v1/trunk-projects/example").await), ["1.1.0", "1.0.0"]);
    assert_eq!(server.cached_json("/api/v1/trunk-projects?extension-name=example").await[0]["name"], "example");
    assert!(server.registry.check().await.expect("checked").findings.is_empty());
}

#[tokio::test]
async fn what_came_from_a_server_is_nobodys() {
    let server = TestServer::start().await;
    let fake = FakePostgres::new();
    fake.library_extension("imported", "1.0");
    server.import(fake.installation()).await;
    let token = server.token("ada").await;
    let archive = TrunkArchive::sql("imported", "1.1.0");
    let refused = server.trunk_publish(&token, &archive.metadata(), &archive.bytes()).await;
    assert_eq!(refused.status(), 403);
    assert!(refused.text().await.expect("text").contains("belongs to nobody"));
    // But it is there for the command.
    assert_eq!(versions(&server.cached_json("/api/v1/trunk-projects/imported").await), ["1.0.0"]);
}

#[tokio::test]
async fn one_owner_may_provide_an_extension_by_several_packages() {
    let server = TestServer::start().await;
    let token = server.token("ada").await;
    for (name, major) in [("pg_hint_plan15", 15), ("pg_hint_plan16", 16), ("pg_hint_plan17", 17)] {
        let mut archive = TrunkArchive::sql("pg_hint_plan", "1.5.1").for_postgres(major);
        archive.manifest.name = name.to_owned();
        server.published(&token, &archive).await;
    }
    let provided = server.cached_json("/api/v1/trunk-projects?extension-name=pg_hint_plan").await;
    assert_eq!(provided.as_array().map(Vec::len), Some(1), "only the first of them is the default");
    assert_eq!(provided[0]["name"], "pg_hint_plan15");
}

#[tokio::test]
async fn the_command_takes_what_is_current() {
    let server = TestServer::start().await;
    let token = server.token("ada").await;
    for version in ["1.0.0", "1.1.0-rc.1", "1.1.0-rc1"] {
        server.published(&token, &TrunkArchive::sql("example", version)).await;
    }
    let projects = server.cached_json("/api/v1/trunk-projects/example").await;
    assert_eq!(
        server.follow(chosen(&projects, 15).expect("a file")).await,
        TrunkArchive::sql("example", "1.0.0").bytes()
    );
    for version in ["1.0.0", "1.1.0-rc.1", "1.1.0-rc1"] {
        let named = projects.as_array().expect("a list").iter().find(|project| project["version"] == version);
        let download = &named.expect("each version by its name")["downloads"][0];
        assert_eq!(server.follow(download).await, TrunkArchive::sql("example", version).bytes(), "{version}");
    }
    assert_eq!(versions(&server.cached_json("/api/v1/trunk-projects").await), ["1.0.0"]);
    assert_eq!(server.cached_json("/extensions/all").await[0]["latestVersion"], "1.0.0");
    let link = server.get("/extensions/example/latest/download").await.text().await.expect("text");
    assert!(link.starts_with("http://registry.test/extensions/example/1.0.0/") && link.ends_with(".tar.gz"), "{link}");

    // The newest release has no file for 15: those who have it get the one before.
    server.published(&token, &TrunkArchive::sql("example", "2.0.0").for_postgres(17)).await;
    let projects = server.cached_json("/api/v1/trunk-projects/example").await;
    assert_eq!(
        server.follow(chosen(&projects, 15).expect("a file")).await,
        TrunkArchive::sql("example", "1.0.0").bytes()
    );
    let newest = TrunkArchive::sql("example", "2.0.0").for_postgres(17).bytes();
    assert_eq!(server.follow(chosen(&projects, 17).expect("a file")).await, newest);
    let provided = server.cached_json("/api/v1/trunk-projects?extension-name=example").await;
    assert_eq!(
        server.follow(chosen(&provided, 15).expect("a file")).await,
        TrunkArchive::sql("example", "1.0.0").bytes()
    );
    assert!(chosen(&projects, 16).is_none());
}

#[tokio::test]
async fn where_nothing_is_compiled_every_architecture_is_served() {
    let server = TestServer::start().await;
    let token = server.token("ada").await;
    let archive = TrunkArchive::sql("example", "1.0.0");
    server.published(&token, &archive).await;
    let projects = server.cached_json("/api/v1/trunk-projects/example").await;
    let downloads = projects[0]["downloads"].as_array().expect("a list");
    let platforms: Vec<_> = downloads.iter().map(|download| download["platform"].as_str().expect("text")).collect();
    assert_eq!(platforms, ["linux/amd64", "linux/arm64"]);
    assert_eq!(server.follow(&downloads[0]).await, archive.bytes(), "as it was uploaded");
    let other = server.follow(&downloads[1]).await;
    let contents = formats::archive::read(other.as_slice(), &formats::archive::Limits::default(), |_, _| Ok(()));
    let contents = contents.expect("an archive");
    assert_eq!(contents.manifest.architecture, "aarch64");
    assert_eq!(contents.entries.len(), 2);

    let scoped = server.cached_json("/for/pg15/linux-arm64/api/v1/trunk-projects/example").await;
    let link = scoped[0]["downloads"][0]["link"].as_str().expect("a link");
    assert!(link.contains("/for/pg15/linux-arm64/extensions/example/"), "{link}");
    server.follow(&scoped[0]["downloads"][0]).await;
    assert_eq!(server.cached_json("/for/pg16/api/v1/trunk-projects/example").await, json!([]));
    assert_eq!(server.cached_json("/for/pg16/api/v1/trunk-projects").await, json!([]));
    assert_eq!(server.get("/for/vax/api/v1/trunk-projects").await.status(), 404);
}

#[tokio::test]
async fn addresses_and_names_are_taken_as_they_come() {
    let server = TestServer::start().await;
    let token = server.token("ada").await;
    let archive = TrunkArchive::sql("uuid_example", "1.0.0");
    server.published(&token, &archive).await;
    for name in ["uuid_example", "uuid-example", "UUID_Example"] {
        let projects = server.cached_json(&format!("//api/v1//trunk-projects/{name}")).await;
        assert_eq!(projects[0]["name"], name);
        let provided = server.cached_json(&format!("/api/v1/trunk-projects?extension-name={name}")).await;
        assert_eq!(provided[0]["extensions"][0]["extension_name"], name);
    }
    // The token in one header of the request, with and without a word before it, and the parts in the other order.
    for (header, version) in [(format!("Bearer {}", token.reveal()), "1.1.0"), (token.reveal().to_owned(), "1.2.0")] {
        let archive = TrunkArchive::sql("uuid_example", version);
        let (metadata, bytes) = (archive.metadata().to_string(), archive.bytes());
        let body = multipart(&[
            Part { name: "file", token: None, content: &bytes },
            Part { name: "metadata", token: None, content: metadata.as_bytes() },
        ]);
        let answer = server
            .request(Method::POST, "//extensions/new")
            .header("content-type", "multipart/form-data; boundary=boundary")
            .header("authorization", header)
            .body(body)
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status(), 200);
    }
    assert_eq!(versions(&server.cached_json("/api/v1/trunk-projects/uuid_example").await), ["1.2.0", "1.1.0", "1.0.0"]);
}

#[tokio::test]
async fn categories_are_those_that_clients_know() {
    let server = TestServer::start().await;
    insta::assert_snapshot!("categories", server.in_lines("/categories/all").await);
}

#[tokio::test]
async fn a_token_makes_tokens_that_may_do_no_more() {
    let server = TestServer::start().await;
    let pattern: NamePattern = "mine_*".parse().expect("a pattern");
    let token = server.token_for("ada", vec![TokenAction::PublishNew], pattern).await;
    let issue = async |token: Option<&str>| {
        let request = server.request(Method::POST, "/token/new");
        let request = match token {
            Some(token) => request.header("authorization", format!("Bearer {token}")),
            None => request,
        };
        let answer = request.send().await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("text"))
    };
    assert_eq!(issue(None).await.0, 401);
    assert_eq!(issue(Some("nonsense")).await.0, 401);
    let (status, issued) = issue(Some(token.reveal())).await;
    assert_eq!(status, 200);
    let issued: registry::Token = issued.parse().expect("a token");
    assert_ne!(issued, token);
    let foreign = TrunkArchive::sql("other", "1.0.0");
    assert_eq!(server.trunk_publish(&issued, &foreign.metadata(), &foreign.bytes()).await.status(), 403);
    server.published(&issued, &TrunkArchive::sql("mine_one", "1.0.0")).await;
}

#[tokio::test]
async fn what_is_wrong_is_said_and_nothing_is_stored() {
    let server = TestServer::start().await;
    let token = server.token("ada").await;
    let good = TrunkArchive::sql("example", "1.0.0");
    let metadata = |change: fn(&mut Value)| {
        let mut metadata = good.metadata();
        change(&mut metadata);
        metadata
    };
    let cases: Vec<(&str, Value, Vec<u8>, u16, &str)> = vec![
        (
            "no SemVer",
            metadata(|metadata| metadata["vers"] = json!("16.1")),
            good.bytes(),
            400,
            "not a semantic version",
        ),
        ("a bad name", metadata(|metadata| metadata["name"] = json!("a b")), good.bytes(), 400, "letters from A to Z"),
        ("another name", metadata(|metadata| metadata["name"] = json!("other")), good.bytes(), 422, "manifest.json"),
        ("another version", metadata(|metadata| metadata["vers"] = json!("1.0.1")), good.bytes(), 422, "of version"),
        ("no archive", good.metadata(), b"PK\x03\x04".to_vec(), 422, "cannot be read"),
        ("half an archive", good.metadata(), good.bytes()[..200].to_vec(), 422, "cannot be read"),
        ("nothing", good.metadata(), TrunkArchive::empty("example", "1.0.0").bytes(), 422, "nothing to install"),
        (
            "a broken control file",
            good.metadata(),
            good.clone().with("extension/example.control", b"nonsense = 1").bytes(),
            422,
            "PostgreSQL would refuse",
        ),
        (
            "a library for another major",
            good.metadata(),
            TrunkArchive::library("example", "1.0.0", "x86_64-gnu-pg16").for_postgres(15).bytes(),
            422,
            "was built for PostgreSQL 16",
        ),
        (
            "another kind than the name says",
            good.metadata(),
            {
                let mut archive = good.clone().with("data/noise.bin", b"\x7fELF");
                let kind = ManifestFile { kind: FileKind::SharedObject };
                archive.manifest.files.insert("data/noise.bin".to_owned(), kind);
                archive.bytes()
            },
            422,
            "is a shared-object",
        ),
        (
            "a character that no database takes",
            metadata(|metadata| {
                metadata["configurations"] = json!([{"configuration_name": "a.b", "recommended_default_value": "\0"}]);
            }),
            good.bytes(),
            422,
            "NUL",
        ),
        (
            "settings without end",
            metadata(|metadata| {
                let names = (0..1000).map(|number| json!({"configuration_name": format!("a.b{number}")}));
                metadata["configurations"] = names.collect();
            }),
            good.bytes(),
            422,
            "settings",
        ),
        (
            "too large",
            good.metadata(),
            vec![7; usize::try_from(TestServer::UPLOAD_LIMIT).expect("a size") + 1],
            413,
            "larger than",
        ),
    ];
    for (what, metadata, archive, status, said) in cases {
        let refused = server.trunk_publish(&token, &metadata, &archive).await;
        let (found, text) = (refused.status().as_u16(), refused.text().await.expect("text"));
        assert_eq!(found, status, "{what}: {text}");
        assert!(text.contains(said), "{what}: {text}");
    }
    let refused = server.post_multipart(b"--boundary\r\nnonsense").await;
    assert_eq!(refused.status(), 400);
    let refused =
        server.request(Method::POST, "/extensions/new").json(&good.metadata()).send().await.expect("an answer");
    assert_eq!(refused.status(), 415);
    assert_eq!(server.cached_json("/api/v1/trunk-projects").await, json!([]));
    let report = server.registry.check().await.expect("checked");
    assert_eq!((report.objects, report.leftovers), (0, 0), "nothing was stored");
}

#[tokio::test]
async fn the_page_shows_readme_publisher_and_refusals() {
    let server = TestServer::start().await;
    let (ada, ben) = (server.token("ada").await, server.token("ben").await);
    let readme =
        "# Example\n\n<script>alert(1)</script>\n\n![Status](https://example.org/x.svg) [more](docs/more.md)\n";
    let archive = TrunkArchive::sql("example", "1.0.0").with("README.md", readme.as_bytes());
    let mut metadata = archive.metadata();
    metadata["repository"] = json!("https://github.com/example/example");
    assert_eq!(server.trunk_publish(&ada, &metadata, &archive.bytes()).await.status(), 200);
    let foreign = TrunkArchive::sql("example", "1.1.0");
    assert_eq!(server.trunk_publish(&ben, &foreign.metadata(), &foreign.bytes()).await.status(), 403);
    server.settle().await;
    let page = server.get("/packages/example").await.text().await.expect("a page");
    assert!(
        page.contains("<h3 id=\"readme-example\">Example</h3>") && page.contains("Published by <a href=\"/users/ada\""),
        "{page}"
    );
    assert!(page.contains("href=\"https://github.com/example/example/blob/HEAD/docs/more.md\""), "{page}");
    assert!(!page.contains("alert(1)") && !page.contains("x.svg"), "{page}");
    assert!(page.contains("trunk"), "a way to install it");
    let page = server.get("/packages/example?way=trunk").await.text().await.expect("a page");
    let command = "trunk install example --registry http://registry.test/for/pg15 --pg-version 15";
    assert!(page.contains(command), "{page}");
    let page = server.get("/packages/example/versions").await.text().await.expect("a page");
    assert!(page.contains("Refused uploads") && page.contains("belongs to somebody else"), "{page}");
}
