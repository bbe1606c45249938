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
    /// Downloads so far.
    pub downloads: i64,
}

impl Registry {
    /// Counts what is public.
    pub async fn numbers(&self) -> Result<RegistryNumbers, RegistryError> {
        let numbers = sqlx::query_as!(
            RegistryNumbers,
            r#"select
                (select count(*) from listings) as "packages!",
                (select count(*) from listings as l join releases as r using (package_id) where r.state = 'active') as "releases!",
                (
                    select count(*)
                    from listings as l
                    join releases as r using (package_id)
                    join artifacts as a using (release_id)
                    where r.state = 'active'
                ) as "artifacts!",
                (select coalesce(sum(count), 0)::bigint from downloads) as "downloads!""#
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(numbers)
    }
}
