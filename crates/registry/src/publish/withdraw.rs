//! Taking releases back: yanked ones stay for those who know their version, deleted ones are gone.

use model::{PackageName, ReleaseState, TokenAction, Version};
use serde_json::json;
use sqlx::PgConnection;
use time::{Date, Duration};

use super::{lock_name, package::needs_second_factor};
use crate::{
    EventId, Registry, RegistryError,
    accounts::{Caller, Limited, has_rights, is_owner},
    events::{self, Event},
    people::{Group, PeopleError, tell_of_change},
};

/// How long after its publication a release may be deleted.
const DELETABLE: Duration = Duration::hours(72);
/// How long the bytes of a deleted release lie in the store before they are removed.
const KEPT: Duration = Duration::days(1);
/// Characters of a reason that are kept.
const LONGEST_REASON: usize = 500;

/// Why a release was not taken back.
#[derive(Debug, thiserror::Error)]
pub enum WithdrawError {
    /// There is no such package or release.
    #[error("there is no release {version} of {name}")]
    NotFound {
        /// The package.
        name: PackageName,
        /// The release.
        version: Version,
    },
    /// Somebody else's package.
    #[error("{0} belongs to somebody else")]
    NotYours(PackageName),
    /// A package without an owner: taken from the packages of a server, or left by its last owner.
    #[error("{0} belongs to nobody here")]
    Unowned(PackageName),
    /// The token is not good for it.
    #[error("this token may not yank or delete releases of {0}")]
    TokenScope(PackageName),
    /// The account would need a second factor.
    #[error("whoever does this needs a second factor: add an authenticator app or a passkey at /settings/security")]
    SecondFactor,
    /// No reason was given.
    #[error("say why: a reason is shown to those who have installed the release")]
    NoReason,
    /// It is deleted, or held back by a moderator.
    #[error("the release is {0}, so this cannot be done")]
    State(ReleaseState),
    /// Too long ago.
    #[error("a release can be deleted for 72 hours after its publication; it can be yanked at any time")]
    TooOld,
    /// What was typed is not the name of the package.
    #[error("type the name of the package, {0}, to delete it")]
    Confirmation(PackageName),
    /// There is nothing to delete.
    #[error("there is no release left to delete")]
    Nothing,
    /// Others need it.
    #[error("{} needs it, so it can only be yanked", .0.join(", "))]
    Needed(Vec<String>),
    /// Too often.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// The database failed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl WithdrawError {
    /// A stable code for machines.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "not-found",
            Self::NotYours(_) => "not-an-owner",
            Self::Unowned(_) => "package-unowned",
            Self::TokenScope(_) => "token-scope",
            Self::SecondFactor => "second-factor-required",
            Self::NoReason => "reason-missing",
            Self::State(_) => "release-state",
            Self::TooOld => "release-too-old",
            Self::Confirmation(_) => "confirmation",
            Self::Nothing => "nothing-to-delete",
            Self::Needed(_) => "release-needed",
            Self::Limited(_) => "too-many-requests",
            Self::Registry(error) => error.code(),
        }
    }
}

impl From<sqlx::Error> for WithdrawError {
    fn from(error: sqlx::Error) -> Self {
        Self::Registry(error.into())
    }
}

/// A release that somebody may change, locked until the transaction ends.
struct Held {
    package: i64,
    full_name: String,
    is_orphaned: bool,
    release: i64,
    state: ReleaseState,
    published_at: time::OffsetDateTime,
}

impl Registry {
    /// Takes a release out of what is current. Its files can still be fetched by its version. Returns the event; none where
    /// it was so already.
    pub async fn yank(
        &self,
        caller: &Caller,
        name: &PackageName,
        version: &Version,
        reason: &str,
    ) -> Result<Option<EventId>, WithdrawError> {
        let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
        let reason: String = reason.chars().filter(|letter| !letter.is_control()).take(LONGEST_REASON).collect();
        if reason.is_empty() {
            return Err(WithdrawError::NoReason);
        }
        let mut transaction = self.pool.begin().await?;
        let held = hold(&mut transaction, caller, name, version, self.clock.now().date()).await?;
        match held.state {
            ReleaseState::Yanked => return Ok(None),
            ReleaseState::Active => {}
            state => return Err(WithdrawError::State(state)),
        }
        self.change_state(&mut transaction, &held, ReleaseState::Yanked, Some(&reason)).await?;
        let what = format!("{} has yanked {version}: {reason}", caller.handle());
        self.tell_of_withdrawal(&mut transaction, caller, (name, &held), &what).await?;
        let event = self.append(&mut transaction, caller, &held, "release.yanked", version, Some(&reason)).await?;
        transaction.commit().await?;
        Ok(Some(event))
    }

    /// Makes a yanked release active again, likewise.
    pub async fn unyank(
        &self,
        caller: &Caller,
        name: &PackageName,
        version: &Version,
    ) -> Result<Option<EventId>, WithdrawError> {
        let mut transaction = self.pool.begin().await?;
        let held = hold(&mut transaction, caller, name, version, self.clock.now().date()).await?;
        match held.state {
            ReleaseState::Active => return Ok(None),
            ReleaseState::Yanked => {}
            state => return Err(WithdrawError::State(state)),
        }
        self.change_state(&mut transaction, &held, ReleaseState::Active, None).await?;
        let what = format!("{} has taken back that {version} is yanked.", caller.handle());
        self.tell_of_withdrawal(&mut transaction, caller, (name, &held), &what).await?;
        let event = self.append(&mut transaction, caller, &held, "release.unyanked", version, None).await?;
        transaction.commit().await?;
        Ok(Some(event))
    }

    /// Deletes a release, likewise: its files are gone, its version is never used again.
    pub async fn delete_release(
        &self,
        caller: &Caller,
        name: &PackageName,
        version: &Version,
    ) -> Result<Option<EventId>, WithdrawError> {
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        let held = hold(&mut transaction, caller, name, version, self.clock.now().date()).await?;
        match held.state {
            ReleaseState::Deleted => return Ok(None),
            ReleaseState::Active | ReleaseState::Yanked => {}
            state @ ReleaseState::Quarantined => return Err(WithdrawError::State(state)),
        }
        if held.published_at + DELETABLE < now {
            return Err(WithdrawError::TooOld);
        }
        let needed_by = dependents(&mut transaction, &held).await?;
        if !needed_by.is_empty() {
            return Err(WithdrawError::Needed(needed_by));
        }
        self.change_state(&mut transaction, &held, ReleaseState::Deleted, None).await?;
        release_objects(&mut transaction, &held, now + KEPT).await?;
        let what = format!("{} has deleted {version}.", caller.handle());
        self.tell_of_withdrawal(&mut transaction, caller, (name, &held), &what).await?;
        let event = self.append(&mut transaction, caller, &held, "release.deleted", version, None).await?;
        transaction.commit().await?;
        Ok(Some(event))
    }

    /// Deletes all releases of a package, likewise, and so its page: as long as each of them may be deleted. Its name stays its
    /// owners'. `typed` is the name of the package once more.
    pub async fn delete_package(
        &self,
        caller: &Caller,
        name: &PackageName,
        typed: &str,
    ) -> Result<EventId, WithdrawError> {
        let now = self.clock.now();
        if typed.trim() != name.as_str() {
            return Err(WithdrawError::Confirmation(name.clone()));
        }
        let mut transaction = self.pool.begin().await?;
        let folded = name.folded();
        lock_name(&mut transaction, name).await?;
        let versions = sqlx::query_scalar!(
            r#"select r.version as "version: Version"
            from releases as r
            join packages as p using (package_id)
            where p.name_folded = $1
                and p.is_default
                and r.state <> 'deleted'
            order by r.version_key"#,
            folded.as_str(),
        )
        .fetch_all(&mut *transaction)
        .await?;
        let mut held = Vec::new();
        for version in versions {
            let release = hold(&mut transaction, caller, name, &version, now.date()).await?;
            if release.state == ReleaseState::Quarantined {
                return Err(WithdrawError::State(release.state));
            }
            if release.published_at + DELETABLE < now {
                return Err(WithdrawError::TooOld);
            }
            let needed_by = dependents(&mut transaction, &release).await?;
            if !needed_by.is_empty() {
                return Err(WithdrawError::Needed(needed_by));
            }
            if !is_owner(&mut transaction, caller, release.package).await? {
                return Err(WithdrawError::NotYours(name.clone()));
            }
            // At once, so that a release which comes later does not count as one that provides the same.
            self.change_state(&mut transaction, &release, ReleaseState::Deleted, None).await?;
            release_objects(&mut transaction, &release, now + KEPT).await?;
            held.push((version, release));
        }
        if let Some((_, release)) = held.first() {
            let what = format!("{} has deleted all its releases.", caller.handle());
            self.tell_of_withdrawal(&mut transaction, caller, (name, release), &what).await?;
        }
        let mut event = None;
        for (version, release) in &held {
            event = Some(self.append(&mut transaction, caller, release, "release.deleted", version, None).await?);
        }
        let event = event.ok_or(WithdrawError::Nothing)?;
        transaction.commit().await?;
        Ok(event)
    }

    /// Writes to all owners what was done.
    async fn tell_of_withdrawal(
        &self,
        transaction: &mut PgConnection,
        caller: &Caller,
        (name, held): (&PackageName, &Held),
        what: &str,
    ) -> Result<(), WithdrawError> {
        let group = Group::of_package(held.package, name.clone(), &held.full_name);
        tell_of_change(self, transaction, &group, caller, what, self.clock.now()).await.map_err(|error| match error {
            PeopleError::Limited(limited) => WithdrawError::Limited(limited),
            PeopleError::Registry(error) => WithdrawError::Registry(error),
            // Whether they may was asked before.
            _ => WithdrawError::NotYours(name.clone()),
        })
    }

    async fn change_state(
        &self,
        transaction: &mut PgConnection,
        held: &Held,
        state: ReleaseState,
        reason: Option<&str>,
    ) -> Result<(), WithdrawError> {
        sqlx::query!(
            "update releases
            set state = $2, state_reason = $3, state_changed_at = $4
            where release_id = $1",
            held.release,
            state as _,
            reason,
            self.clock.now(),
        )
        .execute(transaction)
        .await?;
        Ok(())
    }

    async fn append(
        &self,
        transaction: &mut PgConnection,
        caller: &Caller,
        held: &Held,
        kind: &'static str,
        version: &Version,
        reason: Option<&str>,
    ) -> Result<EventId, WithdrawError> {
        let event = events::append(
            transaction,
            Event {
                kind,
                actor: caller.principal(),
                subject: &format!("package:{}", held.full_name),
                payload: json!({ "package": held.package, "version": version, "reason": reason }),
                happened_at: self.clock.now(),
            },
        )
        .await?;
        Ok(event)
    }
}

async fn hold(
    transaction: &mut PgConnection,
    caller: &Caller,
    name: &PackageName,
    version: &Version,
    today: Date,
) -> Result<Held, WithdrawError> {
    // Nobody publishes a further file meanwhile, which would be lost with the release.
    lock_name(transaction, name).await?;
    let folded = name.folded();
    let held = sqlx::query_as!(
        Held,
        r#"select
            p.package_id as "package",
            p.full_name,
            p.is_orphaned,
            r.release_id as "release",
            r.state as "state: ReleaseState",
            r.published_at
        from releases as r
        join packages as p using (package_id)
        where p.name_folded = $1
            and p.is_default
            and r.version = $2
        for update of r"#,
        folded.as_str(),
        version as _,
    )
    .fetch_optional(&mut *transaction)
    .await?
    .ok_or_else(|| WithdrawError::NotFound { name: name.clone(), version: version.clone() })?;
    let has_rights = has_rights(transaction, caller, held.package).await?;
    if !has_rights && held.is_orphaned {
        return Err(WithdrawError::Unowned(name.clone()));
    }
    if !has_rights {
        return Err(WithdrawError::NotYours(name.clone()));
    }
    if !caller.may(TokenAction::Yank, name) {
        return Err(WithdrawError::TokenScope(name.clone()));
    }
    if needs_second_factor(transaction, caller, held.package, today).await? {
        return Err(WithdrawError::SecondFactor);
    }
    Ok(held)
}

/// Other packages that need an extension which only this release of the package brings; at most a few.
async fn dependents(transaction: &mut PgConnection, held: &Held) -> Result<Vec<String>, WithdrawError> {
    let names = sqlx::query_scalar!(
        r#"select distinct
            case when other.visibility = 'public' then other.name else 'a package that only its members see' end as "name!"
        from extensions as own
        join extension_names as n on n.name_folded = own.name_folded and n.default_package_id = $2
        join releases as r
            on own.name = any(r.depends_on)
            or exists (
                select from extensions as needing
                where needing.release_id = r.release_id
                    and needing.requires @> array[own.name]
            )
        join packages as other on other.package_id = r.package_id
        where own.release_id = $1
            and other.package_id <> $2
            and r.state in ('active', 'yanked')
            and not exists (
                select from extensions as same
                join releases as further on further.release_id = same.release_id
                where same.name_folded = own.name_folded
                    and further.package_id = $2
                    and further.release_id <> $1
                    and further.state = 'active'
            )
        order by 1
        limit 3"#,
        held.release,
        held.package,
    )
    .fetch_all(transaction)
    .await?;
    Ok(names)
}

/// Lets go of the bytes that nothing else refers to; they are removed when their lease ends.
async fn release_objects(
    transaction: &mut PgConnection,
    held: &Held,
    until: time::OffsetDateTime,
) -> Result<(), WithdrawError> {
    let digests = sqlx::query_scalar!(
        r#"with variants as (
            update artifact_variants as v
            set object_state = null
            from artifacts as a
            where a.artifact_id = v.artifact_id
                and a.release_id = $1
            returning v.sha256
        ),
        files as (
            update artifacts
            set object_state = null
            where release_id = $1
            returning sha256
        )
        select sha256 as "sha256!"
        from variants
        union
        select sha256
        from files"#,
        held.release,
    )
    .fetch_all(&mut *transaction)
    .await?;
    sqlx::query!(
        "update objects as o
        set state = 'arriving', lease_until = $2
        where o.sha256 = any($1)
            and not exists (select from artifacts as a where a.sha256 = o.sha256 and a.object_state is not null)
            and not exists (select from artifact_variants as v where v.sha256 = o.sha256 and v.object_state is not null)",
        &digests,
        until,
    )
    .execute(transaction)
    .await?;
    Ok(())
}
