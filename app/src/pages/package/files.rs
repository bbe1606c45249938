use leptos::prelude::*;
use model::{PackageName, ReleaseState, Sha256, Version, artifact_path, source_path};
use registry::{ArchivedFile, ArtifactDetails, Capability, LibraryFacts, ReleaseDetails, SourceDetails, WorkflowRun};

use super::{picker::Picked, selection::Selection};
use crate::{context::site, format};

/// Where an archive is downloaded, as a path.
fn path_of(name: &PackageName, version: &Version, artifact: &ArtifactDetails) -> String {
    artifact_path(name, version, artifact.postgres_major, &artifact.platform, artifact.sha256)
}

/// The same as an absolute address.
pub(super) fn absolute_address(name: &PackageName, version: &Version, artifact: &ArtifactDetails) -> String {
    site().absolute(&path_of(name, version, artifact))
}

/// Where the source of a release is downloaded, as an absolute address.
pub(super) fn absolute_source_address(name: &PackageName, version: &Version) -> String {
    site().absolute(&source_path(name, version))
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
    let is_empty = release.artifacts.is_empty() && release.source.is_none();
    let listed = picked.artifact.as_ref().map(|artifact| artifact.file_name.clone());
    let listed = listed.or(release.source.as_ref().map(|source| source.file_name.clone()));
    view! {
        <section aria-labelledby="files">
            <h2 id="files" class="text-subheading font-semibold">"Files"</h2>
            {is_empty.then(|| view! { <p class="mt-3 text-ink-soft">"No file yet."</p> })}
            <ul class="mt-3 divide-y divide-line border-y border-line empty:hidden">
                {release
                    .source
                    .map(|source| {
                        let href = is_offered.then(|| source_path(&selection.name, &version));
                        let downloads = format::counted(source.downloads, "download", "downloads");
                        view! {
                            <File
                                file_name=source.file_name
                                size_bytes=source.size_bytes
                                sha256=source.sha256
                                facts=format!("Source · {downloads}")
                                taken_from=source.run.as_ref().map(from_run)
                                href
                            />
                        }
                    })}
                {release
                    .artifacts
                    .into_iter()
                    .map(|artifact| {
                        // What is held back cannot be downloaded.
                        let href = is_offered.then(|| path_of(&selection.name, &version, &artifact));
                        view! {
                            <File
                                facts=facts(&artifact)
                                taken_from=taken_from(&artifact)
                                file_name=artifact.file_name
                                size_bytes=artifact.size_bytes
                                sha256=artifact.sha256
                                href
                            />
                        }
                    })
                    .collect_view()}
            </ul>
        </section>
        {picked.artifact.map(|artifact| view! { <Libraries artifact/> })}
        {listed.map(|file_name| view! { <Contents file_name files/> })}
    }
}

/// For what a file is, in a line.
fn facts(artifact: &ArtifactDetails) -> String {
    let major =
        artifact.postgres_major.map_or_else(|| "any PostgreSQL".to_owned(), |major| format!("PostgreSQL {major}"));
    let build = if artifact.build > 1 { format!(" · build {}", artifact.build) } else { String::new() };
    let older = if artifact.is_newest { "" } else { " · replaced by a newer build" };
    let downloads = format::counted(artifact.downloads, "download", "downloads");
    format!("{major} · {}{build}{older} · {downloads}", artifact.platform.label())
}

fn from_run(run: &WorkflowRun) -> String {
    format!("From a run of {} of {}, commit {}", run.workflow, run.repository, run.commit)
}

fn taken_from(artifact: &ArtifactDetails) -> Option<String> {
    if let Some(run) = &artifact.run {
        return Some(from_run(run));
    }
    let provenance = artifact.provenance.as_ref()?;
    Some(match (&provenance.package, &provenance.postgres_version) {
        (Some((package, version)), _) => format!("From {package} {version}"),
        (None, Some(version)) => format!("From PostgreSQL {version} on this server"),
        (None, None) => "From this server's packages".to_owned(),
    })
}

#[component]
fn File(
    file_name: String,
    size_bytes: i64,
    sha256: Sha256,
    facts: String,
    #[prop(optional_no_strip)] taken_from: Option<String>,
    href: Option<String>,
) -> impl IntoView {
    view! {
        <li class="py-3">
            <div class="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
                {match href {
                    Some(href) => {
                        view! {
                            <a class="link min-w-0 font-mono break-all" href=href download=file_name.clone()>
                                {file_name.clone()}
                            </a>
                        }
                            .into_any()
                    }
                    None => view! { <span class="min-w-0 font-mono break-all">{file_name.clone()}</span> }.into_any(),
                }}
                <span class="text-small text-ink-soft">{format::size(size_bytes)}</span>
            </div>
            <p class="text-small text-ink-soft">{facts}</p>
            {taken_from.map(|text| view! { <p class="text-small text-ink-soft break-words">{text}</p> })}
            <p class="mt-1 text-small text-ink-soft">"SHA-256 " <code class="font-mono break-all">{sha256.to_string()}</code></p>
        </li>
    }
}

/// What was read from the libraries of the picked file, and what that says.
#[component]
fn Libraries(artifact: ArtifactDetails) -> impl IntoView {
    (!artifact.libraries.is_empty()).then(|| {
        view! {
            <section aria-labelledby="libraries">
                <h2 id="libraries" class="text-subheading font-semibold">"Its libraries"</h2>
                <p class="prose mt-1 text-small text-ink-soft">
                    "Read from the files, never run. What a library can do is inferred from the symbols it imports: a hint, not a verdict."
                </p>
                <ul class="mt-3 divide-y divide-line border-y border-line">
                    {artifact
                        .libraries
                        .into_iter()
                        .map(|library| {
                            let LibraryFacts { path, arch, libc, glibc_version, postgres_major, capabilities, .. } = library;
                            let libc = match (libc, glibc_version) {
                                (_, Some(version)) => format!(" · glibc {version} or later"),
                                (Some(libc), None) => format!(" · {libc}"),
                                (None, None) => String::new(),
                            };
                            let major = postgres_major
                                .map_or_else(|| "no magic block found".to_owned(), |major| format!("built for PostgreSQL {major}"));
                            view! {
                                <li class="py-3">
                                    <p class="font-mono break-all">{path}</p>
                                    <p class="text-small text-ink-soft">{format!("{arch}{libc} · {major}")}</p>
                                    {(!capabilities.is_empty())
                                        .then(|| {
                                            let can: Vec<&str> = capabilities.into_iter().map(capability_words).collect();
                                            view! { <p class="text-small">{format!("It can {}.", format::listed(&can))}</p> }
                                        })}
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
            </section>
        }
    })
}

const fn capability_words(capability: Capability) -> &'static str {
    match capability {
        Capability::Hooks => "hook into what the server does",
        Capability::BackgroundWorker => "start background workers",
        Capability::SharedMemory => "use shared memory of its own",
        Capability::Network => "use the network",
        Capability::Files => "open files",
        Capability::Processes => "start programs",
        Capability::Settings => "define settings",
        Capability::OutputPlugin => "decode logical changes",
        Capability::ArchiveModule => "archive WAL",
        Capability::Initialises => "run code when it is loaded",
    }
}

/// What lies in an archive.
#[component]
fn Contents(file_name: String, files: Vec<ArchivedFile>) -> impl IntoView {
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
                <p class="mt-1 font-mono text-small text-ink-soft break-all">{file_name}</p>
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

/// Downloads a source, checks it, and builds it for the PostgreSQL that `pg_config` belongs to.
pub(super) fn build_commands(source: &SourceDetails, address: &str) -> String {
    let file = &source.file_name;
    // A directory of its own, however the archive is made; usually everything in it is in one directory more.
    let directory = file.trim_end_matches(".zip");
    [
        format!("curl -fsSLo {file} '{address}'"),
        format!("echo {}  {file} | sha256sum -c", source.sha256),
        format!("unzip -q {file} -d {directory} && cd {directory}/*/"),
        "make && make install".to_owned(),
    ]
    .join("\n")
}

/// A name as a shell takes it.
fn shell_word(name: &str) -> String {
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'+'));
    if plain && !name.starts_with('-') { name.to_owned() } else { format!("./'{}'", name.replace('\'', "'\\''")) }
}
