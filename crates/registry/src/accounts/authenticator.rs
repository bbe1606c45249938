//! Codes of authenticator apps: time-based one-time passwords (RFC 6238) with SHA-1, six digits and steps of 30 seconds, which
//! is what all of these apps can do.

use qrcode::{EcLevel, QrCode, render::svg};
use serde_json::json;
use sqlx::PgConnection;
use time::OffsetDateTime;
use totp_rs::{Builder, Secret, Totp};

use super::{
    ClientInfo, Limited, Proved, Visitor,
    audit::{self, Act},
    mails,
};
use crate::{Registry, RegistryError, mail};

/// Bytes of a secret: as many as SHA-1 has (RFC 4226, section 4).
const SECRET_BYTES: usize = 20;

/// What somebody puts into their app.
#[derive(Clone, Debug)]
pub struct AuthenticatorSetup {
    /// The secret in base 32, to be typed.
    pub secret: String,
    /// The same as an address that apps open.
    pub address: String,
    /// The same as a QR code, an `<svg>` element.
    pub picture: String,
}

/// Why an authenticator was not added.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticatorError {
    /// The secret is not one of those that are made here.
    #[error("the secret was lost on the way; open the page again and begin anew")]
    Secret,
    /// The code does not belong to the secret.
    #[error(
        "that is not the code for this secret now; look whether the clock of the device is right, and take the next code"
    )]
    Code,
    /// There is one already.
    #[error("there is an authenticator already; remove it first")]
    Exists,
    /// Too often.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// The database failed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl From<sqlx::Error> for AuthenticatorError {
    fn from(error: sqlx::Error) -> Self {
        Self::Registry(error.into())
    }
}

fn totp(secret: &[u8], issuer: &str, account: &str) -> Result<Totp, RegistryError> {
    // A colon separates the two in the address.
    let plain = |text: &str| text.replace(':', " ");
    Builder::new()
        .with_secret(secret.to_vec())
        .with_skew(1)
        .with_account_name(plain(account))
        .with_issuer(Some(plain(issuer)))
        .build()
        .map_err(|error| RegistryError::Internal(Box::new(error)))
}

/// The code that somebody typed, without what people put between its digits; none where it is no code.
fn digits(code: &str) -> Option<String> {
    let digits: String =
        code.chars().filter(|letter| !letter.is_whitespace() && !matches!(letter, '-' | '.')).collect();
    (digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

/// Whether a text may be a code of an authenticator.
pub(super) fn is_code(text: &str) -> bool {
    digits(text).is_some()
}

/// The step that a code belongs to, the present one or one beside it.
fn step_of(secret: &[u8], code: &str, now: OffsetDateTime) -> Result<Option<i64>, RegistryError> {
    let (Some(code), Ok(seconds)) = (digits(code), u64::try_from(now.unix_timestamp())) else { return Ok(None) };
    let step = totp(secret, "pginstall", "account")?.check(&code, seconds);
    Ok(step.and_then(|step| i64::try_from(step).ok()))
}

/// Takes a code of an account: whether it is right and has not been taken before, in whatever spelling.
pub(super) async fn take_code(
    transaction: &mut PgConnection,
    principal: i64,
    code: &str,
    now: OffsetDateTime,
) -> Result<bool, RegistryError> {
    let secret = sqlx::query_scalar!("select secret from authenticators where principal_id = $1", principal)
        .fetch_optional(&mut *transaction)
        .await?;
    let Some(secret) = secret else { return Ok(false) };
    let Some(step) = step_of(&secret, code, now)? else { return Ok(false) };
    // Of two that show the same code at the same time, one finds it taken.
    let taken = sqlx::query!(
        "update authenticators
        set last_step = $2
        where principal_id = $1
            and last_step < $2",
        principal,
        step,
    )
    .execute(transaction)
    .await?;
    Ok(taken.rows_affected() == 1)
}

impl Registry {
    /// A new secret for the visitor's app. Nothing is kept of it until a code of it comes back.
    pub fn propose_authenticator(&self, visitor: &Visitor) -> Result<AuthenticatorSetup, RegistryError> {
        self.authenticator_setup(visitor, &rand::random::<[u8; SECRET_BYTES]>())
    }

    /// The same for a secret that was proposed before.
    pub fn authenticator_again(&self, visitor: &Visitor, secret: &str) -> Option<AuthenticatorSetup> {
        self.authenticator_setup(visitor, &read_secret(secret)?).ok()
    }

    fn authenticator_setup(&self, visitor: &Visitor, secret: &[u8]) -> Result<AuthenticatorSetup, RegistryError> {
        let internal = |error: Box<dyn std::error::Error + Send + Sync>| RegistryError::Internal(error);
        let issuer = self.public_url.host_str().unwrap_or("pginstall");
        let totp = totp(secret, issuer, visitor.handle.as_str())?;
        let address = totp.to_url().map_err(|error| internal(Box::new(error)))?;
        let code = QrCode::with_error_correction_level(&address, EcLevel::M);
        let code = code.map_err(|error| internal(Box::new(error)))?;
        let picture = code
            .render::<svg::Color<'_>>()
            .dark_color(svg::Color("#000"))
            .light_color(svg::Color("#fff"))
            .min_dimensions(200, 200)
            .build();
        // What stands before the element is for files, not for pages.
        let start = picture.find("<svg").unwrap_or_default();
        Ok(AuthenticatorSetup {
            secret: Secret::from(secret).to_base32(),
            address,
            picture: picture[start..].to_owned(),
        })
    }

    /// Adds an authenticator, once a code shows that its app has the secret.
    pub async fn add_authenticator(
        &self,
        proved: &Proved,
        secret: &str,
        code: &str,
        client: &ClientInfo,
    ) -> Result<(), AuthenticatorError> {
        let secret = read_secret(secret).ok_or(AuthenticatorError::Secret)?;
        self.limits.code_by_account.count(&proved.principal().to_string())?;
        let now = self.clock.now();
        let step = step_of(&secret, code, now)?.ok_or(AuthenticatorError::Code)?;
        let mut transaction = self.pool.begin().await?;
        let added = sqlx::query!(
            "insert into authenticators (principal_id, secret, last_step, created_at)
            values ($1, $2, $3, $4)
            on conflict do nothing",
            proved.principal(),
            secret,
            step,
            now,
        )
        .execute(&mut *transaction)
        .await?;
        if added.rows_affected() == 0 {
            return Err(AuthenticatorError::Exists);
        }
        audit::note(&mut transaction, proved.principal(), Act::AuthenticatorAdded, client, json!({}), now).await?;
        let what = "An authenticator app was added. From now on a log-in with your password asks for one of its codes.";
        let message = mails::security_changed(&self.public_url, proved.email(), "An authenticator app was added", what);
        mail::send(&mut transaction, &self.mail, Some(proved.principal()), &message, now).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Removes the authenticator.
    pub async fn remove_authenticator(&self, proved: &Proved, client: &ClientInfo) -> Result<(), RegistryError> {
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        let removed = sqlx::query!("delete from authenticators where principal_id = $1", proved.principal())
            .execute(&mut *transaction)
            .await?;
        if removed.rows_affected() == 0 {
            return Err(RegistryError::NotFound);
        }
        audit::note(&mut transaction, proved.principal(), Act::AuthenticatorRemoved, client, json!({}), now).await?;
        let what = "The authenticator app was removed. Its codes are good for nothing any more.";
        let message =
            mails::security_changed(&self.public_url, proved.email(), "The authenticator app was removed", what);
        mail::send(&mut transaction, &self.mail, Some(proved.principal()), &message, now).await?;
        transaction.commit().await?;
        Ok(())
    }
}

fn read_secret(text: &str) -> Option<Vec<u8>> {
    let text: String = text.chars().filter(|letter| !letter.is_whitespace()).take(64).collect();
    let secret = Secret::try_from_base32(text.to_ascii_uppercase()).ok()?;
    let bytes: &[u8] = secret.as_ref();
    (bytes.len() == SECRET_BYTES).then(|| bytes.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_specification() {
        // RFC 6238, appendix B, the last six of its eight digits.
        let secret = b"12345678901234567890";
        for (seconds, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (2_000_000_000, "279037")]
        {
            let now = OffsetDateTime::from_unix_timestamp(seconds).expect("a time");
            assert_eq!(step_of(secret, code, now).expect("a step"), Some(seconds / 30));
            let spaced = format!(" {} {}\n", &code[..3], &code[3..]);
            assert_eq!(step_of(secret, &spaced, now).expect("a step"), Some(seconds / 30), "however it is typed");
            let late = OffsetDateTime::from_unix_timestamp(seconds + 90).expect("a time");
            assert_eq!(step_of(secret, code, late).expect("none"), None);
        }
    }

    #[test]
    fn other_texts_are_no_codes() {
        for text in ["", "12345", "1234567", "12345a", "１２３４５６", "abcd-efgh-jkmn-pqrs"] {
            assert!(!is_code(text), "{text}");
        }
        assert!(is_code("123 456") && is_code("123-456"));
    }

    #[test]
    fn a_secret_has_its_length() {
        let secret = Secret::from(&[7_u8; SECRET_BYTES][..]).to_base32();
        assert_eq!(read_secret(&secret).as_deref(), Some(&[7_u8; SECRET_BYTES][..]));
        for text in ["", "MFRGG", "not base 32!", &secret[1..], &format!("{secret}{secret}")] {
            assert_eq!(read_secret(text), None, "{text}");
        }
    }
}
