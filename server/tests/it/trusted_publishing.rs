//! Publishing from a workflow: whom a package trusts, what a run gets for its token, and what nobody gets.

use registry::{Token, WorkflowService};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Browser, Issuer, Options, TestServer, TrunkArchive, plain, variable};

/// A server that knows an issuer of tokens for workflows in the manner of GitHub, and another one in that of GitLab.
async fn start() -> (TestServer, Issuer, Issuer) {
    let (github, gitlab) = (Issuer::start().await, Issuer::start().await);
    let workflow_issuers = vec![github.workflows(WorkflowService::GitHub), gitlab.workflows(WorkflowService::GitLab)];
    let server = TestServer::start_as(Options { public_url: None, workflow_issuers, ..Options::default() }).await;
    (server, github, gitlab)
}

/// What GitHub says of a run of `ada/pg_example`.
fn run(server: &TestServer, issuer: &Issuer, id: &str) -> Value {
    let now = TestServer::NOW.unix_timestamp();
    json!({
        "iss": issuer.address(),
        "aud": server.base(),
        "iat": now,
        "nbf": now,
        "exp": now + 300,
        "jti": id,
        "repository": "ada/pg_example",
        "repository_id": "74",
        "repository_owner": "ada",
        "repository_owner_id": "65",
        "workflow_ref": "ada/pg_example/.github/workflows/release.yml@refs/tags/v1.0.0",
        "event_name": "push",
        "ref": "refs/tags/v1.0.0",
        "sha": "0123456789abcdef0123456789abcdef01234567",
        "run_id": "4711",
    })
}

fn publisher<'a>(issuer: &'a Issuer, name: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("form", "add"),
        ("name", name),
        ("issuer", issuer.address()),
        ("repository", "Ada/pg_example"),
        ("workflow", "release.yml"),
        ("environment", ""),
    ]
}

async fn trust(server: &TestServer, browser: &mut Browser, issuer: &Issuer, name: &str) {
    let added = browser.post(server, "/settings/publishing", &publisher(issuer, name)).await;
    assert_eq!(added.status, 200, "{}", added.text);
}

async fn exchange(server: &TestServer, token: &str, package: Option<&str>) -> (u16, Value) {
    let request = server.request(Method::POST, "/api/v1/trusted-publishing/tokens");
    let answer = request.json(&json!({ "token": token, "package": package })).send().await.expect("an answer");
    let status = answer.status().as_u16();
    (status, answer.json().await.expect("JSON"))
}

async fn exchanged(server: &TestServer, issuer: &Issuer, id: &str) -> Token {
    let (status, answer) = exchange(server, &issuer.sign(&run(server, issuer, id)), None).await;
    assert_eq!(status, 200, "{answer}");
    answer["token"].as_str().expect("a token").parse().expect("a token")
}

#[tokio::test]
async fn a_workflow_publishes_a_package_that_is_still_to_come_and_further_releases() {
    let (server, github, _) = start().await;
    let mut ada = server.logged_in("ada").await;
    trust(&server, &mut ada, &github, "pg_example").await;
    let page = ada.get(&server, "/settings/publishing").await.text;
    assert!(plain(&page).contains("still to come") && page.contains("id-token: write"), "{page}");

    let request = server.request(Method::POST, "/api/v1/trusted-publishing/tokens");
    let body = json!({ "token": github.sign(&run(&server, &github, "first")) });
    let answer = request.header("accept", "text/plain").json(&body).send().await.expect("an answer");
    assert_eq!(
        (answer.status().as_u16(), answer.headers()["cache-control"].to_str().expect("text")),
        (200, "no-store")
    );
    let token: Token = answer.text().await.expect("text").parse().expect("a token alone");
    let me: Value = server
        .request(Method::GET, "/api/v1/me")
        .bearer_auth(token.reveal())
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert_eq!(
        (&me["by"], &me["packages"], &me["expires_at"]),
        (&json!("workflow"), &json!(["pg_example"]), &json!("2026-11-21T12:15:00Z"))
    );
    let other = TrunkArchive::sql("pg_other", "1.0.0");
    assert_eq!(
        server.trunk_publish(&token, &other.metadata(), &other.bytes()).await.status(),
        403,
        "for its package only"
    );
    server.published(&token, &TrunkArchive::sql("pg_example", "1.0.0")).await;
    server.settle().await;
    // Whoever has named the workflow owns it.
    let owners: Vec<String> =
        sqlx::query_scalar("select handle from package_owners join principals using (principal_id)")
            .fetch_all(&server.pool)
            .await
            .expect("owners");
    assert_eq!(owners, ["ada"]);
    let page = server.text("/packages/pg_example/1.0.0").await;
    for link in ["/ada/pg_example/actions/runs/4711", "/ada/pg_example/commit/0123456789abcdef0123456789abcdef01234567"]
    {
        assert!(page.contains(link), "{link}: {page}");
    }
    let release = server.json("/api/v1/packages/pg_example/1.0.0").await;
    assert_eq!(release["artifacts"][0]["run"]["workflow"], "release.yml", "{release}");
    let event: String = sqlx::query_scalar("select payload from events where kind = 'release.published'")
        .fetch_one(&server.pool)
        .await
        .expect("an event");
    assert!(event.contains("actions/runs/4711"), "{event}");

    let second = exchanged(&server, &github, "second").await;
    server.published(&second, &TrunkArchive::sql("pg_example", "1.1.0")).await;
    // It makes no further tokens, and no longer-lived ones.
    let minted = server
        .request(Method::POST, "/token/new")
        .bearer_auth(second.reveal())
        .json(&json!({ "name": "x" }))
        .send()
        .await
        .expect("an answer");
    assert_eq!(minted.status(), 400, "{:?}", minted.text().await);
    let yanked = crate::support::yank(&server, &second, "pg_example/1.0.0", "x").send().await.expect("an answer");
    assert_eq!(yanked.status(), 403);
    // Who is trusted no longer publishes no more, with a token that was got before.
    let id: i64 =
        sqlx::query_scalar("select publisher_id from trusted_publishers").fetch_one(&server.pool).await.expect("an id");
    let removed =
        ada.post(&server, "/settings/publishing", &[("form", "remove"), ("publisher", &id.to_string())]).await;
    assert_eq!(removed.status, 200);
    let archive = TrunkArchive::sql("pg_example", "1.2.0");
    assert_eq!(server.trunk_publish(&second, &archive.metadata(), &archive.bytes()).await.status(), 401);
    let kinds: Vec<String> =
        sqlx::query_scalar("select kind from events where kind like 'publisher.%' order by event_id")
            .fetch_all(&server.pool)
            .await
            .expect("kinds");
    assert_eq!(kinds, ["publisher.removed"], "what is still to come is nobody's business");
    assert_eq!(server.registry.check().await.expect("checked").findings, vec![]);
}

#[tokio::test]
async fn tokens_that_cannot_be_trusted_get_nothing() {
    let (server, github, gitlab) = start().await;
    let mut ada = server.logged_in("ada").await;
    trust(&server, &mut ada, &github, "pg_example").await;
    let now = TestServer::NOW.unix_timestamp();
    for (name, value, code) in [
        ("aud", json!("https://elsewhere.test"), "exchange-token"),
        ("aud", json!([server.base(), "https://elsewhere.test"]), "exchange-token"),
        ("exp", json!(now - 61), "exchange-token"),
        ("nbf", json!(now + 61), "exchange-token"),
        ("iss", json!("https://issuer.test"), "exchange-issuer"),
        // Of one that is known, signed by another one that is known.
        ("iss", json!(gitlab.address()), "exchange-token"),
        ("iss", json!(format!("{}/", github.address())), "exchange-issuer"),
        ("jti", json!(null), "exchange-token"),
        ("jti", json!(""), "exchange-token"),
        ("event_name", json!("pull_request_target"), "exchange-token"),
        ("event_name", json!("workflow_run"), "exchange-token"),
        ("repository_id", json!(null), "exchange-token"),
        ("workflow_ref", json!("eve/pg_example/.github/workflows/release.yml@refs/heads/main"), "exchange-token"),
        ("workflow_ref", json!("ada/pg_example/.github/workflows/other.yml@refs/heads/main"), "exchange-untrusted"),
    ] {
        let mut claims = run(&server, &github, &format!("{name} {value}"));
        claims[name] = value.clone();
        let (status, answer) = exchange(&server, &github.sign(&claims), None).await;
        assert_eq!(answer["code"], code, "{name} {value}: {answer}");
        assert_eq!(status, if code == "exchange-untrusted" { 403 } else { 401 }, "{name} {value}");
    }
    let genuine = run(&server, &github, "forged");
    let unsigned = {
        use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as base64};
        format!("{}.{}.", base64.encode(r#"{"alg":"none","kid":"first"}"#), base64.encode(genuine.to_string()))
    };
    for token in [Issuer::forge(&genuine), unsigned, "a.b.c".to_owned(), String::new(), "x".repeat(100_000)] {
        let (status, answer) = exchange(&server, &token, None).await;
        assert_eq!(status, 401, "{answer}");
    }
    let text = server.request(Method::POST, "/api/v1/trusted-publishing/tokens").body("token");
    assert_eq!(text.send().await.expect("an answer").status(), 400);
    assert_eq!(exchange(&server, &github.sign(&genuine), None).await.0, 200, "the same, as it should be");
}

#[tokio::test]
async fn a_token_of_a_run_is_exchanged_once() {
    let (server, github, _) = start().await;
    let mut ada = server.logged_in("ada").await;
    trust(&server, &mut ada, &github, "pg_example").await;
    let token = github.sign(&run(&server, &github, "once"));
    let all = futures::future::join_all((0..8).map(|_| exchange(&server, &token, None))).await;
    let good = all.iter().filter(|(status, _)| *status == 200).count();
    assert_eq!(good, 1, "{all:?}");
    assert!(
        all.iter().filter(|(status, _)| *status != 200).all(|(_, answer)| answer["code"] == "exchange-reused"),
        "{all:?}"
    );
    // It is remembered for longer than the token could be shown, also when clocks differ.
    let kept: bool = sqlx::query_scalar("select min(expires_at) > $1 from exchanged_tokens")
        .bind(TestServer::NOW + time::Duration::seconds(300 + 60))
        .fetch_one(&server.pool)
        .await
        .expect("kept");
    assert!(kept);
    server.registry.remove_expired().await.expect("removed");
    assert_eq!(exchange(&server, &token, None).await.1["code"], "exchange-reused");
}

#[tokio::test]
async fn a_repository_that_was_made_anew_is_another_one() {
    let (server, github, _) = start().await;
    let mut ada = server.logged_in("ada").await;
    trust(&server, &mut ada, &github, "pg_example").await;
    exchanged(&server, &github, "first").await;
    for (name, value) in [("repository_id", "75"), ("repository_owner_id", "66")] {
        let mut claims = run(&server, &github, name);
        claims[name] = json!(value);
        let (status, answer) = exchange(&server, &github.sign(&claims), None).await;
        assert_eq!((status, &answer["code"]), (403, &json!("exchange-other-repository")), "{name}");
    }
    exchanged(&server, &github, "second").await;
}

#[tokio::test]
async fn who_trusts_what_is_said_by_owners() {
    let (server, github, gitlab) = start().await;
    let (mut ada, mut eve) = (server.logged_in("ada").await, server.logged_in("eve").await);
    let token = server.token("ada").await;
    server.published(&token, &TrunkArchive::sql("pg_example", "1.0.0")).await;
    // Not somebody else's package, a reserved name, or something that is none.
    let refused = eve.post(&server, "/settings/publishing", &publisher(&github, "pg-example")).await;
    assert_eq!(refused.status, 422);
    assert!(plain(&refused.text).contains("Only owners of pg-example"), "{}", refused.text);
    for (field, value, said) in [
        ("name", "1", "name"),
        ("name", "postgres", "nobody publishes"),
        ("issuer", "https://elsewhere.test", "cannot be checked"),
        ("repository", "https://github.com/ada/x", "owner/name"),
        ("workflow", "release", "name of its file"),
        ("environment", "a\u{200b}b", "characters that can be seen"),
    ] {
        let fields: Vec<(&str, &str)> = publisher(&github, "pg_example")
            .into_iter()
            .map(|(name, known)| if name == field { (name, value) } else { (name, known) })
            .collect();
        let refused = ada.post(&server, "/settings/publishing", &fields).await;
        assert_eq!(refused.status, 422, "{field} {value}");
        let text = plain(&refused.text).to_lowercase();
        assert!(text.contains(said), "{field} {value}: {text}");
    }
    trust(&server, &mut ada, &github, "pg_example").await;
    let again = ada.post(&server, "/settings/publishing", &publisher(&github, "PG-example")).await;
    assert_eq!(again.status, 422);
    let mails =
        server.registry.kept_mails(Some(&"ada@example.org".parse().expect("an address")), 3).await.expect("messages");
    assert!(mails.iter().any(|mail| mail.subject == "Who may publish pg_example has changed"), "{mails:?}");
    // Others do not see it, nor remove it.
    assert!(!eve.get(&server, "/settings/publishing").await.text.contains("release.yml of"));
    let id: i64 =
        sqlx::query_scalar("select publisher_id from trusted_publishers").fetch_one(&server.pool).await.expect("an id");
    assert_eq!(
        eve.post(&server, "/settings/publishing", &[("form", "remove"), ("publisher", &id.to_string())]).await.status,
        422
    );
    // What somebody else names for a package to come stands in nobody's way.
    trust(&server, &mut eve, &github, "pg_later").await;
    let (status, answer) = exchange(&server, &github.sign(&run(&server, &github, "own")), None).await;
    assert_eq!((status, &answer["package"]), (200, &json!("pg_example")), "{answer}");
    // Where a workflow stands for two packages, it has to be said which one is meant.
    server.published(&token, &TrunkArchive::sql("pg_second", "1.0.0")).await;
    trust(&server, &mut ada, &github, "pg_second").await;
    let (status, answer) = exchange(&server, &github.sign(&run(&server, &github, "which")), None).await;
    assert_eq!((status, &answer["code"]), (409, &json!("exchange-ambiguous")));
    let (status, answer) = exchange(&server, &github.sign(&run(&server, &github, "this")), Some("pg_example")).await;
    assert_eq!((status, &answer["package"]), (200, &json!("pg_example")));
    // Two accounts that name it for the same package to come: nobody gets the package by it.
    trust(&server, &mut ada, &github, "pg_later").await;
    let claims = run(&server, &github, "disputed");
    let (status, answer) = exchange(&server, &github.sign(&claims), Some("pg_later")).await;
    assert_eq!((status, &answer["code"]), (409, &json!("exchange-disputed")), "{answer}");
    // A service is one for itself.
    let foreign = gitlab.sign(&run(&server, &gitlab, "foreign"));
    assert_eq!(exchange(&server, &foreign, Some("pg_example")).await.0, 401);
}

#[tokio::test]
async fn a_package_may_be_published_by_its_workflows_only() {
    let (server, github, _) = start().await;
    let mut ada = server.logged_in("ada").await;
    let token = server.token("ada").await;
    server.published(&token, &TrunkArchive::sql("pg_example", "1.0.0")).await;
    let only = |yes: &'static str| [("form", "only"), ("name", "pg_example"), ("only", yes)];
    let none = ada.post(&server, "/settings/publishing", &only("yes")).await;
    assert!(none.status == 422 && plain(&none.text).contains("No workflow is trusted for"), "{}", none.text);
    trust(&server, &mut ada, &github, "pg_example").await;
    assert_eq!(ada.post(&server, "/settings/publishing", &only("yes")).await.status, 200);
    let archive = TrunkArchive::sql("pg_example", "1.1.0");
    let refused = server.trunk_publish(&token, &archive.metadata(), &archive.bytes()).await;
    assert_eq!(refused.status(), 403);
    assert!(refused.text().await.expect("text").contains("trusted publishers only"));
    server.published(&exchanged(&server, &github, "run").await, &archive).await;
    // When the last workflow is gone, tokens publish again.
    let id: i64 =
        sqlx::query_scalar("select publisher_id from trusted_publishers").fetch_one(&server.pool).await.expect("an id");
    assert_eq!(
        ada.post(&server, "/settings/publishing", &[("form", "remove"), ("publisher", &id.to_string())]).await.status,
        200
    );
    server.published(&token, &TrunkArchive::sql("pg_example", "1.2.0")).await;
}

/// The shell in the workflow files that a page shows, in their order.
fn scripts(page: &str) -> Vec<String> {
    let blocks = page.split("<code>").skip(1).filter_map(|rest| rest.split('<').next());
    let files = blocks.map(|block| {
        let entities = [("&quot;", "\""), ("&#x27;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")];
        entities.iter().fold(block.to_owned(), |text, (entity, letter)| text.replace(entity, letter))
    });
    files
        .map(|file| {
            let (_, rest) = file.split_once(": |\n").or_else(|| file.split_once("- |\n")).expect("a script");
            let margin = rest.len() - rest.trim_start().len();
            let lines = rest.lines().take_while(|line| line.is_empty() || line.starts_with(&" ".repeat(margin)));
            lines.map(|line| line.get(margin..).unwrap_or_default()).collect::<Vec<_>>().join("\n")
        })
        .collect()
}

/// A repository with an extension and an archive that was built of it.
fn repository(directory: &std::path::Path, name: &str) {
    let meta = json!({
        "name": name, "version": "1.0.0", "abstract": "An example", "license": "postgresql",
        "maintainer": "Ada <ada@example.org>",
        "provides": {name: {"file": format!("{name}--1.0.0.sql"), "version": "1.0.0"}},
        "meta-spec": {"version": "1.0.0"}
    });
    for (path, content) in [
        ("META.json".to_owned(), meta.to_string()),
        (format!("{name}.control"), "default_version = '1.0.0'\n".to_owned()),
        (format!("{name}--1.0.0.sql"), "select 1;\n".to_owned()),
    ] {
        std::fs::write(directory.join(path), content).expect("written");
    }
    for arguments in [vec!["init", "-q"], vec!["add", "."], vec!["commit", "-qm", "The first release"]] {
        let mut git = std::process::Command::new("git");
        git.args(["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]).args(arguments).current_dir(directory);
        assert!(git.status().expect("git").success());
    }
    std::fs::write(directory.join(format!("{name}-1.0.0.tar.gz")), TrunkArchive::sql(name, "1.0.0").bytes())
        .expect("written");
}

#[tokio::test]
async fn the_workflows_that_are_shown_publish() {
    let (server, github, gitlab) = start().await;
    let mut ada = server.logged_in("ada").await;
    let trunk = variable("TRUNK_COMMAND", "scripts/with-clients");
    let trunk = std::path::Path::new(&trunk).parent().expect("a directory").to_owned();
    for (service, issuer, name) in [("github", &github, "pg_hub"), ("gitlab", &gitlab, "pg_lab")] {
        let mut fields = publisher(issuer, name);
        fields.retain(|(name, _)| *name != "environment");
        fields.push(("environment", "release"));
        let added = ada.post(&server, "/settings/publishing", &fields).await;
        assert_eq!(added.status, 200, "{}", added.text);
        let page = ada.get(&server, "/settings/publishing").await.text;
        // Those of the other package stand before.
        let scripts = scripts(&page);
        // As a job runs them: the first thing that fails ends it.
        let [source, binary] = &scripts[scripts.len() - 2..] else { panic!("two files: {page}") };
        assert!(source.contains(name) && binary.contains("trunk publish"), "{source}");
        let directory = tempfile::tempdir().expect("a directory");
        repository(directory.path(), name);
        for (number, script) in [source, binary].into_iter().enumerate() {
            let mut claims = run(&server, issuer, &format!("{name} {number}"));
            claims["environment"] = json!("release");
            let mut shell = tokio::process::Command::new("bash");
            shell.args(["-e", "-c", script]).current_dir(directory.path()).env_clear();
            shell.env("HOME", directory.path());
            shell.env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", trunk.display()));
            if service == "github" {
                let (address, secret) = issuer.run_tokens(claims);
                shell.env("ACTIONS_ID_TOKEN_REQUEST_URL", address).env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", secret);
                shell.env("GITHUB_REF_NAME", "v1.0.0");
            } else {
                let host = issuer.address().trim_start_matches("http://");
                claims["project_path"] = json!("ada/pg_example");
                claims["project_id"] = json!("74");
                claims["namespace_id"] = json!("65");
                claims["job_id"] = json!("4711");
                claims["pipeline_source"] = json!("push");
                claims["ci_config_ref_uri"] = json!(format!("{host}/ada/pg_example//release.yml@refs/tags/v1.0.0"));
                shell.env("PGINSTALL_ID_TOKEN", issuer.sign(&claims)).env("CI_COMMIT_TAG", "v1.0.0");
            }
            let done = tokio::time::timeout(std::time::Duration::from_mins(1), shell.output()).await.expect("in time");
            let done = done.expect("bash");
            assert!(done.status.success(), "{service} {number}: {done:?}\n{script}");
        }
        server.settle().await;
        let release = server.json(&format!("/api/v1/packages/{name}/1.0.0")).await;
        for run in [&release["source"]["run"], &release["artifacts"][0]["run"]] {
            assert_eq!((&run["service"], &run["environment"]), (&json!(service), &json!("release")), "{release}");
        }
    }
}

#[tokio::test]
async fn an_environment_is_the_one_that_was_named() {
    let (server, github, gitlab) = start().await;
    let mut ada = server.logged_in("ada").await;
    for (issuer, name) in [(&github, "pg_hub"), (&gitlab, "pg_lab")] {
        let mut fields = publisher(issuer, name);
        *fields.last_mut().expect("a field") = ("environment", "release");
        assert_eq!(ada.post(&server, "/settings/publishing", &fields).await.status, 200);
    }
    // GitHub's environments are the same however they are written, those of GitLab are not.
    for (issuer, name, other_spelling) in [(&github, "pg_hub", 200), (&gitlab, "pg_lab", 403)] {
        for (environment, expected) in
            [(Some("release"), 200), (Some("Release"), other_spelling), (Some("other"), 403), (None, 403)]
        {
            let mut claims = run(&server, issuer, &format!("{name} {environment:?}"));
            let host = issuer.address().trim_start_matches("http://");
            claims["project_path"] = json!("ada/pg_example");
            claims["project_id"] = json!("74");
            claims["namespace_id"] = json!("65");
            claims["job_id"] = json!("4711");
            claims["pipeline_source"] = json!("push");
            claims["ci_config_ref_uri"] = json!(format!("{host}/ada/pg_example//release.yml@refs/tags/v1.0.0"));
            claims["environment"] = json!(environment);
            let (status, answer) = exchange(&server, &issuer.sign(&claims), None).await;
            assert_eq!(status, expected, "{name} {environment:?}: {answer}");
        }
    }
}

#[tokio::test]
async fn nobody_owns_what_they_publish_after_they_are_gone() {
    let (server, github, _) = start().await;
    let mut ada = server.logged_in("ada").await;
    trust(&server, &mut ada, &github, "pg_example").await;
    let token = exchanged(&server, &github, "first").await;
    let caller = server.registry.authenticate(token.reveal(), &registry::ClientInfo::default()).await.expect("known");
    let own = server.token("ada").await;
    let own = server.registry.authenticate(own.reveal(), &registry::ClientInfo::default()).await.expect("known");
    let gone = ada.post(&server, "/settings/delete", &[("handle", "ada")]).await;
    assert_eq!(gone.location(), "/account-deleted");
    // What was on its way when the account was deleted.
    for (caller, name) in [(caller, "pg_example"), (own, "pg_other")] {
        let archive = TrunkArchive::sql(name, "1.0.0");
        let mut receiver = server.registry.receive_upload();
        receiver.write(archive.bytes().into()).await.expect("written");
        let request = registry::UploadRequest {
            name: name.parse().expect("a name"),
            version: "1.0.0".parse().expect("a version"),
            kind: registry::ArtifactKind::Binary,
            target: None,
            metadata: registry::Metadata::default(),
        };
        let file = receiver.finish().await.expect("a file");
        let refused = server.registry.publish_archive(&caller, &request, file).await;
        assert_eq!(refused.expect_err("refused").code(), "account-gone", "{name}");
    }
    assert_eq!(server.registry.check().await.expect("checked").findings, vec![]);
}
