use sqlx::PgConnection;

use super::Caller;
use crate::RegistryError;

/// Whether the caller owns or maintains the package, itself or through an organisation, or is a workflow that the package
/// trusts.
pub(crate) async fn has_rights(
    connection: &mut PgConnection,
    caller: &Caller,
    package: i64,
) -> Result<bool, RegistryError> {
    if let Some(publisher) = caller.publisher() {
        // Whoever is trusted no longer has no rights, whatever their token says.
        let is_trusted = sqlx::query_scalar!(
            r#"select exists (
                select from trusted_publishers
                where publisher_id = $1
                    and package_id = $2
            ) as "is_trusted!""#,
            publisher.id,
            package,
        )
        .fetch_one(connection)
        .await?;
        return Ok(is_trusted);
    }
    let has_rights = sqlx::query_scalar!(
        r#"select exists (
            select from package_rights
            where package_id = $1
                and principal_id = $2
        ) as "has_rights!""#,
        package,
        caller.principal(),
    )
    .fetch_one(connection)
    .await?;
    Ok(has_rights)
}

/// Whether the caller's account owns the package, itself or through an organisation. A workflow owns nothing.
pub(crate) async fn is_owner(
    connection: &mut PgConnection,
    caller: &Caller,
    package: i64,
) -> Result<bool, RegistryError> {
    let is_owner = sqlx::query_scalar!(
        r#"select exists (
            select from package_rights
            where package_id = $1
                and principal_id = $2
                and role = 'owner'
        ) as "is_owner!""#,
        package,
        caller.principal(),
    )
    .fetch_one(connection)
    .await?;
    Ok(is_owner && caller.publisher().is_none())
}
