//! Domains of addresses that were given up: nothing is recovered by such an address until its owner confirms it anew.

use std::{
    collections::HashSet,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use registry::DomainLookup;
use tokio::net::UdpSocket;

use crate::support::{Browser, PASSWORD, TestServer, plain};

/// A name server that knows no domain of these, answers nothing for `silent.example`, and knows all others.
async fn name_server(unknown: Arc<Mutex<HashSet<String>>>) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let address = socket.local_addr().expect("an address");
    tokio::spawn(async move {
        let mut packet = [0_u8; 512];
        while let Ok((length, from)) = socket.recv_from(&mut packet).await {
            // The name stands behind twelve bytes of header, each label behind its length (RFC 1035, section 4.1).
            let (mut name, mut place) = (Vec::new(), 12);
            while packet[place] > 0 {
                let end = place + 1 + usize::from(packet[place]);
                name.push(String::from_utf8_lossy(&packet[place + 1..end]).into_owned());
                place = end;
            }
            let (name, end) = (name.join(".").to_lowercase(), place + 5);
            if name == "silent.example" {
                continue;
            }
            let is_unknown = unknown.lock().expect("held").contains(&name);
            let mut answer = packet[..end.min(length)].to_vec();
            (answer[2], answer[3]) = (0x81, if is_unknown { 0x83 } else { 0x80 });
            // No record in the answer: the domain is there, or not, and that is all.
            answer[6..12].fill(0);
            socket.send_to(&answer, from).await.expect("sent");
        }
    });
    address
}

/// Moves what was noted of domains into the past.
async fn a_day_later(server: &TestServer) {
    sqlx::query(
        "update accounts
        set email_domain_checked_at = email_domain_checked_at - interval '1 day',
            email_domain_missed_at = email_domain_missed_at - interval '1 day'",
    )
    .execute(&server.pool)
    .await
    .expect("moved");
}

#[tokio::test]
async fn domain_resurrection_recovers_no_account() {
    let server = TestServer::start_reachable().await;
    let unknown = Arc::new(Mutex::new(HashSet::from(["gone.example".to_owned()])));
    let lookup = DomainLookup::at(name_server(unknown.clone()).await).expect("a name server");
    let mut browsers = Vec::new();
    for (handle, domain) in [("ada", "gone.example"), ("ben", "here.example"), ("cyd", "silent.example")] {
        let (mut browser, email) = (Browser::new(), format!("{handle}@{domain}"));
        let fields = [("handle", handle), ("email", email.as_str()), ("password", PASSWORD)];
        assert_eq!(browser.post(&server, "/register", &fields).await.status, 200);
        assert_eq!(server.follow_link(&mut browser, &email, &[("password", PASSWORD)]).await.status, 200);
        assert_eq!(browser.post(&server, "/login", &[("login", handle), ("password", PASSWORD)]).await.status, 303);
        browsers.push(browser);
    }
    let forgot = async |email: &'static str| {
        assert_eq!(Browser::new().post(&server, "/forgot-password", &[("email", email)]).await.status, 200);
        let mails = server.registry.kept_mails(Some(&email.parse().expect("an address")), 1).await.expect("messages");
        mails[0].text.clone().expect("kept")
    };
    // Not by what a name server says on one day.
    assert_eq!(server.registry.check_email_domains(&lookup).await.expect("looked up"), 0);
    // A link that was sent before is good for nothing either.
    assert!(forgot("ada@gone.example").await.contains("?token="));
    let earlier = server.link_for("ada@gone.example").await;
    a_day_later(&server).await;
    assert_eq!(server.registry.check_email_domains(&lookup).await.expect("looked up"), 1);
    let token = earlier.split_once("token=").expect("a token").1;
    let fields = [("token", token), ("password", "another good password")];
    assert_eq!(Browser::new().post(&server, "/reset-password", &fields).await.status, 422);
    // Somebody has registered the domain again.
    unknown.lock().expect("held").clear();
    a_day_later(&server).await;
    assert_eq!(server.registry.check_email_domains(&lookup).await.expect("looked up"), 0);
    let said = forgot("ada@gone.example").await;
    assert!(!said.contains("?token=") && said.contains("no account is recovered"), "{said}");
    for email in ["ben@here.example", "cyd@silent.example"] {
        assert!(forgot(email).await.contains("?token="), "{email}");
    }
    // Whoever can still log in confirms it anew.
    let page = plain(&browsers[0].get(&server, "/settings/security").await.text);
    assert!(page.contains("Nobody had the domain of your address"), "{page}");
    assert_eq!(browsers[0].post(&server, "/settings/security", &[("form", "verify")]).await.status, 200);
    let link = server.link_for("ada@gone.example").await;
    let token = link.split_once("token=").expect("a token").1;
    // Whoever has the domain now reads that mail too, and cannot log in.
    let stranger = Browser::new().post(&server, "/verify-email", &[("token", token)]).await;
    assert!(
        stranger.status == 422 && plain(&stranger.text).contains("Log in to the account first"),
        "{}",
        stranger.text
    );
    assert_eq!(browsers[1].post(&server, "/verify-email", &[("token", token)]).await.status, 422);
    assert_eq!(browsers[0].send(&server, "/verify-email", &[("token", token)]).await.status, 303);
    assert!(forgot("ada@gone.example").await.contains("?token="));
}
