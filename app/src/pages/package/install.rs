use leptos::prelude::*;
use model::{PackageKind, PackageName, ReleaseState, Version};
use registry::{ArtifactDetails, ExtensionFacts, ModuleFacts, ReleaseDetails, SourceDetails};

use super::{
    files::{build_commands, unpack_commands},
    picker::{Picked, trunk_scope},
    selection::{Selection, Way},
};
use crate::{components::CodeBlock, context::site};

/// A step of the installation.
struct Step {
    /// Where or how it is done.
    place: &'static str,
    /// What the lines are, for whoever copies them without seeing them.
    what: &'static str,
    lines: String,
}

/// How the picked file comes to a server.
fn file_step(picked: &Picked, artifact: &ArtifactDetails, address: &str, name: &str, version: Option<&str>) -> Step {
    let package = artifact.provenance.as_ref().and_then(|provenance| provenance.package.as_ref());
    if let (Some(Way::Trunk), Some(scope)) = (picked.way, trunk_scope(artifact, picked.major)) {
        let registry = site().absolute(&format!("/{scope}"));
        let major = artifact.postgres_major.or(picked.major).map(|major| format!(" --pg-version {major}"));
        let version = version.map(|version| format!(" --version {version}")).unwrap_or_default();
        let lines = format!("trunk install {name}{version} --registry {registry}{}", major.unwrap_or_default());
        let place = "In a shell, as a user who may write to PostgreSQL's directories";
        return Step { place, what: "the command", lines };
    }
    match (picked.way, package) {
        (Some(Way::Package), Some((package, _))) => {
            Step { place: "In a shell, as root", what: "the command", lines: format!("apt-get install {package}") }
        }
        _ => Step {
            place: "In a shell, as a user who may write to PostgreSQL's directories",
            what: "the commands",
            lines: unpack_commands(artifact, address),
        },
    }
}

/// How the source becomes an extension on a server.
fn source_step(source: &SourceDetails, name: &PackageName, version: &Version) -> Step {
    let address = super::files::absolute_source_address(name, version);
    Step {
        place: "In a shell, with a compiler and PostgreSQL's development files, as a user who may write to its directories",
        what: "the commands",
        lines: build_commands(source, &address),
    }
}

/// Settings as one file takes them: what several libraries want of the same list stands in one line, since only the last
/// line for a setting counts.
fn settings(lines: &[&str]) -> String {
    let mut merged: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in lines {
        let (name, value) = line.split_once('=').map_or((*line, ""), |(name, value)| (name.trim(), value.trim()));
        let value = value.trim_matches('\'');
        match merged.iter_mut().find(|(known, _)| *known == name && name.ends_with("_libraries")) {
            Some((_, values)) if !values.contains(&value) => values.push(value),
            Some(_) => {}
            None => merged.push((name, vec![value])),
        }
    }
    let line = |name: &str, values: &[&str]| match (values, lines.iter().find(|line| line.starts_with(name))) {
        // Alone in its setting: as it was declared.
        ([_], Some(line)) => (*line).to_owned(),
        _ => format!("{name} = '{}'", values.join(", ")),
    };
    merged.iter().map(|(name, values)| line(name, values)).collect::<Vec<_>>().join("\n")
}

/// What to type once the files are in place; empty where nothing is known.
fn use_steps(kind: PackageKind, extensions: &[ExtensionFacts], modules: &[ModuleFacts]) -> Vec<Step> {
    let is_sql = |line: &&str| line.trim_start().to_lowercase().starts_with("select");
    let usage = modules.iter().flat_map(|module| &module.usage).map(String::as_str);
    let (sql, configuration): (Vec<&str>, Vec<&str>) = usage.partition(is_sql);
    let mut steps = Vec::new();
    if !configuration.is_empty() {
        let needs_restart = modules.iter().any(|module| module.restart_on_install == Some(true));
        let place = if needs_restart { "In postgresql.conf, then restart the server" } else { "In postgresql.conf" };
        steps.push(Step { place, what: "the settings", lines: settings(&configuration) });
    }
    if !sql.is_empty() {
        steps.push(Step { place: "In a database", what: "the query", lines: sql.join("\n") });
    }
    if kind == PackageKind::Extension && !extensions.is_empty() {
        let cascade = |extension: &ExtensionFacts| if extension.requires.is_empty() { "" } else { " CASCADE" };
        let statements: Vec<String> = extensions
            .iter()
            .map(|extension| format!("CREATE EXTENSION {}{};", extension.name.quoted(), cascade(extension)))
            .collect();
        steps.push(Step { place: "In each database that uses it", what: "the SQL", lines: statements.join("\n") });
    }
    steps
}

/// The picker and the steps from nothing to a working extension.
#[component]
pub(super) fn Install(
    selection: Selection,
    kind: PackageKind,
    release: ReleaseDetails,
    picked: Picked,
) -> impl IntoView {
    let address =
        |artifact: &ArtifactDetails| super::files::absolute_address(&selection.name, &release.version, artifact);
    let is_held_back = release.state == ReleaseState::Quarantined;
    let mut steps: Vec<Step> = Vec::new();
    if !is_held_back {
        let (name, version) = (selection.name.as_str(), selection.version.as_ref().map(ToString::to_string));
        let step =
            |artifact: &ArtifactDetails| file_step(&picked, artifact, &address(artifact), name, version.as_deref());
        match (&release.source, picked.way) {
            (Some(source), Some(Way::Source)) => {
                steps.push(source_step(source, &selection.name, &release.version));
            }
            _ => steps.extend(picked.artifact.iter().map(step)),
        }
        steps.extend(use_steps(kind, &release.extensions, &release.modules));
    }
    let platform = picked.artifact.as_ref().map(|artifact| artifact.platform.clone());
    let majors = picked
        .majors
        .iter()
        .map(|major| (major.to_string(), selection.with_major(*major), picked.major == Some(*major)))
        .collect();
    let platforms = picked
        .platforms
        .iter()
        .map(|known| (known.label(), selection.with_platform(known), platform.as_ref() == Some(known)))
        .collect();
    let ways = picked
        .ways
        .iter()
        .map(|way| (way.label().to_owned(), selection.with_way(*way), picked.way == Some(*way)))
        .collect();
    view! {
        <section aria-labelledby="install">
            <h2 id="install" class="scroll-mt-4 text-subheading font-semibold">"Install"</h2>
            {if is_held_back {
                view! { <p class="mt-3 text-ink-soft">"It cannot be installed while it is held back."</p> }.into_any()
            } else if !picked.ways.is_empty() {
                view! {
                    <div class="mt-3 space-y-2">
                        <Choice name="PostgreSQL" values=majors/>
                        <Choice name="Platform" values=platforms/>
                        <Choice name="Way" values=ways/>
                    </div>
                }
                    .into_any()
            } else {
                view! { <p class="mt-3 text-ink-soft">"There is no file to install yet."</p> }.into_any()
            }}
            <ol class="mt-4 space-y-3">
                {steps
                    .into_iter()
                    .map(|Step { place, what, lines }| {
                        view! {
                            <li>
                                <CodeBlock place code=lines what/>
                            </li>
                        }
                    })
                    .collect_view()}
            </ol>
        </section>
    }
}

/// A line of the picker: its values as links, that which is picked marked.
#[component]
fn Choice(name: &'static str, values: Vec<(String, String, bool)>) -> impl IntoView {
    (!values.is_empty()).then(|| {
        view! {
            <div class="flex gap-2">
                <h3 class="w-20 shrink-0 py-1 text-small text-ink-soft">{name}</h3>
                <ul class="flex min-w-0 flex-wrap gap-1">
                    {values
                        .into_iter()
                        .map(|(value, address, is_picked)| {
                            view! {
                                <li>
                                    <a class="pick" href=format!("{address}#install") aria-current=is_picked.then_some("true") rel="nofollow">
                                        {value}
                                    </a>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
            </div>
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_libraries_are_one_line() {
        assert_eq!(
            settings(&["shared_preload_libraries = 'a'", "a.size = 10", "shared_preload_libraries = 'b'"]),
            "shared_preload_libraries = 'a, b'\na.size = 10"
        );
        assert_eq!(settings(&["session_preload_libraries = 'a' # why"]), "session_preload_libraries = 'a' # why");
        assert_eq!(
            settings(&["archive_library = 'a'", "archive_library = 'a'"]),
            "archive_library = 'a'\narchive_library = 'a'"
        );
    }
}
