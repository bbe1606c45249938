use leptos::prelude::*;
use leptos_meta::{Link, Meta, Title};
use leptos_router::hooks::use_params_map;
use model::{LoadKind, PackageKind, ReleaseState, Source};
use registry::{ArtifactDetails, ExtensionFacts, ModuleFacts, PackageDetails, RegistryError, ReleaseSummary, Viewer};

use crate::{
    components::{Breadcrumbs, CodeBlock, Icon},
    context::{registry, site},
    format,
    load::load,
};

/// A package with its current release.
#[component]
pub(crate) fn PackagePage() -> impl IntoView {
    view! { <PackageWithRelease/> }
}

/// A package with the release that the address names.
#[component]
pub(crate) fn ReleasePage() -> impl IntoView {
    view! { <PackageWithRelease/> }
}

#[component]
fn PackageWithRelease() -> impl IntoView {
    let parameters = use_params_map().read_untracked().clone();
    let registry = registry();
    let data = async move {
        let name = parameters.get("name").unwrap_or_default().parse().map_err(|_| RegistryError::NotFound)?;
        let version = match parameters.get("version").as_deref() {
            None | Some("latest") => None,
            Some(version) => Some(version.parse().map_err(|_| RegistryError::NotFound)?),
        };
        registry.package(Viewer::Anonymous, &name, version.as_ref(), None).await
    };
    load(data, |package| view! { <Package package/> })
}

#[component]
fn Package(package: PackageDetails) -> impl IntoView {
    let address = format!("/packages/{}", package.name);
    let above = package.categories.first().map_or_else(
        || ("/packages".to_owned(), "All packages".to_owned()),
        |(slug, name)| (format!("/categories/{slug}"), name.clone()),
    );
    let summary = package.summary.clone().unwrap_or_default();
    let release = package.release;
    let commands = install_commands(package.kind, &release.extensions, &release.modules);
    view! {
        <Title text=package.name.to_string()/>
        <Meta name="description" content=summary.clone()/>
        <Link rel="canonical" href=site().absolute(&address)/>
        <div class="frame py-8">
            <Breadcrumbs above=vec![("/".to_owned(), "Home".to_owned()), above] here=package.name.to_string()/>
            <h1 class="mt-3 flex flex-wrap items-baseline gap-x-3 font-mono text-heading font-semibold">
                <span class="min-w-0 break-words">{package.name.to_string()}</span>
                " "
                <span class="text-title font-normal text-ink-soft">{release.version.to_string()}</span>
            </h1>
            <p class="prose mt-2 text-title">{summary}</p>
            <StateNotice state=release.state reason=release.state_reason/>
            <FactStrip artifacts=release.artifacts.clone() modules=release.modules.clone() extensions=release.extensions.clone() licence=release.licence/>
            <div class="mt-8 grid gap-x-10 gap-y-8 lg:grid-cols-[minmax(0,1fr)_20rem] lg:grid-rows-[auto_1fr]">
                // First on a narrow screen, at the top of the right column on a wide one.
                <div class="min-w-0 lg:col-start-2">
                    <Install commands artifacts=release.artifacts.clone()/>
                </div>
                <div class="min-w-0 space-y-10 lg:col-start-1 lg:row-span-2 lg:row-start-1">
                    <ServerEffects extensions=release.extensions.clone() modules=release.modules.clone()/>
                    <Files name=package.name.to_string() version=release.version.to_string() artifacts=release.artifacts/>
                    <Releases name=package.name.to_string() releases=package.releases shown=release.version.to_string()/>
                    <Dependents dependents=package.dependents.into_iter().map(|(name, summary)| (name.to_string(), summary)).collect()/>
                </div>
                <aside class="min-w-0 space-y-8 lg:col-start-2" aria-label="About this package">
                    <Origin
                        is_imported=package.is_imported
                        is_orphaned=package.is_orphaned
                        full_name=package.full_name.to_string()
                        published_by=release.published_by.to_string()
                        published_at=release.published_at
                    />
                    <Links links=package.links.into_iter().map(|link| (link.kind, link.url)).collect()/>
                    <Labels categories=package.categories.into_iter().map(|(slug, name)| (slug.to_string(), name)).collect() tags=package.tags/>
                </aside>
            </div>
        </div>
    }
}

#[component]
fn StateNotice(state: ReleaseState, reason: Option<String>) -> impl IntoView {
    let text = match state {
        ReleaseState::Active | ReleaseState::Deleted => return ().into_any(),
        ReleaseState::Yanked => {
            "This release was yanked: it can still be downloaded by its exact version, but nothing offers it."
        }
        ReleaseState::Quarantined => "This release is held back while it is looked at. It cannot be downloaded.",
    };
    view! {
        <div class="mt-4 rounded-md border border-caution p-3" role="note">
            <p class="font-semibold">{text}</p>
            {reason.map(|reason| view! { <p class="mt-1">{reason}</p> })}
        </div>
    }
    .into_any()
}

#[component]
fn FactStrip(
    artifacts: Vec<ArtifactDetails>,
    modules: Vec<ModuleFacts>,
    extensions: Vec<ExtensionFacts>,
    licence: Option<String>,
) -> impl IntoView {
    let mut majors: Vec<String> =
        artifacts.iter().filter_map(|artifact| artifact.postgres_major).map(|major| major.to_string()).collect();
    majors.sort_unstable();
    majors.dedup();
    let mut platforms: Vec<String> = artifacts.iter().map(|artifact| artifact.platform.label()).collect();
    platforms.dedup();
    let preload = modules.first().map_or("Nothing to load", |module| module.load_kind.label());
    let trusted = match (extensions.is_empty(), extensions.iter().all(|extension| extension.is_trusted)) {
        (true, _) => None,
        (false, true) => Some("Yes"),
        (false, false) => Some("No"),
    };
    let facts = [
        Some(("PostgreSQL", majors.join(" "))),
        Some(("Platforms", platforms.join(", "))),
        Some(("Restart", restart(&modules).to_owned())),
        Some(("Library", preload.to_owned())),
        trusted.map(|trusted| ("Trusted", trusted.to_owned())),
        Some(("Licence", licence.unwrap_or_else(|| "not declared".to_owned()))),
    ];
    view! {
        <dl class="fact-strip mt-6">
            {facts
                .into_iter()
                .flatten()
                .map(|(name, value)| {
                    view! {
                        <div class="fact">
                            <dt class="text-small text-ink-soft">{name}</dt>
                            <dd class="break-words">{value}</dd>
                        </div>
                    }
                })
                .collect_view()}
        </dl>
    }
}

fn restart(modules: &[ModuleFacts]) -> &'static str {
    if modules.iter().any(|module| module.restart_on_install == Some(true)) {
        "Required"
    } else if modules.iter().any(|module| module.restart_on_install.is_none()) {
        "Not known"
    } else {
        "Not needed"
    }
}

#[component]
fn ServerEffects(extensions: Vec<ExtensionFacts>, modules: Vec<ModuleFacts>) -> impl IntoView {
    let mut effects: Vec<(icondata_core::Icon, String, &'static str)> = Vec::new();
    let control = "Read from the control file";
    for extension in &extensions {
        let who = if extension.is_trusted {
            "Anybody who may create objects in the database can install it: it is trusted."
        } else if extension.needs_superuser {
            "Only a superuser can install it."
        } else {
            "Anybody with the rights that its script needs can install it."
        };
        effects.push((icondata_lu::LuUserCheck, who.to_owned(), control));
        if let Some(schema) = &extension.schema {
            effects.push((icondata_lu::LuFolder, format!("Its objects always go to the schema {schema}."), control));
        } else if extension.is_relocatable {
            effects.push((
                icondata_lu::LuFolder,
                "Its objects can be moved to another schema later.".to_owned(),
                control,
            ));
        }
    }
    for module in &modules {
        effects.push((icondata_lu::LuPuzzle, load_sentence(module), source_words(module.load_source)));
        if module.restart_on_upgrade == Some(true) {
            let sentence = "After an upgrade the server must be restarted before the new library is used.";
            effects.push((icondata_lu::LuRefreshCw, sentence.to_owned(), source_words(module.load_source)));
        }
    }
    let requires: Vec<_> = extensions.into_iter().flat_map(|extension| extension.requires).collect();
    view! {
        <section aria-labelledby="effects">
            <h2 id="effects" class="text-subheading font-semibold">"What this does to your server"</h2>
            <ul class="mt-3 space-y-3">
                {effects
                    .into_iter()
                    .map(|(icon, sentence, source)| {
                        view! {
                            <li class="flex gap-3">
                                <Icon icon class="mt-0.5 size-5 shrink-0 text-ink-soft"/>
                                <div class="min-w-0">
                                    <p>{sentence}</p>
                                    <p class="text-small text-ink-soft">{source}</p>
                                </div>
                            </li>
                        }
                    })
                    .collect_view()}
                {(!requires.is_empty())
                    .then(|| {
                        view! {
                            <li class="flex gap-3">
                                <Icon icon=icondata_lu::LuLink class="mt-0.5 size-5 shrink-0 text-ink-soft"/>
                                <div class="min-w-0">
                                    <p>
                                        "It needs "
                                        {requires
                                            .into_iter()
                                            .enumerate()
                                            .map(|(index, (name, package))| {
                                                let comma = if index > 0 { ", " } else { "" };
                                                let name = match package {
                                                    Some(package) => {
                                                        view! {
                                                            <a class="link font-mono" href=format!("/packages/{package}")>
                                                                {name}
                                                            </a>
                                                        }
                                                            .into_any()
                                                    }
                                                    None => view! { <span class="font-mono">{name}</span> }.into_any(),
                                                };
                                                view! {
                                                    {comma}
                                                    {name}
                                                }
                                            })
                                            .collect_view()} "; CREATE EXTENSION … CASCADE installs that too."
                                    </p>
                                    <p class="text-small text-ink-soft">"Read from the control file"</p>
                                </div>
                            </li>
                        }
                    })}
            </ul>
        </section>
    }
}

fn load_sentence(module: &ModuleFacts) -> String {
    let library = &module.library;
    match module.load_kind {
        LoadKind::OnDemand => {
            format!("The library {library} is loaded when one of its functions is first called. No restart.")
        }
        LoadKind::SessionPreload => {
            format!("The library {library} is loaded into sessions, by a setting or with LOAD. No restart.")
        }
        LoadKind::SharedPreloadOptional => match &module.without_preload {
            Some(without) => {
                let without = without.trim_end_matches('.');
                format!(
                    "The library {library} works without preloading. Without it in shared_preload_libraries: {without}."
                )
            }
            None => format!("The library {library} works without preloading and does more with it."),
        },
        LoadKind::SharedPreloadRequired => {
            format!("The library {library} must be in shared_preload_libraries, so the server must be restarted once.")
        }
        LoadKind::OutputPlugin => {
            format!("{library} is an output plugin: a replication slot for logical decoding names it. No restart.")
        }
        LoadKind::ArchiveModule => format!("{library} is an archive module: the setting archive_library names it."),
        LoadKind::Unknown => format!("How the library {library} must be loaded is not known yet."),
    }
}

const fn source_words(source: Source) -> &'static str {
    match source {
        Source::Declared => "Declared by this registry's catalogue",
        Source::Inferred => "Inferred from the files",
        Source::Tested => "Seen in a test",
    }
}

/// What to type once the files are in place; empty where nothing is known.
fn install_commands(
    kind: PackageKind,
    extensions: &[ExtensionFacts],
    modules: &[ModuleFacts],
) -> Vec<(&'static str, String)> {
    let usage: Vec<String> = modules.iter().flat_map(|module| module.usage.clone()).collect();
    let mut steps = Vec::new();
    let is_sql = usage.first().is_some_and(|line| line.trim_start().to_lowercase().starts_with("select"));
    if !usage.is_empty() {
        steps.push((if is_sql { "In a database" } else { "In postgresql.conf" }, usage.join("\n")));
    }
    if kind == PackageKind::Extension {
        let cascade = |extension: &ExtensionFacts| if extension.requires.is_empty() { "" } else { " CASCADE" };
        let statements: Vec<String> = extensions
            .iter()
            .map(|extension| format!("CREATE EXTENSION {}{};", extension.name.quoted(), cascade(extension)))
            .collect();
        steps.push(("In each database that uses it", statements.join("\n")));
    }
    steps
}

#[component]
fn Install(commands: Vec<(&'static str, String)>, artifacts: Vec<ArtifactDetails>) -> impl IntoView {
    let package = artifacts
        .iter()
        .find_map(|artifact| artifact.provenance.as_ref()?.package.as_ref())
        .map(|(package, _)| package.clone());
    view! {
        <section aria-labelledby="install">
            <h2 id="install" class="text-subheading font-semibold">"Install"</h2>
            <ol class="mt-3 space-y-4">
                <li>
                    <p>
                        <a class="link" href="#files">"Put the files in place"</a>
                        {package.map(|package| view! { ", or install " <span class="font-mono whitespace-nowrap">{package}</span> ", which has them too" })} "."
                    </p>
                </li>
                {commands
                    .into_iter()
                    .map(|(place, code)| {
                        view! {
                            <li>
                                <p class="mb-1 text-small text-ink-soft">{place}</p>
                                <CodeBlock code what="the lines"/>
                            </li>
                        }
                    })
                    .collect_view()}
            </ol>
        </section>
    }
}

#[component]
fn Files(name: String, version: String, artifacts: Vec<ArtifactDetails>) -> impl IntoView {
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

#[component]
fn Releases(name: String, releases: Vec<ReleaseSummary>, shown: String) -> impl IntoView {
    view! {
        <section aria-labelledby="versions">
            <h2 id="versions" class="text-subheading font-semibold">"Versions"</h2>
            <ul class="mt-3 divide-y divide-line border-y border-line">
                {releases
                    .into_iter()
                    .map(|release| {
                        let version = release.version.to_string();
                        let address = format!("/packages/{name}/{version}");
                        let is_shown = version == shown;
                        let majors: Vec<String> = release.majors.iter().map(ToString::to_string).collect();
                        let state = match release.state {
                            ReleaseState::Active => String::new(),
                            state => format!(" · {state}"),
                        };
                        view! {
                            <li class="flex flex-wrap items-baseline justify-between gap-x-4 py-2">
                                <a class="link font-mono" href=address aria-current=is_shown.then_some("true")>
                                    {version}
                                </a>
                                <span class="text-small text-ink-soft">
                                    {format!("PostgreSQL {}{state} · ", majors.join(" "))}
                                    <time datetime=format::moment(release.published_at)>{format::day(release.published_at)}</time>
                                </span>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </section>
    }
}

#[component]
fn Dependents(dependents: Vec<(String, Option<String>)>) -> impl IntoView {
    (!dependents.is_empty()).then(|| {
        view! {
            <section aria-labelledby="dependents">
                <h2 id="dependents" class="text-subheading font-semibold">"Needed by"</h2>
                <ul class="mt-3 space-y-1">
                    {dependents
                        .into_iter()
                        .map(|(name, summary)| {
                            let address = format!("/packages/{name}");
                            view! {
                                <li>
                                    <a class="link font-mono" href=address>
                                        {name}
                                    </a>
                                    " "
                                    <span class="text-ink-soft">{summary}</span>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
            </section>
        }
    })
}

#[component]
fn Origin(
    is_imported: bool,
    is_orphaned: bool,
    full_name: String,
    published_by: String,
    published_at: time::OffsetDateTime,
) -> impl IntoView {
    view! {
        <section aria-labelledby="origin">
            <h2 id="origin" class="text-subheading font-semibold">"Origin"</h2>
            {if is_imported {
                view! { <p class="mt-2">"From this server's packages."</p> }.into_any()
            } else {
                view! { <p class="mt-2">"Published by " {published_by} "."</p> }.into_any()
            }}
            {is_orphaned.then(|| view! { <p class="mt-1 text-ink-soft">"Nobody maintains it here yet: its authors can claim it."</p> })}
            <dl class="mt-2 text-small text-ink-soft">
                <div class="flex flex-wrap gap-x-2">
                    <dt>"Full name"</dt>
                    <dd class="min-w-0 font-mono break-all">{full_name}</dd>
                </div>
                <div class="flex flex-wrap gap-x-2">
                    <dt>"Added"</dt>
                    <dd>
                        <time datetime=format::moment(published_at)>{format::day(published_at)}</time>
                    </dd>
                </div>
            </dl>
        </section>
    }
}

#[component]
fn Links(links: Vec<(String, String)>) -> impl IntoView {
    (!links.is_empty()).then(|| {
        let label = |kind: &str| match kind {
            "documentation" => "Documentation",
            "repository" => "Repository",
            "issues" => "Issues",
            "support" => "Support",
            _ => "Home page",
        };
        view! {
            <section aria-labelledby="links">
                <h2 id="links" class="text-subheading font-semibold">"Links"</h2>
                <ul class="mt-2 space-y-1">
                    {links
                        .into_iter()
                        .map(|(kind, url)| {
                            view! {
                                <li>
                                    <a class="link" rel="nofollow noopener" href=url>
                                        {label(&kind)}
                                    </a>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
            </section>
        }
    })
}

#[component]
fn Labels(categories: Vec<(String, String)>, tags: Vec<String>) -> impl IntoView {
    (!(categories.is_empty() && tags.is_empty())).then(|| {
        view! {
            <section aria-labelledby="labels">
                <h2 id="labels" class="text-subheading font-semibold">"Categories and tags"</h2>
                <ul class="mt-2 flex flex-wrap gap-2">
                    {categories
                        .into_iter()
                        .map(|(slug, name)| {
                            view! {
                                <li>
                                    <a class="chip" href=format!("/categories/{slug}")>
                                        {name}
                                    </a>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
                {(!tags.is_empty()).then(|| view! { <p class="mt-2 text-small text-ink-soft">{tags.join(" · ")}</p> })}
            </section>
        }
    })
}
