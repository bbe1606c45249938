//! What the `META.json` of a source distribution says of it, in either version of the PGXN Meta Spec.
//!
//! Only what describes it is read, and what is not of the expected shape is left out: whether a file keeps to the
//! specification is another question.

use serde_json::Value;

/// What a distribution says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Distribution {
    /// Its name.
    pub name: String,
    /// Its version, as it is written.
    pub version: String,
    /// What it is, in a sentence.
    pub summary: Option<String>,
    /// Its licence: an expression, or the names of several with commas between them.
    pub licence: Option<String>,
    /// Where its home is.
    pub homepage: Option<String>,
    /// Where its source is.
    pub repository: Option<String>,
    /// Where its documentation is.
    pub documentation: Option<String>,
    /// Words to find it by.
    pub tags: Vec<String>,
}

/// Why a `META.json` says nothing.
#[derive(Debug, thiserror::Error)]
pub enum DistributionError {
    /// It is no JSON, or no object.
    #[error("META.json is not a JSON object")]
    NotAnObject,
    /// What everything needs is not in it.
    #[error("META.json has no {0}")]
    Missing(&'static str),
}

impl DistributionError {
    /// A stable code for machines.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotAnObject => "meta-unreadable",
            Self::Missing(_) => "meta-incomplete",
        }
    }
}

impl Distribution {
    /// Reads a `META.json`.
    pub fn parse(bytes: &[u8]) -> Result<Self, DistributionError> {
        let meta: Value = serde_json::from_slice(bytes).map_err(|_| DistributionError::NotAnObject)?;
        if !meta.is_object() {
            return Err(DistributionError::NotAnObject);
        }
        let resources = &meta["resources"];
        // Version 1 keeps more than the address of a repository and of the place for bugs, version 2 the address alone.
        let repository = text(&resources["repository"])
            .or_else(|| text(&resources["repository"]["web"]))
            .or_else(|| text(&resources["repository"]["url"]));
        let tags = [&meta["tags"], &meta["classifications"]["tags"]];
        Ok(Self {
            name: text(&meta["name"]).ok_or(DistributionError::Missing("name"))?,
            version: text(&meta["version"]).ok_or(DistributionError::Missing("version"))?,
            summary: text(&meta["abstract"]).or_else(|| text(&meta["description"])),
            licence: licence(&meta["license"]),
            homepage: text(&resources["homepage"]),
            repository,
            documentation: text(&resources["docs"]),
            tags: tags.into_iter().filter_map(Value::as_array).flatten().filter_map(text).collect(),
        })
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned)
}

/// One, several, or several with the addresses of their texts.
fn licence(value: &Value) -> Option<String> {
    let names: Vec<String> = match value {
        Value::Array(names) => names.iter().filter_map(text).collect(),
        Value::Object(names) => names.keys().filter(|name| !name.trim().is_empty()).cloned().collect(),
        other => text(other).into_iter().collect(),
    };
    (!names.is_empty()).then(|| names.join(", "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(value: &Value) -> Result<Distribution, String> {
        Distribution::parse(value.to_string().as_bytes()).map_err(|error| error.to_string())
    }

    #[test]
    fn reads_both_versions() {
        let first = json!({
            "name": "pair", "version": "0.1.8", "abstract": "A pair", "license": ["postgresql", "mit"],
            "provides": {"pair": {"file": "sql/pair.sql", "version": "0.1.8"}},
            "resources": {
                "homepage": "https://example.org/pair",
                "bugtracker": {"web": "https://example.org/bugs"},
                "repository": {"url": "git://example.org/pair.git", "web": "https://example.org/code", "type": "git"}
            },
            "tags": ["pair", "key value"], "meta-spec": {"version": "1.0.0"}
        });
        let found = parse(&first).expect("read");
        assert_eq!((found.name.as_str(), found.version.as_str()), ("pair", "0.1.8"));
        assert_eq!(found.licence.as_deref(), Some("postgresql, mit"));
        assert_eq!(found.repository.as_deref(), Some("https://example.org/code"));
        assert_eq!(found.tags, ["pair", "key value"]);
        let second = json!({
            "name": "pair", "version": "0.1.8", "abstract": "A pair", "license": "PostgreSQL OR MIT",
            "contents": {"extensions": {"pair": {"sql": "sql/pair.sql", "control": "pair.control"}}},
            "resources": {"repository": "https://example.org/code", "docs": "https://example.org/docs"},
            "classifications": {"tags": ["pair"]}, "meta-spec": {"version": "2.0.0"}
        });
        let found = parse(&second).expect("read");
        assert_eq!(found.licence.as_deref(), Some("PostgreSQL OR MIT"));
        assert_eq!(found.repository.as_deref(), Some("https://example.org/code"));
        assert_eq!(found.documentation.as_deref(), Some("https://example.org/docs"));
        assert_eq!(found.tags, ["pair"]);
    }

    #[test]
    fn what_has_another_shape_is_left_out() {
        let odd =
            json!({"name": "x", "version": "1", "license": 1, "resources": [], "tags": {"a": 1}, "abstract": " "});
        let expected = Distribution { name: "x".to_owned(), version: "1".to_owned(), ..Distribution::default() };
        assert_eq!(parse(&odd), Ok(expected));
        for (value, error) in [
            (json!([]), "META.json is not a JSON object"),
            (json!({}), "META.json has no name"),
            (json!({"name": "x"}), "META.json has no version"),
            (json!({"name": ["x"], "version": "1"}), "META.json has no name"),
        ] {
            assert_eq!(parse(&value), Err(error.to_owned()));
        }
        assert!(matches!(Distribution::parse(b"{"), Err(DistributionError::NotAnObject)));
        let deep = "[".repeat(100_000);
        assert!(matches!(Distribution::parse(deep.as_bytes()), Err(DistributionError::NotAnObject)));
    }
}
