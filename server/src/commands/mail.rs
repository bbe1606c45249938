use model::Email;
use registry::KeptMail;
use serde::Serialize;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{node::Node, print};
use crate::config::Config;

/// A message as `--json` prints it.
#[derive(Debug, Serialize)]
struct PrintedMail {
    id: i64,
    kind: String,
    to: Email,
    subject: String,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    state: &'static str,
    attempts: i32,
    last_error: Option<String>,
    text: Option<String>,
    html: Option<String>,
}

/// Prints the newest messages, the newest last.
pub(crate) async fn mail(config: &Config, to: Option<&Email>, limit: u32, is_json: bool) -> anyhow::Result<()> {
    let node = Node::open_migrated(config).await?;
    let mails = node.registry.kept_mails(to, limit).await.map_err(anyhow::Error::from);
    let mut mails = node.close_after(mails).await?;
    mails.reverse();
    if is_json {
        let mails: Vec<PrintedMail> = mails.into_iter().map(PrintedMail::from).collect();
        print(format_args!("{}", serde_json::to_string_pretty(&mails)?));
        return Ok(());
    }
    if mails.is_empty() {
        print(format_args!("there is no mail"));
    }
    for mail in &mails {
        print(format_args!("{}", text(mail)));
    }
    Ok(())
}

/// A message as people read it, with what became of it.
fn text(mail: &KeptMail) -> String {
    let written = mail.created_at.format(&Rfc3339).unwrap_or_default();
    let error = mail.last_error.as_ref().map(|error| format!(" ({error})")).unwrap_or_default();
    let body = mail.text.as_deref().map(|text| format!("\n{text}")).unwrap_or_default();
    format!(
        "---- {}: {}, {written}, {}{error}\nTo: {}\nSubject: {}\n{body}",
        mail.id,
        mail.kind,
        mail.state.as_str(),
        mail.recipient,
        mail.subject
    )
}

impl From<KeptMail> for PrintedMail {
    fn from(mail: KeptMail) -> Self {
        Self {
            id: mail.id,
            kind: mail.kind,
            to: mail.recipient,
            subject: mail.subject,
            created_at: mail.created_at,
            state: mail.state.as_str(),
            attempts: mail.attempts,
            last_error: mail.last_error,
            text: mail.text,
            html: mail.html,
        }
    }
}
