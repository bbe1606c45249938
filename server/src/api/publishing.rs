//! Publishing, yanking and deleting, for programs that show a token.

use axum::{
    Json,
    body::Body,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use model::{PackageName, Platform, Sha256, Version, wire};
use registry::{
    ArtifactKind, Caller, ClientInfo, KeptAnswer, Metadata, Published, Receipt, Severity, Target, UploadFinding,
    UploadRequest,
};
use sha2::Digest as _;

use super::{
    ApiError,
    convert::Addresses,
    parameters::{self, Query},
};
use crate::{
    request_context::Client,
    state::AppState,
    uploads::{self, UploadError},
};

/// What a body may be called, and what it should be.
struct Expected {
    content_types: &'static [&'static str],
    sentence: &'static str,
}

const BINARY: Expected = Expected {
    content_types: &["application/gzip", "application/x-gzip", "application/octet-stream", "application/x-gtar"],
    sentence: "a gzip-compressed tar, sent as application/gzip",
};

const SOURCE: Expected = Expected {
    content_types: &["application/zip", "application/x-zip-compressed", "application/octet-stream"],
    sentence: "a zip, sent as application/zip",
};

/// Publishes a binary archive: the body is the file.
#[utoipa::path(
    put,
    path = "/api/v1/packages/{name}/{version}/artifacts/{pg}/{platform}",
    operation_id = "publishArtifact",
    security(("token" = [])),
    request_body(content_type = "application/gzip", description = "The archive: a gzip-compressed tar with a manifest.json"),
    params(
        ("name" = String, Path, description = "The short name"),
        ("version" = String, Path, description = "A semantic version"),
        ("pg" = String, Path, description = "A major of PostgreSQL, or any"),
        ("platform" = String, Path, description = "A platform such as debian-12-x86_64-gnu, or any"),
        ("dry_run" = Option<bool>, Query, description = "Look at it and publish nothing"),
        ("description" = Option<String>, Query, description = "What it is for"),
        ("licence" = Option<String>, Query, description = "Its licence"),
        ("homepage" = Option<String>, Query, description = "An address"),
        ("repository" = Option<String>, Query, description = "An address"),
        ("documentation" = Option<String>, Query, description = "An address"),
        ("categories" = Option<String>, Query, description = "Slugs with commas between them, at most three"),
        ("Idempotency-Key" = Option<String>, Header, description = "A name for this request: sent again, it has the same answer"),
    ),
    responses(
        (status = 200, body = wire::PublishedArtifact, description = "The same bytes were there; for a dry run a Rehearsal"),
        (status = 201, body = wire::PublishedArtifact, description = "Published"),
        (status = 400, body = wire::Problem),
        (status = 401, body = wire::Problem),
        (status = 403, body = wire::Problem, description = "Somebody else's package, a reserved name, or a token for something else"),
        (status = 409, body = wire::Problem, description = "Published already with other bytes, or a name that is taken"),
        (status = 413, body = wire::Problem),
        (status = 415, body = wire::Problem),
        (status = 422, body = wire::Problem, description = "What is wrong with the archive: see findings"),
        (status = 429, body = wire::Problem, description = "Too many uploads; Retry-After says when to try again"),
        (status = 503, body = wire::Problem),
        (status = 507, body = wire::Problem),
    )
)]
pub(super) async fn publish(
    State(state): State<AppState>,
    Path((name, version, major, platform)): Path<(String, String, String, String)>,
    RawQuery(query): RawQuery,
    Client(client): Client,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let query = Query::read(query.as_deref());
    let request = || {
        let target = Target {
            postgres_major: parameters::named_postgres(&major)?,
            platform: parameters::named::<Platform>("platform", &platform)?,
        };
        Ok(UploadRequest {
            name: parameters::named("name", &name)?,
            version: parameters::named("version", &version)?,
            kind: ArtifactKind::Binary,
            target: Some(target),
            metadata: metadata(&query)?,
        })
    };
    take(&state, request(), &BINARY, &query, &client, &headers, body).await
}

/// Publishes the source of a release: the body is a zip with everything in one directory, and a META.json in it.
#[utoipa::path(
    put,
    path = "/api/v1/packages/{name}/{version}",
    operation_id = "publishSource",
    security(("token" = [])),
    request_body(content_type = "application/zip", description = "The source distribution"),
    params(
        ("name" = String, Path, description = "The short name"),
        ("version" = String, Path, description = "A semantic version"),
        ("dry_run" = Option<bool>, Query, description = "Look at it and publish nothing"),
        ("description" = Option<String>, Query, description = "What it is for; else what META.json says"),
        ("licence" = Option<String>, Query, description = "Its licence, likewise"),
        ("homepage" = Option<String>, Query, description = "An address, likewise"),
        ("repository" = Option<String>, Query, description = "An address, likewise"),
        ("documentation" = Option<String>, Query, description = "An address, likewise"),
        ("categories" = Option<String>, Query, description = "Slugs with commas between them, at most three"),
        ("Idempotency-Key" = Option<String>, Header, description = "A name for this request: sent again, it has the same answer"),
    ),
    responses(
        (status = 200, body = wire::PublishedArtifact, description = "The same bytes were there; for a dry run a Rehearsal"),
        (status = 201, body = wire::PublishedArtifact, description = "Published"),
        (status = 400, body = wire::Problem),
        (status = 401, body = wire::Problem),
        (status = 403, body = wire::Problem, description = "Somebody else's package, a reserved name, or a token for something else"),
        (status = 409, body = wire::Problem, description = "Published already with other bytes, or a name that is taken"),
        (status = 413, body = wire::Problem),
        (status = 415, body = wire::Problem),
        (status = 422, body = wire::Problem, description = "What is wrong with the archive: see findings"),
        (status = 429, body = wire::Problem, description = "Too many uploads; Retry-After says when to try again"),
        (status = 503, body = wire::Problem),
        (status = 507, body = wire::Problem),
    )
)]
pub(super) async fn publish_source(
    State(state): State<AppState>,
    Path((name, version)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    Client(client): Client,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let query = Query::read(query.as_deref());
    let request = || {
        Ok(UploadRequest {
            name: parameters::named("name", &name)?,
            version: parameters::named("version", &version)?,
            kind: ArtifactKind::Source,
            target: None,
            metadata: metadata(&query)?,
        })
    };
    take(&state, request(), &SOURCE, &query, &client, &headers, body).await
}

/// Asks who it is and whether they may, before the file is received; then publishes it, or says what would become of it.
/// Whatever is wrong, the body is read: most clients read the answer only when they have sent everything.
async fn take(
    state: &AppState,
    request: Result<UploadRequest, ApiError>,
    expected: &Expected,
    query: &Query,
    client: &ClientInfo,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let checked = async {
        let request = request?;
        let is_rehearsal = query.get::<bool>("dry_run")?.unwrap_or(false);
        check_content_type(headers, expected)?;
        check_key(headers)?;
        let caller = caller(state, headers, client).await?;
        if !is_rehearsal {
            state.registry.authorise_publishing(&caller, &request.name, &request.version).await?;
        }
        Ok((caller, request, is_rehearsal))
    };
    let (caller, request, is_rehearsal) = match checked.await {
        Ok(checked) => checked,
        Err(error) => {
            uploads::drain(body.into_data_stream()).await;
            return Err(error);
        }
    };
    if is_rehearsal {
        return rehearse(state, &caller, &request, body).await;
    }
    publish_body(state, &caller, &request, headers, body).await
}

async fn rehearse(
    state: &AppState,
    caller: &Caller,
    request: &UploadRequest,
    body: Body,
) -> Result<Response, ApiError> {
    let file = uploads::receive_body(&state.registry, body).await?;
    let findings = state.registry.check_archive(caller, request, file).await?;
    let publishable = !findings.iter().any(|finding| finding.severity == Severity::Error);
    Ok(Json(wire::Rehearsal { publishable, findings: findings.into_iter().map(finding).collect() }).into_response())
}

async fn publish_body(
    state: &AppState,
    caller: &Caller,
    request: &UploadRequest,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let file = match uploads::receive_body(&state.registry, body).await {
        Ok(file) => file,
        Err(error) => {
            if let UploadError::Publish(error) = &error
                && error.store_error().is_none()
            {
                let (registry, version) = (&state.registry, request.version.to_string());
                registry.note_refused_upload(caller, &request.name, &version, error.code(), &error.to_string()).await;
            }
            return Err(error.into());
        }
    };
    let key = headers.get("idempotency-key").map(|key| key.to_str().unwrap_or_default().to_owned());
    let digest = digest(request, file.sha256());
    if let Some(key) = &key
        && let Some(kept) = state.registry.kept_answer(caller, key, digest).await?
    {
        return Ok(answer(kept));
    }
    let receipt = state.registry.publish_archive(caller, request, file).await?;
    state.until_known(receipt.event).await;
    let status = if receipt.published == Published::Unchanged { StatusCode::OK } else { StatusCode::CREATED };
    let body = serde_json::to_string(&published(&Addresses::new(&state.http.public_url), receipt)).unwrap_or_default();
    let given = KeptAnswer { status: status.as_u16(), body };
    Ok(answer(match key {
        Some(key) => match state.registry.keep_answer(caller, &key, digest, given.clone()).await {
            Ok(kept) => kept,
            Err(error) => {
                // It is published all the same.
                tracing::warn!(%error, "an answer was not kept");
                given
            }
        },
        None => given,
    }))
}

fn answer(answer: KeptAnswer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], answer.body).into_response()
}

/// Of all that matters in a request.
fn digest(request: &UploadRequest, file: Sha256) -> Sha256 {
    let mut hash = sha2::Sha256::new();
    hash.update(format!("{request:?}"));
    hash.update(file.as_bytes());
    Sha256::from_bytes(hash.finalize().into())
}

fn metadata(query: &Query) -> Result<Metadata, ApiError> {
    let categories = query.get::<String>("categories")?.unwrap_or_default();
    Ok(Metadata {
        description: query.get("description")?,
        licence: query.get("licence")?,
        homepage: query.get("homepage")?,
        repository: query.get("repository")?,
        documentation: query.get("documentation")?,
        categories: categories.split(',').map(str::trim).filter(|slug| !slug.is_empty()).map(str::to_owned).collect(),
        ..Metadata::default()
    })
}

fn check_content_type(headers: &HeaderMap, expected: &Expected) -> Result<(), ApiError> {
    let Some(sent) = headers.get(header::CONTENT_TYPE) else { return Ok(()) };
    let sent = sent.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if expected.content_types.iter().any(|known| sent.eq_ignore_ascii_case(known)) {
        return Ok(());
    }
    Err(ApiError::ContentType { expected: expected.sentence })
}

fn check_key(headers: &HeaderMap) -> Result<(), ApiError> {
    let key = headers.get("idempotency-key").map(|key| key.to_str().unwrap_or_default());
    if key.is_none_or(registry::is_idempotency_key) { Ok(()) } else { Err(registry::KeyError::Form.into()) }
}

async fn caller(state: &AppState, headers: &HeaderMap, client: &ClientInfo) -> Result<Caller, ApiError> {
    let token = uploads::shown_token(headers).ok_or(registry::AuthenticationError::Missing)?;
    Ok(state.registry.authenticate(&token, client).await?)
}

fn published(addresses: &Addresses, receipt: Receipt) -> wire::PublishedArtifact {
    let outcome = match receipt.published {
        Published::Release => "release",
        Published::Artifact { .. } => "artifact",
        Published::Unchanged => "unchanged",
    };
    wire::PublishedArtifact {
        url: addresses.of(format_args!("/api/v1/packages/{}/{}", receipt.name, receipt.version)),
        package: receipt.name,
        version: receipt.version,
        outcome: outcome.to_owned(),
        kind: receipt.kind.as_str().to_owned(),
        postgres: receipt.postgres_major,
        platform: receipt.platform,
        sha256: receipt.sha256,
        updated: receipt.updated.into_iter().map(str::to_owned).collect(),
        findings: receipt.warnings.into_iter().map(finding).collect(),
    }
}

pub(super) fn finding(finding: UploadFinding) -> wire::Finding {
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    wire::Finding { severity: severity.to_owned(), code: finding.code.to_owned(), message: finding.message }
}

/// Takes a release out of what is current. Its files can still be fetched by its version.
#[utoipa::path(
    post,
    path = "/api/v1/packages/{name}/{version}/yank",
    operation_id = "yankRelease",
    security(("token" = [])),
    request_body = wire::YankReason,
    params(("name" = String, Path, description = "The short name"), ("version" = String, Path, description = "A version")),
    responses(
        (status = 204, description = "It is yanked"),
        (status = 401, body = wire::Problem),
        (status = 403, body = wire::Problem),
        (status = 404, body = wire::Problem),
        (status = 409, body = wire::Problem),
        (status = 422, body = wire::Problem, description = "No reason was given"),
    )
)]
pub(super) async fn yank(
    State(state): State<AppState>,
    Path(path): Path<(String, String)>,
    Client(client): Client,
    headers: HeaderMap,
    body: Result<Json<wire::YankReason>, axum::extract::rejection::JsonRejection>,
) -> Result<StatusCode, ApiError> {
    let (name, version) = release(&path)?;
    let caller = caller(&state, &headers, &client).await?;
    let reason = body.map(|Json(body)| body.reason).map_err(|_| registry::WithdrawError::NoReason)?;
    let event = state.registry.yank(&caller, &name, &version, &reason).await?;
    state.until_known(event).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a yanked release active again.
#[utoipa::path(
    post,
    path = "/api/v1/packages/{name}/{version}/unyank",
    operation_id = "unyankRelease",
    security(("token" = [])),
    params(("name" = String, Path, description = "The short name"), ("version" = String, Path, description = "A version")),
    responses(
        (status = 204, description = "It is active"),
        (status = 401, body = wire::Problem),
        (status = 403, body = wire::Problem),
        (status = 404, body = wire::Problem),
        (status = 409, body = wire::Problem),
    )
)]
pub(super) async fn unyank(
    State(state): State<AppState>,
    Path(path): Path<(String, String)>,
    Client(client): Client,
    headers: HeaderMap,
) -> Result<StatusCode, ApiError> {
    let (name, version) = release(&path)?;
    let caller = caller(&state, &headers, &client).await?;
    let event = state.registry.unyank(&caller, &name, &version).await?;
    state.until_known(event).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes a release, within 72 hours of its publication and while nobody else needs it. Its version is never used again.
#[utoipa::path(
    delete,
    path = "/api/v1/packages/{name}/{version}",
    operation_id = "deleteRelease",
    security(("token" = [])),
    params(("name" = String, Path, description = "The short name"), ("version" = String, Path, description = "A version")),
    responses(
        (status = 204, description = "It is gone"),
        (status = 401, body = wire::Problem),
        (status = 403, body = wire::Problem),
        (status = 404, body = wire::Problem),
        (status = 409, body = wire::Problem, description = "Too old, or others need it"),
    )
)]
pub(super) async fn delete(
    State(state): State<AppState>,
    Path(path): Path<(String, String)>,
    Client(client): Client,
    headers: HeaderMap,
) -> Result<StatusCode, ApiError> {
    let (name, version) = release(&path)?;
    let caller = caller(&state, &headers, &client).await?;
    let event = state.registry.delete_release(&caller, &name, &version).await?;
    state.until_known(event).await;
    Ok(StatusCode::NO_CONTENT)
}

fn release((name, version): &(String, String)) -> Result<(PackageName, Version), ApiError> {
    Ok((parameters::package_name(name)?, parameters::version(version)?))
}
