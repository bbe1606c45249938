//! Domains of addresses that were given up. Whoever registers one reads the mail of those who had an address there, so nothing
//! is recovered by such an address until its owner confirms it anew.

use std::{net::SocketAddr, time::Duration as Patience};

use hickory_resolver::{
    TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolverConfig},
    net::runtime::TokioRuntimeProvider,
    proto::rr::RecordType,
};
use model::Email;
use serde_json::json;
use time::Duration;

use super::{
    ClientInfo,
    audit::{self, Act},
    links,
};
use crate::{Registry, RegistryError};

/// How often the domain of an address is asked for.
const BETWEEN: Duration = Duration::days(1);
/// Addresses that are looked at at a time.
const AT_ONCE: i64 = 100;

/// What asks whether a domain belongs to somebody: the name servers of this machine.
#[derive(Clone, Debug)]
pub struct DomainLookup(TokioResolver);

/// The name servers of this machine cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("domains of addresses cannot be looked up: {0}")]
pub struct NoNameServer(String);

impl DomainLookup {
    /// Asks those that the machine asks.
    pub fn system() -> Result<Self, NoNameServer> {
        let wrong = |error: hickory_resolver::net::NetError| NoNameServer(error.to_string());
        Ok(Self(TokioResolver::builder_tokio().map_err(wrong)?.build().map_err(wrong)?))
    }

    /// Asks one at this address, by UDP.
    pub fn at(server: SocketAddr) -> Result<Self, NoNameServer> {
        let mut connection = ConnectionConfig::udp();
        connection.port = server.port();
        let server = NameServerConfig::new(server.ip(), true, vec![connection]);
        let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
        let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        builder.options_mut().timeout = Patience::from_millis(500);
        builder.build().map(Self).map_err(|error| NoNameServer(error.to_string()))
    }

    /// Whether the domain is somebody's; none where nobody can tell now.
    async fn exists(&self, domain: &str) -> Option<bool> {
        match self.0.lookup(format!("{domain}."), RecordType::MX).await {
            Ok(_) => Some(true),
            Err(error) if error.is_nx_domain() => Some(false),
            Err(error) if error.is_no_records_found() => Some(true),
            Err(error) => {
                tracing::debug!(%error, domain, "nobody tells whether a domain exists");
                None
            }
        }
    }
}

impl Registry {
    /// Asks for the domains of addresses that were not asked for in the last day; returns how many were lost.
    pub async fn check_email_domains(&self, lookup: &DomainLookup) -> Result<u64, RegistryError> {
        let mut lost = 0;
        loop {
            let now = self.clock.now();
            // Whoever takes them first looks at them.
            let due = sqlx::query!(
                r#"update accounts as a
                set email_domain_checked_at = $1
                where a.principal_id in (
                    select principal_id
                    from accounts
                    where email_verified_at is not null
                        and email_domain_lost_at is null
                        and (email_domain_checked_at is null or email_domain_checked_at <= $2)
                    order by email_domain_checked_at nulls first
                    limit $3
                    for update skip locked
                )
                returning a.principal_id, a.email as "email: Email""#,
                now,
                now - BETWEEN,
                AT_ONCE,
            )
            .fetch_all(&self.pool)
            .await?;
            if due.is_empty() {
                return Ok(lost);
            }
            for account in due {
                let domain = account.email.as_str().rsplit('@').next().unwrap_or_default();
                match lookup.exists(domain).await {
                    Some(false) => lost += u64::from(self.lose_domain(account.principal_id, &account.email).await?),
                    Some(true) => self.find_domain(account.principal_id).await?,
                    None => {}
                }
            }
        }
    }

    async fn find_domain(&self, principal: i64) -> Result<(), RegistryError> {
        sqlx::query!(
            "update accounts
            set email_domain_missed_at = null
            where principal_id = $1
                and email_domain_missed_at is not null
                and email_domain_lost_at is null",
            principal
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    async fn lose_domain(&self, principal: i64, email: &Email) -> Result<bool, RegistryError> {
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        // Twice, a day apart: a name server may be wrong for a while.
        let marked = sqlx::query_scalar!(
            r#"update accounts
            set email_domain_missed_at = coalesce(email_domain_missed_at, $2),
                email_domain_lost_at = case when email_domain_missed_at <= $4 then $2 end
            where principal_id = $1
                and email = $3
                and email_domain_lost_at is null
            returning email_domain_lost_at is not null as "is_lost!""#,
            principal,
            now,
            email as _,
            now - BETWEEN,
        )
        .fetch_optional(&mut *transaction)
        .await?;
        if marked != Some(true) {
            transaction.commit().await?;
            return Ok(false);
        }
        links::revoke_all(&mut transaction, principal).await?;
        audit::note(&mut transaction, principal, Act::EmailDomainLost, &ClientInfo::default(), json!({}), now).await?;
        transaction.commit().await?;
        Ok(true)
    }
}
