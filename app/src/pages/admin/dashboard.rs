use leptos::prelude::*;
use model::StaffRole;

use super::frame::{AdminFrame, Section, reader};
use crate::{context::registry, format, forms::form_state, load::load};

/// What waits, and what there is.
#[component]
pub(crate) fn AdminPage() -> impl IntoView {
    let (registry, state) = (registry(), form_state());
    let reader = reader(Section::Dashboard);
    let data = async move {
        let reader = reader?;
        Ok((registry.staff_overview(reader).await?, reader))
    };
    load(data, move |(overview, reader)| {
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
                                        {if address.is_empty() {
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
                <section aria-labelledby="numbers">
                    <h2 id="numbers" class="text-subheading font-semibold">"Numbers"</h2>
                    <dl class="fact-strip mt-3">
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
                {(!is_admin).then(|| view! { <p class="notice">"You are a moderator: you decide about reports. All else is for admins."</p> })}
            </AdminFrame>
        }
    })
}
