use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use model::CategorySlug;
use registry::{CategoryOverview, RegistryError};

use super::frame::{AdminFrame, ReasonField, Section, reader};
use crate::{
    components::{Field, Select},
    context::registry,
    format,
    forms::{FormState, form_state},
    load::load,
};

const IN_THE_LOG: &str = "Everybody may read it in the log. At least ten characters.";

/// Categories in their order.
#[component]
pub(crate) fn AdminCategoriesPage() -> impl IntoView {
    let (registry, state) = (registry(), form_state());
    let reader = reader(Section::Categories);
    let data = async move {
        let reader = reader?;
        Ok((registry.categories().await?, reader))
    };
    load(data, move |(categories, reader)| {
        view! {
            <AdminFrame here=Section::Categories reader state=state.clone()>
                <section aria-labelledby="add">
                    <h2 id="add" class="text-subheading font-semibold">"Add a category"</h2>
                    <form method="post" action="/admin/categories" class="mt-3 max-w-md space-y-5" aria-label="Add a category">
                        <Field state=state.clone() name="name" label="Name" longest=60/>
                        <Field
                            state=state.clone()
                            name="slug"
                            label="Key"
                            hint="Lower-case letters and _. It stands in addresses and archives, and stays."
                            longest=40
                            is_code=true
                        />
                        <Field state=state.clone() name="sentence" label="What it is about" longest=200/>
                        <ReasonField state=state.clone() hint=IN_THE_LOG/>
                        <button class="button button-primary">"Add"</button>
                    </form>
                </section>
                <ol class="divide-y divide-line border-y border-line">
                    {categories
                        .into_iter()
                        .enumerate()
                        .map(|(place, category)| {
                            view! {
                                <li class="relative py-2 hover:bg-raised">
                                    <p class="flex flex-wrap items-baseline gap-x-3">
                                        <span class="w-5 text-right text-small text-ink-soft">{place + 1}</span>
                                        <a class="link row-link" href=format!("/admin/categories/{}", category.slug)>{category.name}</a>
                                        <span class="font-mono text-small text-ink-soft">{category.slug.to_string()}</span>
                                        <span class="text-small text-ink-soft">{format::counted(category.count, "package", "packages")}</span>
                                    </p>
                                    <p class="pl-8 text-small break-words text-ink-soft">{category.sentence}</p>
                                </li>
                            }
                        })
                        .collect_view()}
                </ol>
            </AdminFrame>
        }
    })
}

/// One category: what it is called, its place, and the end of it.
#[component]
pub(crate) fn AdminCategoryPage() -> impl IntoView {
    let slug = use_params_map().read_untracked().get("slug").unwrap_or_default().parse::<CategorySlug>();
    let (registry, state) = (registry(), form_state());
    let reader = reader(Section::Categories);
    let data = async move {
        let (reader, slug) = (reader?, slug.map_err(|_| RegistryError::NotFound)?);
        let categories = registry.categories().await?;
        let place = categories.iter().position(|category| category.slug == slug).ok_or(RegistryError::NotFound)?;
        Ok((categories, place, reader))
    };
    load(data, move |(mut categories, place, reader)| {
        let category = categories.remove(place);
        view! {
            <AdminFrame here=Section::Categories reader title=category.name.clone() state=state.clone()>
                <p>
                    <a class="link" href=format!("/categories/{}", category.slug)>"As everybody sees it"</a> ", "
                    {format::counted(category.count, "package", "packages")}
                </p>
                <div class="grid items-start gap-6 xl:grid-cols-2">
                    <Change state=state.clone() category=category.clone() place=place + 1/>
                    <Merge state category others=categories/>
                </div>
            </AdminFrame>
        }
    })
}

#[component]
fn Change(state: FormState, category: CategoryOverview, place: usize) -> impl IntoView {
    let state = state.of_form("change");
    view! {
        <section class="rounded-md border border-line p-4" aria-labelledby="change">
            <h2 id="change" class="text-subheading font-semibold">"Name and place"</h2>
            <form method="post" action=format!("/admin/categories/{}", category.slug) class="mt-3 space-y-4" aria-label="Name and place">
                <input type="hidden" name="form" value="change"/>
                <input type="hidden" name="shown_place" value=if state.was_sent() { state.value("shown_place") } else { place.to_string() }/>
                <Field state=state.clone() name="name" label="Name" longest=60 initial=Some(category.name)/>
                <Field state=state.clone() name="sentence" label="What it is about" longest=200 initial=Some(category.sentence)/>
                <Field
                    state=state.clone()
                    name="place"
                    label="Place"
                    hint="1 is the first."
                    kind="number"
                    initial=Some(place.to_string())
                />
                <ReasonField state id="change-reason" hint=IN_THE_LOG/>
                <button class="button button-primary">"Save"</button>
            </form>
        </section>
    }
}

#[component]
fn Merge(state: FormState, category: CategoryOverview, others: Vec<CategoryOverview>) -> impl IntoView {
    let state = state.of_form("merge");
    let choices: Vec<(String, String)> = std::iter::once((String::new(), "Choose one".to_owned()))
        .chain(others.into_iter().map(|other| (other.slug.to_string(), other.name)))
        .collect();
    view! {
        <section class="rounded-md border border-line p-4" aria-labelledby="merge">
            <h2 id="merge" class="text-subheading font-semibold">"Merge"</h2>
            <p class="mt-1">
                "Its packages are in the other category then, and it is no more. Its address leads to the other one, and uploads that name it are put there."
            </p>
            <form method="post" action=format!("/admin/categories/{}", category.slug) class="mt-3 space-y-4" aria-label="Merge">
                <input type="hidden" name="form" value="merge"/>
                <Select state=state.clone() name="into" label="Into" choices initial=""/>
                <ReasonField state id="merge-reason" hint=IN_THE_LOG/>
                <button class="button border-danger text-danger">"Merge"</button>
            </form>
        </section>
    }
}
