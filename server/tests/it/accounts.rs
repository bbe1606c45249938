//! Accounts as people have them: registered, confirmed, logged in to, changed and defended.

use model::{NamePattern, TokenAction};
use reqwest::header;

use crate::support::{Browser, PASSWORD, TestServer, plain};

#[tokio::test]
async fn somebody_registers_confirms_logs_in_and_out() {
    let server = TestServer::start_reachable().await;
    let mut browser = Browser::new();
    let fields = [("handle", "Ada-Lovelace"), ("email", "Ada@example.org"), ("password", PASSWORD)];
    let sent = browser.post(&server, "/register", &fields).await;
    assert_eq!(sent.status, 200);
    assert!(plain(&sent.text).contains("A message was sent to Ada@example.org"), "{}", sent.text);
    assert!(!sent.text.contains(PASSWORD) && browser.cookies().is_empty());

    // Not before the mail was read.
    let login = [("login", "ada-lovelace"), ("password", PASSWORD)];
    assert_eq!(browser.post(&server, "/login", &login).await.status, 422);
    assert_eq!(browser.get(&server, "/users/ada-lovelace").await.status, 404);
    let link = server.link_for("ada@example.org").await;
    // Whoever only reads the mail does not confirm what somebody else has registered.
    let foreign = server.follow_link(&mut browser, "ada@example.org", &[("password", "another password")]).await;
    assert_eq!(foreign.status, 422);
    assert!(plain(&foreign.text).contains("somebody else has registered with your address"), "{}", foreign.text);
    let confirmed = server.follow_link(&mut browser, "ada@example.org", &[("password", PASSWORD)]).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.text);
    assert!(plain(&confirmed.text).contains("The account Ada-Lovelace is yours"), "{}", confirmed.text);

    // By handle, however it is written, and by address.
    for name in ["ada_lovelace", "ADA@EXAMPLE.ORG"] {
        let mut browser = Browser::new();
        let answer = browser.post(&server, "/login", &[("login", name), ("password", PASSWORD)]).await;
        assert_eq!((answer.status, answer.location()), (303, "/settings"), "{name}");
        assert_eq!(answer.headers["cache-control"], "no-store");
        let cookie = answer.headers[header::SET_COOKIE].to_str().expect("text").to_owned();
        assert!(
            cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"),
            "{cookie}"
        );
        let page = browser.get(&server, "/settings").await;
        assert_eq!((page.status, page.headers["cache-control"].to_str().expect("text")), (200, "no-store"));
        assert!(page.text.contains("Ada-Lovelace"));
        // Everywhere they see who they are, and nobody else sees that.
        assert!(browser.get(&server, "/").await.text.contains("Ada-Lovelace"));
        assert!(!server.get_cached("/").await.text().await.expect("text").contains("Ada-Lovelace"));
        let out = browser.post(&server, "/logout", &[]).await;
        assert_eq!((out.status, out.location()), (303, "/"));
        assert!(browser.cookies().is_empty(), "{}", browser.cookies());
        let page = browser.get(&server, "/settings").await;
        assert_eq!((page.status, page.location()), (303, "/login?next=%2Fsettings"));
    }
    let (path, token) = link.split_once("?token=").expect("a token");
    let again = browser.post(&server, path, &[("token", token)]).await;
    assert_eq!(again.status, 422);
    assert!(plain(&again.text).contains("was used already"), "{}", again.text);
    assert!(browser.get(&server, "/users/Ada-Lovelace").await.text.contains("Ada-Lovelace"));
    assert_eq!(server.registry.check().await.expect("checked").findings, vec![]);
}

#[tokio::test]
async fn what_is_typed_is_kept_and_what_is_wrong_is_said() {
    let server = TestServer::start_reachable().await;
    server.logged_in("ada").await;
    let mut browser = Browser::new();
    for (handle, email, password, said) in [
        ("a b", "new@example.org", PASSWORD, "A handle has 1 to 39 letters"),
        ("newton", "nowhere", PASSWORD, "An e-mail address is something like"),
        ("newton", "new@example.org", "short", "A password has at least 10 characters"),
        ("newton", "new@example.org", "password123", "leaked password"),
        ("new-handle-1", "new@example.org", "new-handle-1", "leaked password"),
        ("ADA", "new@example.org", PASSWORD, "is taken"),
        ("admin", "new@example.org", PASSWORD, "nobody gets the handle"),
        ("newton", "new@example.org\0", PASSWORD, "NUL"),
    ] {
        let fields = [("handle", handle), ("email", email), ("password", password)];
        let answer = browser.post(&server, "/register", &fields).await;
        assert_eq!(answer.status, 422, "{handle} {email}");
        let text = plain(&answer.text).to_lowercase();
        assert!(text.contains(&said.to_lowercase()), "{said}: {text}");
        assert_eq!(answer.headers["cache-control"], "no-store");
        if said != "NUL" {
            assert!(answer.text.contains(&format!("value=\"{handle}\"")), "what was typed is kept");
        }
        assert!(!answer.text.contains(&format!("value=\"{password}\"")) || handle == password, "but no password");
    }
    let large = "x".repeat(100_000);
    assert_eq!(browser.post(&server, "/register", &[("handle", &large)]).await.status, 413);
    let markup = "<script>alert(1)</script>";
    let answer = browser.post(&server, "/register", &[("handle", markup), ("email", markup)]).await;
    assert!(!answer.text.contains(markup), "{}", answer.text);
}

#[tokio::test]
async fn nobody_finds_out_who_has_an_account() {
    let server = TestServer::start_reachable().await;
    server.logged_in("ada").await;
    let mut browser = Browser::new();
    // With each form: an address that has an account, and one that has none.
    let mut ask = async |path: &'static str, fields: Vec<(&'static str, &str)>, email: &str| {
        let answer = browser.post(&server, path, &fields).await;
        let text = plain(&answer.text).replace(email, "EMAIL");
        (answer.status, text)
    };
    let (known, unknown) = ("ada@example.org", "nobody@example.org");
    let register = |handle: &'static str, email| vec![("handle", handle), ("email", email), ("password", PASSWORD)];
    let (first, second) = (
        ask("/register", register("eve1", known), known).await,
        ask("/register", register("eve2", unknown), unknown).await,
    );
    assert_eq!(first.0, 200);
    assert_eq!(first, second);
    let (first, second) = (
        ask("/forgot-password", vec![("email", known)], known).await,
        ask("/forgot-password", vec![("email", unknown)], unknown).await,
    );
    assert_eq!(first.0, 200);
    assert_eq!(first, second);
    let log_in = |login| vec![("login", login), ("password", "not the password")];
    let (first, second) = (ask("/login", log_in(known), known).await, ask("/login", log_in(unknown), unknown).await);
    assert_eq!(first.0, 422);
    assert_eq!(first, second);
    // Whoever has the address is told; and a registration that nobody confirms takes no handle away.
    let mails = server.registry.kept_mails(Some(&known.parse().expect("an address")), 10).await.expect("messages");
    assert!(mails.iter().any(|mail| mail.subject == "You have an account already"), "{mails:?}");
    let again = browser.post(&server, "/register", &register("eve2", "third@example.org")).await;
    assert_eq!(again.status, 200);
}

#[tokio::test]
async fn the_first_to_confirm_has_the_handle_and_the_address() {
    let server = TestServer::start_reachable().await;
    let mut browser = Browser::new();
    for email in ["one@example.org", "two@example.org"] {
        let fields = [("handle", "same"), ("email", email), ("password", PASSWORD)];
        assert_eq!(browser.post(&server, "/register", &fields).await.status, 200);
    }
    let fields = [("handle", "other"), ("email", "two@example.org"), ("password", PASSWORD)];
    let earlier = server.link_for("two@example.org").await;
    assert_eq!(browser.post(&server, "/register", &fields).await.status, 200);
    assert_eq!(server.follow_link(&mut browser, "two@example.org", &[("password", PASSWORD)]).await.status, 200);
    // The other registration with the same address is no more.
    let token = earlier.split_once("token=").expect("a token").1;
    assert_eq!(browser.post(&server, "/verify-email", &[("token", token)]).await.status, 422);
    assert_eq!(server.follow_link(&mut browser, "one@example.org", &[("password", PASSWORD)]).await.status, 200);
    for (handle, exists) in [("same", true), ("other", true)] {
        assert_eq!(browser.get(&server, &format!("/users/{handle}")).await.status == 200, exists, "{handle}");
    }
}

#[tokio::test]
async fn links_that_are_old_forged_or_anothers_say_what_to_do() {
    let server = TestServer::start_reachable().await;
    let mut browser = server.logged_in("ada").await;
    let forgot = browser.post(&server, "/forgot-password", &[("email", "ada@example.org")]).await;
    assert_eq!(forgot.status, 200);
    let link = server.link_for("ada@example.org").await;
    let token = link.split_once("token=").expect("a token").1.to_owned();
    let reset = |token: &str| {
        vec![("token".to_owned(), token.to_owned()), ("password".to_owned(), "four other good words".to_owned())]
    };
    let mut send = async |path: &str, token: &str| {
        let fields = reset(token);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let answer = browser.post(&server, path, &fields).await;
        (answer.status, plain(&answer.text))
    };
    // For something else, forged, or mistyped.
    for (path, token) in [("/verify-email", token.as_str()), ("/reset-password", "AAAA"), ("/reset-password", "")] {
        let (status, text) = send(path, token).await;
        assert_eq!(status, 422, "{path}");
        assert!(text.contains("good no more") || text.contains("incomplete"), "{path}: {text}");
    }
    // A newer one makes it useless, time does too, and it is good once.
    sqlx::query("update one_time_links set expires_at = created_at").execute(&server.pool).await.expect("updated");
    assert_eq!(send("/reset-password", &token).await.0, 422);
    let mut other = Browser::new();
    assert_eq!(other.post(&server, "/forgot-password", &[("email", "ada@example.org")]).await.status, 200);
    assert_eq!(send("/reset-password", &token).await.0, 422);
    let link = server.link_for("ada@example.org").await;
    let token = link.split_once("token=").expect("a token").1.to_owned();
    // A password that is refused does not use it up.
    assert_eq!(other.post(&server, "/reset-password", &[("token", &token), ("password", "short")]).await.status, 422);
    assert_eq!(send("/reset-password", &token).await.0, 200);
    assert_eq!(send("/reset-password", &token).await.0, 422);
    // All sessions have ended, the old password is good no more, the new one is.
    assert_eq!(browser.get(&server, "/settings").await.status, 303);
    assert_eq!(other.post(&server, "/login", &[("login", "ada"), ("password", PASSWORD)]).await.status, 422);
    let answer = other.post(&server, "/login", &[("login", "ada"), ("password", "four other good words")]).await;
    assert_eq!(answer.status, 303);
    let email = "ada@example.org".parse().expect("an address");
    let mails = server.registry.kept_mails(Some(&email), 10).await.expect("messages");
    assert!(mails.iter().any(|mail| mail.subject == "Your password was changed"));
}

#[tokio::test]
async fn password_and_address_are_changed_with_the_password() {
    let server = TestServer::start_reachable().await;
    let mut browser = server.logged_in("ada").await;
    let mut elsewhere = Browser::new();
    assert_eq!(elsewhere.post(&server, "/login", &[("login", "ada"), ("password", PASSWORD)]).await.status, 303);
    let new = "four other good words";
    let change = |present: &'static str, new: &'static str| {
        [("form", "password"), ("current_password", present), ("new_password", new)]
    };
    let answer = browser.post(&server, "/settings/security", &change("wrong", new)).await;
    assert_eq!(answer.status, 422);
    assert!(plain(&answer.text).contains("That is not your password"), "{}", answer.text);
    assert_eq!(browser.post(&server, "/settings/security", &change(PASSWORD, "password123")).await.status, 422);
    assert_eq!(browser.post(&server, "/settings/security", &change(PASSWORD, new)).await.status, 200);
    assert_eq!(browser.get(&server, "/settings").await.status, 200, "the session that did it goes on");
    assert_eq!(elsewhere.get(&server, "/settings").await.status, 303, "others do not");

    server.logged_in("ben").await;
    let change = |email: &'static str| [("form", "email"), ("current_password", new), ("email", email)];
    // An address of somebody else: nothing is said here.
    let taken = browser.post(&server, "/settings/security", &change("ben@example.org")).await;
    let free = browser.post(&server, "/settings/security", &change("lovelace@example.org")).await;
    assert_eq!((taken.status, free.status), (200, 200));
    let page = browser.get(&server, "/settings/security").await.text;
    assert!(page.contains("lovelace@example.org") && page.contains("ada@example.org"), "{page}");
    let confirmed = server.follow_link(&mut browser, "lovelace@example.org", &[]).await;
    assert_eq!((confirmed.status, confirmed.location()), (303, "/settings/security"), "{}", confirmed.text);
    let said = plain(&browser.get(&server, "/settings/security").await.text);
    assert!(said.contains("Your account has the address lovelace@example.org"), "{said}");
    let mut later = Browser::new();
    assert_eq!(
        later.post(&server, "/login", &[("login", "lovelace@example.org"), ("password", new)]).await.status,
        303
    );
    assert_eq!(later.post(&server, "/login", &[("login", "ada@example.org"), ("password", new)]).await.status, 422);
    let told = server.registry.kept_mails(Some(&"ada@example.org".parse().expect("one")), 10).await.expect("messages");
    let subjects: Vec<_> = told.iter().map(|mail| mail.subject.as_str()).collect();
    assert!(subjects.contains(&"Your account is to have another address"), "{subjects:?}");
    assert!(subjects.contains(&"Your account has another address"), "{subjects:?}");
}

#[tokio::test]
async fn a_changed_password_ends_what_others_have_begun() {
    let server = TestServer::start_reachable().await;
    let mut browser = server.logged_in("ada").await;
    // Somebody who knows the password asks for another address.
    let change = [("form", "email"), ("current_password", PASSWORD), ("email", "eve@example.org")];
    assert_eq!(browser.post(&server, "/settings/security", &change).await.status, 200);
    let link = server.link_for("eve@example.org").await;
    let change = [("form", "password"), ("current_password", PASSWORD), ("new_password", "four other good words")];
    assert_eq!(browser.post(&server, "/settings/security", &change).await.status, 200);
    let token = link.split_once("token=").expect("a token").1;
    assert_eq!(browser.post(&server, "/verify-email", &[("token", token)]).await.status, 422);
    assert!(browser.get(&server, "/settings/security").await.text.contains("ada@example.org"));
}

#[tokio::test]
async fn profiles_show_what_their_owners_want() {
    let server = TestServer::start_reachable().await;
    let mut browser = server.logged_in("ada").await;
    let change = |name: &'static str, bio: &'static str, website: &'static str, shows: &'static str| {
        [("display_name", name), ("bio", bio), ("website", website), ("shows_email", shows)]
    };
    for fields in [
        change("two\nlines", "", "", ""),
        change("", "", "javascript:alert(1)", ""),
        change("", "", "https://user:secret@example.org", ""),
        change("a\u{202e}b", "", "", ""),
    ] {
        assert_eq!(browser.post(&server, "/settings", &fields).await.status, 422, "{fields:?}");
    }
    let fields = change("Ada <b>Lovelace</b>", "Counts & computes", "https://example.org/ada", "yes");
    assert_eq!(browser.post(&server, "/settings", &fields).await.status, 200);
    let page = Browser::new().get(&server, "/users/ADA").await.text;
    assert!(!page.contains("<b>Lovelace"), "{page}");
    for part in ["Counts &amp; computes", "https://example.org/ada", "ada@example.org", "nofollow"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert_eq!(browser.post(&server, "/settings", &change("Ada", "", "", "")).await.status, 200);
    assert!(!Browser::new().get(&server, "/users/ada").await.text.contains("ada@example.org"));
    assert_eq!(browser.post(&server, "/settings", &change("", "a\tb", "HTTPS://Example.org", "")).await.status, 200);
    assert!(browser.get(&server, "/users/ada").await.text.contains("https://example.org/"));
    assert_eq!(Browser::new().get(&server, "/users/nobody").await.status, 404);
}

#[tokio::test]
async fn accounts_that_operators_make_get_their_password_by_mail() {
    let server = TestServer::start_reachable().await;
    server.token_for("ada", vec![TokenAction::Yank], NamePattern::all()).await;
    let mut browser = Browser::new();
    assert_eq!(browser.post(&server, "/login", &[("login", "ada"), ("password", "")]).await.status, 422);
    assert_eq!(browser.post(&server, "/forgot-password", &[("email", "ada@example.org")]).await.status, 200);
    assert_eq!(server.follow_link(&mut browser, "ada@example.org", &[("password", PASSWORD)]).await.status, 200);
    assert_eq!(browser.post(&server, "/login", &[("login", "ada"), ("password", PASSWORD)]).await.status, 303);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happens_at_once_happens_once() {
    let server = TestServer::start_reachable().await;
    let browser = server.logged_in("ada").await;
    // Two changes with the same password: the second is told that it is another one by now.
    let new = ["four other good words", "five more words are good"];
    let change = async |new: &str| {
        let fields = [("form", "password"), ("current_password", PASSWORD), ("new_password", new)];
        browser.clone().post(&server, "/settings/security", &fields).await.status
    };
    let (first, second) = tokio::join!(change(new[0]), change(new[1]));
    assert_eq!([first, second].iter().filter(|status| **status == 200).count(), 1, "{first} {second}");

    // Logins that began with a password which is changed meanwhile.
    let mut browser = server.logged_in("ben").await;
    let log_in = async || {
        let mut other = Browser::new();
        let answer = other.post(&server, "/login", &[("login", "ben"), ("password", PASSWORD)]).await;
        (answer.status, other)
    };
    let fields = [("form", "password"), ("current_password", PASSWORD), ("new_password", new[0])];
    let (changed, others) = tokio::join!(
        browser.post(&server, "/settings/security", &fields),
        futures::future::join_all((0..6).map(|_| log_in())),
    );
    assert_eq!(changed.status, 200);
    for (_, mut other) in others {
        assert_eq!(other.get(&server, "/settings").await.status, 303, "a session of the old password");
    }
    assert_eq!(browser.get(&server, "/settings").await.status, 200);

    // Registrations with the same address that are confirmed at once.
    let mut links = Vec::new();
    for handle in ["eve1", "eve2", "eve3"] {
        let fields = [("handle", handle), ("email", "eve@example.org"), ("password", PASSWORD)];
        assert_eq!(Browser::new().post(&server, "/register", &fields).await.status, 200);
        links.push(server.link_for("eve@example.org").await);
    }
    let confirm = async |link: &String| {
        let token = link.split_once("token=").expect("a token").1.to_owned();
        Browser::new().post(&server, "/verify-email", &[("token", &token), ("password", PASSWORD)]).await.status
    };
    let statuses = futures::future::join_all(links.iter().map(confirm)).await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 200 | 422)), "{statuses:?}");
}

#[tokio::test]
async fn links_are_kept_from_others() {
    let server = TestServer::start_reachable().await;
    for path in ["/reset-password?token=x", "/verify-email?token=x"] {
        let page = Browser::new().get(&server, path).await;
        assert_eq!(page.headers["cache-control"], "no-store", "{path}");
        assert_eq!(page.headers["referrer-policy"], "strict-origin", "{path}");
    }
}
