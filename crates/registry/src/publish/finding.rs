use std::fmt;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The upload is refused.
    Error,
    /// The upload is accepted; somebody should look at it.
    Warning,
}

/// Something about an upload that its publisher should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadFinding {
    /// How much it matters.
    pub severity: Severity,
    /// A stable code for machines.
    pub code: &'static str,
    /// A sentence for people.
    pub message: String,
}

impl UploadFinding {
    pub(crate) fn error(code: &'static str, message: impl fmt::Display) -> Self {
        Self { severity: Severity::Error, code, message: message.to_string() }
    }

    pub(crate) fn warning(code: &'static str, message: impl fmt::Display) -> Self {
        Self { severity: Severity::Warning, code, message: message.to_string() }
    }
}

impl fmt::Display for UploadFinding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

/// Whether any of them refuses the upload.
pub(crate) fn any_error(findings: &[UploadFinding]) -> bool {
    findings.iter().any(|finding| finding.severity == Severity::Error)
}
