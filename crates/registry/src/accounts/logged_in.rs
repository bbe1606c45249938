//! How far a log-in has come, and how.

use model::Handle;
use serde::{Deserialize, Serialize};

/// An account whose owner has shown who they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedIn {
    /// The id of its principal, for the session.
    pub principal: i64,
    /// Its handle.
    pub handle: Handle,
    /// Which of its passwords was shown, for the session: one that is changed meanwhile is good for none.
    pub password_generation: i64,
    /// Whether the password is one that would not be taken today: it has leaked since, or is like one that has.
    pub has_weak_password: bool,
    /// Whether more was shown than that somebody is logged in elsewhere, which their browser may be without them.
    pub has_shown_more: bool,
}

/// An account whose first factor was shown and whose second is still to come. It stays on the server, in the session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HalfWay {
    pub(super) account: LoggedIn,
    pub(super) expires_at: i64,
}

/// How far a log-in has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogInStep {
    /// To its end.
    Done(LoggedIn),
    /// A second factor is needed.
    Second(HalfWay),
}

/// How somebody has logged in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LogInWay {
    Password,
    Identity,
    Code,
    RecoveryCode,
    Passkey,
}

impl LogInWay {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Identity => "identity",
            Self::Code => "code",
            Self::RecoveryCode => "recovery-code",
            Self::Passkey => "passkey",
        }
    }

    /// Whether a false page cannot have asked for it.
    pub(super) const fn resists_phishing(self) -> bool {
        matches!(self, Self::Passkey)
    }
}
