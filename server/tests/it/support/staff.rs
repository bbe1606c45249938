//! Those who keep the registry in order, and what they look at.

use model::{Handle, StaffRole};

use super::{Browser, TestServer, plain};

pub(crate) async fn staff(server: &TestServer, handle: &str, role: StaffRole) -> Browser {
    let browser = server.logged_in(handle).await;
    let handle: Handle = handle.parse().expect("a handle");
    server.registry.grant_role(&handle, Some(role)).await.expect("granted");
    browser
}

pub(crate) async fn report(server: &TestServer, browser: &mut Browser, package: &str, kind: &str) -> String {
    let fields = [("package", package), ("kind", kind), ("text", "It sends <b>everything</b> elsewhere.")];
    let answer = browser.post(server, "/report", &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    plain(&answer.text)
}

/// The ids of the cases in the queue.
pub(crate) async fn queue(server: &TestServer, moderator: &mut Browser) -> Vec<i64> {
    let page = moderator.get(server, "/admin/reports").await;
    assert_eq!(page.status, 200);
    let links = page.text.split("href=\"/admin/reports/").skip(1);
    links.filter_map(|rest| rest.split('"').next()?.parse().ok()).collect()
}

pub(crate) async fn decide(
    server: &TestServer,
    moderator: &mut Browser,
    case: i64,
    fields: &[(&str, &str)],
) -> (u16, String) {
    let answer = moderator.post(server, &format!("/admin/reports/{case}"), fields).await;
    (answer.status, plain(&answer.text))
}

pub(crate) async fn newest_mail(server: &TestServer, email: &str) -> String {
    let email = email.parse().expect("an address");
    let mails = server.registry.kept_mails(Some(&email), 1).await.expect("messages");
    let mail = mails.into_iter().next().expect("a message");
    format!("{}\n{}", mail.subject, mail.text.expect("a text"))
}
