//! How mail leaves this server.

use std::net::IpAddr;

use percent_encoding::percent_decode_str;
use registry::{MailSender, MailSettings, SmtpLogin, SmtpSecurity, SmtpSettings};
use url::Url;

use super::{ConfigError, Origin, Values};

/// What is said of an SMTP server that cannot be one; never with its password.
const EXPECTED: &str = "it should be smtp://host:587, smtps://user:password@host:465, or smtp+plain://127.0.0.1:25 for a \
                        server on this machine; what stands for itself in user and password is written as %40 for @";

/// Reads them. `public_url` has the host that mail comes from where nobody says otherwise.
pub(super) fn mail(values: &Values, public_url: &Url) -> Result<MailSettings, ConfigError> {
    let host = public_url.host_str().unwrap_or("localhost");
    let sender = |text: &str| text.parse::<MailSender>().map_err(|error| error.to_string());
    let from = values.parse("mail.from", sender)?.map_or_else(|| MailSender::at_host(host), Ok);
    Ok(MailSettings {
        from: from.map_err(|error| ConfigError::Value {
            name: "mail.from",
            value: String::new(),
            origin: Origin::Default,
            reason: error.to_string(),
        })?,
        host: host.to_owned(),
        smtp: values.parse("mail.smtp", smtp)?,
    })
}

/// An SMTP server: how it is spoken to is the scheme.
fn smtp(text: &str) -> Result<SmtpSettings, String> {
    let expected = || EXPECTED.to_owned();
    let url = Url::parse(text).map_err(|_| expected())?;
    let (security, default_port) = match url.scheme() {
        "smtp" => (SmtpSecurity::StartTls, 587),
        "smtps" => (SmtpSecurity::Tls, 465),
        "smtp+plain" => (SmtpSecurity::None, 25),
        _ => return Err(expected()),
    };
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(expected)?;
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() || host.contains('%') {
        return Err(expected());
    }
    // Mail has links that are as good as passwords: in the clear they may not leave this machine.
    let is_here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    if security == SmtpSecurity::None && !is_here {
        return Err("without TLS, links and passwords could be read on the way: smtp+plain is only for a server on \
                    this machine, such as smtp+plain://127.0.0.1:25; elsewhere write smtp or smtps"
            .to_owned());
    }
    let login = match (url.username(), url.password()) {
        ("", None) => None,
        (user, Some(password)) if !user.is_empty() => {
            Some(SmtpLogin { user: decoded(user)?, password: decoded(password)? })
        }
        _ => return Err("it should have both a user and a password, or none of them".to_owned()),
    };
    Ok(SmtpSettings { host: host.to_owned(), port: url.port().unwrap_or(default_port), security, login })
}

fn decoded(text: &str) -> Result<String, String> {
    percent_decode_str(text).decode_utf8().map(std::borrow::Cow::into_owned).map_err(|_| EXPECTED.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_says_how_a_server_is_spoken_to() {
        for (text, host, port, security) in [
            ("smtp://smtp.example.org", "smtp.example.org", 587, SmtpSecurity::StartTls),
            ("smtp://smtp.example.org:25/", "smtp.example.org", 25, SmtpSecurity::StartTls),
            ("smtps://smtp.example.org", "smtp.example.org", 465, SmtpSecurity::Tls),
            ("smtp+plain://127.0.0.1:1025", "127.0.0.1", 1025, SmtpSecurity::None),
            ("smtp+plain://[::1]", "::1", 25, SmtpSecurity::None),
            ("smtp+plain://localhost", "localhost", 25, SmtpSecurity::None),
        ] {
            let expected = SmtpSettings { host: host.to_owned(), port, security, login: None };
            assert_eq!(smtp(text), Ok(expected), "{text}");
        }
        let login =
            smtp("smtps://ada%40example.org:p%40ss%3A%2Fw%C3%B6rd@smtp.example.org:465").expect("a server").login;
        let expected = SmtpLogin { user: "ada@example.org".to_owned(), password: "p@ss:/wörd".to_owned() };
        assert_eq!(login, Some(expected));
    }

    #[test]
    fn mail_does_not_leave_this_machine_in_the_clear() {
        for text in ["smtp+plain://192.0.2.1:25", "smtp+plain://smtp.example.org", "smtp+plain://localhost.example.org"]
        {
            let reason = smtp(text).expect_err(text);
            assert!(reason.contains("only for a server on this machine"), "{text}: {reason}");
        }
    }

    #[test]
    fn says_what_a_server_should_be() {
        for text in [
            "smtp.example.org:587",
            "smtp:smtp.example.org",
            "smtp://",
            "http://smtp.example.org",
            "smtp://smtp.example.org/path",
            "smtp://smtp.example.org?tls=no",
            "smtps://user@smtp.example.org",
            "smtps://:secret@smtp.example.org",
            "smtps://user:%ff@smtp.example.org",
            "smtp://smtp example.org",
        ] {
            let reason = smtp(text).expect_err(text);
            assert!(reason.contains("it should"), "{text}: {reason}");
            assert!(!reason.contains("secret"), "{text}: {reason}");
        }
    }
}
