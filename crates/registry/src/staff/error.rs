use model::{FullName, Handle, PackageName, StaffRole};

use super::InvalidReason;
use crate::{RegistryError, accounts::Limited};

/// Why something that staff does was not done.
#[derive(Debug, thiserror::Error)]
pub enum StaffError {
    /// Whoever asks has not the role for it, or no longer.
    #[error("only {}s do this", .0)]
    Role(StaffRole),
    /// No reason was given.
    #[error(transparent)]
    Reason(#[from] InvalidReason),
    /// It is about something of their own.
    #[error("you decide nothing about yourself or what you look after; somebody else has to")]
    OwnInterest,
    /// Somebody else has decided meanwhile.
    #[error("somebody else has decided this meanwhile; this is how it is now")]
    Decided,
    /// The verdict is none for this.
    #[error("this cannot be decided so")]
    Verdict,
    /// Several have claimed the same.
    #[error("several have claimed it: dismiss the case, and say in the reason who may claim it again")]
    SeveralClaims,
    /// Nobody would administer the registry.
    #[error("somebody has to be an admin: make somebody else one first")]
    LastAdmin,
    /// It is so already.
    #[error("it is so already")]
    Unchanged,
    /// There is no such account.
    #[error("there is no account {0}")]
    Unknown(Handle),
    /// The account has not confirmed its address.
    #[error("the account {0} has not confirmed its address yet")]
    Unverified(Handle),
    /// There is no such package.
    #[error("there is no package {0}")]
    NoPackage(PackageName),
    /// What was typed into a field cannot be used, and why.
    #[error("{1}")]
    Field(&'static str, String),
    /// It is not for everybody: for its members only, held back, or not what its short name means.
    #[error("{0} is not there for everybody under its short name")]
    NotForEverybody(FullName),
    /// There is no more room for it.
    #[error("there are {0} already: take one away first")]
    Full(i64),
    /// Too often.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// The database failed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl StaffError {
    /// What was typed into a field cannot be used.
    pub(crate) fn field(field: &'static str, why: impl Into<String>) -> Self {
        Self::Field(field, why.into())
    }

    /// A stable code for machines.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Role(_) => "not-staff",
            Self::Reason(_) => "reason-missing",
            Self::OwnInterest => "own-interest",
            Self::Decided => "decided-meanwhile",
            Self::Verdict => "verdict",
            Self::SeveralClaims => "several-claims",
            Self::LastAdmin => "last-admin",
            Self::Unchanged => "unchanged",
            Self::Unknown(_) => "account-unknown",
            Self::Unverified(_) => "email-unverified",
            Self::NoPackage(_) => "package-unknown",
            Self::Field(..) => "invalid",
            Self::NotForEverybody(_) => "not-for-everybody",
            Self::Full(_) => "full",
            Self::Limited(_) => "too-many-requests",
            Self::Registry(error) => error.code(),
        }
    }
}

impl From<sqlx::Error> for StaffError {
    fn from(error: sqlx::Error) -> Self {
        Self::Registry(error.into())
    }
}
