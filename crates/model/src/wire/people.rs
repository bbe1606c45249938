//! Who looks after packages and organisations.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::wire;
use crate::{Handle, PackageName, Role};

wire! {
    /// Who looks after a package, or belongs to an organisation.
    PersonList {
        /// Owners first.
        items: Vec<PersonItem>,
    }

    /// Somebody with a role.
    PersonItem {
        /// Their handle.
        handle: Handle,
        /// `account` or `organisation`.
        kind: String,
        /// What they may do: `owner`, `maintainer`, or `member` of an organisation.
        role: Role,
        /// Since when, RFC 3339.
        #[serde(with = "time::serde::rfc3339")]
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        since: OffsetDateTime,
    }

    /// A role to be given to somebody who has another one.
    NewRole {
        /// `owner`, `maintainer`, or `member` of an organisation.
        role: Role,
    }

    /// Somebody to be asked: by their handle or by an address.
    NewInvitation {
        /// Their handle; that of an organisation which the caller owns needs not be asked.
        handle: Option<Handle>,
        /// Their address.
        email: Option<String>,
        /// `owner`, `maintainer`, or `member` of an organisation.
        role: Role,
        /// Whether the caller leaves when it is accepted.
        #[serde(default)]
        transfers: bool,
    }

    /// What became of it.
    SentInvitation {
        /// Its id; null where an organisation of the caller's has the role at once.
        id: Option<i64>,
    }

    /// Invitations that wait for an answer.
    InvitationList {
        /// The oldest first.
        items: Vec<InvitationItem>,
    }

    /// An invitation.
    InvitationItem {
        /// Its id, which is no secret.
        id: i64,
        /// The package; null where it is to an organisation.
        package: Option<PackageName>,
        /// The organisation; null where it is to a package.
        organisation: Option<Handle>,
        /// The handle or the address that was given; null where it is the caller's own.
        invitee: Option<String>,
        /// To be what.
        role: Role,
        /// Whether whoever has sent it leaves when it is accepted.
        transfers: bool,
        /// Who has sent it.
        invited_by: Handle,
        /// Until when it is good, RFC 3339.
        #[serde(with = "time::serde::rfc3339")]
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        expires_at: OffsetDateTime,
    }

    /// An organisation to be made.
    NewOrganisation {
        /// Its handle.
        handle: Handle,
        /// What it is called.
        #[serde(default)]
        name: String,
        /// What it is.
        #[serde(default)]
        description: String,
        /// An http or https address.
        #[serde(default)]
        website: String,
    }

    /// An organisation.
    Organisation {
        /// Its handle.
        handle: Handle,
        /// What it is called.
        name: Option<String>,
        /// What it is.
        description: Option<String>,
        /// Its place on the web.
        website: Option<String>,
        /// When it began, RFC 3339.
        #[serde(with = "time::serde::rfc3339")]
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        created_at: OffsetDateTime,
        /// Who belongs to it, owners first.
        members: Vec<PersonItem>,
        /// Its public packages.
        packages: Vec<PackageName>,
    }
}
