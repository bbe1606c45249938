use leptos::prelude::*;
use registry::{DeliveredMail, FailedJob};

use super::frame::{AdminFrame, ReasonField, Section, reader};
use crate::{
    context::registry,
    forms::{FormState, form_state},
    load::load,
    pages::accounts::when::Ago,
};

/// What the registry does by itself, and what of it went wrong.
#[component]
pub(crate) fn AdminOperationsPage() -> impl IntoView {
    let (registry, state) = (registry(), form_state());
    let reader = reader(Section::Operations);
    let data = async move {
        let reader = reader?;
        Ok((registry.failed_jobs(reader).await?, registry.mail_log(reader).await?, reader))
    };
    load(data, move |(jobs, mails, reader)| {
        view! {
            <AdminFrame here=Section::Operations reader state=state.clone()>
                <Jobs jobs state=state.clone()/>
                <Mails mails/>
            </AdminFrame>
        }
    })
}

#[component]
fn Jobs(jobs: Vec<FailedJob>, state: FormState) -> impl IntoView {
    let is_empty = jobs.is_empty();
    let chosen = state.value("job");
    view! {
        <section aria-labelledby="jobs">
            <h2 id="jobs" class="text-subheading font-semibold">"Jobs that were given up"</h2>
            {is_empty.then(|| view! { <p class="mt-3 text-ink-soft">"None."</p> })}
            {(!is_empty)
                .then(|| {
                    view! {
                        <form method="post" action="/admin/operations" class="mt-3 space-y-4" aria-label="Try a job again">
                            <ul class="divide-y divide-line border-y border-line">
                                {jobs.into_iter().map(|job| view! { <Job is_chosen=job.id.to_string() == chosen job/> }).collect_view()}
                            </ul>
                            <div class="max-w-md space-y-4">
                                <ReasonField state/>
                                <button class="button">"Try the job again"</button>
                            </div>
                        </form>
                    }
                })}
        </section>
    }
}

#[component]
fn Job(job: FailedJob, is_chosen: bool) -> impl IntoView {
    view! {
        <li class="py-2">
            <label class="flex gap-2">
                <input type="radio" name="job" value=job.id.to_string() checked=is_chosen required class="mt-1 size-4 shrink-0 accent-accent"/>
                <span class="min-w-0">
                    <span class="font-mono break-all">{format!("{} {}", job.kind, job.key)}</span>
                    <span class="block text-small break-words text-ink-soft">
                        {format!("{} attempts, given up ", job.attempts)} <Ago moment=job.failed_at/>
                        {job.error.map(|error| format!(": {error}"))}
                    </span>
                </span>
            </label>
        </li>
    }
}

#[component]
fn Mails(mails: Vec<DeliveredMail>) -> impl IntoView {
    view! {
        <section aria-labelledby="mails">
            <h2 id="mails" class="text-subheading font-semibold">"Newest messages"</h2>
            {mails.is_empty().then(|| view! { <p class="mt-3 text-ink-soft">"None."</p> })}
            <ul class="mt-3 divide-y divide-line border-y border-line empty:hidden">
                {mails
                    .into_iter()
                    .map(|mail| {
                        view! {
                            <li class="flex flex-wrap justify-between gap-x-4 py-1 text-small">
                                <span class="flex min-w-0 flex-wrap gap-x-3">
                                    <span class="wrap-anywhere">{mail.recipient}</span>
                                    <span class="font-mono">{mail.kind}</span>
                                </span>
                                <span class="text-ink-soft">
                                    {mail.state} {mail.error.map(|error| format!(", {error}"))} ", " <Ago moment=mail.created_at/>
                                </span>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </section>
    }
}
