use model::PackageName;

use crate::{RegistryError, people::PeopleError};

/// Why the settings of a package were not changed.
#[derive(Debug, thiserror::Error)]
pub enum PackageSettingsError {
    /// The caller may not change them.
    #[error(transparent)]
    NotAllowed(PeopleError),
    /// The sentence cannot be shown.
    #[error("a description has at most 1000 characters")]
    Summary,
    /// There is no such category.
    #[error("there is no category {0}")]
    Category(String),
    /// Too many categories.
    #[error("a package is in three categories at most")]
    TooManyCategories,
    /// It can be no tag.
    #[error("{0:?} can be no tag: a tag has at most 64 characters, without slashes")]
    Tag(String),
    /// Nobody may use the tag.
    #[error("nobody may use the tag {tag}: {reason}")]
    ForbiddenTag {
        /// Which.
        tag: String,
        /// Why.
        reason: String,
    },
    /// Too many tags.
    #[error("a package has 20 tags at most")]
    TooManyTags,
    /// It is no address of the web.
    #[error("an address begins with https:// or http:// and has at most 2000 bytes")]
    Link(&'static str),
    /// The reason is too long.
    #[error("a reason has at most 500 characters")]
    Reason,
    /// What should be used instead is not there.
    #[error("there is no package {0} here")]
    Successor(PackageName),
    /// What should be used instead is the package itself.
    #[error("a package is not its own successor")]
    Itself,
    /// The database failed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl PackageSettingsError {
    /// A stable code for machines.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotAllowed(error) => error.code(),
            Self::Summary => "description",
            Self::Category(_) => "category-unknown",
            Self::TooManyCategories => "too-many-categories",
            Self::Tag(_) => "tag",
            Self::ForbiddenTag { .. } => "tag-forbidden",
            Self::TooManyTags => "too-many-tags",
            Self::Link(_) => "link",
            Self::Reason => "reason",
            Self::Successor(_) => "successor-unknown",
            Self::Itself => "successor-itself",
            Self::Registry(error) => error.code(),
        }
    }
}

impl From<sqlx::Error> for PackageSettingsError {
    fn from(error: sqlx::Error) -> Self {
        Self::Registry(error.into())
    }
}

impl From<PeopleError> for PackageSettingsError {
    fn from(error: PeopleError) -> Self {
        match error {
            PeopleError::Registry(error) => Self::Registry(error),
            error => Self::NotAllowed(error),
        }
    }
}
