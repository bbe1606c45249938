//! What an account shows of itself, and what its owner sees of it.

use model::{Email, Handle, PackageName, is_unseen};
use serde_json::json;
use time::OffsetDateTime;

use super::{
    AccountRef, ClientInfo, Visitor,
    audit::{self, Act},
};
use crate::{Registry, RegistryError};

/// An account as its owner sees it.
#[derive(Clone, Debug)]
pub struct AccountDetails {
    /// Its handle.
    pub handle: Handle,
    /// Its address.
    pub email: Email,
    /// Whether the address is known to be its owner's.
    pub is_verified: bool,
    /// The address that takes its place when it is confirmed.
    pub pending_email: Option<Email>,
    /// What its owner is called.
    pub display_name: Option<String>,
    /// What its owner says of themselves.
    pub bio: Option<String>,
    /// Their place on the web.
    pub website: Option<String>,
    /// Whether the address is shown to everybody.
    pub shows_email: bool,
    /// When it began.
    pub created_at: OffsetDateTime,
    /// When its password was last changed; none where it has none.
    pub password_changed_at: Option<OffsetDateTime>,
}

/// What an account says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileChange {
    /// What its owner is called; empty for nothing.
    pub display_name: String,
    /// What they say of themselves.
    pub bio: String,
    /// An http or https address.
    pub website: String,
    /// Whether the address is shown to everybody.
    pub shows_email: bool,
}

/// Why a profile was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// The name cannot be shown.
    #[error("a name has at most 100 characters that can be seen, in one line")]
    DisplayName,
    /// The text is too long.
    #[error("the text has at most 1000 characters, and none that cannot be seen")]
    Bio,
    /// It is no address of the web.
    #[error("an address begins with https:// or http:// and has at most 2000 bytes")]
    Website,
    /// The database failed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

/// An account as everybody sees it.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Its handle.
    pub handle: Handle,
    /// What its owner is called.
    pub display_name: Option<String>,
    /// What its owner says of themselves.
    pub bio: Option<String>,
    /// Their place on the web.
    pub website: Option<String>,
    /// Its address, where its owner shows it.
    pub email: Option<Email>,
    /// When it began.
    pub created_at: OffsetDateTime,
    /// The public packages it has rights on.
    pub packages: Vec<OwnedPackage>,
}

/// A package of somebody.
#[derive(Clone, Debug)]
pub struct OwnedPackage {
    /// Its short name.
    pub name: PackageName,
    /// What it is for.
    pub summary: Option<String>,
    /// `owner` or `maintainer`.
    pub role: String,
}

impl Registry {
    /// The visitor's account.
    pub async fn account(&self, visitor: &Visitor) -> Result<AccountDetails, RegistryError> {
        self.account_of(visitor.account()).await
    }

    /// An account, for whoever looks after it.
    pub async fn account_of(&self, account: AccountRef) -> Result<AccountDetails, RegistryError> {
        let account = sqlx::query_as!(
            AccountDetails,
            r#"select
                p.handle as "handle: Handle",
                a.email as "email: Email",
                a.email_verified_at is not null as "is_verified!",
                (
                    select l.email
                    from one_time_links as l
                    where l.principal_id = a.principal_id
                        and l.purpose = 'change-email'
                        and l.expires_at > $2
                    limit 1
                ) as "pending_email: Email",
                a.display_name,
                a.bio,
                a.website,
                a.shows_email,
                a.created_at,
                a.password_changed_at
            from accounts as a
            join principals as p using (principal_id)
            where a.principal_id = $1"#,
            account.principal,
            self.clock.now(),
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(account)
    }

    /// The packages that the visitor has rights to, by name.
    pub async fn own_packages(&self, visitor: &Visitor) -> Result<Vec<PackageName>, RegistryError> {
        let names = sqlx::query_scalar!(
            r#"select p.name as "name: PackageName"
            from packages as p
            where exists (
                select from package_rights as r
                where r.package_id = p.package_id
                    and r.principal_id = $1
            )
            order by p.name_folded, p.package_id"#,
            visitor.principal,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(names)
    }

    /// Changes what the visitor's account says of itself.
    pub async fn change_profile(
        &self,
        visitor: &Visitor,
        change: &ProfileChange,
        client: &ClientInfo,
    ) -> Result<(), ProfileError> {
        let given = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        let (display_name, website) = (given(&change.display_name), given(&change.website));
        let bio = given(&change.bio.replace("\r\n", "\n").replace('\t', " "));
        let is_line = |text: &str| text.chars().count() <= 100 && !text.contains(is_unseen);
        if !display_name.as_deref().is_none_or(is_line) {
            return Err(ProfileError::DisplayName);
        }
        let is_text = |text: &str| {
            text.chars().count() <= 1000 && !text.contains(|letter: char| is_unseen(letter) && letter != '\n')
        };
        if !bio.as_deref().is_none_or(is_text) {
            return Err(ProfileError::Bio);
        }
        let website = website.map(|text| web_address(&text).ok_or(ProfileError::Website)).transpose()?;
        let mut transaction = self.pool.begin().await.map_err(RegistryError::from)?;
        sqlx::query!(
            "update accounts
            set display_name = $2, bio = $3, website = $4, shows_email = $5
            where principal_id = $1",
            visitor.principal,
            display_name,
            bio,
            website,
            change.shows_email,
        )
        .execute(&mut *transaction)
        .await
        .map_err(RegistryError::from)?;
        let now = self.clock.now();
        audit::note(&mut transaction, visitor.principal, Act::ProfileChanged, client, json!({}), now).await?;
        transaction.commit().await.map_err(RegistryError::from)?;
        Ok(())
    }

    /// What everybody sees of an account.
    pub async fn profile(&self, handle: &Handle) -> Result<Profile, RegistryError> {
        let folded = handle.folded();
        let account = sqlx::query!(
            r#"select
                a.principal_id,
                p.handle as "handle: Handle",
                a.display_name,
                a.bio,
                a.website,
                case when a.shows_email and a.email_verified_at is not null then a.email end as "email: Email",
                a.created_at
            from accounts as a
            join principals as p using (principal_id)
            where p.handle_folded = $1"#,
            folded.as_str(),
        )
        .fetch_one(&self.pool)
        .await?;
        let packages = sqlx::query_as!(
            OwnedPackage,
            r#"select p.name as "name: PackageName", p.summary, max(r.role) as "role!"
            from package_rights as r
            join packages as p using (package_id)
            where r.principal_id = $1
                and p.visibility = 'public'
            group by p.package_id
            order by p.name"#,
            account.principal_id,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(Profile {
            handle: account.handle,
            display_name: account.display_name,
            bio: account.bio,
            website: account.website,
            email: account.email,
            created_at: account.created_at,
            packages,
        })
    }
}

/// An address of the web as it is usually written.
pub(crate) fn web_address(text: &str) -> Option<String> {
    let url = url::Url::parse(text).ok()?;
    let is_plain = matches!(url.scheme(), "http" | "https") && url.has_host() && url.username().is_empty();
    let address = String::from(url);
    (is_plain && address.len() <= 2000).then_some(address)
}
