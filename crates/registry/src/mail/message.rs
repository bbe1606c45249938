use std::fmt::Write as _;

use model::Email;
use url::Url;

/// What a message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailKind {
    /// Somebody gave this address for an account: is it theirs?
    VerifyEmail,
    /// Somebody wanted to make an account with an address that has one.
    AccountExists,
    /// A new password may be chosen.
    ResetPassword,
    /// Somebody asked for a new password with an address that has no account.
    NoAccount,
    /// The password is another one now.
    PasswordChanged,
    /// The account is to have another address; sent to the old one.
    EmailChangeRequested,
    /// The account has another address; sent to the old one.
    EmailChanged,
    /// A token of the account was found by somebody.
    TokenLeaked,
    /// Something changed of how the account is logged in to.
    SecurityChanged,
    /// Somebody has logged in from somewhere new.
    NewDevice,
    /// There is a new token.
    TokenCreated,
    /// A token ends soon.
    TokenExpires,
    /// The account is gone.
    AccountDeleted,
    /// Other workflows may publish a package; sent to its owners.
    PublishersChanged,
    /// Somebody is asked to look after a package or to belong to an organisation.
    Invitation,
    /// Who looks after something has changed; sent to its owners and to whom it is about.
    PeopleChanged,
    /// What is said of a package has changed, or what its short name means; sent to its owners.
    PackageChanged,
    /// Is a report by somebody without an account theirs?
    ConfirmReport,
    /// What was decided about a report; sent to both sides.
    Decided,
    /// Something waits for a verdict; sent to the staff.
    CaseOpened,
}

impl MailKind {
    /// As the database and the log of deliveries know it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify-email",
            Self::AccountExists => "account-exists",
            Self::ResetPassword => "reset-password",
            Self::NoAccount => "no-account",
            Self::PasswordChanged => "password-changed",
            Self::EmailChangeRequested => "email-change-requested",
            Self::EmailChanged => "email-changed",
            Self::TokenLeaked => "token-leaked",
            Self::SecurityChanged => "security-changed",
            Self::NewDevice => "new-device",
            Self::TokenCreated => "token-created",
            Self::TokenExpires => "token-expires",
            Self::AccountDeleted => "account-deleted",
            Self::PublishersChanged => "publishers-changed",
            Self::Invitation => "invitation",
            Self::PeopleChanged => "people-changed",
            Self::PackageChanged => "package-changed",
            Self::ConfirmReport => "confirm-report",
            Self::Decided => "decided",
            Self::CaseOpened => "case-opened",
        }
    }
}

/// A message to one person, as text and as HTML in the one layout that all have.
///
/// Each piece of text is one line: line breaks and control characters in it become spaces, so nothing that somebody chose (a
/// handle, the name of a device) can add a header, a line or an element.
#[derive(Clone, Debug)]
pub struct MailMessage {
    kind: MailKind,
    to: Email,
    subject: String,
    greeting: Option<String>,
    before_button: Vec<String>,
    button: Option<Button>,
    after_button: Vec<String>,
    reason: Option<String>,
}

#[derive(Clone, Debug)]
struct Button {
    label: String,
    address: String,
}

impl MailMessage {
    /// A message without content yet.
    pub fn new(kind: MailKind, to: Email, subject: &str) -> Self {
        Self {
            kind,
            to,
            subject: one_line(subject),
            greeting: None,
            before_button: Vec::new(),
            button: None,
            after_button: Vec::new(),
            reason: None,
        }
    }

    /// The line on top, such as "Hello ada,".
    #[must_use]
    pub fn greeting(self, text: &str) -> Self {
        Self { greeting: Some(one_line(text)), ..self }
    }

    /// One more paragraph; it stands below the button if there is one already.
    #[must_use]
    pub fn paragraph(mut self, text: &str) -> Self {
        let paragraphs = if self.button.is_some() { &mut self.after_button } else { &mut self.before_button };
        paragraphs.push(one_line(text));
        self
    }

    /// The one thing to do. There is at most one button: a second one takes the place of the first.
    #[must_use]
    pub fn button(self, label: &str, address: &Url) -> Self {
        Self { button: Some(Button { label: one_line(label), address: address.as_str().to_owned() }), ..self }
    }

    /// The last sentence: why this was sent to this address.
    #[must_use]
    pub fn reason(self, text: &str) -> Self {
        Self { reason: Some(one_line(text)), ..self }
    }

    /// What it is about.
    pub fn kind(&self) -> MailKind {
        self.kind
    }

    /// Who gets it.
    pub fn recipient(&self) -> &Email {
        &self.to
    }

    /// The subject, in one line.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The message as plain text; the address of the button stands alone on its line.
    pub fn text(&self) -> String {
        let button = self.button.as_ref().map(|button| format!("{}:\n{}", button.label, button.address));
        let parts = self.greeting.iter().chain(&self.before_button).chain(&button);
        let parts: Vec<&str> = parts.chain(&self.after_button).chain(&self.reason).map(String::as_str).collect();
        format!("{}\n", parts.join("\n\n"))
    }

    /// The message as a whole HTML document, all of whose styles stand in its elements: mail programs ignore others.
    pub fn html(&self) -> String {
        let mut content = String::new();
        for text in self.greeting.iter().chain(&self.before_button) {
            let _ = writeln!(content, "<p style=\"{PARAGRAPH}\">{}</p>", escaped(text));
        }
        if let Some(button) = &self.button {
            let (label, address) = (escaped(&button.label), escaped(&button.address));
            let _ = writeln!(
                content,
                "<p style=\"{PARAGRAPH}\"><a href=\"{address}\" style=\"{BUTTON}\">{label}</a></p>\n\
                 <p style=\"{SMALL}\">Where the button does nothing, open this address: \
                 <a href=\"{address}\" style=\"{LINK}\">{address}</a></p>"
            );
        }
        for text in &self.after_button {
            let _ = writeln!(content, "<p style=\"{PARAGRAPH}\">{}</p>", escaped(text));
        }
        if let Some(text) = &self.reason {
            let _ = writeln!(content, "<p style=\"{REASON}\">{}</p>", escaped(text));
        }
        format!(
            "<!DOCTYPE html>\n\
             <html lang=\"en\">\n\
             <head>\n\
             <meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light\">\n\
             <title>{}</title>\n\
             </head>\n\
             <body style=\"{BODY}\">\n\
             <div style=\"{SHEET}\">\n\
             <p style=\"{WORDMARK}\"><span style=\"color:#2b5c91\">pg</span>install</p>\n\
             {content}\
             </div>\n\
             </body>\n\
             </html>\n",
            escaped(&self.subject)
        )
    }
}

const BODY: &str =
    "margin:0;padding:24px 12px;background:#f7f9fc;color:#1d2633;font:15px/1.55 'IBM Plex Sans',system-ui,sans-serif";
const SHEET: &str =
    "max-width:560px;margin:0 auto;padding:24px;background:#ffffff;border:1px solid #d8dfe8;border-radius:6px";
const WORDMARK: &str = "margin:0 0 20px;font:600 20px/1.35 'IBM Plex Mono',ui-monospace,monospace";
const PARAGRAPH: &str = "margin:0 0 16px";
const BUTTON: &str =
    "display:inline-block;padding:10px 20px;background:#2b5c91;color:#ffffff;border-radius:6px;text-decoration:none";
const SMALL: &str = "margin:0 0 16px;color:#586475;font-size:13px;overflow-wrap:anywhere";
const LINK: &str = "color:#2b5c91";
const REASON: &str = "margin:24px 0 0;padding:16px 0 0;border-top:1px solid #d8dfe8;color:#586475;font-size:13px";

/// The words of a text with one space between them, without control characters.
pub(super) fn one_line(text: &str) -> String {
    let words = text.split(|letter: char| letter.is_whitespace() || letter.is_control());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A text as it stands in HTML, in elements and in quoted attributes.
fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            letter => html.push(letter),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to() -> Email {
        "ada@example.org".parse().expect("an address")
    }

    #[test]
    fn the_text_has_every_part_in_its_order() {
        let address = "https://extensions.test/verify?token=abc&a=b".parse().expect("an address");
        let message = MailMessage::new(MailKind::VerifyEmail, to(), "Confirm your address")
            .greeting("Hello ada,")
            .paragraph("Somebody made an account with this address.")
            .button("Confirm the address", &address)
            .paragraph("The link is good for a day.")
            .reason("This was sent because the address was given at extensions.test.");
        assert_eq!(
            message.text(),
            "Hello ada,\n\n\
             Somebody made an account with this address.\n\n\
             Confirm the address:\n\
             https://extensions.test/verify?token=abc&a=b\n\n\
             The link is good for a day.\n\n\
             This was sent because the address was given at extensions.test.\n"
        );
        let html = message.html();
        assert!(html.contains("href=\"https://extensions.test/verify?token=abc&amp;a=b\""), "{html}");
        let places = ["Hello ada,", "Somebody made", "Confirm the address</a>", "good for a day", "was sent because"]
            .map(|part| html.find(part).expect(part));
        assert!(places.is_sorted(), "{html}");
        let second = message.button("Another", &"https://extensions.test/other".parse().expect("an address"));
        assert!(!second.text().contains("/verify") && second.text().contains("/other"));
    }

    #[test]
    fn nothing_that_somebody_chose_is_html_or_a_line_of_its_own() {
        let nasty = "<script>alert('x')</script>\r\nBcc: all@example.org\n\n\"&\u{0}\u{2028}\u{1b}[2J";
        let plain = "<script>alert('x')</script> Bcc: all@example.org \"& [2J";
        let address = Url::parse("https://x.test/?a='\"<b>\r\n&c=d").expect("an address");
        let message = MailMessage::new(MailKind::TokenLeaked, to(), nasty)
            .greeting(nasty)
            .paragraph(nasty)
            .button(nasty, &address)
            .paragraph(nasty)
            .reason(nasty);
        assert_eq!(message.subject(), plain);
        let text = message.text();
        assert_eq!(text.lines().filter(|line| line.starts_with(plain)).count(), 5, "{text}");
        assert!(!text.lines().any(|line| line.starts_with("Bcc")), "{text}");
        let html = message.html();
        let escaped = "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; Bcc: all@example.org &quot;&amp; [2J";
        assert_eq!(html.matches(escaped).count(), 6, "{html}");
        assert!(!html.contains("<script") && !html.contains("'\"<b>"), "{html}");
        assert!(!html.chars().any(|letter| letter.is_control() && letter != '\n'), "{html}");
    }

    #[test]
    fn a_message_may_be_short() {
        let message = MailMessage::new(MailKind::NoAccount, to(), "x").paragraph("One sentence.");
        assert_eq!(message.text(), "One sentence.\n");
        assert!(!message.html().contains("<a "));
    }
}
