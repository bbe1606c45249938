//! People in browsers: what is kept of a session, and which ones there are.

use std::collections::HashMap;

use model::{Email, Handle, Sha256, StaffRole};
use serde_json::{Value, json};
use sha2::Digest as _;
use time::{Duration, OffsetDateTime};

use super::{
    AccountRef, ClientInfo,
    audit::{self, Act},
    devices,
};
use crate::{MailTransport, Registry, RegistryError, Viewer};

/// How exact the last use of a session is known.
const LAST_USE: Duration = Duration::minutes(1);

/// How long is kept what was written to people, what was done with accounts, and which runs of workflows had a token.
const MAILS_KEPT: Duration = Duration::days(90);
const AUDIT_KEPT: Duration = Duration::days(730);
const RUNS_KEPT: Duration = Duration::days(30);

/// The key under which a session is kept: the SHA-256 of what its cookie has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionKey(Sha256);

impl SessionKey {
    /// The key for a cookie's id.
    pub fn of(id: i128) -> Self {
        Self(Sha256::from_bytes(sha2::Sha256::digest(id.to_le_bytes()).into()))
    }
}

/// What a session remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SessionData {
    /// The principal that has logged in.
    pub principal: Option<i64>,
    /// Anything else, by name.
    pub values: HashMap<String, Value>,
    /// Until when it is good.
    pub expires_at: Option<OffsetDateTime>,
}

/// Somebody who has logged in.
#[derive(Clone, Debug)]
pub struct Visitor {
    pub(super) principal: i64,
    pub(super) session: i64,
    pub(super) handle: Handle,
    pub(super) email: Email,
    pub(super) is_verified: bool,
    pub(super) proved_at: Option<OffsetDateTime>,
    pub(crate) staff_role: Option<StaffRole>,
    /// How many invitations wait for an answer of theirs.
    pub invitations: i64,
    /// Until when the session is good.
    pub expires_at: OffsetDateTime,
}

impl Visitor {
    pub(crate) fn principal(&self) -> i64 {
        self.principal
    }

    /// As whom they read.
    pub fn viewer(&self) -> Viewer {
        Viewer::Principal(self.principal)
    }

    /// The handle of the account.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Its address.
    pub fn email(&self) -> &Email {
        &self.email
    }

    /// Whether the address is known to be its owner's.
    pub fn is_verified(&self) -> bool {
        self.is_verified
    }
}

/// A session in a list.
#[derive(Clone, Debug)]
pub struct SessionDetails {
    /// Its id, which is no secret.
    pub id: i64,
    /// What the browser called itself.
    pub user_agent: String,
    /// From where it was begun.
    pub address: String,
    /// When it was begun.
    pub created_at: OffsetDateTime,
    /// When it was last used, exact to a minute.
    pub last_used_at: OffsetDateTime,
    /// Whether it is the one that asks.
    pub is_current: bool,
}

impl Registry {
    /// Keeps a new session; false where there is one with this key.
    pub async fn create_session(
        &self,
        key: SessionKey,
        data: &SessionData,
        expires_at: OffsetDateTime,
        client: &ClientInfo,
    ) -> Result<bool, RegistryError> {
        let now = self.clock.now();
        let created = sqlx::query!(
            "insert into sessions (key, principal_id, data, user_agent, client_address, created_at, last_used_at, expires_at)
            values ($1, $2, $3, $4, $5, $6, $6, $7)
            on conflict do nothing",
            key.0 as _,
            data.principal,
            json!(data.values),
            client.user_agent,
            client.address,
            now,
            expires_at,
        )
        .execute(&self.pool)
        .await?;
        Ok(created.rows_affected() > 0)
    }

    /// Changes what a session remembers. One that was ended meanwhile does not come back.
    pub async fn save_session(
        &self,
        key: SessionKey,
        data: &SessionData,
        expires_at: OffsetDateTime,
    ) -> Result<(), RegistryError> {
        sqlx::query!(
            "update sessions
            set principal_id = $2, data = $3, expires_at = $4
            where key = $1",
            key.0 as _,
            data.principal,
            json!(data.values),
            expires_at,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// What a session remembers; none where it was ended or its time is over.
    pub async fn load_session(&self, key: SessionKey) -> Result<Option<SessionData>, RegistryError> {
        let row = sqlx::query!(
            "select principal_id, data, expires_at
            from sessions
            where key = $1
                and expires_at > $2",
            key.0 as _,
            self.clock.now(),
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|row| SessionData {
            principal: row.principal_id,
            values: serde_json::from_value(row.data).unwrap_or_default(),
            expires_at: Some(row.expires_at),
        }))
    }

    /// Ends a session.
    pub async fn delete_session(&self, key: SessionKey) -> Result<(), RegistryError> {
        sqlx::query!("delete from sessions where key = $1", key.0 as _).execute(&self.pool).await?;
        Ok(())
    }

    /// Who has logged in with a session; none where nobody has, or where it is good no more.
    pub async fn visitor(&self, key: SessionKey) -> Result<Option<Visitor>, RegistryError> {
        let now = self.clock.now();
        let row = sqlx::query!(
            r#"select
                s.session_id,
                s.last_used_at,
                s.expires_at,
                (s.data ->> 'proved_at')::bigint as proved_at,
                a.principal_id,
                p.handle as "handle: Handle",
                a.email as "email: Email",
                a.email_verified_at is not null as "is_verified!",
                a.staff_role as "staff_role: StaffRole",
                (
                    select count(*)
                    from invitations as i
                    where i.expires_at > $2
                        and (
                            i.invitee_id = a.principal_id
                            or lower(i.email) = lower(a.email)
                                and a.email_verified_at is not null
                                and a.email_domain_lost_at is null
                        )
                ) as "invitations!"
            from sessions as s
            join accounts as a using (principal_id)
            join principals as p using (principal_id)
            where s.key = $1
                and s.expires_at > $2
                and a.locked_at is null
                -- One that began with a password that has been changed since is good for nothing.
                and (s.data ->> 'password_generation')::bigint = a.password_generation"#,
            key.0 as _,
            now,
        )
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        if row.last_used_at + LAST_USE <= now {
            sqlx::query!("update sessions set last_used_at = $2 where session_id = $1", row.session_id, now)
                .execute(&self.pool)
                .await?;
        }
        Ok(Some(Visitor {
            principal: row.principal_id,
            session: row.session_id,
            handle: row.handle,
            email: row.email,
            is_verified: row.is_verified,
            staff_role: row.staff_role,
            invitations: row.invitations,
            proved_at: row.proved_at.and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok()),
            expires_at: row.expires_at,
        }))
    }

    /// The account's sessions: the one that asks first, then the one that was used last.
    pub async fn sessions(&self, account: AccountRef) -> Result<Vec<SessionDetails>, RegistryError> {
        let sessions = sqlx::query_as!(
            SessionDetails,
            r#"select
                session_id as id,
                user_agent,
                client_address as address,
                created_at,
                last_used_at,
                session_id is not distinct from $2 as "is_current!"
            from sessions
            where principal_id = $1
                and expires_at > $3
            order by session_id is not distinct from $2 desc, last_used_at desc, session_id"#,
            account.principal,
            account.session,
            self.clock.now(),
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(sessions)
    }

    /// Ends one of the account's sessions; not found where it is not theirs.
    pub async fn end_session(&self, account: AccountRef, id: i64, client: &ClientInfo) -> Result<(), RegistryError> {
        let mut transaction = self.pool.begin().await?;
        let ended =
            sqlx::query!("delete from sessions where session_id = $1 and principal_id = $2", id, account.principal)
                .execute(&mut *transaction)
                .await?;
        if ended.rows_affected() == 0 {
            return Err(RegistryError::NotFound);
        }
        audit::note(&mut transaction, account.principal, Act::LoggedOut, client, json!({}), self.clock.now()).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Ends all of the visitor's sessions but the one that asks; returns how many.
    pub async fn end_other_sessions(&self, visitor: &Visitor, client: &ClientInfo) -> Result<u64, RegistryError> {
        let mut transaction = self.pool.begin().await?;
        let ended = sqlx::query!(
            "delete from sessions where principal_id = $1 and session_id <> $2",
            visitor.principal,
            visitor.session
        )
        .execute(&mut *transaction)
        .await?
        .rows_affected();
        let details = json!({ "sessions": ended });
        audit::note(&mut transaction, visitor.principal, Act::SessionsEnded, client, details, self.clock.now()).await?;
        transaction.commit().await?;
        Ok(ended)
    }

    /// Removes what nobody needs any more: sessions, registrations and links whose time is over, devices that nobody has used
    /// for long, and what was noted of mail and of acts so long ago that nobody asks for it.
    pub async fn remove_expired(&self) -> Result<(), RegistryError> {
        let now = self.clock.now();
        sqlx::query!("delete from sessions where expires_at <= $1", now).execute(&self.pool).await?;
        sqlx::query!("delete from registrations where expires_at <= $1", now).execute(&self.pool).await?;
        sqlx::query!("delete from one_time_links where expires_at <= $1", now).execute(&self.pool).await?;
        sqlx::query!("delete from exchanged_tokens where expires_at <= $1", now).execute(&self.pool).await?;
        sqlx::query!("delete from tokens where publisher_id is not null and expires_at <= $1", now - RUNS_KEPT)
            .execute(&self.pool)
            .await?;
        sqlx::query!("delete from known_devices where last_seen_at <= $1", now - devices::REMEMBERED)
            .execute(&self.pool)
            .await?;
        // What is still on its way stays.
        sqlx::query!(
            "delete from mails
            where created_at <= $1
                and (body_text is null or $2)",
            now - MAILS_KEPT,
            matches!(self.mail, MailTransport::Kept),
        )
        .execute(&self.pool)
        .await?;
        sqlx::query!("delete from audit where happened_at <= $1", now - AUDIT_KEPT).execute(&self.pool).await?;
        Ok(())
    }
}
