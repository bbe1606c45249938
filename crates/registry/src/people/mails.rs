//! What is written to people about what they look after.

use model::{Email, FullName, Handle, PackageName, Role};
use url::Url;

use super::GroupName;
use crate::{
    accounts::mails::{address, host},
    mail::{MailKind, MailMessage},
    staff::Reason,
};

/// What a group is called in a sentence.
fn words(name: &GroupName) -> String {
    match name {
        GroupName::Package(name) => format!("the package {name}"),
        GroupName::Organisation(handle) => format!("the organisation {handle}"),
    }
}

/// The owners of a package or an organisation learn that its people have changed.
pub(super) fn people_changed(registry: &Url, to: &Email, name: &GroupName, what: &str) -> MailMessage {
    MailMessage::new(MailKind::PeopleChanged, to.clone(), &format!("Who looks after {name} has changed"))
        .paragraph(what)
        .button("See who looks after it", &address(registry, &name.settings_path()))
        .paragraph("If none of the owners did this, take it back, and look at your tokens and sessions.")
        .reason(&format!("You get this because you own {}.", words(name)))
}

/// Somebody no longer has the role that they had, or has another one.
pub(super) fn your_role_changed(registry: &Url, to: &Email, name: &GroupName, what: &str) -> MailMessage {
    MailMessage::new(MailKind::PeopleChanged, to.clone(), &format!("Your role for {name} has changed"))
        .paragraph(what)
        .button("See what you look after", &address(registry, "/settings/packages"))
        .reason(&format!("You get this because you looked after {} at {}.", words(name), host(registry)))
}

/// The owners of a package learn that something of it was changed by one of them.
pub(super) fn package_changed(registry: &Url, to: &Email, name: &GroupName, what: &str) -> MailMessage {
    MailMessage::new(MailKind::PackageChanged, to.clone(), &format!("The package {name} was changed"))
        .paragraph(what)
        .button("See its settings", &address(registry, &name.settings_path()))
        .paragraph("If none of the owners did this, take it back, and look at your tokens and sessions.")
        .reason(&format!("You get this because you own the package {name}."))
}

/// The owners of packages with one short name learn which of them it means.
pub(crate) fn name_assigned(
    registry: &Url,
    to: &Email,
    name: &PackageName,
    package: &FullName,
    reason: &Reason,
) -> MailMessage {
    MailMessage::new(MailKind::PackageChanged, to.clone(), &format!("The name {name} means {package} now"))
        .paragraph(&format!(
            "At {}, the short name {name} alone means the package {package} from now on.",
            host(registry)
        ))
        .paragraph(&format!("The reason: {reason}"))
        .button("See how names are decided about", &address(registry, "/policies/naming"))
        .reason("You get this because you own a package with this short name.")
}

/// Somebody is asked to look after something.
pub(super) fn invitation(
    registry: &Url,
    to: &Email,
    by: &Handle,
    name: &GroupName,
    role: Role,
    has_account: bool,
) -> MailMessage {
    let what = words(name);
    let message = MailMessage::new(MailKind::Invitation, to.clone(), &format!("You are invited to look after {name}"))
        .paragraph(&format!("The account {by} at {} asks you to be {} of {what}.", host(registry), with_article(role)))
        .paragraph(meaning(role));
    let message = if has_account {
        message
    } else {
        message.paragraph(
            "Log in with an account that has this address, or register one with it; the invitation is there then.",
        )
    };
    message
        .button("See the invitation", &address(registry, "/settings/invitations"))
        .paragraph("It is good for 14 days. Whoever did not expect it declines it, or does nothing.")
        .reason("You get this because somebody gave your handle or address in an invitation.")
}

/// Whoever has sent an invitation learns that it was declined.
pub(super) fn declined(registry: &Url, to: &Email, name: &GroupName, by: &str) -> MailMessage {
    MailMessage::new(MailKind::PeopleChanged, to.clone(), &format!("An invitation to look after {name} was declined"))
        .paragraph(&format!("{by} does not want to look after {}.", words(name)))
        .button("See who looks after it", &address(registry, &name.settings_path()))
        .reason("You get this because you have sent the invitation.")
}

/// A role as somebody can be it.
pub(super) const fn with_article(role: Role) -> &'static str {
    match role {
        Role::Owner => "an owner",
        Role::Maintainer => "a maintainer",
        Role::Member => "a member",
    }
}

const fn meaning(role: Role) -> &'static str {
    match role {
        Role::Owner => "Owners decide who looks after it, and do all that others do.",
        Role::Maintainer => "Maintainers publish and yank releases.",
        Role::Member => "Members publish and yank releases of its packages.",
    }
}
