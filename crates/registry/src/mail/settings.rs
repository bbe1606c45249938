use std::{fmt, str::FromStr};

use lettre::{Address, message::Mailbox};

/// How mail leaves this server.
#[derive(Clone, Debug)]
pub struct MailSettings {
    /// Who it comes from.
    pub from: MailSender,
    /// The host under which people know this server: it greets others by this name, and ids of messages end in it.
    pub host: String,
    /// The server that takes it; without one, messages are kept.
    pub smtp: Option<SmtpSettings>,
}

/// An SMTP server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmtpSettings {
    /// Its name or address, an IPv6 address without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How what is said stays between the two.
    pub security: SmtpSecurity,
    /// Who this server is to it; none where it does not ask.
    pub login: Option<SmtpLogin>,
}

/// How a connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpSecurity {
    /// Not at all.
    None,
    /// By TLS after a few plain words; a server that does not offer it gets nothing (RFC 3207).
    StartTls,
    /// By TLS from the first byte (RFC 8314).
    Tls,
}

/// A name and a password.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpLogin {
    /// The name.
    pub user: String,
    /// The password.
    pub password: String,
}

impl fmt::Debug for SmtpLogin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SmtpLogin")
    }
}

/// The sender of all mail: an address, with or without a name before it (`pginstall <pginstall@example.org>`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailSender(pub(super) Mailbox);

/// The text names no sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it should be an address, such as pginstall@example.org or \"Extensions <pginstall@example.org>\"")]
pub struct InvalidSender;

impl MailSender {
    /// `pginstall` at a host, which may also be an IP address as it stands in a URL.
    pub fn at_host(host: &str) -> Result<Self, InvalidSender> {
        let address = Address::new("pginstall", domain(host)).map_err(|_| InvalidSender)?;
        Ok(Self(Mailbox::new(None, address)))
    }
}

impl FromStr for MailSender {
    type Err = InvalidSender;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.contains(char::is_control) {
            return Err(InvalidSender);
        }
        text.parse().map(Self).map_err(|_| InvalidSender)
    }
}

impl fmt::Display for MailSender {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A host as it stands behind an `@`: IP addresses in brackets.
pub(super) fn domain(host: &str) -> String {
    if host.parse::<std::net::Ipv4Addr>().is_ok() { format!("[{host}]") } else { host.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_senders_from_other_texts() {
        for (text, sender) in [
            ("pginstall@example.org", "pginstall@example.org"),
            ("Extensions of us <noreply@example.org>", "\"Extensions of us\" <noreply@example.org>"),
        ] {
            let parsed: MailSender = text.parse().expect(text);
            assert!([text, sender].contains(&parsed.to_string().as_str()), "{parsed}");
        }
        for bad in ["", "pginstall", "a@b@c", "x\r\nBcc: a@b.test <a@b.test>", "a@b.test\n", "a@b.test, c@d.test"] {
            assert_eq!(bad.parse::<MailSender>(), Err(InvalidSender), "{bad:?}");
        }
    }

    #[test]
    fn every_host_of_an_address_can_be_a_sender() {
        for (host, sender) in [
            ("localhost", "pginstall@localhost"),
            ("extensions.example.com", "pginstall@extensions.example.com"),
            ("127.0.0.1", "pginstall@[127.0.0.1]"),
            ("[::1]", "pginstall@[::1]"),
        ] {
            assert_eq!(MailSender::at_host(host).map(|sender| sender.to_string()).as_deref(), Ok(sender));
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        let login = SmtpLogin { user: "token".to_owned(), password: "secret".to_owned() };
        let settings =
            SmtpSettings { host: "x".to_owned(), port: 465, security: SmtpSecurity::Tls, login: Some(login) };
        let shown = format!("{settings:?}");
        assert!(!shown.contains("secret") && !shown.contains("token"), "{shown}");
    }
}
