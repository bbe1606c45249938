use leptos::prelude::*;
use model::Flag;
use registry::FlagState;

use super::frame::{AdminFrame, ReasonField, Section, reader};
use crate::{
    context::registry,
    forms::{FormState, form_state},
    load::load,
    pages::accounts::when::Ago,
};

/// Switches that hold at once on every node.
#[component]
pub(crate) fn AdminFlagsPage() -> impl IntoView {
    let (registry, state) = (registry(), form_state());
    let reader = reader(Section::Flags);
    let data = async move {
        let reader = reader?;
        Ok((registry.flags(reader).await?, reader))
    };
    load(data, move |(flags, reader)| {
        view! {
            <AdminFrame here=Section::Flags reader state=state.clone()>
                <div class="grid gap-6 xl:grid-cols-2">
                    {flags.into_iter().map(|flag| view! { <Switch flag state=state.clone()/> }).collect_view()}
                </div>
            </AdminFrame>
        }
    })
}

/// A switch, what it means, and the id of its field.
const fn words(flag: Flag) -> (&'static str, &'static str, &'static str) {
    match flag {
        Flag::ReadOnly => (
            "Read-only",
            "Nothing changes that others see: no uploads, no settings, no roles. What holds something back still can.",
            "read-only-reason",
        ),
        Flag::NoRegistration => ("No registration", "No account begins.", "no-registration-reason"),
        Flag::NoPublishing => ("No publishing", "No package and no file is published.", "no-publishing-reason"),
    }
}

#[component]
fn Switch(flag: FlagState, state: FormState) -> impl IntoView {
    let (title, meaning, id) = words(flag.flag);
    let is_set = flag.set.is_some();
    // The reason that was typed belongs to the switch that was sent.
    let state = if state.value("flag") == flag.flag.as_str() { state } else { FormState::default() };
    let label = if is_set { format!("Clear: {title}") } else { format!("Set: {title}") };
    view! {
        <section class="rounded-md border border-line p-4" aria-label=title>
            <h2 class="text-subheading font-semibold">{title}</h2>
            <p class="mt-1">{meaning}</p>
            {flag
                .set
                .map(|(reason, by, since)| {
                    view! {
                        <div class="mt-3 rounded-md border border-caution p-3">
                            <p class="font-semibold">"Set by " {by.to_string()} ", " <Ago moment=since/></p>
                            <p class="mt-1 break-words" dir="auto">{reason}</p>
                        </div>
                    }
                })}
            <form method="post" action="/admin/flags" class="mt-3 space-y-4" aria-label=title>
                <input type="hidden" name="flag" value=flag.flag.as_str()/>
                <input type="hidden" name="set" value=if is_set { "no" } else { "yes" }/>
                <ReasonField state id hint="Everybody may read it in the log. At least ten characters."/>
                <button class="button border-danger text-danger">{label}</button>
            </form>
        </section>
    }
}
