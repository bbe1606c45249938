use leptos::prelude::*;
use model::PackageKind;
use registry::{ArtifactDetails, ExtensionFacts, ModuleFacts};

use crate::components::CodeBlock;

/// What to type once the files are in place; empty where nothing is known.
pub(super) fn install_commands(
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

/// The steps from files to a working extension.
#[component]
pub(super) fn Install(commands: Vec<(&'static str, String)>, artifacts: Vec<ArtifactDetails>) -> impl IntoView {
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
