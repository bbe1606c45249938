use crate::{Registry, RegistryError};

/// How much there is in the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegistryNumbers {
    /// Public packages.
    pub packages: i64,
    /// Releases that can be fetched.
    pub releases: i64,
    /// Files of them.
    pub artifacts: i64,
}

impl Registry {
    /// Counts what is public.
    pub async fn numbers(&self) -> Result<RegistryNumbers, RegistryError> {
        let numbers = sqlx::query_as!(
            RegistryNumbers,
            r#"select
                count(*) as "packages!",
                coalesce(sum(release_count), 0)::bigint as "releases!",
                coalesce(sum(artifact_count), 0)::bigint as "artifacts!"
            from listings"#
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(numbers)
    }
}
