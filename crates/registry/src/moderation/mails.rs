//! What is written about reports.

use model::{Email, PackageName, ReportKind, Verdict};
use url::Url;

use super::Decision;
use crate::{
    accounts::{
        LinkSecret,
        mails::{address, host},
    },
    mail::{MailKind, MailMessage},
};

/// Whoever has reported something without an account confirms it.
pub(super) fn confirm_report(registry: &Url, to: &Email, secret: &LinkSecret) -> MailMessage {
    let mut link = address(registry, "/report/confirm");
    link.query_pairs_mut().append_pair("token", secret.reveal());
    MailMessage::new(MailKind::ConfirmReport, to.clone(), "Confirm your report")
        .paragraph(&format!("Somebody, you we hope, has reported something at {}.", host(registry)))
        .button("Confirm the report", &link)
        .paragraph("The link is good for three days, and once. You are told what was decided.")
        .reason("You get this because your address was given in a form. If it was not you, do nothing: nothing is reported.")
}

/// The staff learns that something waits for a verdict.
pub(super) fn case_opened(registry: &Url, to: &Email, case: i64, kind: ReportKind) -> MailMessage {
    MailMessage::new(MailKind::CaseOpened, to.clone(), &format!("A case waits: {kind}"))
        .paragraph(&format!(
            "At {}, something waits for a verdict: it was reported, or noticed by the registry itself, since it was last looked at.",
            host(registry)
        ))
        .button("See the case", &address(registry, &format!("/admin/reports/{case}")))
        .reason("You get this because you keep this registry in order.")
}

/// What a verdict means, in a sentence.
fn words(verdict: Verdict, what: &str) -> String {
    match verdict {
        Verdict::Dismissed => format!("It was found that nothing has to be done about {what}."),
        Verdict::Quarantined => {
            format!("It was decided to hold {what} back: it can be seen that it is, and nobody can install it.")
        }
        Verdict::Released => format!("It was decided that {what} is no longer held back."),
        Verdict::Locked => format!("It was decided to lock the account {what}."),
        Verdict::Granted => format!("It was decided that {what} belongs to whoever has claimed it."),
        Verdict::Unlocked => format!("It was decided to unlock the account {what}."),
    }
}

fn subject_of(name: &str, decision: &Decision) -> String {
    decision.release.as_ref().map_or_else(|| name.to_owned(), |version| format!("{name} {version}"))
}

/// The owners of a package learn what was decided about it.
pub(super) fn decided_for_owner(registry: &Url, to: &Email, name: &PackageName, decision: &Decision) -> MailMessage {
    let what = subject_of(name.as_str(), decision);
    let message = MailMessage::new(MailKind::Decided, to.clone(), &format!("A verdict about {what}"))
        .paragraph(&format!("{} had been reported at {}.", what, host(registry)))
        .paragraph(&words(decision.verdict, &what))
        .paragraph(&format!("The reason: {}", decision.reason))
        .button("See the package's settings", &address(registry, &format!("/settings/packages/{name}/availability")));
    let message = if decision.verdict == Verdict::Quarantined {
        message.paragraph("If you think that this is wrong, say so there: somebody looks at it again.")
    } else {
        message
    };
    message.reason("You get this because you own this package.")
}

/// Whoever has claimed a package learns what was decided.
pub(super) fn claim_decided(registry: &Url, to: &Email, name: &str, decision: &Decision) -> MailMessage {
    let what = if decision.verdict == Verdict::Granted {
        format!("You own the package {name} at {} now.", host(registry))
    } else {
        format!("Your claim of the package {name} at {} was declined.", host(registry))
    };
    MailMessage::new(MailKind::Decided, to.clone(), &format!("Your claim of {name}"))
        .paragraph(&what)
        .paragraph(&format!("The reason: {}", decision.reason))
        .button("See your packages", &address(registry, "/settings/packages"))
        .reason("You get this because you have claimed this package.")
}

/// Whoever has reported something learns what was decided.
pub(super) fn decided_for_reporter(registry: &Url, to: &Email, subject: &str, decision: &Decision) -> MailMessage {
    let what = subject_of(subject, decision);
    MailMessage::new(MailKind::Decided, to.clone(), &format!("Your report about {subject}"))
        .paragraph(&format!("You have reported {subject} at {}. Thank you.", host(registry)))
        .paragraph(&words(decision.verdict, &what))
        .paragraph(&format!("The reason: {}", decision.reason))
        .button("See how reports are decided", &address(registry, "/policies/disputes"))
        .reason("You get this because you have reported it.")
}
