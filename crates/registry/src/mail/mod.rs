//! Mail: what is written to people, how it is put down with what caused it, and how it gets to an SMTP server.

mod deliver;
mod kept;
mod message;
mod outbox;
mod settings;
mod transport;

pub(crate) use deliver::deliver;
pub use kept::{KeptMail, MailState};
pub use message::{MailKind, MailMessage};
pub(crate) use outbox::send;
pub use settings::{InvalidSender, MailSender, MailSettings, SmtpLogin, SmtpSecurity, SmtpSettings};
pub use transport::{InvalidMailServer, MailTransport, SmtpTransport};
