use leptos::prelude::*;
use model::{LoadKind, Source};
use registry::{ExtensionFacts, ModuleFacts};

use crate::components::Icon;

/// What happens to a server, each with how that is known.
#[component]
pub(super) fn ServerEffects(extensions: Vec<ExtensionFacts>, modules: Vec<ModuleFacts>) -> impl IntoView {
    let mut effects: Vec<Effect> = Vec::new();
    let control = "Read from the control file";
    for extension in &extensions {
        let who = if extension.is_trusted {
            "Anybody who may create objects in the database can install it: it is trusted."
        } else if extension.needs_superuser {
            "Only a superuser can install it."
        } else {
            "Anybody with the rights that its script needs can install it."
        };
        add(&mut effects, (icondata_lu::LuUserCheck, who.to_owned(), control));
        if let Some(schema) = &extension.schema {
            add(
                &mut effects,
                (icondata_lu::LuFolder, format!("Its objects always go to the schema {schema}."), control),
            );
        } else if extension.is_relocatable {
            let sentence = "Its objects can be moved to another schema later.".to_owned();
            add(&mut effects, (icondata_lu::LuFolder, sentence, control));
        }
    }
    for module in &modules {
        effects.push((icondata_lu::LuPuzzle, load_sentence(module), source_words(module.load_source)));
        if module.restart_on_upgrade == Some(true) {
            let sentence = "After an upgrade the server must be restarted before the new library is used.";
            add(&mut effects, (icondata_lu::LuRefreshCw, sentence.to_owned(), source_words(module.load_source)));
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

/// An icon, a sentence, and how it is known.
type Effect = (icondata_core::Icon, String, &'static str);

/// Adds what was not said already: several extensions often share it.
fn add(effects: &mut Vec<Effect>, effect: Effect) {
    if !effects.iter().any(|(_, sentence, source)| (sentence, source) == (&effect.1, &effect.2)) {
        effects.push(effect);
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
