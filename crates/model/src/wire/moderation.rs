//! Reports, and what those do who keep the registry in order.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::wire;
use crate::{Handle, PackageName, ReportKind, StaffRole, Verdict, Version};

wire! {
    /// Something that is wrong: with a package or one of its releases, or with an account or organisation.
    NewReport {
        /// The package.
        package: Option<PackageName>,
        /// The release of it; none for all of it.
        version: Option<Version>,
        /// The account or organisation, where it is about one.
        user: Option<Handle>,
        /// `malware`, `spam`, `typo-squatting`, `licence`, `abuse` or `other`.
        kind: ReportKind,
        /// What is wrong, in 10 to 4000 characters.
        text: String,
        /// Where a link is sent that confirms the report; needed where nobody is known.
        email: Option<String>,
    }

    /// What became of a report.
    TakenReport {
        /// Whether it counts already; else when the link in the mail was opened.
        confirmed: bool,
    }

    /// Cases that wait for a verdict.
    CaseList {
        /// Malware first, then the oldest.
        items: Vec<CaseItem>,
    }

    /// A case.
    CaseItem {
        /// Its id.
        id: i64,
        /// The package that it is about.
        package: Option<PackageName>,
        /// The account or organisation that it is about.
        user: Option<Handle>,
        /// What is said to be wrong.
        kinds: Vec<ReportKind>,
        /// How many have said so.
        reports: i64,
        /// Since when it waits, RFC 3339.
        #[serde(with = "time::serde::rfc3339")]
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        opened_at: OffsetDateTime,
    }

    /// A verdict about a case.
    NewVerdict {
        /// `dismissed`, `quarantined`, `released`, `locked` or `unlocked`.
        verdict: Verdict,
        /// The release that it is about; none for all of the package.
        version: Option<Version>,
        /// Why, in 10 to 1000 characters: both sides read it.
        reason: String,
    }

    /// Why somebody of the staff does something.
    StaffReason {
        /// In 10 to 1000 characters.
        reason: String,
    }

    /// What somebody may do to keep the registry in order.
    NewStaffRole {
        /// `moderator` or `admin`; null for nothing.
        role: Option<StaffRole>,
        /// Why, in 10 to 1000 characters.
        reason: String,
    }

    /// The event of an act.
    ActEvent {
        /// Its id in the log.
        event: i64,
    }

    /// Accounts, as admins see them.
    AccountList {
        /// The newest first.
        items: Vec<AccountItem>,
    }

    /// An account, as admins see it.
    AccountItem {
        /// Its handle.
        handle: Handle,
        /// Its address.
        email: String,
        /// Whether it is known to be its owner's.
        email_verified: bool,
        /// Whether it has a second factor.
        second_factor: bool,
        /// What it may do to keep the registry in order.
        role: Option<StaffRole>,
        /// Why it is locked; null where it is not.
        lock_reason: Option<String>,
        /// When it began, RFC 3339.
        #[serde(with = "time::serde::rfc3339")]
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        created_at: OffsetDateTime,
        /// Packages it looks after.
        packages: i64,
    }
}
