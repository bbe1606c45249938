//! What is written to people about their accounts.

use model::{Email, Handle};
use url::Url;

use super::secret::LinkSecret;
use crate::mail::{MailKind, MailMessage};

/// An address of this registry.
fn address(registry: &Url, path: &str) -> Url {
    let mut address = registry.clone();
    address.set_path(path);
    address
}

fn with_secret(registry: &Url, path: &str, secret: &LinkSecret) -> Url {
    let mut address = address(registry, path);
    address.query_pairs_mut().append_pair("token", secret.reveal());
    address
}

fn host(registry: &Url) -> &str {
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
