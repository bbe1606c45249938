use leptos::prelude::*;
use registry::{CaseSubject, CaseSummary};

use super::frame::{AdminFrame, ReasonField, Section, reader};
use crate::{
    components::Field,
    context::registry,
    format,
    forms::{FormState, form_state},
    load::load,
    pages::accounts::when::Ago,
};

/// The cases that wait for a verdict.
#[component]
pub(crate) fn AdminReportsPage() -> impl IntoView {
    let (registry, state) = (registry(), form_state());
    let reader = reader(Section::Reports);
    let data = async move {
        let reader = reader?;
        Ok((registry.moderation_queue(reader).await?, reader))
    };
    load(data, move |(cases, reader)| {
        view! {
            <AdminFrame here=Section::Reports reader state=state.clone()>
                <section aria-labelledby="queue">
                    <h2 id="queue" class="text-subheading font-semibold">"Waiting for a verdict"</h2>
                    {cases.is_empty().then(|| view! { <p class="mt-3 text-ink-soft">"Nothing waits."</p> })}
                    <ul class="mt-3 divide-y divide-line border-y border-line empty:hidden">
                        {cases.into_iter().map(|case| view! { <Case case/> }).collect_view()}
                    </ul>
                </section>
                <Open state=state.clone()/>
            </AdminFrame>
        }
    })
}

/// What a case is about, in words.
pub(super) fn subject_words(subject: &CaseSubject) -> (&'static str, String) {
    match subject {
        CaseSubject::Package(name) => ("Package", name.to_string()),
        CaseSubject::Account(handle) => ("Account", handle.to_string()),
        CaseSubject::Organisation(handle) => ("Organisation", handle.to_string()),
    }
}

#[component]
fn Case(case: CaseSummary) -> impl IntoView {
    let (what, name) = subject_words(&case.subject);
    let kinds: Vec<String> = case.kinds.iter().map(ToString::to_string).collect();
    view! {
        <li class="relative flex flex-wrap items-baseline justify-between gap-x-4 py-2 hover:bg-raised">
            <span class="min-w-0">
                {what} " "
                <a class="link row-link font-mono break-all" href=format!("/admin/reports/{}", case.id)>{name}</a>
                <span class="ml-3 text-small">{kinds.join(", ")}</span>
            </span>
            <span class="text-small text-ink-soft">
                {format::counted(case.reports, "report", "reports")} ", since " <Ago moment=case.opened_at/>
            </span>
        </li>
    }
}

/// Begins a case about a package that nobody has reported.
#[component]
fn Open(state: FormState) -> impl IntoView {
    view! {
        <section aria-labelledby="open">
            <h2 id="open" class="text-subheading font-semibold">"Look at a package"</h2>
            <p class="mt-1">"What nobody has reported can be decided too: a case begins with what you saw."</p>
            <form method="post" action="/admin/reports" class="mt-4 max-w-md space-y-5" aria-label="Look at a package">
                <Field state=state.clone() name="package" label="Package" longest=63 is_code=true/>
                <ReasonField state hint="What you saw, in at least ten characters."/>
                <button class="button">"Begin a case"</button>
            </form>
        </section>
    }
}
