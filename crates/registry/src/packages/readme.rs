use model::{PackageName, Version};

use crate::{Registry, RegistryError, Viewer};

/// The README of a release.
#[derive(Clone, Debug)]
pub struct Readme {
    /// Its path in the archive: its ending says how it is written.
    pub path: String,
    /// Its text.
    pub text: String,
}

impl Registry {
    /// The README of a release, or of the current one.
    pub async fn readme(&self, name: &PackageName, version: Option<&Version>) -> Result<Readme, RegistryError> {
        let package = self.find_package(Viewer::Anonymous, name).await?;
        let release = match version {
            Some(version) => self.release_id(package, version).await?,
            None => self.current_release_id(package, None).await?,
        };
        let readme = sqlx::query_as!(Readme, "select path, text from readmes where release_id = $1", release)
            .fetch_one(&self.pool)
            .await?;
        Ok(readme)
    }
}
