use leptos::prelude::*;
use registry::Facets;

use super::choices::Choices;
use crate::format;

/// The choices with their counts, as links.
#[component]
pub(super) fn FacetLists(choices: Choices, facets: Facets) -> impl IntoView {
    let mut lists: Vec<(&'static str, Vec<Value>)> = Vec::new();
    if !choices.is_in_category() {
        let values = facets.categories.into_iter().map(|((slug, name), count)| {
            let is_chosen = choices.category.as_ref() == Some(&slug);
            Value { name, count, is_chosen, address: choices.with_category((!is_chosen).then_some(slug)) }
        });
        lists.push(("Category", values.collect()));
    }
    let majors = facets.majors.into_iter().map(|(major, count)| {
        let is_chosen = choices.major == Some(major);
        Value { name: major.to_string(), count, is_chosen, address: choices.with_major((!is_chosen).then_some(major)) }
    });
    lists.push(("PostgreSQL", majors.collect()));
    let platforms = facets.platforms.into_iter().map(|(platform, count)| {
        let is_chosen = choices.platform.as_ref() == Some(&platform);
        Value {
            name: platform.label(),
            count,
            is_chosen,
            address: choices.with_platform((!is_chosen).then_some(platform)),
        }
    });
    lists.push(("Platform", platforms.collect()));
    let loads = facets.loads.into_iter().map(|(load, count)| {
        let is_chosen = choices.load == Some(load);
        Value {
            name: load.label().to_owned(),
            count,
            is_chosen,
            address: choices.with_load((!is_chosen).then_some(load)),
        }
    });
    lists.push(("Library", loads.collect()));
    if facets.trusted > 0 || choices.trusted {
        let value = Value {
            name: "Trusted".to_owned(),
            count: facets.trusted,
            is_chosen: choices.trusted,
            address: choices.with_trusted(!choices.trusted),
        };
        lists.push(("Who may create it", vec![value]));
    }
    let clear = choices.has_filters().then(|| choices.cleared());
    view! {
        // A sheet that the button opens on a narrow screen, without a script; a column on a wide one.
        <button type="button" popovertarget="filters" class="button justify-self-start lg:hidden">
            "Filters"
        </button>
        <nav id="filters" popover="auto" aria-label="Filters" class="filters">
            <div class="mb-4 flex items-baseline justify-between gap-4 lg:hidden">
                <h2 class="font-semibold">"Filters"</h2>
                <button type="button" popovertarget="filters" popovertargetaction="hide" class="button">
                    "Close"
                </button>
            </div>
            <div class="space-y-6">
                {clear
                    .map(|address| {
                        view! {
                            <p>
                                <a class="link" href=address>
                                    "Clear all"
                                </a>
                            </p>
                        }
                    })}
                {lists
                    .into_iter()
                    .filter(|(_, values)| !values.is_empty())
                    .map(|(name, values)| view! { <FacetList name values/> })
                    .collect_view()}
            </div>
        </nav>
    }
}

/// One value of a facet.
struct Value {
    name: String,
    count: u64,
    is_chosen: bool,
    /// Where choosing it leads, or taking the choice back.
    address: String,
}

#[component]
fn FacetList(name: &'static str, mut values: Vec<Value>) -> impl IntoView {
    // What is chosen stays in sight.
    values.sort_by_key(|value| !value.is_chosen);
    view! {
        <div>
            <h2 class="px-2 text-small font-semibold text-ink-soft">{name}</h2>
            <ul class="mt-1">
                {values
                    .into_iter()
                    .map(|value| {
                        let mark = if value.is_chosen { "✓" } else { "" };
                        let weight = if value.is_chosen { "font-semibold text-ink" } else { "text-ink" };
                        view! {
                            <li>
                                <a
                                    class=format!("flex items-baseline justify-between gap-2 rounded-md px-2 py-1 hover:bg-raised {weight}")
                                    href=value.address
                                    aria-current=value.is_chosen.then_some("true")
                                    rel="nofollow"
                                >
                                    <span class="min-w-0 break-words">
                                        <span aria-hidden="true">{mark}</span>
                                        {if value.is_chosen { " " } else { "" }}
                                        {value.name}
                                    </span>
                                    <span class="text-small text-ink-soft">{format::count(i64::try_from(value.count).unwrap_or(i64::MAX))}</span>
                                </a>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </div>
    }
}
