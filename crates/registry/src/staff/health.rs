use std::time::Duration;

use model::Sha256;

use super::StaffReader;
use crate::{MailTransport, Registry, RegistryError};

/// How long the object store is waited for.
const PATIENCE: Duration = Duration::from_secs(3);

/// Whether what the registry stands on is there, as this node sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// The version of the database, and whether its schema is this program's.
    pub database: (String, bool),
    /// Why files cannot be read; none where the newest one can.
    pub store: Option<String>,
    /// Whether mail leaves, or is kept here.
    pub sends_mail: bool,
}

impl Registry {
    /// Looks at what the registry stands on.
    pub async fn health(&self, _: StaffReader) -> Result<Health, RegistryError> {
        let version = sqlx::query_scalar!(r#"select current_setting('server_version') as "version!""#)
            .fetch_one(&self.pool)
            .await?;
        let is_current = self.is_ready().await?;
        let newest = sqlx::query_scalar!(
            r#"select sha256 as "sha256: Sha256" from objects where state = 'stored' order by created_at desc limit 1"#
        )
        .fetch_optional(&self.pool)
        .await?;
        let store = match newest {
            None => None,
            Some(newest) => match tokio::time::timeout(PATIENCE, self.store.size(newest)).await {
                Ok(Ok(Some(_))) => None,
                Ok(Ok(None)) => Some(format!("the newest file, {newest}, is not there")),
                Ok(Err(error)) => Some(error.to_string()),
                Err(_) => Some("it does not answer".to_owned()),
            },
        };
        let sends_mail = matches!(self.mail, MailTransport::Smtp(_));
        Ok(Health { database: (version, is_current), store, sends_mail })
    }
}
