use leptos::prelude::*;
use model::{LoadKind, Source};
use registry::{ExtensionFacts, ModuleFacts};

use crate::components::Icon;

/// What happens to a server, each with how that is known.
#[component]
pub(super) fn ServerEffects(
    extensions: Vec<ExtensionFacts>,
    modules: Vec<ModuleFacts>,
    is_imported: bool,
) -> impl IntoView {
    let effects = effects(&extensions, &modules, is_imported);
    let mut requires: Vec<_> = Vec::new();
    for (name, package) in extensions.into_iter().flat_map(|extension| extension.requires) {
        if !requires.iter().any(|(known, _)| *known == name) {
            requires.push((name, package));
        }
    }
    view! {
        <section aria-labelledby="effects">
            <h2 id="effects" class="text-subheading font-semibold">"What this does to your server"</h2>
            <ul class="mt-3 space-y-3">
                {effects
                    .into_iter()
                    .map(|Effect { icon, of, sentence, source }| {
                        let of = (!of.is_empty())
                            .then(|| {
                                view! {
                                    <span class="font-mono">{of.join(", ")}</span>
                                    ": "
                                }
                            });
                        view! {
                            <li class="flex gap-3">
                                <Icon icon class="mt-0.5 size-5 shrink-0 text-ink-soft"/>
                                <div class="min-w-0">
                                    <p class="break-words">
                                        {of}
                                        {sentence}
                                    </p>
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

fn effects(extensions: &[ExtensionFacts], modules: &[ModuleFacts], is_imported: bool) -> Vec<Effect> {
    let mut effects: Vec<Effect> = Vec::new();
    let control = "Read from the control file";
    for extension in extensions {
        let who = if extension.is_trusted {
            "Anybody who may create objects in the database can install it: it is trusted."
        } else if extension.needs_superuser {
            "Only a superuser can install it."
        } else {
            "Anybody with the rights that its script needs can install it."
        };
        let effect =
            Effect { icon: icondata_lu::LuUserCheck, of: Vec::new(), sentence: who.to_owned(), source: control };
        add(&mut effects, effect, Some(extension));
        let sentence = match &extension.schema {
            Some(schema) => format!("Its objects always go to the schema {schema}."),
            None if extension.is_relocatable => "Its objects can be moved to another schema later.".to_owned(),
            None => continue,
        };
        let effect = Effect { icon: icondata_lu::LuFolder, of: Vec::new(), sentence, source: control };
        add(&mut effects, effect, Some(extension));
    }
    for module in modules {
        let source = source_words(module.load_source, is_imported);
        let effect = Effect { icon: icondata_lu::LuPuzzle, of: Vec::new(), sentence: load_sentence(module), source };
        add(&mut effects, effect, None);
        if module.restart_on_upgrade == Some(true) {
            let sentence = "After an upgrade the server must be restarted before the new library is used.".to_owned();
            add(&mut effects, Effect { icon: icondata_lu::LuRefreshCw, of: Vec::new(), sentence, source }, None);
        }
    }
    // What holds for all of them needs no names.
    for effect in &mut effects {
        if effect.of.len() == extensions.len() {
            effect.of.clear();
        }
    }
    effects
}

/// A sentence about what happens, and how it is known.
struct Effect {
    icon: icondata_core::Icon,
    /// The extensions that it is about; none where it is about all of them or about none.
    of: Vec<String>,
    sentence: String,
    source: &'static str,
}

/// Adds a sentence, or another extension to one that was said already.
fn add(effects: &mut Vec<Effect>, effect: Effect, extension: Option<&ExtensionFacts>) {
    let name = extension.map(|extension| extension.name.to_string());
    match effects.iter_mut().find(|known| (&known.sentence, known.source) == (&effect.sentence, effect.source)) {
        Some(known) => known.of.extend(name),
        None => effects.push(Effect { of: name.into_iter().collect(), ..effect }),
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

const fn source_words(source: Source, is_imported: bool) -> &'static str {
    match source {
        Source::Declared if is_imported => "Declared by this registry's catalogue",
        Source::Declared => "Declared by its publisher",
        Source::Inferred => "Inferred from the files",
        Source::Tested => "Seen in a test",
    }
}
