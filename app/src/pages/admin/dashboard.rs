use leptos::prelude::*;
use model::StaffRole;
use registry::Health;

use super::frame::{AdminFrame, Section, reader};
use crate::{
    components::Icon,
    context::{registry, search_index},
    format,
    forms::{form_state, sentence},
    load::load,
};

/// What waits, and what there is.
#[component]
pub(crate) fn AdminPage() -> impl IntoView {
    let (registry, state) = (registry(), form_state());
    let reader = reader(Section::Dashboard);
    let data = async move {
        let reader = reader?;
        Ok((registry.staff_overview(reader).await?, registry.health(reader).await?, reader))
    };
    load(data, move |(overview, health, reader)| {
        let is_admin = reader.role() == StaffRole::Admin;
        let behind = overview.newest_event - overview.listed_event;
        let waiting = [
            (
                format::counted(overview.open_cases, "case waits", "cases wait"),
                "/admin/reports",
                overview.open_cases > 0,
            ),
            (
                format::counted(overview.failed_jobs, "job was given up", "jobs were given up"),
                "/admin/operations",
                overview.failed_jobs > 0,
            ),
            (
                format::counted(overview.failed_mails, "message was not delivered", "messages were not delivered"),
                "/admin/operations",
                overview.failed_mails > 0,
            ),
            (format!("The lists are {} behind the log", format::counted(behind, "event", "events")), "", behind > 100),
        ];
        let waits: Vec<_> = waiting.into_iter().filter(|(_, _, is_there)| *is_there).collect();
        let facts = [
            ("Packages", format::count(overview.packages)),
            ("Releases", format::count(overview.releases)),
            ("Files", format::count(overview.artifacts)),
            ("In the store", format::size(overview.bytes)),
            ("Accounts", format::count(overview.accounts)),
            ("Locked accounts", format::count(overview.locked_accounts)),
            ("Jobs that wait", format::count(overview.waiting_jobs)),
            ("Newest event", format::count(overview.newest_event)),
        ];
        view! {
            <AdminFrame here=Section::Dashboard reader state=state.clone()>
                <section aria-labelledby="waiting">
                    <h2 id="waiting" class="text-subheading font-semibold">"What waits"</h2>
                    {waits.is_empty().then(|| view! { <p class="mt-3 text-ink-soft">"Nothing."</p> })}
                    <ul class="mt-3 list-disc space-y-1 pl-5 empty:hidden">
                        {waits
                            .into_iter()
                            .map(|(words, address, _)| {
                                view! {
                                    <li>
                                        {if address.is_empty() || (address == "/admin/operations" && !is_admin) {
                                            words.into_any()
                                        } else {
                                            view! { <a class="link" href=address>{words}</a> }.into_any()
                                        }}
                                    </li>
                                }
                            })
                            .collect_view()}
                    </ul>
                </section>
                <HealthRows health has_index=search_index().is_some_and(|index| index.is_complete())/>
                <section aria-labelledby="numbers">
                    <h2 id="numbers" class="text-subheading font-semibold">"Numbers"</h2>
                    <dl class="fact-strip mt-3 grid grid-cols-2 sm:grid-cols-4">
                        {facts
                            .map(|(name, value)| {
                                view! {
                                    <div class="fact">
                                        <dt class="text-small text-ink-soft">{name}</dt>
                                        <dd class="font-semibold">{value}</dd>
                                    </div>
                                }
                            })
                            .collect_view()}
                    </dl>
                </section>
                {(!is_admin).then(|| view! { <p class="notice">"You are a moderator: you decide about reports, and look at packages and the log. All else is for admins."</p> })}
            </AdminFrame>
        }
    })
}

/// Whether what the registry stands on is there, as this node sees it.
#[component]
fn HealthRows(health: Health, has_index: bool) -> impl IntoView {
    let (version, is_current) = health.database;
    let rows = [
        ("Database", is_current, format!("PostgreSQL {version}"), "Its schema is not this program's".to_owned()),
        (
            "Files",
            health.store.is_none(),
            "The newest can be read".to_owned(),
            sentence(&health.store.unwrap_or_default()),
        ),
        ("Search", has_index, "The index is complete".to_owned(), "Names only, until the index is complete".to_owned()),
        ("Mail", health.sends_mail, "Leaves by SMTP".to_owned(), "Kept here, since no SMTP server is named".to_owned()),
    ];
    view! {
        <section aria-labelledby="health">
            <h2 id="health" class="text-subheading font-semibold">"Health of this node"</h2>
            <ul class="mt-3 space-y-1">
                {rows
                    .map(|(name, is_well, well, wrong)| {
                        let (icon, class, words) = if is_well {
                            (icondata_lu::LuCircleCheck, "text-good", well)
                        } else {
                            (icondata_lu::LuTriangleAlert, "text-caution", wrong)
                        };
                        view! {
                            <li class="flex gap-2">
                                <Icon icon class=format!("mt-0.5 size-5 shrink-0 {class}")/>
                                <span class="min-w-0 break-words">{name} ": " {words}</span>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </section>
    }
}
