//! Decides from a source distribution and what was said about it what would be published, and what speaks against it.

use formats::{control_file::ControlFile, distribution::Distribution};
use model::{Folded, PackageKind, Platform, PostgresMajor};

use super::{
    Artifact, ArtifactKind, Extension, Facts, Metadata, UploadFinding, UploadRequest,
    assess::{Assessed, extension},
    inspect_source::SourceInspection,
    metadata::{shortened, tidy_text},
};

/// Characters of a tag.
const LONGEST_TAG: usize = 64;
/// Tags that are taken from a META.json.
const MOST_TAGS: usize = 20;

/// Looks at everything, so that all that is wrong is said at once. `newest` is the newest major that was released: control
/// files are read as that one does.
pub(super) fn assess_source(
    request: &UploadRequest,
    inspection: SourceInspection,
    newest: Option<PostgresMajor>,
    findings: &mut Vec<UploadFinding>,
) -> Assessed {
    if let Some(Ok(distribution)) = &inspection.distribution {
        compare(request, distribution, findings);
    }
    check_form(request, &inspection, findings);
    let extensions = extensions(&inspection, newest, findings);
    if extensions.is_empty() && inspection.distribution.is_none() {
        findings.push(UploadFinding::error(
            "archive-empty",
            "the archive has neither a META.json nor a control file, so nobody can tell what it is",
        ));
    }
    let licence = with_distribution(&request.metadata, &inspection).licence;
    let readme = inspection.readme.or_else(|| request.metadata.sent_readme(findings));
    Assessed {
        kind: PackageKind::Extension,
        facts: Facts { licence: tidy_text(licence.as_deref()), extensions, readme, ..Facts::default() },
        artifact: Artifact {
            kind: ArtifactKind::Source,
            postgres_major: None,
            platform: Platform::Any,
            postgres_version: None,
            distribution: None,
            files: inspection.files,
            libraries: Vec::new(),
        },
    }
}

/// What was said beside the file, and where nothing was said what META.json says.
pub(super) fn with_distribution(metadata: &Metadata, inspection: &SourceInspection) -> Metadata {
    let Some(Ok(distribution)) = &inspection.distribution else { return metadata.clone() };
    // A field of a form that was left empty says nothing.
    let or = |said: &Option<String>, declared: &Option<String>| {
        said.clone().filter(|said| !said.trim().is_empty()).or_else(|| declared.clone())
    };
    Metadata {
        licence: or(&metadata.licence, &distribution.licence),
        description: or(&metadata.description, &distribution.summary),
        homepage: or(&metadata.homepage, &distribution.homepage),
        repository: or(&metadata.repository, &distribution.repository),
        documentation: or(&metadata.documentation, &distribution.documentation),
        ..metadata.clone()
    }
}

/// Whether a word can be a tag.
pub(crate) fn is_tag(tag: &str) -> bool {
    (1..=LONGEST_TAG).contains(&tag.chars().count())
        && !tag.contains(|letter: char| letter.is_control() || letter.is_uppercase() || matches!(letter, '/' | '\\'))
}

/// The words of META.json that can be tags here.
pub(super) fn tags(inspection: &SourceInspection) -> Vec<String> {
    let Some(Ok(distribution)) = &inspection.distribution else { return Vec::new() };
    let mut tags: Vec<String> = Vec::new();
    for tag in &distribution.tags {
        let tag = tag.trim().to_lowercase();
        if is_tag(&tag) && tags.len() < MOST_TAGS && !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

fn compare(request: &UploadRequest, distribution: &Distribution, findings: &mut Vec<UploadFinding>) {
    if Folded::of(&distribution.name) != request.name.folded() {
        findings.push(UploadFinding::error(
            "name-disagrees",
            format_args!(
                "META.json in the archive is of {:?}, the upload is of {}",
                shortened(&distribution.name),
                request.name
            ),
        ));
    }
    if distribution.version != request.version.to_string() {
        findings.push(UploadFinding::error(
            "version-disagrees",
            format_args!(
                "META.json in the archive is of version {:?}, the upload is of {}",
                shortened(&distribution.version),
                request.version
            ),
        ));
    }
}

fn check_form(request: &UploadRequest, inspection: &SourceInspection, findings: &mut Vec<UploadFinding>) {
    match &inspection.distribution {
        None => findings.push(UploadFinding::warning(
            "meta-missing",
            "the archive has no META.json, so it does not say itself what it is and under which licence",
        )),
        Some(Err(error)) => findings.push(UploadFinding::error(error.code(), error)),
        Some(Ok(_)) => {}
    }
    let expected = format!("{}-{}", request.name, request.version);
    if inspection.top_directory.as_ref().is_none_or(|top| !top.eq_ignore_ascii_case(&expected)) {
        findings.push(UploadFinding::warning(
            "top-directory-missing",
            format_args!("not everything in the archive is in one directory {expected}, where people expect it"),
        ));
    }
}

fn extensions(
    inspection: &SourceInspection,
    newest: Option<PostgresMajor>,
    findings: &mut Vec<UploadFinding>,
) -> Vec<Extension> {
    let Some(newest) = newest else { return Vec::new() };
    let mut found: Vec<Extension> = Vec::new();
    for (name, (path, text)) in inspection.controls.iter().filter(|(name, _)| !name.contains("--")) {
        let control = match ControlFile::parse(text, newest) {
            Ok(control) => control,
            // It may be a template that only building makes a control file of.
            Err(error) => {
                findings.push(UploadFinding::warning(
                    "control-file-broken",
                    format_args!("{:?} is left out, PostgreSQL would refuse it: {error}", shortened(path)),
                ));
                continue;
            }
        };
        match extension(name, &control, text) {
            Ok(extension) if found.iter().any(|known| known.name.folded() == extension.name.folded()) => {}
            Ok(extension) => found.push(extension),
            Err(finding) => findings.push(finding),
        }
    }
    found
}
