use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use registry::{StaffEventQuery, StaffEventRow};
use time::{Date, macros::format_description};

use super::frame::{AdminFrame, Section, reader};
use crate::{
    components::{Field, Select},
    context::registry,
    format,
    forms::{FormState, form_state},
    load::load,
    pages::accounts::when::Ago,
};

/// Rows of a page.
const PAGE: i64 = 50;

/// What the address says.
struct Asked {
    event: String,
    text: String,
    kind: String,
    from: String,
    until: String,
    before: String,
}

fn day(text: &str) -> Option<Date> {
    Date::parse(text, format_description!("[year]-[month]-[day]")).ok()
}

impl Asked {
    fn read() -> Self {
        let query = use_query_map().read_untracked().clone();
        let get = |name: &str| query.get(name).unwrap_or_default();
        Self {
            event: get("event"),
            text: get("q"),
            kind: get("kind"),
            from: get("from"),
            until: get("until"),
            before: get("before"),
        }
    }

    fn query(&self) -> StaffEventQuery {
        StaffEventQuery {
            id: self.event.parse().ok(),
            kind: Some(self.kind.clone()).filter(|kind| !kind.is_empty() && !kind.contains('\0')),
            text: self.text.clone(),
            from: day(&self.from),
            until: day(&self.until),
            before: self.before.parse().ok(),
            limit: PAGE + 1,
        }
    }

    /// The address of what comes before an event, with the same filters.
    fn older(&self, last: i64) -> String {
        let parts = [("q", &self.text), ("kind", &self.kind), ("from", &self.from), ("until", &self.until)];
        let kept = parts.into_iter().filter(|(_, value)| !value.is_empty());
        kept.fold(format!("/admin/log?before={last}"), |address, (name, value)| {
            address + "&" + name + "=" + &format::encoded(value)
        })
    }

    /// As the fields of the form show them.
    fn state(&self) -> FormState {
        let parts = [("q", &self.text), ("kind", &self.kind), ("from", &self.from), ("until", &self.until)];
        let values = parts.map(|(name, value)| (name.to_owned(), value.clone())).into();
        FormState { values, ..FormState::default() }
    }
}

/// The log with all that is in it, to be filtered.
#[component]
pub(crate) fn AdminLogPage() -> impl IntoView {
    let asked = Asked::read();
    let (registry, state) = (registry(), form_state());
    let reader = reader(Section::Log);
    let query = asked.query();
    let data = async move {
        let reader = reader?;
        Ok((registry.staff_events(reader, &query).await?, registry.event_kinds(reader).await?, reader))
    };
    load(data, move |(mut events, kinds, reader)| {
        let page = usize::try_from(PAGE).unwrap_or_default();
        let has_more = events.len() > page;
        events.truncate(page);
        let older = events.last().filter(|_| has_more).map(|last| asked.older(last.id));
        let is_one = !asked.event.is_empty();
        let choices: Vec<(String, String)> = std::iter::once((String::new(), "All".to_owned()))
            .chain(kinds.into_iter().map(|(kind, _)| (kind.clone(), kind)))
            .collect();
        let filters = asked.state();
        view! {
            <AdminFrame here=Section::Log reader state>
                <form action="/admin/log" role="search" aria-label="Filter the log" class="grid max-w-3xl items-end gap-3 sm:grid-cols-2">
                    <Field state=filters.clone() name="q" label="Package or handle" hint="Its name, short or full." is_required=false is_code=true longest=200/>
                    <Select state=filters.clone() name="kind" label="Kind" choices initial=""/>
                    <Field state=filters.clone() name="from" label="From" kind="date" is_required=false/>
                    <Field state=filters name="until" label="Until" kind="date" is_required=false/>
                    <div><button class="button">"Filter"</button></div>
                </form>
                {is_one.then(|| view! { <p><a class="link" href="/admin/log">"All events"</a></p> })}
                {events.is_empty().then(|| view! { <p class="text-ink-soft">"None."</p> })}
                <ul class="divide-y divide-line border-y border-line empty:hidden">
                    {events.into_iter().map(|event| view! { <Row event is_open=is_one/> }).collect_view()}
                </ul>
                {older.map(|address| view! { <p><a class="button" rel="next" href=address>"Older"</a></p> })}
            </AdminFrame>
        }
    })
}

#[component]
fn Row(event: StaffEventRow, is_open: bool) -> impl IntoView {
    let id = event.id;
    let address = format!("/admin/log?event={id}");
    view! {
        <li class="py-2">
            <div class="flex flex-wrap items-baseline justify-between gap-x-4">
                <p class="min-w-0 break-words">
                    <a class="link font-mono" href=address aria-label=format!("Event {id}")>{id}</a> " " {event.sentence}
                    {event.package.map(|name| view! { ": " <a class="link font-mono wrap-anywhere" href=format!("/admin/packages?q={name}")>{name.to_string()}</a> })}
                    {event.person.map(|handle| view! { ": " <a class="link break-all" href=format!("/users/{handle}")>{handle.to_string()}</a> })}
                </p>
                <p class="text-small text-ink-soft">
                    {event.actor.map(|handle| view! { <span class="break-all">{handle.to_string()}</span> ", " })}
                    <Ago moment=event.happened_at/>
                    {(!event.is_public).then_some(", not public")}
                </p>
            </div>
            {event.details.map(|reason| view! { <p class="text-small break-words" dir="auto">{reason}</p> })}
            <details class="text-small" open=is_open>
                <summary class="cursor-pointer text-ink-soft">
                    <span class="font-mono">{event.kind}</span> <span class="sr-only">{format!(" of event {id}, as it was written")}</span>
                </summary>
                <p class="mt-1 font-mono wrap-anywhere">{event.subject}</p>
                <p class="mt-1 font-mono wrap-anywhere">{event.payload}</p>
            </details>
        </li>
    }
}
