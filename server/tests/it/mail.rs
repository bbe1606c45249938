//! Mail: to a real SMTP server, which may refuse it or be away, and kept where there is none.

use std::time::Duration;

use registry::{KeptMail, MailKind, MailMessage, MailState, SmtpSecurity};
use sqlx::ConnectOptions as _;

use crate::support::{Said as _, SmtpSink, TestServer, accessible_directory, program};

fn message(to: &str) -> MailMessage {
    let address = "http://registry.test/verify?token=very-secret&a=b".parse().expect("an address");
    MailMessage::new(MailKind::VerifyEmail, to.parse().expect("an address"), "Confirm your address – now")
        .greeting("Hello <ada>,")
        .paragraph("Somebody made an account with this address.")
        .button("Confirm the address", &address)
        .reason("This was sent because the address was given at registry.test.")
}

/// Waits until the only message is in a state, and has been offered so often.
async fn until(server: &TestServer, state: MailState, attempts: i32) -> KeptMail {
    let reached = async {
        loop {
            let mails = server.registry.kept_mails(None, 10).await.expect("an answer");
            let [mail] = &mails[..] else { panic!("{mails:?}") };
            if (mail.state, mail.attempts) == (state, attempts) {
                return mail.clone();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), reached).await.expect("in time")
}

/// Makes the job due that was put off: the clock of the test stands still.
async fn make_due(server: &TestServer) {
    let postponed = async {
        loop {
            let due = sqlx::query("update jobs set run_after = $1 where run_after > $1 and lease_until is null")
                .bind(TestServer::NOW)
                .execute(&server.pool)
                .await
                .expect("updated");
            if due.rows_affected() == 1 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), postponed).await.expect("in time");
}

async fn jobs(server: &TestServer) -> i64 {
    sqlx::query_scalar("select count(*) from jobs").fetch_one(&server.pool).await.expect("a count")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_arrives_with_both_parts_and_leaves_no_secret_behind() {
    let sink = SmtpSink::start();
    let server = TestServer::start_with_mail(sink.transport()).await;
    server.registry.send_mail(&message("Ada@example.org")).await.expect("put down");
    let mail = until(&server, MailState::Sent, 1).await;
    assert_eq!((mail.kind.as_str(), mail.recipient.as_str()), ("verify-email", "Ada@example.org"));
    assert_eq!((mail.text, mail.html, mail.last_error), (None, None, None));
    assert_eq!(jobs(&server).await, 0);
    let row: String =
        sqlx::query_scalar("select to_jsonb(mails)::text from mails").fetch_one(&server.pool).await.expect("a row");
    assert!(!row.contains("very-secret"), "{row}");

    let [received] = &sink.messages()[..] else { panic!("{:?}", sink.messages()) };
    let (head, body) = received.split_once("\n\n").expect("headers");
    for line in [
        "X-Hello: registry.test",
        "X-Envelope-From: pginstall@registry.test",
        "X-Envelope-To: Ada@example.org",
        "From: pginstall@registry.test",
        "To: Ada@example.org",
        "Auto-Submitted: auto-generated",
        "Date: Sat, 21 Nov 2026 12:00:00 +0000",
    ] {
        assert!(head.lines().any(|header| header == line), "{line}: {head}");
    }
    assert!(head.contains("Content-Type: multipart/alternative;"), "{head}");
    assert!(head.contains("@registry.test>"), "{head}");
    // Quoted-printable: lines that were broken are one again.
    let body = body.replace("=\n", "").replace("=3D", "=");
    let (text, html) = body.split_once("Content-Type: text/html; charset=utf-8").expect("two parts");
    assert!(text.contains("Content-Type: text/plain; charset=utf-8"), "{text}");
    assert!(text.contains("Hello <ada>,\n\nSomebody made"), "{text}");
    assert!(text.contains("\nhttp://registry.test/verify?token=very-secret&a=b\n"), "{text}");
    assert!(html.contains("Hello &lt;ada&gt;,"), "{html}");
    assert!(html.contains("href=\"http://registry.test/verify?token=very-secret&amp;a=b\""), "{html}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_put_off_is_tried_again() {
    let sink = SmtpSink::start();
    let server = TestServer::start_with_mail(sink.transport()).await;
    server.registry.send_mail(&message("later@example.org")).await.expect("put down");
    let mail = until(&server, MailState::Waiting, 1).await;
    assert!(mail.last_error.as_deref().is_some_and(|error| error.contains("Try again later")), "{mail:?}");
    assert!(mail.text.is_some_and(|text| text.contains("very-secret")));
    assert!(sink.messages().is_empty());
    make_due(&server).await;
    let mail = until(&server, MailState::Sent, 2).await;
    assert_eq!((mail.text, mail.html, mail.last_error), (None, None, None));
    assert_eq!(sink.messages().len(), 1);
    assert_eq!(jobs(&server).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_refused_is_noted_and_not_tried_again() {
    let sink = SmtpSink::start();
    let server = TestServer::start_with_mail(sink.transport()).await;
    server.registry.send_mail(&message("refuse@example.org")).await.expect("put down");
    let mail = until(&server, MailState::Failed, 1).await;
    let error = mail.last_error.expect("a reason");
    assert!(error.contains("550") && error.contains("is nobody here"), "{error}");
    assert!(!error.contains("refuse@example.org"), "{error}");
    assert_eq!((mail.text, mail.html), (None, None));
    assert_eq!(jobs(&server).await, 0);
    assert!(sink.messages().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_smtp_server_is_away_nothing_is_lost() {
    let mut sink = SmtpSink::stopped();
    let server = TestServer::start_with_mail(sink.transport()).await;
    server.registry.send_mail(&message("ada@example.org")).await.expect("put down");
    for attempts in 1..=2 {
        let mail = until(&server, MailState::Waiting, attempts).await;
        assert!(mail.last_error.is_some() && mail.text.is_some(), "{mail:?}");
        if attempts < 2 {
            make_due(&server).await;
        }
    }
    tokio::task::block_in_place(|| sink.run());
    make_due(&server).await;
    until(&server, MailState::Sent, 3).await;
    assert_eq!(sink.messages().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_that_can_be_mended_fail_no_message() {
    let sink = SmtpSink::start();
    for (security, password, reason) in [
        (SmtpSecurity::None, Some("wrong"), "535"),
        // It offers no TLS: then it gets nothing.
        (SmtpSecurity::StartTls, None, "error"),
        (SmtpSecurity::Tls, None, "error"),
    ] {
        let server = TestServer::start_with_mail(sink.transport_with(security, password)).await;
        server.registry.send_mail(&message("ada@example.org")).await.expect("put down");
        let mail = until(&server, MailState::Waiting, 1).await;
        let error = mail.last_error.expect("a reason");
        assert!(error.contains(reason) && !error.contains("wrong"), "{error}");
        assert!(mail.text.is_some());
    }
    assert!(sink.messages().is_empty());
    let server = TestServer::start_with_mail(sink.transport_with(SmtpSecurity::None, Some("right"))).await;
    server.registry.send_mail(&message("ada@example.org")).await.expect("put down");
    until(&server, MailState::Sent, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_last_attempt_a_message_has_failed() {
    let sink = SmtpSink::stopped();
    let server = TestServer::start_with_mail(sink.transport()).await;
    server.registry.send_mail(&message("ada@example.org")).await.expect("put down");
    until(&server, MailState::Waiting, 1).await;
    sqlx::query("update jobs set attempts = 11").execute(&server.pool).await.expect("updated");
    make_due(&server).await;
    let mail = until(&server, MailState::Failed, 2).await;
    assert!(mail.last_error.is_some() && mail.text.is_none() && mail.html.is_none(), "{mail:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_an_smtp_server_mail_is_kept_and_printed() {
    let server = TestServer::start().await;
    for to in ["ada@example.org", "bob@example.org"] {
        server.registry.send_mail(&message(to)).await.expect("put down");
    }
    assert_eq!(jobs(&server).await, 0);
    let mails = server.registry.kept_mails(None, 10).await.expect("an answer");
    let recipients: Vec<&str> = mails.iter().map(|mail| mail.recipient.as_str()).collect();
    assert_eq!(recipients, ["bob@example.org", "ada@example.org"]);
    assert!(mails.iter().all(|mail| mail.state == MailState::Kept && mail.html.is_some()));

    let directory = accessible_directory();
    let url = server.pool.connect_options().to_url_lossy();
    let printed = |arguments: &[&str]| {
        let mut command = program(directory.path());
        command.env("DATABASE_URL", url.as_str()).args(["admin", "mail"]).args(arguments);
        let output = tokio::task::block_in_place(|| command.output().expect("run"));
        assert!(output.status.success(), "{}", output.said());
        String::from_utf8(output.stdout).expect("text")
    };
    let all = printed(&[]);
    let places = ["To: ada@example.org\n", "To: bob@example.org\n"].map(|to| all.find(to).expect(to));
    assert!(places.is_sorted(), "the newest is the last: {all}");
    assert!(all.contains("verify-email, 2026-11-21T12:00:00Z, kept\n"), "{all}");
    assert!(all.contains("\nhttp://registry.test/verify?token=very-secret&a=b\n"), "{all}");
    let one = printed(&["--to", "ADA@example.org"]);
    assert!(one.contains("To: ada@") && !one.contains("To: bob@"), "{one}");
    let newest = printed(&["--limit", "1"]);
    assert!(newest.contains("To: bob@") && !newest.contains("To: ada@"), "{newest}");
    let json: serde_json::Value = serde_json::from_str(&printed(&["--json"])).expect("JSON");
    assert_eq!((&json[0]["to"], &json[1]["to"]), (&"ada@example.org".into(), &"bob@example.org".into()));
    assert!(json[0]["html"].as_str().is_some_and(|html| html.starts_with("<!DOCTYPE html>")), "{json}");
    assert_eq!(printed(&["--to", "nobody@example.org"]), "there is no mail\n");
}

#[tokio::test]
async fn kept_mail_is_a_page_only_where_that_is_wanted_and_only_here() {
    let without = TestServer::start().await;
    assert_eq!(without.get("/dev/mail").await.status(), 404);

    let server = TestServer::start_with_dev_mail().await;
    assert!(server.text("/dev/mail").await.contains("There is no mail."));
    server.registry.send_mail(&message("ada@example.org")).await.expect("put down");
    let page = server.get("/dev/mail").await;
    assert_eq!(page.status(), 200);
    assert_eq!(page.headers()["cache-control"], "no-store");
    let html = page.text().await.expect("text");
    assert!(html.contains("To ada@example.org, verify-email"), "{html}");
    assert!(html.contains("Hello &lt;ada&gt;,"), "{html}");
    assert!(html.contains("<a href=\"http://registry.test/verify?token=very-secret&amp;a=b\""), "{html}");
    for (name, value) in [
        ("x-forwarded-for", "127.0.0.1"),
        ("forwarded", "for=127.0.0.1"),
        ("x-real-ip", "127.0.0.1"),
        ("x-forwarded-proto", "https"),
        ("via", "1.1 proxy"),
        ("host", "evil.test"),
    ] {
        let answer = server.request(reqwest::Method::GET, "/dev/mail").header(name, value).send().await;
        assert_eq!(answer.expect("an answer").status(), 404, "{name}");
    }
}

#[test]
fn the_settings_of_mail_are_checked_and_hidden() {
    let directory = tempfile::tempdir().expect("a directory");
    let config = |arguments: &[&str]| {
        let output = program(directory.path())
            .env("PGINSTALL_MAIL_SMTP", "smtps://very-token:very-secret@smtp.test:465")
            .arg("config")
            .args(arguments)
            .output()
            .expect("run");
        (output.status.code(), output.said())
    };
    let (code, all) = config(&[]);
    assert_eq!(code, Some(0));
    assert!(
        all.contains("mail.smtp = smtps://***:***@smtp.test:465  (environment variable PGINSTALL_MAIL_SMTP)"),
        "{all}"
    );
    assert!(all.contains("dev_mail = false  (default)"), "{all}");
    assert!(!all.contains("very-"), "{all}");
    for (name, value, part) in [
        ("mail.smtp", "smtp+plain://very-token:very-secret@192.0.2.1", "without TLS"),
        ("mail.smtp", "smtp.example.org", "it should be smtp://host:587"),
        ("mail.from", "nobody", "it should be an address"),
        ("dev_mail", "perhaps", "true or false"),
    ] {
        let (code, said) = config(&[name, value]);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains(name) && said.contains(part) && !said.contains("very-"), "{said}");
    }
    assert_eq!(config(&["mail.from", "Extensions <noreply@registry.test>"]).0, Some(0));
    assert_eq!(config(&["dev_mail", "true"]).0, Some(0));
    let (code, said) = config(&["mail.smtp", "smtp://smtp.test"]);
    assert!(code == Some(1) && said.contains("dev_mail and mail.smtp are both set"), "{said}");
}
