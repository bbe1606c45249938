use model::{Email, Handle, NamePattern, TokenAction};
use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::{
    AccountRef, Caller, ClientInfo, Limited, Proved, Token,
    audit::{self, Act},
    mails,
};
use crate::{Registry, RegistryError, mail};

/// What a new token should be able to do.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// What its owner calls it.
    pub name: String,
    /// What may be done with it.
    pub actions: Vec<TokenAction>,
    /// For which packages.
    pub patterns: Vec<NamePattern>,
    /// Until when; none for ever.
    pub expires_at: Option<OffsetDateTime>,
}

/// A token that was just made. It is shown to whoever asked for it, and never again.
#[derive(Clone, Debug)]
pub struct IssuedToken {
    /// The token.
    pub token: Token,
    /// Until when it can be used.
    pub expires_at: Option<OffsetDateTime>,
}

/// Why there is no new token.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// Nobody has the handle.
    #[error("there is no account {0}")]
    NoAccount(Handle),
    /// It is empty or too long.
    #[error("the name of a token has 1 to 200 bytes")]
    Name,
    /// It could do nothing.
    #[error("a token is for at least one action and one pattern of names")]
    Nothing,
    /// Nobody knows yet whether the account's address is its owner's.
    #[error("confirm your e-mail address first")]
    Unverified,
    /// The account is no more.
    #[error("the account of this token is no more")]
    Gone,
    /// It could do more than the token that asks for it.
    #[error("a token makes only tokens that may do no more, for no more packages, and that end no later")]
    Wider,
    /// It would have ended already.
    #[error("a token cannot end in the past")]
    Expired,
    /// The database failed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

/// Why a leaked token was not taken back.
#[derive(Debug, thiserror::Error)]
pub enum RevokeError {
    /// Too many from one place.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// The database failed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl IssueError {
    /// A stable code for machines.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoAccount(_) => "account-unknown",
            Self::Gone => "account-gone",
            Self::Name => "token-name",
            Self::Nothing => "token-empty",
            Self::Unverified => "email-unverified",
            Self::Wider => "token-wider",
            Self::Expired => "token-expiry",
            Self::Registry(error) => error.code(),
        }
    }
}

impl From<sqlx::Error> for RevokeError {
    fn from(error: sqlx::Error) -> Self {
        Self::Registry(error.into())
    }
}

impl From<sqlx::Error> for IssueError {
    fn from(error: sqlx::Error) -> Self {
        Self::Registry(error.into())
    }
}

/// A token in a list.
#[derive(Clone, Debug)]
pub struct TokenDetails {
    /// Its id, which is no secret.
    pub id: i64,
    /// What its owner calls it.
    pub name: String,
    /// What may be done with it.
    pub actions: Vec<TokenAction>,
    /// For which packages.
    pub patterns: Vec<NamePattern>,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// Until when; none for ever.
    pub expires_at: Option<OffsetDateTime>,
    /// When it was last used, exact to a minute.
    pub last_used_at: Option<OffsetDateTime>,
    /// From which address.
    pub last_used_address: Option<String>,
    /// By which program.
    pub last_used_client: Option<String>,
    /// Whether it can be used.
    pub state: TokenState,
}

/// Whether a token can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenState {
    /// It can.
    Active,
    /// Its time is over.
    Expired,
    /// It was taken back.
    Revoked,
}

/// Who asks for a token.
#[derive(Clone, Copy, Debug)]
enum AskedBy<'a> {
    /// Its owner, who is told, lest it was somebody else.
    Owner(&'a Email),
    /// A program with a token, which the new one ends with; its owner is told where that is said.
    Token(i64, Option<&'a Email>),
    /// Those who run the registry.
    Operator,
}

impl<'a> AskedBy<'a> {
    const fn parent(self) -> Option<i64> {
        match self {
            Self::Token(parent, _) => Some(parent),
            _ => None,
        }
    }

    const fn told(self) -> Option<&'a Email> {
        match self {
            Self::Owner(email) => Some(email),
            Self::Token(_, email) => email,
            Self::Operator => None,
        }
    }
}

/// How long tokens are listed that cannot be used any more.
const LISTED: Duration = Duration::days(30);

impl Registry {
    /// The account's tokens, the newest first.
    pub async fn tokens(&self, account: AccountRef) -> Result<Vec<TokenDetails>, RegistryError> {
        let now = self.clock.now();
        let rows = sqlx::query!(
            r#"select
                token_id,
                name,
                actions as "actions: Vec<TokenAction>",
                patterns as "patterns: Vec<NamePattern>",
                created_at,
                expires_at,
                revoked_at,
                last_used_at,
                last_used_address,
                last_used_client
            from tokens
            where principal_id = $1
                and (revoked_at is null or revoked_at > $2)
                and (expires_at is null or expires_at > $2)
            order by created_at desc, token_id desc"#,
            account.principal,
            now - LISTED,
        )
        .fetch_all(&self.pool)
        .await?;
        let state = |revoked: Option<OffsetDateTime>, ends: Option<OffsetDateTime>| match (revoked, ends) {
            (Some(_), _) => TokenState::Revoked,
            (None, Some(end)) if end <= now => TokenState::Expired,
            _ => TokenState::Active,
        };
        Ok(rows
            .into_iter()
            .map(|row| TokenDetails {
                id: row.token_id,
                name: row.name,
                actions: row.actions,
                patterns: row.patterns,
                created_at: row.created_at,
                expires_at: row.expires_at,
                last_used_at: row.last_used_at,
                last_used_address: row.last_used_address,
                last_used_client: row.last_used_client,
                state: state(row.revoked_at, row.expires_at),
            })
            .collect())
    }

    /// Makes `token`, which was just generated, one of the visitor's.
    pub async fn create_own_token(
        &self,
        proved: &Proved,
        new: &NewToken,
        token: Token,
        client: &ClientInfo,
    ) -> Result<IssuedToken, IssueError> {
        if !proved.visitor().is_verified {
            return Err(IssueError::Unverified);
        }
        self.issue(proved.principal(), new, token, AskedBy::Owner(proved.email()), client).await
    }

    /// Makes `token` another one of the caller's account, as a program does it: one that may do no more than the caller's own
    /// and ends no later.
    pub async fn create_narrower_token(
        &self,
        caller: &Caller,
        new: &NewToken,
        token: Token,
        client: &ClientInfo,
    ) -> Result<IssuedToken, IssueError> {
        let may = |action: &TokenAction| caller.actions().contains(action);
        let matches = |pattern: &NamePattern| caller.patterns().iter().any(|own| own.includes(pattern));
        let ends = match (new.expires_at, caller.expires_at()) {
            (_, None) => true,
            (Some(end), Some(own)) => end <= own,
            (None, Some(_)) => false,
        };
        if !new.actions.iter().all(may) || !new.patterns.iter().all(matches) || !ends {
            return Err(IssueError::Wider);
        }
        let email = sqlx::query_scalar!(
            r#"select email as "email: Email" from accounts where principal_id = $1"#,
            caller.principal()
        )
        .fetch_optional(&self.pool)
        .await?
        .ok_or(IssueError::Wider)?;
        let parent = caller.token().ok_or(IssueError::Wider)?;
        self.issue(caller.principal(), new, token, AskedBy::Token(parent, Some(&email)), client).await
    }

    /// Takes one of the account's tokens back, and those that were made with it; not found where it is not theirs.
    pub async fn revoke_own_token(
        &self,
        account: AccountRef,
        id: i64,
        client: &ClientInfo,
    ) -> Result<(), RegistryError> {
        let principal = account.principal;
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        let revoked = sqlx::query!(
            "with recursive ended as (
                select token_id
                from tokens
                where token_id = $1
                    and principal_id = $2
                union
                select t.token_id
                from tokens as t
                join ended on t.parent_id = ended.token_id
            )
            update tokens as t
            set revoked_at = coalesce(t.revoked_at, $3)
            from ended
            where t.token_id = ended.token_id",
            id,
            principal,
            now,
        )
        .execute(&mut *transaction)
        .await?;
        if revoked.rows_affected() == 0 {
            return Err(RegistryError::NotFound);
        }
        audit::note(&mut transaction, principal, Act::TokenRevoked, client, json!({ "token": id }), now).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Takes a token back that somebody has found, and tells its owner. Nothing happens where it is no token, is not known, or
    /// was taken back: who asks is not told either.
    pub async fn revoke_leaked_token(&self, text: &str, client: &ClientInfo) -> Result<(), RevokeError> {
        self.limits.revoke_by_network.count(&client.network())?;
        let Ok(token) = text.trim().parse::<Token>() else { return Ok(()) };
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        let revoked = sqlx::query!(
            r#"update tokens as t
            set revoked_at = $2
            where t.hash = $1
                and t.revoked_at is null
            returning
                t.token_id,
                t.name,
                -- A workflow reads no mail: whoever has named it does.
                coalesce(
                    (select u.created_by from trusted_publishers as u where u.publisher_id = t.publisher_id),
                    t.principal_id
                ) as "principal_id!""#,
            token.hash() as _,
            now,
        )
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(revoked) = revoked else { return Ok(()) };
        let details = json!({ "token": revoked.token_id, "leaked": true });
        audit::note(&mut transaction, revoked.principal_id, Act::TokenRevoked, client, details, now).await?;
        sqlx::query!(
            "with recursive ended as (
                select token_id from tokens where parent_id = $1
                union
                select t.token_id from tokens as t join ended on t.parent_id = ended.token_id
            )
            update tokens as t
            set revoked_at = coalesce(t.revoked_at, $2)
            from ended
            where t.token_id = ended.token_id",
            revoked.token_id,
            now,
        )
        .execute(&mut *transaction)
        .await?;
        let email = sqlx::query_scalar!(
            r#"select email as "email: Email" from accounts where principal_id = $1"#,
            revoked.principal_id
        )
        .fetch_optional(&mut *transaction)
        .await?;
        if let Some(email) = email {
            let message = mails::token_leaked(&self.public_url, &email, &revoked.name);
            mail::send(&mut transaction, &self.mail, Some(revoked.principal_id), &message, now).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Makes `token`, which was just generated, known as one of the account with this handle, as an operator does it.
    pub async fn create_token(&self, handle: &Handle, new: &NewToken, token: Token) -> Result<IssuedToken, IssueError> {
        let principal = sqlx::query_scalar!(
            "select principal_id
            from principals
            where handle_folded = fold_name($1)
                and kind = 'account'",
            handle as _,
        )
        .fetch_optional(&self.pool)
        .await?
        .ok_or_else(|| IssueError::NoAccount(handle.clone()))?;
        self.issue(principal, new, token, AskedBy::Operator, &ClientInfo::default()).await
    }

    /// Makes `token`, likewise, one that may do exactly what the caller's may, and ends no later.
    pub async fn reissue_token(
        &self,
        caller: &Caller,
        name: &str,
        token: Token,
        client: &ClientInfo,
    ) -> Result<IssuedToken, IssueError> {
        if caller.publisher().is_some() {
            return Err(IssueError::Wider);
        }
        let new = NewToken {
            name: name.to_owned(),
            actions: caller.actions().to_vec(),
            patterns: caller.patterns().to_vec(),
            expires_at: caller.expires_at(),
        };
        let parent = caller.token().ok_or(IssueError::Wider)?;
        self.issue(caller.principal(), &new, token, AskedBy::Token(parent, None), client).await
    }

    /// Tells the owners of tokens that end soon, each once: a week before, or in the last seventh of a shorter life. Returns how
    /// many.
    pub async fn warn_of_expiring_tokens(&self) -> Result<usize, RegistryError> {
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        let expiring = sqlx::query!(
            r#"update tokens as t
            set expiry_told_at = $1
            from accounts as a
            where a.principal_id = t.principal_id
                and t.revoked_at is null
                and t.publisher_id is null
                and t.expiry_told_at is null
                and t.expires_at > $1
                and t.expires_at <= $1 + least(interval '7 days', (t.expires_at - t.created_at) / 7)
            returning t.principal_id, t.name, t.expires_at as "expires_at!", a.email as "email: Email""#,
            now,
        )
        .fetch_all(&mut *transaction)
        .await?;
        for token in &expiring {
            let message = mails::token_expires(&self.public_url, &token.email, &token.name, token.expires_at);
            mail::send(&mut transaction, &self.mail, Some(token.principal_id), &message, now).await?;
        }
        transaction.commit().await?;
        Ok(expiring.len())
    }

    async fn issue(
        &self,
        principal: i64,
        new: &NewToken,
        token: Token,
        from: AskedBy<'_>,
        client: &ClientInfo,
    ) -> Result<IssuedToken, IssueError> {
        let now = self.clock.now();
        if new.name.is_empty() || new.name.len() > 200 || new.name.contains('\0') {
            return Err(IssueError::Name);
        }
        if new.actions.is_empty() || new.patterns.is_empty() {
            return Err(IssueError::Nothing);
        }
        if new.expires_at.is_some_and(|end| end <= now) {
            return Err(IssueError::Expired);
        }
        let mut transaction = self.pool.begin().await?;
        // Who has deleted their account meanwhile gets none.
        let account = sqlx::query!("select from accounts where principal_id = $1 for key share", principal)
            .fetch_optional(&mut *transaction)
            .await?;
        account.ok_or(IssueError::Gone)?;
        let id = sqlx::query_scalar!(
            "insert into tokens (principal_id, name, hash, actions, patterns, created_at, expires_at, parent_id)
            values ($1, $2, $3, $4, $5, $6, $7, $8)
            returning token_id",
            principal,
            new.name,
            token.hash() as _,
            &new.actions as _,
            &new.patterns as _,
            now,
            new.expires_at,
            from.parent(),
        )
        .fetch_one(&mut *transaction)
        .await?;
        let details = json!({ "token": id, "name": new.name, "actions": new.actions, "patterns": new.patterns });
        audit::note(&mut transaction, principal, Act::TokenCreated, client, details, now).await?;
        if let Some(email) = from.told() {
            let message = mails::token_created(&self.public_url, email, &new.name);
            mail::send(&mut transaction, &self.mail, Some(principal), &message, now).await?;
        }
        transaction.commit().await?;
        Ok(IssuedToken { token, expires_at: new.expires_at })
    }
}
