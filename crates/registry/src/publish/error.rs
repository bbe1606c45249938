use model::{CategorySlug, ExtensionName, FullName, PackageName, Platform, PostgresMajor, TokenAction, Version};

use super::{ArtifactKind, ReceiveError, Severity, UploadFinding};
use crate::{RegistryError, accounts::Limited, store::StoreError};

/// Why something was not published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The archive, or what was said about it, has faults: those that are errors, and warnings with them.
    #[error("{}", sentences(.0))]
    Faults(Vec<UploadFinding>),
    /// The token is not good for it.
    #[error("this token may not {action} {name}", action = deed(*.action))]
    TokenScope {
        /// What it would have to be good for.
        action: TokenAction,
        /// For which package.
        name: PackageName,
    },
    /// The account would need a second factor.
    #[error(
        "whoever publishes this needs a second factor: add an authenticator app or a passkey at /settings/security"
    )]
    SecondFactor,
    /// The account or the trusted publisher is no more.
    #[error("the account or the trusted publisher of this token is no more")]
    AccountGone,
    /// Only workflows publish the package.
    #[error("{0} is published by its trusted publishers only, not with tokens of people")]
    PublishersOnly(PackageName),
    /// Admins have said that nothing is published for a while.
    #[error("nothing is published for a while: {0}")]
    Paused(String),
    /// Moderators hold the package back.
    #[error("{0} is held back by those who run this registry while it is looked at, so nothing is published to it")]
    Quarantined(PackageName),
    /// Its owners have said that nothing more comes.
    #[error("{0} is archived: its owners take that back at its settings before anything is published to it")]
    Archived(PackageName),
    /// Somebody else's package.
    #[error("{0} belongs to somebody else")]
    NotYours(PackageName),
    /// A package without an owner: taken from the packages of a server, or left by its last owner.
    #[error("{0} belongs to nobody here, so nobody can publish to it yet")]
    Unowned(PackageName),
    /// A name that nobody takes.
    #[error("the name {name} is reserved: {reason}")]
    Reserved {
        /// The name.
        name: String,
        /// Why.
        reason: String,
    },
    /// Another spelling of the name is taken.
    #[error("the name {name} is read like {taken}, which is published already")]
    NameTaken {
        /// The name that was refused.
        name: PackageName,
        /// The name that is there.
        taken: PackageName,
    },
    /// Somebody publishes the package here; what comes from a server's packages does not replace it.
    #[error("{0} is published here by its owner")]
    Owned(PackageName),
    /// Another package provides the extension.
    #[error("the extension {name} is provided by the package {by}")]
    ExtensionTaken {
        /// The extension.
        name: ExtensionName,
        /// The full name of its package.
        by: FullName,
    },
    /// A category that is not there.
    #[error("there is no category {0}")]
    UnknownCategory(CategorySlug),
    /// The file is there with other bytes.
    #[error("{name} {version} {} is published already with other bytes; publish a new version", place(*.kind, *.postgres_major, .platform))]
    Exists {
        /// The package.
        name: PackageName,
        /// The release.
        version: Version,
        /// What it is.
        kind: ArtifactKind,
        /// For this major; none for any.
        postgres_major: Option<PostgresMajor>,
        /// For this platform.
        platform: Platform,
    },
    /// The release was taken back and its version is not used again.
    #[error("version {0} was deleted; a version is never used again")]
    Deleted(Version),
    /// A moderator has taken the release out of use.
    #[error("version {0} is held back by those who run this registry, so nothing is added to it")]
    HeldBack(Version),
    /// Too many uploads.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// The upload did not arrive.
    #[error(transparent)]
    Receive(#[from] ReceiveError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The database failed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl PublishError {
    /// A stable code for machines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Faults(findings) => {
                let error = findings.iter().find(|finding| finding.severity == Severity::Error);
                error.map_or("upload-faulty", |finding| finding.code)
            }
            Self::TokenScope { .. } => "token-scope",
            Self::SecondFactor => "second-factor-required",
            Self::AccountGone => "account-gone",
            Self::PublishersOnly(_) => "trusted-publishers-only",
            Self::Paused(_) => "publishing-paused",
            Self::Quarantined(_) => "package-quarantined",
            Self::Archived(_) => "package-archived",
            Self::NotYours(_) => "not-an-owner",
            Self::Unowned(_) => "package-unowned",
            Self::Reserved { .. } => "name-reserved",
            Self::NameTaken { .. } => "name-taken",
            Self::Owned(_) => "package-owned",
            Self::ExtensionTaken { .. } => "extension-taken",
            Self::UnknownCategory(_) => "category-unknown",
            Self::Exists { .. } => "version-exists",
            Self::Deleted(_) => "version-deleted",
            Self::HeldBack(_) => "version-held-back",
            Self::Limited(_) => "too-many-requests",
            Self::Receive(ReceiveError::TooLarge { .. }) => "upload-too-large",
            Self::Receive(ReceiveError::Store(error)) | Self::Store(error) => error.code(),
            Self::Registry(error) => error.code(),
        }
    }
}

impl PublishError {
    /// The failure of the store behind it, which is nobody's business but the operator's.
    pub const fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Receive(ReceiveError::Store(error)) | Self::Store(error) => Some(error),
            _ => None,
        }
    }
}

fn sentences(findings: &[UploadFinding]) -> String {
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
    errors.map(|finding| finding.message.as_str()).collect::<Vec<_>>().join("; ")
}

const fn deed(action: TokenAction) -> &'static str {
    match action {
        TokenAction::PublishNew => "publish a new package such as",
        TokenAction::PublishUpdate => "publish further files of",
        TokenAction::Yank => "yank or delete releases of",
        TokenAction::Owners => "change the owners of",
        TokenAction::Admin => "administer",
        TokenAction::Account => "look after the account that owns",
    }
}

fn place(kind: ArtifactKind, major: Option<PostgresMajor>, platform: &Platform) -> String {
    if kind == ArtifactKind::Source {
        return "as source".to_owned();
    }
    let major = major.map_or_else(|| "any PostgreSQL".to_owned(), |major| format!("PostgreSQL {major}"));
    format!("for {major} on {platform}")
}

impl From<sqlx::Error> for PublishError {
    fn from(error: sqlx::Error) -> Self {
        Self::Registry(error.into())
    }
}
