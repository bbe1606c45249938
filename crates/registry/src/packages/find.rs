use model::{Folded, FullName, PackageName};

use crate::{Registry, RegistryError, Viewer};

impl Registry {
    /// The package that provides an extension by default.
    pub async fn provider(&self, extension: &Folded) -> Result<PackageName, RegistryError> {
        let name = sqlx::query_scalar!(
            r#"select p.name as "name: PackageName"
            from extension_names as n
            join packages as p on p.package_id = n.default_package_id
            where n.name_folded = $1
                and p.visibility = 'public'"#,
            extension.as_str(),
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(name)
    }

    /// The package that a short name means: its default, or the only one that has it.
    pub(crate) async fn find_package(&self, viewer: Viewer, name: &PackageName) -> Result<i64, RegistryError> {
        let folded = name.folded();
        let holders = sqlx::query!(
            r#"select p.package_id, p.is_default, p.full_name as "full_name: FullName"
            from packages as p
            where p.name_folded = $1
                and (
                    p.visibility = 'public'
                    or exists (
                        select from package_rights as o
                        where o.package_id = p.package_id
                            and o.principal_id = $2
                    )
                )
            order by p.full_name"#,
            folded.as_str(),
            viewer.principal(),
        )
        .fetch_all(&self.pool)
        .await?;
        match (holders.iter().find(|holder| holder.is_default), holders.as_slice()) {
            (Some(holder), _) | (None, [holder]) => Ok(holder.package_id),
            (None, []) => Err(RegistryError::NotFound),
            (None, _) => Err(RegistryError::Ambiguous {
                candidates: holders.into_iter().map(|holder| holder.full_name).collect(),
            }),
        }
    }
}
