//! Passwords: which ones are taken, and how they are kept.

use std::{fmt, sync::Arc};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{self, PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::Semaphore;

use crate::RegistryError;

/// Characters of a password at least, and bytes at most.
const SHORTEST: usize = 10;
const LONGEST: usize = 200;
/// Characters of a password that are judged.
const LOOKED_AT: usize = 40;
/// Of five grades (zxcvbn's score), the least that is taken.
const LEAST_SCORE: zxcvbn::Score = zxcvbn::Score::Three;
/// People who wait for their password to be looked at, for each that is.
const QUEUE: usize = 32;

/// A password as somebody typed it.
#[derive(Clone)]
pub struct Password(String);

// What is printed for debugging ends up in logs.
impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password(…)")
    }
}

impl From<String> for Password {
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// It has too few characters.
    #[error("a password has at least {SHORTEST} characters")]
    Short,
    /// It has too many bytes.
    #[error("a password has at most {LONGEST} bytes")]
    Long,
    /// It is on a list of leaked ones, or a variation of one.
    #[error(
        "it is a leaked password or close to one: whoever tries the usual ones finds it soon. Take several words that do not belong together"
    )]
    Guessable,
}

impl Password {
    /// Whether it may be used. `known` are words that others know of its owner: handle and address.
    ///
    /// Compared with the 30,000 most frequent leaked passwords and 64,000 words and names that zxcvbn carries (Wheeler,
    /// "zxcvbn: Low-Budget Password Strength Estimation", USENIX Security 2016). Takes some milliseconds.
    fn check(&self, known: &[&str]) -> Result<(), WeakPassword> {
        if self.0.chars().count() < SHORTEST {
            return Err(WeakPassword::Short);
        }
        if self.0.len() > LONGEST {
            return Err(WeakPassword::Long);
        }
        // Of long ones the beginning has to do: what zxcvbn takes grows faster than what it is given.
        let end = self.0.char_indices().nth(LOOKED_AT).map_or(self.0.len(), |(end, _)| end);
        if zxcvbn::zxcvbn(&self.0[..end], known).score() < LEAST_SCORE { Err(WeakPassword::Guessable) } else { Ok(()) }
    }
}

/// How much work a password is to whoever tries it: the parameters of Argon2id (RFC 9106).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordCost {
    /// Memory in KiB.
    pub memory: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for PasswordCost {
    /// OWASP's recommendation (Password Storage Cheat Sheet): 19 MiB, two passes, one lane.
    fn default() -> Self {
        Self { memory: 19 * 1024, passes: 2, lanes: 1 }
    }
}

/// What comparing has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Wrong,
    Right,
    /// Right, and kept with other parameters than those of today.
    RightButOld,
}

/// Why a password was not looked at.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// It cannot be used.
    #[error(transparent)]
    Weak(#[from] WeakPassword),
    /// Too many people are waiting.
    #[error("too many people are logging in just now; try again in a moment")]
    Busy,
    /// What is kept of it cannot be read.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

/// Hashes and compares passwords: few at a time, since each takes a processor and memory. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Passwords {
    argon2: Arc<Argon2<'static>>,
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    /// Of a password that nobody has: looked at where there is no account, so that it takes as long.
    nobody: Arc<str>,
}

impl Passwords {
    /// With these parameters; so many at once.
    pub fn new(cost: PasswordCost, at_once: usize) -> Result<Self, RegistryError> {
        let parameters = Params::new(cost.memory, cost.passes, cost.lanes, None).map_err(internal)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters);
        let nobody = argon2.hash_password(&rand::random::<[u8; 32]>()).map_err(internal)?.to_string();
        let at_once = at_once.max(1);
        Ok(Self {
            argon2: Arc::new(argon2),
            running: Arc::new(Semaphore::new(at_once)),
            waiting: Arc::new(Semaphore::new(at_once * QUEUE)),
            nobody: nobody.into(),
        })
    }

    /// What is to be kept of a password that may be used.
    pub(crate) async fn hash(&self, password: &Password, known: &[&str]) -> Result<String, PasswordError> {
        let (password, known): (_, Vec<String>) =
            (password.clone(), known.iter().map(|word| (*word).to_owned()).collect());
        self.run(move |argon2| {
            password.check(&known.iter().map(String::as_str).collect::<Vec<_>>())?;
            Ok(argon2.hash_password(password.0.as_bytes()).map_err(internal)?.to_string())
        })
        .await
    }

    /// The same for one that is in use already, whatever is thought of it.
    pub(crate) async fn hash_again(&self, password: &Password) -> Result<String, PasswordError> {
        let password = password.clone();
        self.run(move |argon2| Ok(argon2.hash_password(password.0.as_bytes()).map_err(internal)?.to_string())).await
    }

    /// Whether a password that is in use would not be taken today.
    pub(crate) async fn is_weak(&self, password: &Password, known: &[&str]) -> bool {
        let (password, known): (_, Vec<String>) =
            (password.clone(), known.iter().map(|word| (*word).to_owned()).collect());
        let checked =
            self.run(move |_| Ok(password.check(&known.iter().map(String::as_str).collect::<Vec<_>>())?)).await;
        matches!(checked, Err(PasswordError::Weak(_)))
    }

    /// Compares a password with what was kept; takes as long where nothing was.
    pub(crate) async fn compare(&self, password: &Password, kept: Option<String>) -> Result<Verdict, PasswordError> {
        let is_known = kept.is_some();
        let kept = kept.unwrap_or_else(|| self.nobody.to_string());
        let password = password.clone();
        let verdict = self.run(move |argon2| Ok(compare(argon2, &password, &kept)?)).await?;
        Ok(if is_known { verdict } else { Verdict::Wrong })
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'static>) -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let place = self.waiting.clone().try_acquire_owned().map_err(|_| PasswordError::Busy)?;
        let turn = self.running.clone().acquire_owned().await.map_err(|_| PasswordError::Busy)?;
        drop(place);
        let argon2 = self.argon2.clone();
        let done = tokio::task::spawn_blocking(move || {
            // Until it is done, also where its client has gone away.
            let _turn = turn;
            work(&argon2)
        });
        done.await.map_err(internal)?
    }
}

fn compare(argon2: &Argon2<'static>, password: &Password, kept: &str) -> Result<Verdict, RegistryError> {
    let kept = PasswordHash::new(kept).map_err(internal)?;
    match argon2.verify_password(password.0.as_bytes(), &kept) {
        Ok(()) => {}
        Err(password_hash::Error::PasswordInvalid) => return Ok(Verdict::Wrong),
        Err(error) => return Err(internal(error)),
    }
    let now = argon2.params();
    let is_current = kept.algorithm == Algorithm::Argon2id.ident()
        && Params::try_from(&kept).is_ok_and(|then| {
            (then.m_cost(), then.t_cost(), then.p_cost()) == (now.m_cost(), now.t_cost(), now.p_cost())
        });
    Ok(if is_current { Verdict::Right } else { Verdict::RightButOld })
}

fn internal(error: impl std::error::Error + Send + Sync + 'static) -> RegistryError {
    RegistryError::Internal(Box::new(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: PasswordCost = PasswordCost { memory: 8, passes: 1, lanes: 1 };

    fn password(text: &str) -> Password {
        Password::from(text.to_owned())
    }

    #[test]
    fn refuses_what_is_short_leaked_or_about_its_owner() {
        for (text, expected) in [
            ("short", Err(WeakPassword::Short)),
            ("ünüü", Err(WeakPassword::Short)),
            ("password123", Err(WeakPassword::Guessable)),
            ("1234567890", Err(WeakPassword::Guessable)),
            ("qwertyuiop", Err(WeakPassword::Guessable)),
            ("P@ssw0rd1234", Err(WeakPassword::Guessable)),
            ("lovelace1815", Err(WeakPassword::Guessable)),
            ("hay moon copper kettle", Ok(())),
            ("mQ4!vTz0pLw9", Ok(())),
        ] {
            assert_eq!(password(text).check(&["lovelace1815", "ada@example.org"]), expected, "{text}");
        }
        assert_eq!(password(&"long words ".repeat(20)).check(&[]), Err(WeakPassword::Long));
        // What is made to take long does not.
        let begin = std::time::Instant::now();
        let _ = password(&"4@8({[<369&#!1/|0$5+7%2".repeat(8)).check(&[]);
        assert!(begin.elapsed().as_secs() < 2, "{:?}", begin.elapsed());
    }

    #[tokio::test]
    async fn keeps_a_hash_and_notices_old_parameters() {
        let passwords = Passwords::new(CHEAP, 1).expect("parameters");
        let good = password("hay moon copper kettle");
        let kept = passwords.hash(&good, &[]).await.expect("a hash");
        assert!(kept.starts_with("$argon2id$v=19$m=8,t=1,p=1$") && !kept.contains("kettle"), "{kept}");
        assert_eq!(passwords.compare(&good, Some(kept.clone())).await.expect("compared"), Verdict::Right);
        assert_eq!(passwords.compare(&password("wrong"), Some(kept.clone())).await.expect("compared"), Verdict::Wrong);
        assert_eq!(passwords.compare(&good, None).await.expect("compared"), Verdict::Wrong);
        let newer = Passwords::new(PasswordCost { passes: 2, ..CHEAP }, 1).expect("parameters");
        assert_eq!(newer.compare(&good, Some(kept)).await.expect("compared"), Verdict::RightButOld);
        assert!(matches!(
            passwords.hash(&password("1234567890"), &[]).await,
            Err(PasswordError::Weak(WeakPassword::Guessable))
        ));
    }

    #[tokio::test]
    async fn does_not_let_everybody_wait() {
        let passwords = Passwords::new(PasswordCost { memory: 1024, ..CHEAP }, 1).expect("parameters");
        let good = password("hay moon copper kettle");
        let tries = (0..3 * QUEUE).map(|_| passwords.compare(&good, None));
        let results = futures::future::join_all(tries).await;
        let busy = results.iter().filter(|result| matches!(result, Err(PasswordError::Busy))).count();
        assert!(busy > 0 && busy < results.len(), "{busy} of {}", results.len());
        assert!(!format!("{good:?}").contains("kettle"));
    }
}
