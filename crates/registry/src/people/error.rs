use model::{Handle, Role};

use super::GroupName;
use crate::{RegistryError, accounts::Limited};

/// Why who looks after something was not changed.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// Only owners do this.
    #[error("only owners of {0} do this")]
    NotOwner(GroupName),
    /// Moderators hold it back.
    #[error("nothing of {0} is changed while it is held back by those who run this registry")]
    Quarantined(GroupName),
    /// The token is not good for it.
    #[error("this token may not change the owners of {0}")]
    TokenScope(GroupName),
    /// The account would need a second factor.
    #[error("whoever does this needs a second factor: add an authenticator app or a passkey at /settings/security")]
    SecondFactor,
    /// Nobody knows yet whether the account's address is its owner's.
    #[error("confirm your e-mail address first")]
    Unverified,
    /// There is no such account or organisation.
    #[error("there is no account or organisation {0}")]
    Unknown(Handle),
    /// What was typed is neither a handle nor an address.
    #[error("type a handle, or an e-mail address")]
    Invitee,
    /// It is no role here.
    #[error("there is no role {0} here")]
    Role(Role),
    /// Somebody invites themselves.
    #[error("you look after it already")]
    Yourself,
    /// Who is invited has the role.
    #[error("the account {0} has this role already")]
    HasRole(Handle),
    /// There is an invitation for them.
    #[error("there is an invitation for {0} already; withdraw it to send another one")]
    Invited(String),
    /// There are enough invitations.
    #[error("there are enough invitations already; withdraw one first")]
    TooMany,
    /// An account owns as many organisations as it may.
    #[error("you own ten organisations already; leave one or delete one first")]
    TooManyOrganisations,
    /// What is given away is an organisation's.
    #[error("an organisation owns it and you do not: invite a new owner, then remove the organisation")]
    NothingToLeave,
    /// Somebody else's organisation.
    #[error("only owners of the organisation {0} give packages to it")]
    NotYourOrganisation(Handle),
    /// An organisation inside of another one, or one that is asked by mail.
    #[error("an organisation has people as its members, not organisations")]
    Nested,
    /// Whoever has sent the invitation owns nothing there any more.
    #[error("whoever has sent this invitation is no owner any more; ask for a new one")]
    InviterGone,
    /// Nobody would own it.
    #[error("somebody has to own it: make somebody else an owner first")]
    LastOwner,
    /// Another account or organisation has the handle.
    #[error("the handle {0} is taken")]
    HandleTaken(Handle),
    /// Nobody gets the handle.
    #[error("the handle {0} is reserved")]
    HandleReserved(Handle),
    /// The name cannot be shown.
    #[error("a name has at most 100 characters that can be seen, in one line")]
    DisplayName,
    /// The text is too long.
    #[error("the text has at most 1000 characters, and none that cannot be seen")]
    Description,
    /// It is no address of the web.
    #[error("an address begins with https:// or http:// and has at most 2000 bytes")]
    Website,
    /// An organisation with packages is not deleted.
    #[error("the organisation {0} owns packages: give them to somebody else first")]
    OwnsPackages(Handle),
    /// What was typed is not its handle.
    #[error("type the handle of the organisation, {0}, to delete it")]
    Confirmation(Handle),
    /// Too often.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// The database failed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl PeopleError {
    /// A stable code for machines.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotOwner(_) => "not-an-owner",
            Self::Quarantined(_) => "package-quarantined",
            Self::TokenScope(_) => "token-scope",
            Self::SecondFactor => "second-factor-required",
            Self::Unverified => "email-unverified",
            Self::Unknown(_) => "account-unknown",
            Self::Invitee => "invitee",
            Self::Role(_) => "role-unknown",
            Self::Yourself => "invitation-to-oneself",
            Self::HasRole(_) => "role-unchanged",
            Self::Invited(_) => "invitation-exists",
            Self::TooMany => "too-many-invitations",
            Self::TooManyOrganisations => "too-many-organisations",
            Self::NothingToLeave => "nothing-to-leave",
            Self::NotYourOrganisation(_) => "not-your-organisation",
            Self::Nested => "organisation-nested",
            Self::InviterGone => "inviter-gone",
            Self::LastOwner => "last-owner",
            Self::HandleTaken(_) => "handle-taken",
            Self::HandleReserved(_) => "handle-reserved",
            Self::DisplayName => "display-name",
            Self::Description => "description",
            Self::Website => "website",
            Self::OwnsPackages(_) => "organisation-owns-packages",
            Self::Confirmation(_) => "confirmation",
            Self::Limited(_) => "too-many-requests",
            Self::Registry(error) => error.code(),
        }
    }
}

impl From<sqlx::Error> for PeopleError {
    fn from(error: sqlx::Error) -> Self {
        // What the database watches over, should two owners leave in a way that no lock foresees.
        let constraint = error.as_database_error().and_then(|error| error.constraint());
        match constraint {
            Some("packages_owner_check" | "organisations_owner_check") => Self::LastOwner,
            _ => Self::Registry(error.into()),
        }
    }
}
