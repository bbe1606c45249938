use sqlx::PgConnection;

use super::Caller;
use crate::RegistryError;

/// Whether the caller owns or maintains the package, itself or through an organisation.
pub(crate) async fn has_rights(
    connection: &mut PgConnection,
    caller: &Caller,
    package: i64,
) -> Result<bool, RegistryError> {
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
