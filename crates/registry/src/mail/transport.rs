use std::{net::IpAddr, sync::Arc, time::Duration};

use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{
        Mailbox, MultiPart,
        header::{Header, HeaderName, HeaderValue},
    },
    transport::smtp::{
        self,
        authentication::Credentials,
        client::{Tls, TlsParameters},
        extension::ClientId,
    },
};
use time::OffsetDateTime;

use super::{MailSender, MailSettings, SmtpSecurity, SmtpSettings, message::one_line, settings::domain};

/// How long one message may take, from the connection to the last answer. Other jobs wait meanwhile.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes of what a server said that are kept.
const LONGEST_ANSWER: usize = 500;

/// Where mail goes. Cheap to clone.
#[derive(Clone, Debug)]
pub enum MailTransport {
    /// Nowhere: messages are kept, and read by those who run the registry.
    Kept,
    /// To an SMTP server.
    Smtp(Arc<SmtpTransport>),
}

/// The SMTP server of the settings cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("mail cannot be sent through {host}: {reason}")]
pub struct InvalidMailServer {
    host: String,
    reason: String,
}

impl MailTransport {
    /// Messages are kept.
    pub const fn kept() -> Self {
        Self::Kept
    }

    /// What the settings say. Nothing is connected yet.
    pub fn new(settings: &MailSettings) -> Result<Self, InvalidMailServer> {
        let Some(smtp) = &settings.smtp else { return Ok(Self::Kept) };
        let transport = connect_lazily(smtp, &settings.host)
            .map_err(|error| InvalidMailServer { host: smtp.host.clone(), reason: error.to_string() })?;
        Ok(Self::Smtp(Arc::new(SmtpTransport {
            transport,
            from: settings.from.clone(),
            domain: domain(&settings.host),
        })))
    }
}

/// An SMTP server and what this one says of itself. Each message has a connection of its own.
#[derive(Debug)]
pub struct SmtpTransport {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: MailSender,
    domain: String,
}

/// A message as it was put down.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) id: i64,
    pub(super) recipient: String,
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) html: String,
    pub(super) created_at: OffsetDateTime,
}

/// Why the server has not taken a message.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NotTaken {
    /// It never will.
    Refused(String),
    /// It may later.
    NotNow(String),
}

impl SmtpTransport {
    /// Hands a message over. One that is handed over twice has the same id both times, so that receivers can tell.
    pub(super) async fn hand_over(&self, mail: &Outgoing) -> Result<(), NotTaken> {
        let message = message(&self.from, &self.domain, mail)?;
        match tokio::time::timeout(PATIENCE, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) if is_refusal(&error) => Err(NotTaken::Refused(presentable(&error.to_string()))),
            Ok(Err(error)) => Err(NotTaken::NotNow(presentable(&error.to_string()))),
            Err(_) => Err(NotTaken::NotNow(format!("no answer within {} seconds", PATIENCE.as_secs()))),
        }
    }
}

fn connect_lazily(settings: &SmtpSettings, hello: &str) -> Result<AsyncSmtpTransport<Tokio1Executor>, smtp::Error> {
    let parameters = || TlsParameters::new_rustls(settings.host.clone());
    let tls = match settings.security {
        SmtpSecurity::None => Tls::None,
        SmtpSecurity::StartTls => Tls::Required(parameters()?),
        SmtpSecurity::Tls => Tls::Wrapper(parameters()?),
    };
    let hello = match hello.trim_start_matches('[').trim_end_matches(']').parse() {
        Ok(IpAddr::V4(address)) => ClientId::Ipv4(address),
        Ok(IpAddr::V6(address)) => ClientId::Ipv6(address),
        Err(_) => ClientId::Domain(hello.to_owned()),
    };
    // "Dangerous" because it is plain where nobody calls `tls`.
    let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host)
        .port(settings.port)
        .tls(tls)
        .hello_name(hello)
        .timeout(Some(PATIENCE));
    let login = settings.login.as_ref().map(|login| Credentials::new(login.user.clone(), login.password.clone()));
    Ok(match login {
        Some(login) => builder.credentials(login).build(),
        None => builder.build(),
    })
}

/// The message as it goes over the wire (RFC 5322): text and HTML. No name of a person stands in its headers.
fn message(from: &MailSender, domain: &str, mail: &Outgoing) -> Result<Message, NotTaken> {
    let refused = |reason: String| NotTaken::Refused(presentable(&reason));
    let to: Address =
        mail.recipient.parse().map_err(|error| refused(format!("the recipient has no address for mail: {error}")))?;
    Message::builder()
        .from(from.0.clone())
        .to(Mailbox::new(None, to))
        .subject(one_line(&mail.subject))
        .message_id(Some(format!("<{}.{}@{domain}>", mail.id, mail.created_at.unix_timestamp_nanos() / 1000)))
        .date(mail.created_at.into())
        .header(AutoSubmitted)
        .multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone()))
        .map_err(|error| refused(format!("the message cannot be written: {error}")))
}

/// "auto-generated", so that nobody's holiday answer comes back (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// Whether the server will never take this message. That it does not know this server (RFC 4954, section 6; RFC 3207,
/// section 4) is no fault of the message: somebody may mend the settings.
fn is_refusal(error: &smtp::Error) -> bool {
    let code = error.status().map(u16::from);
    error.is_permanent() && !matches!(code, Some(530 | 534 | 535 | 538))
}

/// What a server said, in one line, without addresses of people and without links, which may be secret: it is logged.
fn presentable(answer: &str) -> String {
    let hide = |word: &str| word.contains('@') || word.contains("://");
    let line = one_line(answer);
    let words: Vec<&str> = line.split(' ').map(|word| if hide(word) { "…" } else { word }).collect();
    let mut line = words.join(" ");
    line.truncate(line.floor_char_boundary(LONGEST_ANSWER));
    line
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn outgoing(recipient: &str, subject: &str) -> Outgoing {
        Outgoing {
            id: 7,
            recipient: recipient.to_owned(),
            subject: subject.to_owned(),
            text: "Hello\n.\n".to_owned(),
            html: "<p>Hello</p>".to_owned(),
            created_at: datetime!(2026-11-21 12:00 UTC),
        }
    }

    fn headers(mail: &Outgoing) -> Vec<String> {
        let from = "pginstall@extensions.test".parse().expect("a sender");
        let message = message(&from, "extensions.test", mail).expect("a message").formatted();
        let message = String::from_utf8(message).expect("text");
        let (head, _) = message.split_once("\r\n\r\n").expect("headers");
        head.replace("\r\n ", " ").split("\r\n").map(str::to_owned).collect()
    }

    #[test]
    fn headers_say_what_they_should() {
        let headers = headers(&outgoing("ada@example.org", "Confirm your address"));
        for line in [
            "From: pginstall@extensions.test",
            "To: ada@example.org",
            "Subject: Confirm your address",
            "Message-ID: <7.1795262400000000@extensions.test>",
            "Date: Sat, 21 Nov 2026 12:00:00 +0000",
            "Auto-Submitted: auto-generated",
        ] {
            assert!(headers.iter().any(|header| header == line), "{line}: {headers:#?}");
        }
    }

    #[test]
    fn no_header_can_be_added() {
        for subject in ["a\r\nBcc: all@example.org", "a\n\nbody", "a\rBcc: x@y.test", "ä\r\nBcc: all@example.org\0"] {
            let headers = headers(&outgoing("ada@example.org", subject));
            let names: Vec<&str> =
                headers.iter().filter_map(|line| line.split_once(':')).map(|(name, _)| name).collect();
            let expected =
                ["From", "To", "Subject", "Message-ID", "Date", "Auto-Submitted", "MIME-Version", "Content-Type"];
            assert_eq!(names, expected, "{headers:#?}");
        }
        let from: MailSender = "pginstall@extensions.test".parse().expect("a sender");
        for recipient in ["ada@example.org\r\nBcc: x@y.test", "<ada@example.org>", "ada", "a b@example.org"] {
            let refused = message(&from, "extensions.test", &outgoing(recipient, "x"));
            assert!(matches!(refused, Err(NotTaken::Refused(_))), "{recipient}");
        }
    }

    #[test]
    fn what_a_server_said_is_short_and_has_no_secrets() {
        assert_eq!(
            presentable("permanent error (550): <ada@example.org>: spam,\r\n see https://x.test/?token=abc\u{7}"),
            "permanent error (550): … spam, see …"
        );
        assert!(presentable(&"ü ".repeat(1000)).len() <= LONGEST_ANSWER);
    }

    #[test]
    fn settings_become_a_transport() {
        let settings = |security, host: &str| MailSettings {
            from: "pginstall@extensions.test".parse().expect("a sender"),
            host: host.to_owned(),
            smtp: Some(SmtpSettings { host: "smtp.example.org".to_owned(), port: 465, security, login: None }),
        };
        for security in [SmtpSecurity::None, SmtpSecurity::StartTls, SmtpSecurity::Tls] {
            for host in ["extensions.test", "127.0.0.1", "[::1]"] {
                let transport = MailTransport::new(&settings(security, host)).expect("a transport");
                assert!(matches!(transport, MailTransport::Smtp(_)));
            }
        }
        let kept = MailTransport::new(&MailSettings { smtp: None, ..settings(SmtpSecurity::Tls, "x") });
        assert!(matches!(kept, Ok(MailTransport::Kept)));
    }
}
