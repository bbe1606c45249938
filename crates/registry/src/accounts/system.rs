use sqlx::PgConnection;

use crate::RegistryError;

/// The principal of the registry itself: the actor of what no person and no program of theirs did.
pub(crate) async fn system_principal(connection: &mut PgConnection) -> Result<i64, RegistryError> {
    let id =
        sqlx::query_scalar!("select principal_id from principals where kind = 'system'").fetch_one(connection).await?;
    Ok(id)
}
