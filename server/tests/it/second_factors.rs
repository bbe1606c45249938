//! Second factors: added, asked for, used once, lost and removed.

use time::Duration;
use totp_rs::{Builder, Secret};

use crate::support::{Browser, PASSWORD, TestServer, plain};

/// The code of a secret, so many steps after the time of the tests.
fn code(secret: &str, steps: i64) -> String {
    let secret = Secret::try_from_base32(secret).expect("base 32");
    let now = TestServer::NOW + Duration::seconds(30 * steps);
    let totp = Builder::new().with_secret(secret).build_noncompliant();
    totp.generate(u64::try_from(now.unix_timestamp()).expect("a time")).to_string()
}

/// Adds an authenticator and returns its secret.
async fn add_authenticator(server: &TestServer, browser: &mut Browser) -> String {
    let page = browser.get(server, "/settings/security/authenticator").await.text;
    let secret = page.split("name=\"secret\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let secret = secret.expect("a secret").to_owned();
    let fields = [("secret", secret.as_str()), ("code", &code(&secret, -1))];
    let added = browser.post(server, "/settings/security/authenticator", &fields).await;
    assert_eq!((added.status, added.location()), (303, "/settings/security/recovery-codes"), "{}", added.text);
    secret
}

/// Logs in with the password; a second factor is asked for.
async fn half_way(server: &TestServer) -> Browser {
    let mut browser = Browser::new();
    let fields = [("login", "ada"), ("password", PASSWORD), ("next", "/settings/tokens")];
    let answer = browser.post(server, "/login", &fields).await;
    assert_eq!((answer.status, answer.location()), (303, "/login/second-factor"), "{}", answer.text);
    assert_eq!(browser.get(server, "/settings").await.status, 303, "a password alone does not do");
    browser
}

async fn second(server: &TestServer, browser: &mut Browser, code: &str) -> u16 {
    browser.post(server, "/login/second-factor", &[("code", code)]).await.status
}

#[tokio::test]
async fn a_code_is_asked_for_and_good_once() {
    let server = TestServer::start_reachable().await;
    let mut ada = server.logged_in("ada").await;
    let page = ada.get(&server, "/settings/security/authenticator").await.text;
    assert!(page.contains("<svg") && page.contains("otpauth://totp/"), "{page}");
    let fields = [("secret", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"), ("code", "000000")];
    let wrong = ada.post(&server, "/settings/security/authenticator", &fields).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text.contains("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"), "what was scanned stays");
    for secret in ["", "short", "JBSWY3DPEHPK3PXP"] {
        let fields = [("secret", secret), ("code", "000000")];
        assert_eq!(ada.post(&server, "/settings/security/authenticator", &fields).await.status, 422, "{secret}");
    }
    let secret = add_authenticator(&server, &mut ada).await;
    let again = [("secret", secret.as_str()), ("code", &code(&secret, 0))];
    let again = ada.post(&server, "/settings/security/authenticator", &again).await;
    assert!(again.status == 422 && plain(&again.text).contains("There is an authenticator already"), "{}", again.text);

    let mut browser = half_way(&server).await;
    assert_eq!(second(&server, &mut browser, &code(&secret, -1)).await, 422, "the code that was shown to add it");
    assert_eq!(second(&server, &mut browser, "000000").await, 422);
    let right = code(&secret, 0);
    let spaced = format!(" {} {} ", &right[..3], &right[3..]);
    let answer = browser.post(&server, "/login/second-factor", &[("code", &spaced)]).await;
    assert_eq!((answer.status, answer.location()), (303, "/settings/tokens"), "{}", answer.text);
    assert_eq!(browser.get(&server, "/settings").await.status, 200);
    assert_eq!(browser.post(&server, "/login/second-factor", &[("code", &right)]).await.location(), "/login");
}

#[tokio::test]
async fn totp_replay_with_normalised_code() {
    let server = TestServer::start_reachable().await;
    let mut ada = server.logged_in("ada").await;
    let secret = add_authenticator(&server, &mut ada).await;
    let right = code(&secret, 0);
    assert_eq!(second(&server, &mut half_way(&server).await, &right).await, 303);
    for spelling in
        [right.clone(), format!("{} {}", &right[..3], &right[3..]), format!("\t{right}\n"), right.replacen("", "-", 3)]
    {
        let mut browser = half_way(&server).await;
        assert_eq!(second(&server, &mut browser, &spelling).await, 422, "{spelling:?} was used");
    }
    // Of two at the same time one is let in.
    let next = code(&secret, 1);
    let (mut one, mut other) = (half_way(&server).await, half_way(&server).await);
    let both = tokio::join!(second(&server, &mut one, &next), second(&server, &mut other, &next));
    let mut both = [both.0, both.1];
    both.sort_unstable();
    assert_eq!(both, [303, 422]);
}

#[tokio::test]
async fn guesses_of_codes_are_counted() {
    let server = TestServer::start_reachable().await;
    let mut ada = server.logged_in("ada").await;
    let secret = add_authenticator(&server, &mut ada).await;
    let mut browser = half_way(&server).await;
    let mut statuses = Vec::new();
    for guess in 0..11 {
        statuses.push(second(&server, &mut browser, &format!("{guess:06}")).await);
    }
    assert_eq!((statuses[9], statuses[10]), (422, 429), "{statuses:?}");
    let mails = server.registry.kept_mails(Some(&"ada@example.org".parse().expect("an address")), 20).await;
    let told = mails.expect("messages").into_iter().filter(|mail| mail.subject.contains("wrong second factor")).count();
    assert_eq!(told, 1, "its owner is told, once a day");
    // Logging in with the password once more gives no further tries.
    let mut again = half_way(&server).await;
    assert_eq!(second(&server, &mut again, &code(&secret, 0)).await, 429);
}

#[tokio::test]
async fn recovery_codes_count_once_they_were_kept_and_each_once() {
    let server = TestServer::start_reachable().await;
    let mut ada = server.logged_in("ada").await;
    add_authenticator(&server, &mut ada).await;
    let made = ada.post(&server, "/settings/security/recovery-codes", &[("form", "make")]).await;
    assert_eq!(made.headers["cache-control"], "no-store");
    let shown = made.text.split("<code>").nth(1).and_then(|rest| rest.split("</code>").next()).expect("codes");
    let codes: Vec<String> = shown.split_whitespace().map(str::to_owned).collect();
    assert_eq!(codes.len(), 10, "{}", made.text);
    assert!(!ada.get(&server, "/settings/security/recovery-codes").await.text.contains(&codes[0]), "shown once");

    assert_eq!(second(&server, &mut half_way(&server).await, &codes[0]).await, 422, "not before one was typed in");
    let test = |code: &str| [("form", "test".to_owned()), ("code", code.to_owned())];
    let mut test_code = async |code: &str| {
        let fields = test(code);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        ada.post(&server, "/settings/security/recovery-codes", &fields).await.status
    };
    assert_eq!(test_code("aaaa-bbbb-cccc-dddd").await, 422);
    assert_eq!(test_code(&codes[0]).await, 303);
    assert_eq!(second(&server, &mut half_way(&server).await, &codes[0]).await, 422, "it was used up by that");
    let (mut one, mut other) = (half_way(&server).await, half_way(&server).await);
    let typed = codes[1].to_uppercase().replace('-', " ");
    let both = tokio::join!(second(&server, &mut one, &typed), second(&server, &mut other, &codes[1]));
    let mut both = [both.0, both.1];
    both.sort_unstable();
    assert_eq!(both, [303, 422]);
    let mails = server.registry.kept_mails(Some(&"ada@example.org".parse().expect("an address")), 20).await;
    let subjects: Vec<String> = mails.expect("messages").into_iter().map(|mail| mail.subject).collect();
    for subject in ["An authenticator app was added", "New recovery codes were made", "A recovery code was used"] {
        assert_eq!(subjects.iter().filter(|known| *known == subject).count(), 1, "{subject}: {subjects:?}");
    }
    // New ones take the place of the old ones.
    let mut other = if one.get(&server, "/settings").await.status == 200 { one } else { other };
    assert_eq!(other.post(&server, "/settings/security/recovery-codes", &[("form", "make")]).await.status, 200);
    assert_eq!(second(&server, &mut half_way(&server).await, &codes[2]).await, 422);
}

/// Lets the time go by in which nobody is asked again.
async fn later(server: &TestServer) {
    sqlx::query("update sessions set data = data || '{\"proved_at\": 0}'")
        .execute(&server.pool)
        .await
        .expect("changed");
}

#[tokio::test]
async fn dangerous_acts_ask_who_it_is_and_go_on() {
    let server = TestServer::start_reachable().await;
    let mut ada = server.logged_in("ada").await;
    let secret = add_authenticator(&server, &mut ada).await;
    let create =
        [("form", "create"), ("name", "ci & \"co\""), ("action", "publish-new"), ("action", "yank"), ("expiry", "30")];
    later(&server).await;
    let asked = ada.post(&server, "/settings/tokens", &create).await;
    assert_eq!(asked.status, 403);
    assert!(plain(&asked.text).contains("Confirm that it is you") && !asked.text.contains("pgi_"), "{}", asked.text);
    // The form that goes on has all that was typed.
    for (name, value) in [("name", "ci &amp; &quot;co&quot;"), ("action", "publish-new"), ("action", "yank")] {
        assert!(asked.text.contains(&format!("name=\"{name}\" value=\"{value}\"")), "{name}: {}", asked.text);
    }
    let with = |name: &'static str, value: &str| {
        let mut fields: Vec<(&str, String)> = create.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        fields.push((name, value.to_owned()));
        fields
    };
    let mut send = async |fields: Vec<(&'static str, String)>| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        ada.post(&server, "/settings/tokens", &fields).await
    };
    let wrong = send(with("proof_password", "not the password")).await;
    assert_eq!(wrong.status, 422);
    assert!(plain(&wrong.text).contains("That is not your password") && !wrong.text.contains("not the password"));
    assert_eq!(send(with("proof_code", &code(&secret, -1))).await.status, 422, "a code that was used");
    assert_eq!(send(with("proof_passkey", "{}")).await.status, 422);
    let made = send(with("proof_code", &code(&secret, 0))).await;
    assert!(made.status == 200 && made.text.contains("pgi_"), "{}", made.text);
    // Not again for a while.
    let again = send(create.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()).await;
    assert!(again.status == 200 && again.text.contains("pgi_"), "{}", again.text);
}

#[tokio::test]
async fn every_dangerous_act_asks_who_it_is() {
    let server = TestServer::start_reachable().await;
    let mut ada = server.logged_in("ada").await;
    later(&server).await;
    for (path, form) in [
        ("/settings/tokens", vec![("form", "create"), ("name", "x"), ("action", "yank")]),
        ("/settings/security", vec![("form", "email"), ("email", "other@example.org")]),
        ("/settings/security", vec![("form", "authenticator-remove")]),
        ("/settings/security", vec![("form", "passkey"), ("name", "x"), ("passkey", "{}")]),
        ("/settings/security", vec![("form", "passkey-remove"), ("passkey_id", "1")]),
        ("/settings/security", vec![("form", "link"), ("provider", "example")]),
        ("/settings/security", vec![("form", "unlink"), ("identity", "1")]),
        ("/settings/security/authenticator", vec![("secret", "x"), ("code", "000000")]),
        ("/settings/security/recovery-codes", vec![("form", "make")]),
        ("/settings/publishing", vec![("form", "add"), ("name", "pg_example")]),
        ("/settings/publishing", vec![("form", "remove"), ("publisher", "1")]),
        ("/settings/publishing", vec![("form", "only"), ("name", "pg_example"), ("only", "yes")]),
        ("/settings/delete", vec![("handle", "ada")]),
    ] {
        let answer = ada.post(&server, path, &form).await;
        assert_eq!(answer.status, 403, "{path} {form:?}");
        assert!(plain(&answer.text).contains("Confirm that it is you"), "{path} {form:?}");
        let text = &answer.text;
        assert!(!text.contains("value=\"000000\"") && !text.contains("value=\"{}\""), "nothing secret comes back");
    }
    // The page that asks leads on, and nowhere else.
    for (next, expected) in [("/settings/publishing", "/settings/publishing"), ("https://elsewhere.test", "/settings")]
    {
        let answer = ada.post(&server, "/settings/confirm", &[("next", next), ("proof_password", PASSWORD)]).await;
        assert_eq!((answer.status, answer.location()), (303, expected));
    }
}

#[tokio::test]
async fn who_has_to_have_a_second_factor_publishes_with_one() {
    use crate::support::{Options, TrunkArchive};
    use registry::SecondFactorRule::Maintainers;

    let options = Options { public_url: None, second_factor_rule: Maintainers, ..Options::default() };
    let server = TestServer::start_as(options).await;
    let mut ada = server.logged_in("ada").await;
    let fields = [
        ("form", "create"),
        ("name", "x"),
        ("action", "publish-new"),
        ("action", "publish-update"),
        ("action", "yank"),
    ];
    let made = ada.post(&server, "/settings/tokens", &fields).await.text;
    let begin = made.find("pgi_").expect("a token");
    let token = made[begin..begin + 42].parse().expect("a token");
    let archive = TrunkArchive::sql("pg_example", "1.0.0");
    let refused = server.trunk_publish(&token, &archive.metadata(), &archive.bytes()).await;
    assert_eq!(refused.status(), 403);
    assert!(refused.text().await.expect("text").contains("second factor"));
    add_authenticator(&server, &mut ada).await;
    server.published(&token, &archive).await;
    assert_eq!(ada.post(&server, "/settings/security", &[("form", "authenticator-remove")]).await.status, 200);
    let refused = crate::support::yank(&server, &token, "pg_example/1.0.0", "broken").send().await.expect("an answer");
    assert_eq!(refused.status(), 403);
}

#[tokio::test]
async fn what_most_depend_on_is_published_with_a_second_factor() {
    use crate::support::TrunkArchive;

    let server = TestServer::start_reachable().await;
    let mut ada = server.logged_in("ada").await;
    let token = server.token("ada").await;
    server.published(&token, &TrunkArchive::sql("pg_example", "1.0.0")).await;
    let publish = async |version: &str| {
        let archive = TrunkArchive::sql("pg_example", version);
        server.trunk_publish(&token, &archive.metadata(), &archive.bytes()).await.status().as_u16()
    };
    sqlx::query("insert into downloads (day, artifact_id, count) select $1, max(artifact_id), 999 from artifacts")
        .bind(TestServer::NOW.date())
        .execute(&server.pool)
        .await
        .expect("counted");
    assert_eq!(publish("1.0.1").await, 200);
    sqlx::query("update downloads set count = 1000").execute(&server.pool).await.expect("counted");
    assert_eq!(publish("1.0.2").await, 403);
    sqlx::query("update downloads set day = day - 90").execute(&server.pool).await.expect("long ago");
    assert_eq!(publish("1.0.2").await, 200);
    sqlx::query("update downloads set day = day + 90").execute(&server.pool).await.expect("lately");
    assert_eq!(publish("1.0.3").await, 403);
    add_authenticator(&server, &mut ada).await;
    assert_eq!(publish("1.0.3").await, 200);
}

#[tokio::test]
async fn a_log_in_from_somewhere_new_is_told() {
    let server = TestServer::start_reachable().await;
    server.logged_in("ada").await;
    let log_in = async |agent: &str| {
        let body = "login=ada&password=hay+moon+copper+kettle";
        let request = server.request(reqwest::Method::POST, "/login").header("origin", server.base());
        let request = request.header("content-type", "application/x-www-form-urlencoded").header("user-agent", agent);
        assert_eq!(request.body(body).send().await.expect("an answer").status(), 303);
        let mails = server.registry.kept_mails(Some(&"ada@example.org".parse().expect("an address")), 20).await;
        let told = mails.expect("messages").into_iter().filter(|mail| mail.subject.contains("somewhere new"));
        told.map(|mail| mail.text.expect("kept")).collect::<Vec<_>>()
    };
    assert_eq!(log_in("Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0").await.len(), 0, "as before");
    let told = log_in("Another/1.0").await;
    assert!(told.len() == 1 && told[0].contains("Another/1.0") && told[0].contains("127.0.0.1"), "{told:?}");
    assert_eq!(log_in("Another/1.0").await.len(), 1, "once");
}
