use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use model::{ReleaseState, ReportKind, StaffRole, Verdict};
use registry::{CaseDetails, CaseReport, CaseSubject, PastVerdict, RegistryError};

use super::{
    frame::{AdminFrame, ReasonField, Section, reader},
    queue::subject_words,
};
use crate::{
    context::registry,
    forms::{FormState, form_state},
    load::load,
    pages::{
        accounts::when::{Ago, Day},
        report::kind_words,
    },
};

/// A case, and what to do about it.
#[component]
pub(crate) fn AdminCasePage() -> impl IntoView {
    let id = use_params_map().read_untracked().get("id").and_then(|id| id.parse::<i64>().ok());
    let (registry, state) = (registry(), form_state());
    let reader = reader(Section::Reports);
    let data = async move {
        let reader = reader?;
        Ok((registry.moderation_case(reader, id.ok_or(RegistryError::NotFound)?).await?, reader))
    };
    load(data, move |(case, reader)| {
        let (what, name) = subject_words(&case.subject);
        let is_admin = reader.role() == StaffRole::Admin;
        view! {
            <AdminFrame here=Section::Reports reader title=format!("{what} {name}") state=state.clone()>
                <div class="grid gap-x-10 gap-y-8 xl:grid-cols-[minmax(0,1fr)_22rem]">
                    <div class="min-w-0 space-y-8">
                        <Subject case=case.clone()/>
                        <Reports reports=case.reports.clone()/>
                        <Past past=case.past.clone()/>
                    </div>
                    <Decide state case is_admin/>
                </div>
            </AdminFrame>
        }
    })
}

#[component]
fn Subject(case: CaseDetails) -> impl IntoView {
    let (_, name) = subject_words(&case.subject);
    let address = match &case.subject {
        CaseSubject::Package(name) => format!("/packages/{name}"),
        CaseSubject::Account(handle) | CaseSubject::Organisation(handle) => format!("/users/{handle}"),
    };
    let owners: Vec<String> = case.owners.iter().map(ToString::to_string).collect();
    view! {
        <section aria-label="What it is about">
            <p><a class="link font-mono break-all" href=address>{name}</a>" as everybody sees it"</p>
            {(!owners.is_empty())
                .then(|| {
                    view! {
                        <p class="mt-1">
                            "Looked after by "
                            {owners
                                .into_iter()
                                .map(|handle| view! { <a class="link mr-2 break-all" href=format!("/users/{handle}")>{handle.clone()}</a> })
                                .collect_view()}
                        </p>
                    }
                })}
            {case
                .held_reason
                .map(|reason| {
                    view! {
                        <div class="mt-3 rounded-md border border-caution p-3">
                            <p class="font-semibold">"Held back now"</p>
                            <p class="mt-1 break-words" dir="auto">{reason}</p>
                        </div>
                    }
                })}
            {(!case.releases.is_empty())
                .then(|| {
                    view! {
                        <ul class="mt-3 flex flex-wrap gap-x-4 gap-y-1 text-small">
                            {case
                                .releases
                                .into_iter()
                                .map(|(version, state)| {
                                    let class = if state == ReleaseState::Quarantined { "text-caution" } else { "text-ink-soft" };
                                    view! { <li><span class="font-mono">{version.to_string()}</span>" "<span class=class>{state.to_string()}</span></li> }
                                })
                                .collect_view()}
                        </ul>
                    }
                })}
        </section>
    }
}

#[component]
fn Reports(reports: Vec<CaseReport>) -> impl IntoView {
    view! {
        <section aria-labelledby="reports">
            <h2 id="reports" class="text-subheading font-semibold">"What is said"</h2>
            <ul class="mt-3 divide-y divide-line border-y border-line">
                {reports
                    .into_iter()
                    .map(|report| {
                        view! {
                            <li class="py-3">
                                <p class="font-semibold">{kind_words(report.kind)} {report.version.map(|version| format!(", in {version}"))}</p>
                                <p class="mt-1 break-words whitespace-pre-line" dir="auto">{report.text}</p>
                                <p class="mt-1 text-small text-ink-soft break-all">
                                    {report.reporter.unwrap_or_else(|| "The registry itself, or an account that is no more".to_owned())} ", "
                                    <Ago moment=report.created_at/>
                                </p>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </section>
    }
}

#[component]
fn Past(past: Vec<PastVerdict>) -> impl IntoView {
    (!past.is_empty()).then(|| {
        view! {
            <section aria-labelledby="past">
                <h2 id="past" class="text-subheading font-semibold">"Decided before"</h2>
                <ul class="mt-3 divide-y divide-line border-y border-line">
                    {past
                        .into_iter()
                        .map(|verdict| {
                            view! {
                                <li class="py-2">
                                    <p>
                                        <a class="link" href=format!("/admin/reports/{}", verdict.case)>{verdict.verdict.to_string()}</a>
                                        " by " {verdict.decided_by.to_string()} ", " <Day moment=verdict.closed_at/>
                                    </p>
                                    <p class="text-small break-words" dir="auto">{verdict.reason}</p>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
            </section>
        }
    })
}

/// The verdicts that can be given in a case, with the words of their buttons.
fn verdicts(case: &CaseDetails, is_admin: bool) -> Vec<(Verdict, &'static str)> {
    let has_held = case.is_held || case.releases.iter().any(|(_, state)| *state == ReleaseState::Quarantined);
    let mut verdicts = Vec::new();
    match &case.subject {
        CaseSubject::Package(_) => {
            if is_admin && case.reports.iter().any(|report| report.kind == ReportKind::Claim) {
                verdicts.push((Verdict::Granted, "Grant the claim"));
            }
            if !case.is_held {
                verdicts.push((Verdict::Quarantined, "Quarantine"));
            }
            if has_held {
                verdicts.push((Verdict::Released, "Release"));
            }
        }
        CaseSubject::Account(_) if is_admin && case.is_held => verdicts.push((Verdict::Unlocked, "Unlock")),
        CaseSubject::Account(_) if is_admin => verdicts.push((Verdict::Locked, "Lock the account")),
        CaseSubject::Account(_) | CaseSubject::Organisation(_) => {}
    }
    verdicts.push((Verdict::Dismissed, "Dismiss"));
    verdicts
}

#[component]
fn Decide(state: FormState, case: CaseDetails, is_admin: bool) -> impl IntoView {
    let action = format!("/admin/reports/{}", case.id);
    if let Some(verdict) = case.verdict {
        return view! {
            <section class="notice h-fit" aria-labelledby="verdict">
                <h2 id="verdict" class="font-semibold">"Decided: " {verdict.verdict.to_string()}</h2>
                <p class="mt-1 break-words" dir="auto">{verdict.reason}</p>
                <p class="mt-1 text-small text-ink-soft">
                    "By " {verdict.decided_by.to_string()} ", " <Ago moment=verdict.closed_at/>
                </p>
            </section>
        }
        .into_any();
    }
    let buttons = verdicts(&case, is_admin);
    let typed = state.value("release");
    let versions: Vec<String> = case.releases.iter().map(|(version, _)| version.to_string()).collect();
    view! {
        <section class="h-fit rounded-md border border-line p-4" aria-labelledby="decide">
            <h2 id="decide" class="text-subheading font-semibold">"Decide"</h2>
            <form method="post" action=action class="mt-3 space-y-4" aria-label="Decide">
                <ReasonField state hint="Both sides read it; for a package everybody does. At least ten characters."/>
                {(!versions.is_empty())
                    .then(|| {
                        view! {
                            <div>
                                <label for="release" class="font-semibold">"Of what"</label>
                                <select id="release" name="release" autocomplete="off" class="mt-1 w-full rounded-md border border-line bg-surface px-3 py-2 text-ink">
                                    <option value="" selected=typed.is_empty()>"All of the package"</option>
                                    {versions
                                        .into_iter()
                                        .map(|version| {
                                            let (words, is_chosen) = (version.clone(), version == typed);
                                            view! { <option value=version selected=is_chosen>{words}</option> }
                                        })
                                        .collect_view()}
                                </select>
                            </div>
                        }
                    })}
                <div class="flex flex-wrap gap-2">
                    {buttons
                        .into_iter()
                        .map(|(verdict, words)| {
                            let class = if verdict == Verdict::Quarantined { "button border-danger text-danger" } else { "button" };
                            view! { <button class=class name="verdict" value=verdict.as_str()>{words}</button> }
                        })
                        .collect_view()}
                </div>
            </form>
        </section>
    }
    .into_any()
}
