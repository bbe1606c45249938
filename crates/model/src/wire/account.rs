//! What is the own of whoever asks.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::wire;
use crate::{Handle, NamePattern, TokenAction};

wire! {
    /// A token that was found where it should not be.
    LeakedToken {
        /// The whole token.
        token: String,
    }

    /// Whose token or session it is.
    Me {
        /// The handle; null for a run of a workflow.
        handle: Option<Handle>,
        /// The address; only for whoever may look after the account.
        email: Option<String>,
        /// Whether the address is known to be its owner's; likewise.
        email_verified: Option<bool>,
        /// `session`, `token` or `workflow`.
        by: String,
        /// What may be done with the token; all of it for a session.
        actions: Vec<TokenAction>,
        /// For which packages.
        packages: Vec<NamePattern>,
        /// Until when, RFC 3339; null for ever.
        #[serde(with = "time::serde::rfc3339::option")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
        expires_at: Option<OffsetDateTime>,
    }

    /// The tokens of an account.
    TokenList {
        /// The newest first; those that ended are listed for 30 days more.
        items: Vec<TokenItem>,
    }

    /// A token in a list.
    TokenItem {
        /// Its id, which is no secret.
        id: i64,
        /// What its owner calls it.
        name: String,
        /// What may be done with it.
        actions: Vec<TokenAction>,
        /// For which packages.
        packages: Vec<NamePattern>,
        /// `active`, `expired` or `revoked`.
        state: String,
        /// When it was made, RFC 3339.
        #[serde(with = "time::serde::rfc3339")]
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        created_at: OffsetDateTime,
        /// Until when, RFC 3339; null for ever.
        #[serde(with = "time::serde::rfc3339::option")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
        expires_at: Option<OffsetDateTime>,
        /// When it was last used, exact to a minute, RFC 3339.
        #[serde(with = "time::serde::rfc3339::option")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
        last_used_at: Option<OffsetDateTime>,
        /// From which address.
        last_used_address: Option<String>,
        /// By which program.
        last_used_client: Option<String>,
    }

    /// A token that is asked for.
    NewToken {
        /// What its owner calls it.
        name: String,
        /// What may be done with it.
        actions: Vec<TokenAction>,
        /// For which packages; all where it is left out.
        #[serde(default)]
        packages: Vec<NamePattern>,
        /// After how many days it ends: 1 to 3650, or 0 for never; 90 where it is left out.
        days: Option<u16>,
    }

    /// A token that was just made. It is not shown again.
    IssuedToken {
        /// The token.
        token: String,
        /// Until when, RFC 3339; null for ever.
        #[serde(with = "time::serde::rfc3339::option")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
        expires_at: Option<OffsetDateTime>,
    }

    /// Where somebody has logged in.
    SessionList {
        /// The one that asks first, then the one that was used last.
        items: Vec<SessionItem>,
    }

    /// A session in a list.
    SessionItem {
        /// Its id, which is no secret.
        id: i64,
        /// What the browser called itself.
        user_agent: String,
        /// From which address it was begun.
        address: String,
        /// When it was begun, RFC 3339.
        #[serde(with = "time::serde::rfc3339")]
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        created_at: OffsetDateTime,
        /// When it was last used, exact to a minute, RFC 3339.
        #[serde(with = "time::serde::rfc3339")]
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        last_used_at: OffsetDateTime,
        /// Whether it is the one that asks.
        is_current: bool,
    }

    /// Accounts elsewhere that log in to this one.
    IdentityList {
        /// The oldest first.
        items: Vec<IdentityItem>,
    }

    /// An account elsewhere.
    IdentityItem {
        /// Its id, which is no secret.
        id: i64,
        /// Who vouches for it.
        issuer: String,
        /// What it is called there.
        name: String,
        /// Since when it is linked, RFC 3339.
        #[serde(with = "time::serde::rfc3339")]
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        created_at: OffsetDateTime,
    }
}
