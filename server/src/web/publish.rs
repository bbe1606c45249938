//! The form with which people publish a file. Without a script: a form that is posted, and the same page again.

use std::time::Duration;

use app::{PublishForm, PublishOutcome};
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse as _, Redirect, Response},
};
use model::{PackageName, Version};
use registry::{
    ArchiveLabel, AuthenticationError, ClientInfo, Metadata, PublishError, ReceivedFile, Registry, Severity,
    UploadFinding, UploadRequest, Viewer,
};

use super::pages;
use crate::{
    request_context::Client,
    server_error,
    state::AppState,
    uploads::{drain_parts, form_parts},
};

/// Bytes of a field.
const LONGEST_FIELD: usize = 64 << 10;

/// The fields of the form.
#[derive(Debug, Default)]
struct Sent {
    form: PublishForm,
    token: String,
    publishes: bool,
    file: Option<ReceivedFile>,
    client: ClientInfo,
}

/// Why the form comes again, with a status.
struct Refusal(StatusCode, String, Vec<UploadFinding>);

impl From<PublishError> for Refusal {
    fn from(error: PublishError) -> Self {
        let status = server_error::publish_status(&error);
        let reason = match error.store_error() {
            Some(error) => server_error::store_sentence(error).trim_end_matches('.').to_owned(),
            None => error.to_string(),
        };
        match error {
            PublishError::Faults(findings) => Self(status, "the archive has faults".to_owned(), findings),
            _ => Self(status, reason, Vec::new()),
        }
    }
}

impl From<AuthenticationError> for Refusal {
    fn from(error: AuthenticationError) -> Self {
        match error {
            AuthenticationError::Registry(error) => PublishError::from(error).into(),
            error => Self(StatusCode::UNAUTHORIZED, error.to_string(), Vec::new()),
        }
    }
}

/// Takes the form.
pub(crate) async fn submit(
    State(state): State<AppState>,
    Client(client): Client,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let mut sent = Sent { client, ..Sent::default() };
    let (status, outcome) = match act(&state, &headers, body, &mut sent).await {
        Ok(PublishOutcome::Published { name, findings, .. }) if findings.is_empty() => {
            return Redirect::to(&format!("/packages/{name}")).into_response();
        }
        Ok(outcome @ PublishOutcome::Checked { .. }) if has_error(&outcome) => {
            (StatusCode::UNPROCESSABLE_ENTITY, outcome)
        }
        Ok(outcome) => (StatusCode::OK, outcome),
        Err(Refusal(status, reason, findings)) => (status, PublishOutcome::Refused { reason, findings }),
    };
    let form = PublishForm { outcome: Some(outcome), ..sent.form };
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = Uri::from_static("/publish");
    let mut page = pages::render(state, request, move || leptos::prelude::provide_context(form.clone())).await;
    *page.status_mut() = status;
    page.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    page
}

fn has_error(outcome: &PublishOutcome) -> bool {
    let PublishOutcome::Checked { findings, .. } = outcome else { return false };
    findings.iter().any(|finding| finding.severity == Severity::Error)
}

async fn act(state: &AppState, headers: &HeaderMap, body: Body, sent: &mut Sent) -> Result<PublishOutcome, Refusal> {
    let registry = &state.registry;
    read(registry, headers, body, sent).await?;
    if sent.token.is_empty() {
        return Err(AuthenticationError::Missing.into());
    }
    let caller = registry.authenticate(&sent.token, &sent.client).await?;
    let file = sent.file.take().ok_or_else(|| bad_request("no file was chosen"))?;
    let ArchiveLabel { kind, name, version } = registry.label(&file).await?;
    let metadata = Metadata {
        description: Some(sent.form.description.clone()),
        licence: Some(sent.form.licence.clone()),
        repository: Some(sent.form.repository.clone()),
        ..Metadata::default()
    };
    let request = UploadRequest { name, version, kind, target: None, metadata };
    if !sent.publishes {
        let findings = registry.check_archive(&caller, &request, file).await?;
        return Ok(PublishOutcome::Checked { name: request.name, version: request.version, findings });
    }
    let receipt = registry.publish_archive(&caller, &request, file).await?;
    state.until_shown(receipt.event).await;
    until_readable(registry, &receipt.name, &receipt.version).await;
    Ok(PublishOutcome::Published { name: receipt.name, version: receipt.version, findings: receipt.warnings })
}

/// Waits until the README of a release is ready, so that its publisher does not see it as it was written; a moment at most.
async fn until_readable(registry: &Registry, name: &PackageName, version: &Version) {
    let ready = async {
        while registry.readme(Viewer::Anonymous, name, Some(version)).await.is_ok_and(|readme| readme.html.is_none()) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let _ = tokio::time::timeout(Duration::from_secs(1), ready).await;
}

fn bad_request(reason: &str) -> Refusal {
    Refusal(StatusCode::BAD_REQUEST, reason.to_owned(), Vec::new())
}

async fn read(registry: &Registry, headers: &HeaderMap, body: Body, sent: &mut Sent) -> Result<(), Refusal> {
    let mut parts = form_parts(headers, body, registry.upload_limit())
        .ok_or_else(|| bad_request("the form was not sent as multipart/form-data"))?;
    let result = read_parts(registry, &mut parts, sent).await;
    if result.is_err() {
        drain_parts(parts).await;
    }
    result
}

async fn read_parts(registry: &Registry, parts: &mut multer::Multipart<'_>, sent: &mut Sent) -> Result<(), Refusal> {
    let unreadable = |_| bad_request("the form was cut off on its way");
    while let Some(mut part) = parts.next_field().await.map_err(unreadable)? {
        let name = part.name().unwrap_or_default().to_owned();
        if name == "file" {
            // Nobody unknown fills the disk: in the form the token comes first.
            if sent.token.is_empty() {
                return Err(AuthenticationError::Missing.into());
            }
            registry.authenticate(&sent.token, &sent.client).await?;
            let mut receiver = registry.receive_upload();
            let mut is_empty = true;
            while let Some(bytes) = part.chunk().await.map_err(unreadable)? {
                is_empty &= bytes.is_empty();
                receiver.write(bytes).await.map_err(PublishError::from)?;
            }
            sent.file = if is_empty { None } else { Some(receiver.finish().await.map_err(PublishError::from)?) };
            continue;
        }
        let mut value = Vec::new();
        while let Some(bytes) = part.chunk().await.map_err(unreadable)? {
            if value.len() + bytes.len() > LONGEST_FIELD {
                return Err(bad_request("a field is too long"));
            }
            value.extend_from_slice(&bytes);
        }
        let value = String::from_utf8_lossy(&value).into_owned();
        match name.as_str() {
            "token" => sent.token = value,
            "description" => sent.form.description = value,
            "licence" => sent.form.licence = value,
            "repository" => sent.form.repository = value,
            "act" => sent.publishes = value == "publish",
            _ => {}
        }
    }
    Ok(())
}
