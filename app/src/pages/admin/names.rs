use leptos::prelude::*;

use super::frame::{AdminFrame, ReasonField, Section, reader};
use crate::{
    components::{Field, Select},
    context::registry,
    forms::{form_state, sentence},
    load::load,
};

/// Names that nobody takes.
#[component]
pub(crate) fn AdminNamesPage() -> impl IntoView {
    let (registry, state) = (registry(), form_state());
    let reader = reader(Section::Names);
    let data = async move {
        let reader = reader?;
        Ok((registry.reserved_names(reader).await?, reader))
    };
    load(data, move |(names, reader)| {
        view! {
            <AdminFrame here=Section::Names reader state=state.clone()>
                <form method="post" action="/admin/names" class="max-w-md space-y-5" aria-label="Reserve or free a name">
                    <Field state=state.clone() name="name" label="Name" longest=63 is_code=true/>
                    <Select
                        state=state.clone()
                        name="form"
                        label="What"
                        choices=vec![("reserve", "Nobody takes it"), ("free", "Anybody may take it")]
                        initial="reserve"
                    />
                    <ReasonField state=state.clone() hint="Whoever wants the name reads it. At least ten characters."/>
                    <button class="button button-primary">"Save"</button>
                </form>
                <section aria-labelledby="names">
                    <h2 id="names" class="text-subheading font-semibold">"Names that nobody takes"</h2>
                    <ul class="mt-3 divide-y divide-line border-y border-line">
                        {names
                            .into_iter()
                            .map(|name| {
                                view! {
                                    <li class="flex flex-wrap items-baseline gap-x-4 py-1">
                                        <span class="font-mono break-all">{name.name}</span>
                                        <span class="min-w-0 text-small break-words text-ink-soft" dir="auto">{sentence(&name.reason)}</span>
                                    </li>
                                }
                            })
                            .collect_view()}
                    </ul>
                </section>
            </AdminFrame>
        }
    })
}
