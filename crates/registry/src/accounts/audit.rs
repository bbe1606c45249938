use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::ClientInfo;
use crate::RegistryError;

/// What was done with an account. No change of public state, so it is in `audit` and not in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    AccountCreated,
    EmailVerified,
    EmailChangeAsked,
    EmailChanged,
    PasswordChanged,
    PasswordReset,
    ProfileChanged,
    LoggedIn,
    LoggedOut,
    SessionsEnded,
    TokenCreated,
    TokenRevoked,
    AuthenticatorAdded,
    AuthenticatorRemoved,
    RecoveryCodesMade,
    RecoveryCodesTested,
    RecoveryCodeUsed,
    SecondFactorWrong,
    PasskeyAdded,
    PasskeyRemoved,
    IdentityLinked,
    IdentityUnlinked,
    SecondFactorsRemoved,
    EmailDomainLost,
    PublisherAdded,
    PublisherRemoved,
    PublishersOnlyChanged,
    InvitationSent,
    InvitationWithdrawn,
    InvitationAccepted,
    InvitationDeclined,
    RoleChanged,
    RoleEnded,
    OrganisationCreated,
    OrganisationDeleted,
    StaffActed,
}

impl Act {
    const fn as_str(self) -> &'static str {
        match self {
            Self::AccountCreated => "account.created",
            Self::EmailVerified => "email.verified",
            Self::EmailChangeAsked => "email.change-asked",
            Self::EmailChanged => "email.changed",
            Self::PasswordChanged => "password.changed",
            Self::PasswordReset => "password.reset",
            Self::ProfileChanged => "profile.changed",
            Self::LoggedIn => "session.begun",
            Self::LoggedOut => "session.ended",
            Self::SessionsEnded => "sessions.ended",
            Self::TokenCreated => "token.created",
            Self::TokenRevoked => "token.revoked",
            Self::AuthenticatorAdded => "authenticator.added",
            Self::AuthenticatorRemoved => "authenticator.removed",
            Self::RecoveryCodesMade => "recovery-codes.made",
            Self::RecoveryCodesTested => "recovery-codes.tested",
            Self::RecoveryCodeUsed => "recovery-code.used",
            Self::SecondFactorWrong => "second-factor.wrong",
            Self::PasskeyAdded => "passkey.added",
            Self::PasskeyRemoved => "passkey.removed",
            Self::IdentityLinked => "identity.linked",
            Self::IdentityUnlinked => "identity.unlinked",
            Self::SecondFactorsRemoved => "second-factors.removed",
            Self::EmailDomainLost => "email.domain-lost",
            Self::PublisherAdded => "publisher.added",
            Self::PublisherRemoved => "publisher.removed",
            Self::PublishersOnlyChanged => "publishers-only.changed",
            Self::InvitationSent => "invitation.sent",
            Self::InvitationWithdrawn => "invitation.withdrawn",
            Self::InvitationAccepted => "invitation.accepted",
            Self::InvitationDeclined => "invitation.declined",
            Self::RoleChanged => "role.changed",
            Self::RoleEnded => "role.ended",
            Self::OrganisationCreated => "organisation.created",
            Self::OrganisationDeleted => "organisation.deleted",
            Self::StaffActed => "staff.acted",
        }
    }
}

/// Notes an act, as part of the transaction that does it.
pub(crate) async fn note(
    transaction: &mut PgConnection,
    principal: i64,
    act: Act,
    client: &ClientInfo,
    details: Value,
    now: OffsetDateTime,
) -> Result<(), RegistryError> {
    sqlx::query!(
        "insert into audit (happened_at, principal_id, action, client_address, user_agent, details)
        values ($1, $2, $3, $4::text::inet, $5, $6)",
        now,
        principal,
        act.as_str(),
        client.address_if_any(),
        client.user_agent,
        details,
    )
    .execute(transaction)
    .await?;
    Ok(())
}
