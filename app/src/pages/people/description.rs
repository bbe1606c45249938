use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use model::{PackageName, Role};
use registry::{CategoryOverview, GroupName, PackageSettings, RegistryError};

use super::frames::GroupFrame;
use crate::{
    components::{Field, FieldProblem, TextArea},
    context::{registry, visitor},
    forms::{FormState, form_state},
    load::load,
};

/// What owners say of a package.
#[component]
pub(crate) fn DescriptionPage() -> impl IntoView {
    let Some(visitor) = visitor() else { return ().into_any() };
    let name = use_params_map().read_untracked().get("name").unwrap_or_default().parse::<PackageName>();
    let (registry, state) = (registry(), form_state());
    let data = async move {
        let settings = registry.package_settings(&visitor, &name.map_err(|_| RegistryError::NotFound)?).await?;
        Ok((settings, registry.categories().await?))
    };
    load(data, move |(settings, categories)| {
        let name = GroupName::Package(settings.name.clone());
        let is_owner = settings.role == Role::Owner;
        view! {
            <GroupFrame name here="/description" state=state.clone()>
                {if is_owner {
                    view! { <Description state settings categories/> }.into_any()
                } else {
                    view! { <p class="notice">"Owners change what is said of it."</p> }.into_any()
                }}
            </GroupFrame>
        }
    })
    .into_any()
}

/// Kinds of links, each with its label.
const LINKS: [(&str, &str); 5] = [
    ("repository", "Repository"),
    ("homepage", "Home page"),
    ("documentation", "Documentation"),
    ("issues", "Issues"),
    ("support", "Support"),
];

#[component]
fn Description(state: FormState, settings: PackageSettings, categories: Vec<CategoryOverview>) -> impl IntoView {
    let action = format!("/settings/packages/{}/description", settings.name);
    let links = settings.links.clone();
    view! {
        <form method="post" action=action class="max-w-xl space-y-5" aria-label="Description">
            <TextArea
                state=state.clone()
                name="summary"
                label="What it is for"
                hint="A sentence. Uploads that bring another one change it."
                longest=1000
                initial=settings.summary.clone()
            />
            <Categories state=state.clone() chosen=settings.categories.iter().map(ToString::to_string).collect() categories/>
            <Field
                state=state.clone()
                name="tags"
                label="Tags"
                hint="Words with commas between them, at most 20."
                is_required=false
                initial=Some(settings.tags.join(", "))
            />
            {LINKS
                .map(|(kind, label)| {
                    let known = links.iter().find(|link| link.kind == kind).map(|link| link.url.clone());
                    view! {
                        <Field state=state.clone() name=kind label=label kind="url" longest=2000 is_required=false is_code=true initial=known/>
                    }
                })
                .collect_view()}
            <button class="button button-primary">"Save"</button>
        </form>
    }
}

/// Three places for categories, the best first.
#[component]
fn Categories(state: FormState, chosen: Vec<String>, categories: Vec<CategoryOverview>) -> impl IntoView {
    let problem = state.problem_of("category");
    let typed: Vec<String> = state.value("category").split_whitespace().map(str::to_owned).collect();
    let chosen = if state.was_sent() { typed } else { chosen };
    let places = ["Category", "Second category", "Third category"];
    view! {
        <fieldset>
            <legend class="font-semibold">"Categories"</legend>
            <p class="text-small text-ink-soft">"At most three, the best first."</p>
            <div class="mt-1 space-y-2">
                {places
                    .into_iter()
                    .enumerate()
                    .map(|(place, label)| {
                        let known = chosen.get(place).cloned().unwrap_or_default();
                        view! {
                            <select
                                name="category"
                                aria-label=label
                                aria-invalid=problem.is_some().then_some("true")
                                aria-describedby=problem.is_some().then_some("category-problem")
                                autocomplete="off"
                                class="w-full rounded-md border border-line bg-surface px-3 py-2 text-ink"
                            >
                                <option value="" selected=known.is_empty()>"None"</option>
                                {categories
                                    .iter()
                                    .map(|category| {
                                        let slug = category.slug.to_string();
                                        let is_chosen = slug == known;
                                        view! {
                                            <option value=slug selected=is_chosen>{category.name.clone()}</option>
                                        }
                                    })
                                    .collect_view()}
                            </select>
                        }
                    })
                    .collect_view()}
            </div>
            <FieldProblem id="category" problem/>
        </fieldset>
    }
}
