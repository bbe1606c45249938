use leptos::prelude::*;
use model::{PackageName, ReleaseState, Version};
use registry::{ArchivedFile, ArtifactDetails, ReleaseDetails};

use super::{picker::Picked, selection::Selection};
use crate::{context::site, format};

/// Where an archive is downloaded, as a path.
fn path_of(name: &PackageName, version: &Version, artifact: &ArtifactDetails) -> String {
    let major = artifact.postgres_major.map_or_else(|| "any".to_owned(), |major| major.to_string());
    format!("/api/v1/packages/{name}/{version}/artifacts/{major}/{}?sha256={}", artifact.platform, artifact.sha256)
}

/// The same as an absolute address.
pub(super) fn absolute_address(name: &PackageName, version: &Version, artifact: &ArtifactDetails) -> String {
    site().absolute(&path_of(name, version, artifact))
}

/// Everything to download, and what lies in the file that is picked.
#[component]
pub(super) fn Files(
    selection: Selection,
    release: ReleaseDetails,
    picked: Picked,
    files: Vec<ArchivedFile>,
) -> impl IntoView {
    let version = release.version.clone();
    let is_offered = release.state != ReleaseState::Quarantined;
    view! {
        <section aria-labelledby="files">
            <h2 id="files" class="text-subheading font-semibold">"Files"</h2>
            {release.artifacts.is_empty().then(|| view! { <p class="mt-3 text-ink-soft">"No file yet."</p> })}
            <ul class="mt-3 divide-y divide-line border-y border-line empty:hidden">
                {release
                    .artifacts
                    .into_iter()
                    .map(|artifact| {
                        // What is held back cannot be downloaded.
                        let href = is_offered.then(|| path_of(&selection.name, &version, &artifact));
                        view! { <File artifact href/> }
                    })
                    .collect_view()}
            </ul>
        </section>
        {picked.artifact.map(|artifact| view! { <Contents artifact files/> })}
    }
}

#[component]
fn File(artifact: ArtifactDetails, href: Option<String>) -> impl IntoView {
    let major =
        artifact.postgres_major.map_or_else(|| "any PostgreSQL".to_owned(), |major| format!("PostgreSQL {major}"));
    let build = if artifact.build > 1 { format!(" · build {}", artifact.build) } else { String::new() };
    let older = if artifact.is_newest { "" } else { " · replaced by a newer build" };
    let downloads = format::counted(artifact.downloads, "download", "downloads");
    let taken_from =
        artifact.provenance.as_ref().map(|provenance| match (&provenance.package, &provenance.postgres_version) {
            (Some((package, version)), _) => format!("From {package} {version}"),
            (None, Some(version)) => format!("From PostgreSQL {version} on this server"),
            (None, None) => "From this server's packages".to_owned(),
        });
    view! {
        <li class="py-3">
            <div class="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
                {match href {
                    Some(href) => {
                        view! {
                            <a class="link min-w-0 font-mono break-all" href=href download=artifact.file_name.clone()>
                                {artifact.file_name.clone()}
                            </a>
                        }
                            .into_any()
                    }
                    None => view! { <span class="min-w-0 font-mono break-all">{artifact.file_name.clone()}</span> }.into_any(),
                }}
                <span class="text-small text-ink-soft">{format::size(artifact.size_bytes)}</span>
            </div>
            <p class="text-small text-ink-soft">
                {format!("{major} · {}{build}{older} · {downloads}", artifact.platform.label())}
            </p>
            {taken_from.map(|text| view! { <p class="text-small text-ink-soft break-words">{text}</p> })}
            <p class="mt-1 text-small text-ink-soft">"SHA-256 " <code class="font-mono break-all">{artifact.sha256.to_string()}</code></p>
        </li>
    }
}

/// What lies in an archive.
#[component]
fn Contents(artifact: ArtifactDetails, files: Vec<ArchivedFile>) -> impl IntoView {
    let kind = |kind: &str| match kind {
        "control-file" => "control file",
        "sql-file" => "script",
        "shared-object" => "shared library",
        "bitcode" => "bitcode for inlining",
        "license-file" => "licence",
        _ => "data",
    };
    (!files.is_empty()).then(|| {
        view! {
            <section aria-labelledby="contents">
                <h2 id="contents" class="text-subheading font-semibold">"In the archive"</h2>
                <p class="mt-1 font-mono text-small text-ink-soft break-all">{artifact.file_name}</p>
                <table class="mt-3 w-full border-y border-line text-small">
                    <thead class="sr-only">
                        <tr>
                            <th scope="col">"Path"</th>
                            <th scope="col">"Kind"</th>
                            <th scope="col">"Size"</th>
                        </tr>
                    </thead>
                    <tbody class="divide-y divide-line">
                        {files
                            .into_iter()
                            .map(|file| {
                                view! {
                                    <tr>
                                        <td class="py-1.5 pr-4 font-mono break-all">{file.path}</td>
                                        <td class="hidden py-1.5 pr-4 text-ink-soft sm:table-cell">{kind(&file.kind)}</td>
                                        <td class="py-1.5 text-right whitespace-nowrap text-ink-soft">{format::size(file.size_bytes)}</td>
                                    </tr>
                                }
                            })
                            .collect_view()}
                    </tbody>
                </table>
            </section>
        }
    })
}

/// Downloads an archive, checks it and puts its files where they belong.
pub(super) fn unpack_commands(artifact: &ArtifactDetails, address: &str) -> String {
    let file = &artifact.file_name;
    let quoted = |roots: &[String]| roots.iter().map(|root| shell_word(root)).collect::<Vec<_>>().join(" ");
    let mut commands =
        vec![format!("curl -fsSLo {file} '{address}'"), format!("echo {}  {file} | sha256sum -c", artifact.sha256)];
    for (option, roots) in [("--pkglibdir", &artifact.library_roots), ("--sharedir", &artifact.share_roots)] {
        if !roots.is_empty() {
            commands.push(format!("tar -xzf {file} -C \"$(pg_config {option})\" {}", quoted(roots)));
        }
    }
    commands.join("\n")
}

/// A name as a shell takes it.
fn shell_word(name: &str) -> String {
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'+'));
    if plain && !name.starts_with('-') { name.to_owned() } else { format!("./'{}'", name.replace('\'', "'\\''")) }
}
