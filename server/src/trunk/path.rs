use model::{Folded, PackageName, Version};
use registry::{BuildScope, RegistryError};
use serde::Deserialize;

use super::error::TrunkError;

/// The variable parts of a path.
#[derive(Debug, Default, Deserialize)]
pub(super) struct TrunkPath {
    scope: Option<String>,
    further_scope: Option<String>,
    name: Option<String>,
    version: Option<String>,
    file: Option<String>,
}

impl TrunkPath {
    /// Where the client wants to install.
    pub(super) fn scope(&self) -> Result<BuildScope, TrunkError> {
        match self.scope_text() {
            Some(text) => text.parse().map_err(TrunkError::Scope),
            None => Ok(BuildScope::default()),
        }
    }

    fn scope_text(&self) -> Option<String> {
        match (&self.scope, &self.further_scope) {
            (Some(scope), Some(further)) => Some(format!("{scope}/{further}")),
            (Some(scope), None) => Some(scope.clone()),
            _ => None,
        }
    }

    /// The path of the façade's root: empty, or that of the scope.
    pub(super) fn root(&self) -> String {
        self.scope_text().map(|scope| format!("/for/{scope}")).unwrap_or_default()
    }

    /// The name as it was asked for.
    pub(super) fn name_text(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    /// The name as it is compared.
    pub(super) fn folded_name(&self) -> Folded {
        Folded::of(self.name_text())
    }

    /// The name of a package: what cannot be one does not exist.
    pub(super) fn package_name(&self) -> Result<PackageName, TrunkError> {
        self.name_text().parse().map_err(|_| RegistryError::NotFound.into())
    }

    /// The version as it was asked for.
    pub(super) fn version_text(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// The version of a release, likewise.
    pub(super) fn version(&self) -> Result<Version, TrunkError> {
        self.version.as_deref().unwrap_or_default().parse().map_err(|_| RegistryError::NotFound.into())
    }

    /// The name of a file.
    pub(super) fn file(&self) -> &str {
        self.file.as_deref().unwrap_or_default()
    }
}
