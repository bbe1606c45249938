//! Why something was refused (RFC 9457).

use serde::{Deserialize, Serialize};

use super::wire;
use crate::FullName;

wire! {
    /// An error, as RFC 9457 has it.
    Problem {
        /// A stable name of this kind of error.
        r#type: String,
        /// The kind of error in words.
        title: String,
        /// The status.
        status: u16,
        /// A stable code.
        code: String,
        /// What happened and what to do.
        detail: String,
        /// The full names of the packages that were meant, where a short name is ambiguous.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        candidates: Vec<FullName>,
        /// All that speaks against an upload, and warnings.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        findings: Vec<Finding>,
    }

    /// Something about an upload that its publisher should know.
    Finding {
        /// `error` or `warning`.
        severity: String,
        /// A stable code.
        code: String,
        /// What it is, in words.
        message: String,
    }
}
