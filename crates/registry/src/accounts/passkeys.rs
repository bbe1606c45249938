//! Passkeys (WebAuthn, with the user verified by the device): a way to log in by itself, and the second factor that resists
//! phishing.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};
use url::Url;
use webauthn_rs::{
    Webauthn, WebauthnBuilder,
    prelude::{
        DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential,
        Uuid,
    },
};

use super::{
    ClientInfo, Limited, Proved,
    audit::{self, Act},
    mails,
};
use crate::{Registry, RegistryError, mail};

/// How long somebody has to answer a challenge.
const LIFETIME: Duration = Duration::minutes(5);
/// Passkeys of an account at most.
const MOST: usize = 20;
/// Bytes of an answer.
const LARGEST: usize = 32 << 10;

/// A challenge that some passkey is to answer. It stays on the server, in the session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PasskeyChallenge {
    state: DiscoverableAuthentication,
    expires_at: i64,
}

/// The same for a passkey that is to be made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NewPasskeyChallenge {
    state: PasskeyRegistration,
    expires_at: i64,
}

/// What a browser sends back, with the challenge it answers.
pub struct PasskeyAnswer {
    /// The challenge that was kept; none where there is none, or where it was answered before.
    pub challenge: Option<PasskeyChallenge>,
    /// The answer: a `PublicKeyCredential` as JSON.
    pub answer: String,
}

impl fmt::Debug for PasskeyAnswer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PasskeyAnswer(…)")
    }
}

/// Why a passkey was not taken.
#[derive(Debug, thiserror::Error)]
pub enum PasskeyError {
    /// Browsers know passkeys only for names of hosts, and for https or this machine.
    #[error("passkeys cannot be used here: the registry has no name that browsers allow them for")]
    Unavailable,
    /// The challenge is gone.
    #[error("that took too long, or was sent twice; try again")]
    Expired,
    /// It is none that is known, or the answer is not its own.
    #[error("that passkey is not known here, or its answer cannot be trusted")]
    Unknown,
    /// The name cannot be shown.
    #[error("a passkey has a name of 1 to 100 characters")]
    Name,
    /// There are enough.
    #[error("an account has at most {MOST} passkeys; remove one first")]
    TooMany,
    /// It belongs to an account already.
    #[error("that passkey is registered already")]
    Exists,
    /// It is the only way to log in that is left.
    #[error("this is the only way in that is left; choose a password or link an account elsewhere first")]
    LastWayIn,
    /// Too often.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// The database failed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl From<sqlx::Error> for PasskeyError {
    fn from(error: sqlx::Error) -> Self {
        Self::Registry(error.into())
    }
}

/// A passkey in a list.
#[derive(Clone, Debug)]
pub struct PasskeyDetails {
    /// Its id, which is no secret.
    pub id: i64,
    /// What its owner calls it.
    pub name: String,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// When somebody has logged in with it last.
    pub last_used_at: Option<OffsetDateTime>,
}

/// What knows how passkeys of this registry are checked; none where browsers allow none for its address.
pub(crate) fn relying_party(public_url: &Url) -> Option<Webauthn> {
    let host = public_url.domain()?;
    let builder = WebauthnBuilder::new(host, public_url).ok()?;
    builder.rp_name("pginstall").build().ok()
}

fn internal(error: impl std::error::Error + Send + Sync + 'static) -> RegistryError {
    RegistryError::Internal(Box::new(error))
}

impl Registry {
    /// Whether browsers can have passkeys for this registry.
    pub fn can_have_passkeys(&self) -> bool {
        self.passkeys.is_some()
    }

    /// Something for any passkey of this registry to answer: `PublicKeyCredentialRequestOptions` as JSON, and what is to be
    /// kept of it.
    pub fn challenge_passkey(&self, client: &ClientInfo) -> Result<(Value, PasskeyChallenge), PasskeyError> {
        self.limits.passkey_by_network.count(&client.network())?;
        let webauthn = self.passkeys.as_ref().ok_or(PasskeyError::Unavailable)?;
        let (challenge, state) = webauthn.start_discoverable_authentication().map_err(internal)?;
        let options = serde_json::to_value(challenge.public_key).map_err(internal)?;
        Ok((options, PasskeyChallenge { state, expires_at: (self.clock.now() + LIFETIME).unix_timestamp() }))
    }

    /// What a browser makes a new passkey of: `PublicKeyCredentialCreationOptions` as JSON, and what is to be kept of it.
    pub async fn propose_passkey(&self, proved: &Proved) -> Result<(Value, NewPasskeyChallenge), PasskeyError> {
        let webauthn = self.passkeys.as_ref().ok_or(PasskeyError::Unavailable)?;
        let user = sqlx::query_scalar!("select passkey_user from accounts where principal_id = $1", proved.principal())
            .fetch_one(&self.pool)
            .await?;
        let known =
            sqlx::query_scalar!("select credential_id from passkeys where principal_id = $1", proved.principal())
                .fetch_all(&self.pool)
                .await?;
        if known.len() >= MOST {
            return Err(PasskeyError::TooMany);
        }
        let handle = proved.handle().as_str();
        let (challenge, state) =
            webauthn.start_passkey_registration(user, handle, handle, Some(known)).map_err(internal)?;
        let mut options = serde_json::to_value(challenge.public_key).map_err(internal)?;
        // The library asks for any passkey; one that is to log somebody in by itself has to know whose it is.
        options["authenticatorSelection"]["residentKey"] = json!("required");
        options["authenticatorSelection"]["requireResidentKey"] = json!(true);
        Ok((options, NewPasskeyChallenge { state, expires_at: (self.clock.now() + LIFETIME).unix_timestamp() }))
    }

    /// Adds the passkey that a browser has made.
    pub async fn add_passkey(
        &self,
        proved: &Proved,
        name: &str,
        challenge: Option<NewPasskeyChallenge>,
        answer: &str,
        client: &ClientInfo,
    ) -> Result<(), PasskeyError> {
        let webauthn = self.passkeys.as_ref().ok_or(PasskeyError::Unavailable)?;
        let name = name.trim();
        if name.is_empty() || name.chars().count() > 100 || name.contains(model::is_unseen) {
            return Err(PasskeyError::Name);
        }
        let now = self.clock.now();
        let challenge = challenge.filter(|challenge| now.unix_timestamp() < challenge.expires_at);
        let challenge = challenge.ok_or(PasskeyError::Expired)?;
        let made: RegisterPublicKeyCredential = read(answer)?;
        let passkey = webauthn.finish_passkey_registration(&made, &challenge.state).map_err(|error| {
            tracing::info!(%error, handle = %proved.handle(), "a new passkey was refused");
            PasskeyError::Unknown
        })?;
        let mut transaction = self.pool.begin().await?;
        let count = sqlx::query_scalar!(
            r#"select (select count(*) from passkeys where principal_id = a.principal_id) as "count!"
            from accounts as a
            where principal_id = $1
            for update"#,
            proved.principal()
        )
        .fetch_one(&mut *transaction)
        .await?;
        if usize::try_from(count).unwrap_or(MOST) >= MOST {
            return Err(PasskeyError::TooMany);
        }
        let credential_id: &[u8] = passkey.cred_id().as_ref();
        let added = sqlx::query!(
            "insert into passkeys (principal_id, name, credential_id, credential, created_at)
            values ($1, $2, $3, $4, $5)
            on conflict do nothing",
            proved.principal(),
            name,
            credential_id,
            serde_json::to_value(&passkey).map_err(internal)?,
            now,
        )
        .execute(&mut *transaction)
        .await?;
        if added.rows_affected() == 0 {
            return Err(PasskeyError::Exists);
        }
        let details = json!({ "name": name });
        audit::note(&mut transaction, proved.principal(), Act::PasskeyAdded, client, details, now).await?;
        let what = format!("The passkey {name:?} was added. Whoever has its device can log in with it.");
        let message = mails::security_changed(&self.public_url, proved.email(), "A passkey was added", &what);
        mail::send(&mut transaction, &self.mail, Some(proved.principal()), &message, now).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Removes one of the account's passkeys; not found where it is not theirs.
    pub async fn remove_passkey(&self, proved: &Proved, id: i64, client: &ClientInfo) -> Result<(), PasskeyError> {
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        let ways = super::identities::ways_in(&mut transaction, proved.principal(), &self.known_issuers()).await?;
        let name = sqlx::query_scalar!(
            "delete from passkeys where passkey_id = $1 and principal_id = $2 returning name",
            id,
            proved.principal()
        )
        .fetch_optional(&mut *transaction)
        .await?
        .ok_or(RegistryError::NotFound)?;
        if ways <= 1 {
            return Err(PasskeyError::LastWayIn);
        }
        let details = json!({ "name": name });
        audit::note(&mut transaction, proved.principal(), Act::PasskeyRemoved, client, details, now).await?;
        let what = format!("The passkey {name:?} was removed. Nobody logs in with it any more.");
        let message = mails::security_changed(&self.public_url, proved.email(), "A passkey was removed", &what);
        mail::send(&mut transaction, &self.mail, Some(proved.principal()), &message, now).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Whose passkey has answered. Its counter has to have grown, where it has one.
    pub(super) async fn passkey_owner(&self, answer: PasskeyAnswer) -> Result<i64, PasskeyError> {
        let webauthn = self.passkeys.as_ref().ok_or(PasskeyError::Unavailable)?;
        let now = self.clock.now();
        let challenge = answer.challenge.filter(|challenge| now.unix_timestamp() < challenge.expires_at);
        let challenge = challenge.ok_or(PasskeyError::Expired)?;
        let shown: PublicKeyCredential = read(&answer.answer)?;
        let (user, credential_id): (Uuid, &[u8]) =
            webauthn.identify_discoverable_authentication(&shown).map_err(|_| PasskeyError::Unknown)?;
        let mut transaction = self.pool.begin().await?;
        let known = sqlx::query!(
            "select k.passkey_id, k.principal_id, k.credential
            from passkeys as k
            join accounts as a using (principal_id)
            where k.credential_id = $1
                and a.passkey_user = $2
            for update of k",
            credential_id,
            user,
        )
        .fetch_optional(&mut *transaction)
        .await?
        .ok_or(PasskeyError::Unknown)?;
        let mut passkey: Passkey = serde_json::from_value(known.credential).map_err(internal)?;
        let result = webauthn.finish_discoverable_authentication_v2(&shown, challenge.state, &passkey);
        let result = result.map_err(|error| {
            tracing::info!(%error, "the answer of a passkey was refused");
            PasskeyError::Unknown
        })?;
        passkey.update_credential(&result);
        sqlx::query!(
            "update passkeys set credential = $2, last_used_at = $3 where passkey_id = $1",
            known.passkey_id,
            serde_json::to_value(&passkey).map_err(internal)?,
            now,
        )
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(known.principal_id)
    }
}

fn read<T: serde::de::DeserializeOwned>(answer: &str) -> Result<T, PasskeyError> {
    if answer.len() > LARGEST {
        return Err(PasskeyError::Unknown);
    }
    serde_json::from_str(answer).map_err(|_| PasskeyError::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_need_a_name_that_browsers_allow() {
        for (address, possible) in [
            ("https://extensions.example.org", true),
            ("http://localhost:8080", true),
            ("http://127.0.0.1:8080", false),
            ("https://[::1]", false),
        ] {
            assert_eq!(relying_party(&address.parse().expect("an address")).is_some(), possible, "{address}");
        }
    }
}
