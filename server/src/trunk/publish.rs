use std::collections::BTreeMap;

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use formats::manifest::{Configuration, LoadableLibrary};
use model::{PackageName, Version};
use registry::{
    ArtifactKind, AuthenticationError, Metadata, PublishError, Published, Receipt, Registry, UploadRequest,
};
use serde::Deserialize;

use super::{
    error::TrunkError,
    multipart::{self, Received},
};
use crate::{request_context::Client, state::AppState};

/// The part `metadata`. Clients send null for what they do not know.
#[derive(Debug, Deserialize)]
struct SentMetadata {
    name: String,
    vers: String,
    extension_name: Option<String>,
    extension_dependencies: Option<Vec<String>>,
    description: Option<String>,
    documentation: Option<String>,
    homepage: Option<String>,
    license: Option<String>,
    repository: Option<String>,
    system_dependencies: Option<BTreeMap<String, Vec<String>>>,
    categories: Option<Vec<String>>,
    configurations: Option<Vec<Configuration>>,
    libraries: Option<Vec<LoadableLibrary>>,
    /// Not Trunk's: Markdown, where the archive has no README.
    readme: Option<String>,
}

/// Publishes an archive. What it is for is read from the archive.
pub(super) async fn publish(
    State(state): State<AppState>,
    Client(client): Client,
    headers: HeaderMap,
    body: Body,
) -> Result<String, TrunkError> {
    let registry = &state.registry;
    let mut received = Received::default();
    let result = multipart::receive(registry, &client, &headers, body, name_and_version, &mut received).await;
    let result = match result {
        Ok(()) => publish_received(registry, &mut received).await,
        Err(error) => Err(error),
    };
    if let Err(error) = &result {
        note_refusal(registry, &received, error).await;
    }
    let receipt = result?;
    state.until_known(receipt.event).await;
    Ok(text(&receipt))
}

async fn publish_received(registry: &Registry, received: &mut Received) -> Result<Receipt, TrunkError> {
    let caller = received.caller.as_ref().ok_or(AuthenticationError::Missing)?;
    let missing = |name: &str| bad_request(format!("the part {name} is missing"));
    let request = request(received.metadata.as_deref().ok_or_else(|| missing("metadata"))?)?;
    let file = received.file.take().ok_or_else(|| missing("file"))?;
    Ok(registry.publish_archive(caller, &request, file).await?)
}

/// Notes what the use case has not seen: clients end as if all were well.
async fn note_refusal(registry: &Registry, received: &Received, error: &TrunkError) {
    let (code, reason) = match error {
        TrunkError::Request(_, reason) => ("upload-unreadable", reason.clone()),
        TrunkError::Publish(error) if matches!(**error, PublishError::Receive(_)) => (error.code(), error.to_string()),
        _ => return,
    };
    let sent = received.metadata.as_deref().and_then(|metadata| sent(metadata).ok());
    let (Some(caller), Some(sent)) = (&received.caller, sent) else { return };
    let Ok(name) = sent.name.parse() else { return };
    // What was not read far enough to be allowed or refused may come from anybody.
    if registry.may_publish(caller, &name).await.is_err() {
        return;
    }
    registry.note_refused_upload(caller, &name, &sent.vers, code, &reason).await;
}

fn bad_request(text: String) -> TrunkError {
    TrunkError::Request(StatusCode::BAD_REQUEST, text)
}

fn sent(metadata: &[u8]) -> Result<SentMetadata, TrunkError> {
    let json = without_continuations(metadata);
    serde_json::from_slice(&json).map_err(|error| bad_request(format!("the part metadata cannot be read: {error}")))
}

/// In examples for shells, lines of the metadata end in a backslash: JSON knows no such thing outside of texts, and no line
/// ends inside of them.
fn without_continuations(metadata: &[u8]) -> Vec<u8> {
    let mut json = Vec::with_capacity(metadata.len());
    let mut rest = metadata.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        match (byte, rest.peek()) {
            (b'\\', Some(b'\n' | b'\r')) => json.push(b' '),
            _ => json.push(byte),
        }
    }
    json
}

fn name_and_version(metadata: &[u8]) -> Result<(PackageName, Version), TrunkError> {
    let sent = sent(metadata)?;
    let name = sent.name.parse().map_err(|error| bad_request(format!("not published: {error}")))?;
    let version = sent.vers.parse().map_err(|error| bad_request(format!("not published: {error}")))?;
    Ok((name, version))
}

fn request(metadata: &[u8]) -> Result<UploadRequest, TrunkError> {
    let (name, version) = name_and_version(metadata)?;
    let sent = sent(metadata)?;
    Ok(UploadRequest {
        name,
        version,
        kind: ArtifactKind::Binary,
        target: None,
        metadata: Metadata {
            description: sent.description,
            licence: sent.license,
            homepage: sent.homepage,
            repository: sent.repository,
            documentation: sent.documentation,
            categories: sent.categories.unwrap_or_default(),
            extension_name: sent.extension_name,
            extension_dependencies: sent.extension_dependencies.unwrap_or_default(),
            system_dependencies: sent.system_dependencies.unwrap_or_default(),
            settings: sent.configurations.unwrap_or_default(),
            libraries: sent.libraries.unwrap_or_default(),
            readme: sent.readme,
        },
    })
}

/// The line that scripts look for, and what else there is to say.
fn text(receipt: &Receipt) -> String {
    let mut text = format!("Successfully published extension {} version {}", receipt.name, receipt.version);
    let mut line = |line: std::fmt::Arguments<'_>| {
        text.push('\n');
        text.push_str(&line.to_string());
    };
    let major = receipt.postgres_major.map_or_else(|| "any".to_owned(), |major| major.to_string());
    match receipt.published {
        Published::Unchanged => line(format_args!("The same file was published before; it stays as it is.")),
        Published::Release => line(format_args!("A new release, for PostgreSQL {major} on {}", receipt.platform)),
        Published::Artifact { .. } => {
            line(format_args!("A further file of the release, for PostgreSQL {major} on {}", receipt.platform));
        }
    }
    if !receipt.updated.is_empty() {
        line(format_args!("Updated: {}", receipt.updated.join(", ")));
    }
    for warning in &receipt.warnings {
        line(format_args!("Warning: {warning}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_lines_that_end_in_backslashes() {
        let metadata =
            b"{\\\n\"name\": \"pgmq\", \\\r\n\"vers\": \"0.5.0\", \"description\": \"a \\\"quoted\\\" word\"}";
        let request = request(metadata).expect("readable");
        assert_eq!((request.name.as_str(), request.version.to_string().as_str()), ("pgmq", "0.5.0"));
        assert_eq!(request.metadata.description.as_deref(), Some("a \"quoted\" word"));
    }

    #[test]
    fn says_what_cannot_be_read() {
        for (metadata, said) in [
            ("", "the part metadata cannot be read"),
            ("{\"name\": \"a b\", \"vers\": \"1.0.0\"}", "letters from A to Z"),
            ("{\"name\": \"ab\", \"vers\": \"16.1\"}", "is not a semantic version"),
        ] {
            let Err(TrunkError::Request(StatusCode::BAD_REQUEST, text)) = request(metadata.as_bytes()) else {
                panic!("{metadata} was read");
            };
            assert!(text.contains(said), "{text}");
        }
    }
}
