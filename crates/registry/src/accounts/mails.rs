//! What is written to people about their accounts.

use model::{Email, Handle};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use url::Url;

use super::{ClientInfo, secret::LinkSecret};
use crate::mail::{MailKind, MailMessage};

/// An address of this registry.
pub(crate) fn address(registry: &Url, path: &str) -> Url {
    let mut address = registry.clone();
    address.set_path(path);
    address
}

fn with_secret(registry: &Url, path: &str, secret: &LinkSecret) -> Url {
    let mut address = address(registry, path);
    address.query_pairs_mut().append_pair("token", secret.reveal());
    address
}

/// The name of this registry.
pub(crate) fn host(registry: &Url) -> &str {
    registry.host_str().unwrap_or("this registry")
}

/// Whoever wants an account reads this and confirms it.
pub(super) fn confirm_registration(registry: &Url, handle: &Handle, to: &Email, secret: &LinkSecret) -> MailMessage {
    MailMessage::new(MailKind::VerifyEmail, to.clone(), "Confirm your account")
        .greeting(&format!("Welcome, {handle}."))
        .paragraph(&format!("Somebody, you we hope, asked for the account {handle} at {}.", host(registry)))
        .button("Confirm the account", &with_secret(registry, "/verify-email", secret))
        .paragraph("The link is good for three days, and once. The account begins with it.")
        .reason("You get this because your address was given for a new account. If it was not you, do nothing: no account begins.")
}

/// The owner of an account learns that somebody wanted another one with the same address.
pub(super) fn account_exists(registry: &Url, to: &Email) -> MailMessage {
    MailMessage::new(MailKind::AccountExists, to.clone(), "You have an account already")
        .paragraph(&format!(
            "Somebody, you we hope, gave this address for an account at {}. There is one with it already, so nothing was changed.",
            host(registry)
        ))
        .button("Choose a new password", &address(registry, "/forgot-password"))
        .reason("You get this because your address was given in a form. If it was not you, nothing has to be done.")
}

/// An address that was given for an account that is there is confirmed by its reader.
pub(super) fn confirm_email(registry: &Url, handle: &Handle, to: &Email, secret: &LinkSecret) -> MailMessage {
    MailMessage::new(MailKind::VerifyEmail, to.clone(), "Confirm your address")
        .paragraph(&format!("The account {handle} at {} is to have this address.", host(registry)))
        .button("Confirm the address", &with_secret(registry, "/verify-email", secret))
        .paragraph("The link is good once, and for a day or, where the address is confirmed again, for three.")
        .reason("You get this because somebody who is logged in to that account gave your address. If it was not you, do nothing.")
}

/// Somebody has forgotten a password.
pub(super) fn reset_password(registry: &Url, handle: &Handle, to: &Email, secret: &LinkSecret) -> MailMessage {
    MailMessage::new(MailKind::ResetPassword, to.clone(), "Choose a new password")
        .paragraph(&format!("Somebody, you we hope, wants a new password for the account {handle} at {}.", host(registry)))
        .button("Choose a new password", &with_secret(registry, "/reset-password", secret))
        .paragraph("The link is good for an hour, and once.")
        .reason("You get this because your address was given in a form. If it was not you, do nothing: your password stays.")
}

/// Somebody has forgotten which address they have used.
pub(super) fn no_account(registry: &Url, to: &Email) -> MailMessage {
    MailMessage::new(MailKind::NoAccount, to.clone(), "There is no account with this address")
        .paragraph(&format!(
            "Somebody, you we hope, wants a new password at {}. No account there has this address; it may have another one.",
            host(registry)
        ))
        .button("Register", &address(registry, "/register"))
        .reason("You get this because your address was given in a form. If it was not you, nothing has to be done.")
}

/// Somebody has forgotten the password of an account whose address may be read by others by now.
pub(super) fn recovery_impossible(registry: &Url, to: &Email) -> MailMessage {
    MailMessage::new(MailKind::NoAccount, to.clone(), "This address recovers no account any more")
        .paragraph(&format!(
            "Somebody wants a new password at {}. For a while the domain of this address belonged to nobody, so whoever reads this may be somebody else than before: no account is recovered by it.",
            host(registry)
        ))
        .paragraph("If you are logged in somewhere, confirm your address there once more; otherwise write to those who run the registry.")
        .reason("You get this because your address was given in a form.")
}

/// A password is another one now.
pub(super) fn password_changed(registry: &Url, to: &Email) -> MailMessage {
    MailMessage::new(MailKind::PasswordChanged, to.clone(), "Your password was changed")
        .paragraph(&format!(
            "The password of your account at {} was changed. Other sessions have ended.",
            host(registry)
        ))
        .paragraph("If it was not you, choose a new one at once, and look at your tokens.")
        .button("Choose a new password", &address(registry, "/forgot-password"))
        .reason("You get this because it concerns the security of your account.")
}

/// An account is to have another address; its present one is told.
pub(super) fn email_change_asked(registry: &Url, to: &Email, new: &Email) -> MailMessage {
    MailMessage::new(MailKind::EmailChangeRequested, to.clone(), "Your account is to have another address")
        .paragraph(&format!(
            "Your account at {} is to have the address {new}. It changes when the link that was sent there is opened.",
            host(registry)
        ))
        .paragraph("If it was not you, change your password: whoever did this knows it.")
        .button("Change the password", &address(registry, "/settings/security"))
        .reason("You get this because it concerns the security of your account.")
}

/// An account has another address; both are told.
pub(super) fn email_changed(registry: &Url, to: &Email, new: &Email) -> MailMessage {
    MailMessage::new(MailKind::EmailChanged, to.clone(), "Your account has another address")
        .paragraph(&format!("Your account at {} has the address {new} now.", host(registry)))
        .paragraph("If it was not you, write to those who run the registry at once.")
        .reason("You get this because it concerns the security of your account.")
}

/// Something changed of how somebody logs in, or of who publishes in their name.
pub(crate) fn security_changed(registry: &Url, to: &Email, subject: &str, what: &str) -> MailMessage {
    MailMessage::new(MailKind::SecurityChanged, to.clone(), subject)
        .paragraph(&format!("This was done with your account at {}:", host(registry)))
        .paragraph(what)
        .button("See your security settings", &address(registry, "/settings/security"))
        .paragraph("If it was not you, choose a new password at once, end all sessions, and look at your tokens.")
        .reason("You get this because it concerns the security of your account.")
}

/// Somebody has logged in from somewhere new, with something that can be asked for by a false page.
pub(super) fn new_device(registry: &Url, to: &Email, client: &ClientInfo, now: OffsetDateTime) -> MailMessage {
    let moment = now.replace_nanosecond(0).unwrap_or(now).format(&Rfc3339).unwrap_or_default();
    let from = if client.address.is_empty() { "an unknown address" } else { &client.address };
    let with = if client.user_agent.is_empty() { "a program that did not say what it is" } else { &client.user_agent };
    MailMessage::new(MailKind::NewDevice, to.clone(), "Your account was logged in to from somewhere new")
        .paragraph(&format!(
            "At {moment} somebody, you we hope, logged in to your account at {} from {from} with {with}.",
            host(registry)
        ))
        .button("See your sessions", &address(registry, "/settings/sessions"))
        .paragraph("If it was not you, end that session and choose a new password. A passkey cannot be asked for by a false page: with one, you do not get such messages.")
        .reason("You get this because it concerns the security of your account.")
}

/// Somebody knows how to begin a log-in, and not how to end it.
pub(super) fn second_factor_wrong(registry: &Url, to: &Email, client: &ClientInfo) -> MailMessage {
    let from = if client.address.is_empty() { "an unknown address" } else { &client.address };
    MailMessage::new(MailKind::SecurityChanged, to.clone(), "Somebody gave a wrong second factor for your account")
        .paragraph(&format!(
            "Somebody, you we hope, knew your password at {} or was logged in to a linked account, and gave a wrong code or passkey from {from}. This is said at most once a day.",
            host(registry)
        ))
        .button("See your security settings", &address(registry, "/settings/security"))
        .paragraph("If it was not you, choose a new password at once: the present one is known to somebody.")
        .reason("You get this because it concerns the security of your account.")
}

/// There is a new token.
pub(super) fn token_created(registry: &Url, to: &Email, name: &str) -> MailMessage {
    MailMessage::new(MailKind::TokenCreated, to.clone(), "A token was made")
        .paragraph(&format!("The token {name:?} was made for your account at {}.", host(registry)))
        .button("See your tokens", &address(registry, "/settings/tokens"))
        .paragraph("If it was not you, revoke it, choose a new password, and end all sessions.")
        .reason("You get this because it concerns the security of your account.")
}

/// A token ends soon.
pub(super) fn token_expires(registry: &Url, to: &Email, name: &str, expires_at: OffsetDateTime) -> MailMessage {
    let day = expires_at.date();
    MailMessage::new(MailKind::TokenExpires, to.clone(), "A token of yours ends soon")
        .paragraph(&format!("The token {name:?} of your account at {} ends on {day}.", host(registry)))
        .paragraph("Where it is still needed, make a new one and put it in its place.")
        .button("See your tokens", &address(registry, "/settings/tokens"))
        .reason("You get this because what publishes with this token will be refused from then on.")
}

/// An account is gone.
pub(super) fn account_deleted(registry: &Url, to: &Email, handle: &Handle) -> MailMessage {
    MailMessage::new(MailKind::AccountDeleted, to.clone(), "Your account was deleted")
        .paragraph(&format!(
            "The account {handle} at {} was deleted, and what was known of you with it.",
            host(registry)
        ))
        .paragraph("If it was not you, write to those who run the registry at once.")
        .reason("This is the last message about that account.")
}

/// The owners of a package learn that its publishers have changed.
pub(crate) fn publishers_changed(registry: &Url, to: &Email, package: &str, what: &str) -> MailMessage {
    MailMessage::new(MailKind::PublishersChanged, to.clone(), &format!("Who may publish {package} has changed"))
        .paragraph(what)
        .button("See who may publish", &address(registry, "/settings/publishing"))
        .paragraph("If none of the owners did this, take it back, and look at your tokens and sessions.")
        .reason("You get this because you own this package.")
}

/// A token was found where it should not be.
pub(super) fn token_leaked(registry: &Url, to: &Email, name: &str) -> MailMessage {
    MailMessage::new(MailKind::TokenLeaked, to.clone(), "A token of yours was found and revoked")
        .paragraph(&format!(
            "Somebody has shown the token {name:?} of your account at {}, as scanners for leaked secrets do. It was revoked at once.",
            host(registry)
        ))
        .paragraph("Look at what was published with it, and make a new one where it was used.")
        .button("See your tokens", &address(registry, "/settings/tokens"))
        .reason("You get this because it concerns the security of your account.")
}
