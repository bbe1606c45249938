use crate::{Registry, RegistryError};

impl Registry {
    /// Whether any public package has a tag.
    pub async fn has_tag(&self, tag: &str) -> Result<bool, RegistryError> {
        // PostgreSQL has no place for this character in a text.
        if tag.contains('\0') {
            return Ok(false);
        }
        let has_tag = sqlx::query_scalar!(
            r#"select exists (select from listings where tags @> array[$1] and is_default) as "exists!""#,
            tag,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(has_tag)
    }
}
