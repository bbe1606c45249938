use leptos::prelude::*;
use registry::ArtifactDetails;

use crate::{components::CodeBlock, context::site, format};

/// Everything to download, with the commands that put it in place.
#[component]
pub(super) fn Files(name: String, version: String, artifacts: Vec<ArtifactDetails>) -> impl IntoView {
    let address = move |artifact: &ArtifactDetails| {
        let major = artifact.postgres_major.map_or_else(|| "any".to_owned(), |major| major.to_string());
        format!("/api/v1/packages/{name}/{version}/artifacts/{major}/{}?sha256={}", artifact.platform, artifact.sha256)
    };
    let unpack = artifacts.first().map(|artifact| unpack_commands(artifact, &site().absolute(&address(artifact))));
    view! {
        <section aria-labelledby="files">
            <h2 id="files" class="scroll-mt-4 text-subheading font-semibold">"Files"</h2>
            <ul class="mt-3 divide-y divide-line border-y border-line">
                {artifacts
                    .into_iter()
                    .map(|artifact| {
                        let href = address(&artifact);
                        view! { <File artifact href/> }
                    })
                    .collect_view()}
            </ul>
            {unpack
                .map(|commands| {
                    view! {
                        <p class="mt-4 mb-1 text-small text-ink-soft">
                            "To put the first of them in place, as a user who may write to PostgreSQL's directories:"
                        </p>
                        <CodeBlock code=commands what="the commands"/>
                    }
                })}
        </section>
    }
}

#[component]
fn File(artifact: ArtifactDetails, href: String) -> impl IntoView {
    let major =
        artifact.postgres_major.map_or_else(|| "any PostgreSQL".to_owned(), |major| format!("PostgreSQL {major}"));
    let build = if artifact.build > 1 { format!(" · build {}", artifact.build) } else { String::new() };
    let older = if artifact.is_newest { "" } else { " · replaced by a newer build" };
    let taken_from =
        artifact.provenance.as_ref().map(|provenance| match (&provenance.package, &provenance.postgres_version) {
            (Some((package, version)), _) => format!("From {package} {version}"),
            (None, Some(version)) => format!("From PostgreSQL {version} on this server"),
            (None, None) => "From this server's packages".to_owned(),
        });
    view! {
        <li class="py-3">
            <div class="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
                <a class="link font-mono break-all" href=href download=artifact.file_name.clone()>
                    {artifact.file_name.clone()}
                </a>
                <span class="text-small text-ink-soft">{format::size(artifact.size_bytes)}</span>
            </div>
            <p class="text-small text-ink-soft">{format!("{major} · {}{build}{older}", artifact.platform.label())}</p>
            {taken_from.map(|text| view! { <p class="text-small text-ink-soft">{text}</p> })}
            <p class="mt-1 text-small text-ink-soft">"SHA-256 " <code class="font-mono break-all">{artifact.sha256.to_string()}</code></p>
        </li>
    }
}

/// Downloads an archive, checks it and puts its files where they belong.
fn unpack_commands(artifact: &ArtifactDetails, address: &str) -> String {
    let file = &artifact.file_name;
    let quoted = |roots: &[String]| roots.iter().map(|root| shell_word(root)).collect::<Vec<_>>().join(" ");
    let mut commands =
        vec![format!("curl -fsSo {file} '{address}'"), format!("echo {}  {file} | sha256sum -c", artifact.sha256)];
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
