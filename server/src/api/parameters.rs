//! Reads what stands in paths and queries.

use std::{collections::HashMap, fmt::Display, str::FromStr};

use model::{PackageName, PostgresMajor, Version};
use registry::RegistryError;

use super::ApiError;

/// The parameters of a query by name; of repeated ones the last.
pub(super) struct Query(HashMap<String, String>);

impl Query {
    pub(super) fn read(query: Option<&str>) -> Self {
        Self(url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect())
    }

    /// A parameter; empty is absent.
    pub(super) fn get<T>(&self, name: &'static str) -> Result<Option<T>, ApiError>
    where
        T: FromStr,
        T::Err: Display,
    {
        let value = self.0.get(name).filter(|value| !value.is_empty());
        value
            .map(|value| value.parse())
            .transpose()
            .map_err(|error: T::Err| ApiError::Parameter { name, reason: error.to_string() })
    }
}

/// A name in a path: what cannot be a name does not exist.
pub(super) fn package_name(text: &str) -> Result<PackageName, ApiError> {
    text.parse().map_err(|_| RegistryError::NotFound.into())
}

/// A version in a path, likewise.
pub(super) fn version(text: &str) -> Result<Version, ApiError> {
    text.parse().map_err(|_| RegistryError::NotFound.into())
}

/// A part of the path of something that is to be made: what it should be is said.
pub(super) fn named<T>(name: &'static str, text: &str) -> Result<T, ApiError>
where
    T: FromStr,
    T::Err: Display,
{
    text.parse().map_err(|error: T::Err| ApiError::Parameter { name, reason: error.to_string() })
}

/// A major, likewise, or `any`.
pub(super) fn named_postgres(text: &str) -> Result<Option<PostgresMajor>, ApiError> {
    if text == "any" { Ok(None) } else { named("pg", text).map(Some) }
}

/// A major in a path: a number, or `any`.
pub(super) fn postgres(text: &str) -> Result<Option<PostgresMajor>, ApiError> {
    if text == "any" { Ok(None) } else { text.parse().map(Some).map_err(|_| RegistryError::NotFound.into()) }
}
