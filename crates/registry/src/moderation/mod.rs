//! What people say is wrong, and what is done about it: reports, cases, verdicts, quarantine, appeals.

mod appeal;
mod cases;
mod claim;
mod mails;
mod near_names;
mod numbers;
mod quarantine;
mod report;
mod verdicts;

pub use cases::{CaseDetails, CaseReport, CaseSubject, CaseSummary, PastVerdict};
pub use claim::ClaimPage;
pub(crate) use near_names::note_near_name;
pub use numbers::ModerationNumbers;
pub use report::{NewReport, ReportError, ReportSubject, Reported};
pub use verdicts::Decision;
