use leptos::prelude::*;
use registry::Facets;

use super::choices::Choices;
use crate::components::Icon;

/// What was chosen, and what there would be without it.
pub(super) struct Choice {
    pub(super) name: String,
    /// Where the choice is taken back.
    pub(super) without: String,
    /// How many packages there would be then.
    pub(super) count: u64,
}

/// All choices that can be taken back.
pub(super) fn choices_made(choices: &Choices, facets: &Facets) -> Vec<Choice> {
    let mut made = Vec::new();
    let mut add = |name: String, without: String, count: u64| made.push(Choice { name, without, count });
    if let Some(slug) = choices.category.as_ref().filter(|_| !choices.is_in_category()) {
        let known = facets.categories.iter().find(|((known, _), _)| known == slug);
        let name = known.map_or_else(|| slug.to_string(), |((_, name), _)| name.clone());
        add(name, choices.with_category(None), facets.without.category);
    }
    if let Some(major) = choices.major {
        add(format!("PostgreSQL {major}"), choices.with_major(None), facets.without.major);
    }
    if let Some(platform) = &choices.platform {
        add(platform.label(), choices.with_platform(None), facets.without.platform);
    }
    if let Some(load) = choices.load {
        add(load.label().to_owned(), choices.with_load(None), facets.without.load);
    }
    if choices.trusted {
        add("Trusted".to_owned(), choices.with_trusted(false), facets.without.trusted);
    }
    made
}

/// The choices above the results, each a link that takes it back.
#[component]
pub(super) fn Chosen(choices: Choices, facets: Facets) -> impl IntoView {
    let mut made: Vec<(String, String)> =
        choices_made(&choices, &facets).into_iter().map(|choice| (choice.name, choice.without)).collect();
    if let Some(tag) = choices.removable_tag() {
        made.push((format!("Tag: {tag}"), choices.without_tag()));
    }
    (!made.is_empty()).then(|| {
        view! {
            <ul class="mb-3 flex flex-wrap gap-2" aria-label="Chosen">
                {made
                    .into_iter()
                    .map(|(name, without)| {
                        view! {
                            <li>
                                <a class="chip flex items-center gap-1.5" href=without rel="nofollow">
                                    <span class="sr-only">"Take back: "</span>
                                    <bdi>{name}</bdi>
                                    <Icon icon=icondata_lu::LuX class="size-3.5"/>
                                </a>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        }
    })
}
