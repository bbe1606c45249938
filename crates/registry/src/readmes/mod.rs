//! READMEs: as they came with a release, and as they are shown.

mod highlight;
mod job;
mod render;

use model::{PackageName, Version};

pub(crate) use job::{ask_for_package, ask_for_release, render_readme};

use crate::{Registry, RegistryError, Viewer};

/// The README of a release.
#[derive(Clone, Debug)]
pub struct Readme {
    /// Its path in the archive: its ending says how it is written.
    pub path: String,
    /// Its text.
    pub text: String,
    /// The text as HTML that is safe to show; none until it has been rendered.
    pub html: Option<String>,
}

impl Registry {
    /// The README of a release, or of the current one.
    pub async fn readme(
        &self,
        viewer: Viewer,
        name: &PackageName,
        version: Option<&Version>,
    ) -> Result<Readme, RegistryError> {
        let package = self.find_package(viewer, name).await?;
        let release = match version {
            Some(version) => self.release_id(package, version).await?,
            None => self.current_release_id(package, None).await?,
        };
        let readme = sqlx::query_as!(
            Readme,
            r#"select r.path, r.text, rendered.html as "html?"
            from readmes as r
            left join rendered_readmes as rendered using (release_id)
            where r.release_id = $1"#,
            release
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(readme)
    }
}
