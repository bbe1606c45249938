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
    let day = Date::parse(text, format_description!("[year]-[month]-[day]")).ok();
    day.filter(|day| (1970..=9999).contains(&day.year()))
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
                <form action="/admin/log" role="search" aria-label="Filter the log" class="grid max-w-3xl items-start gap-3 sm:grid-cols-2">
                    <Field state=filters.clone() name="q" label="Package or handle" hint="Its name, short or full." is_required=false is_code=true longest=200/>
                    <Select state=filters.clone() name="kind" label="Kind" hint="What happened." choices initial=""/>
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

/// What an event was about, as its payload says, where that is neither a package nor a person; and why.
fn said(payload: &str) -> (Option<String>, Option<String>) {
    let payload: serde_json::Value = serde_json::from_str(payload).unwrap_or_default();
    let text = |key: &str| payload[key].as_str().map(str::to_owned);
    let what = ["category", "tag", "flag", "text", "job"].iter().find_map(|key| text(key));
    let what = what.or_else(|| text("name").filter(|_| payload["package"].is_null()));
    let into = text("into").map(|into| format!(" into {into}")).unwrap_or_default();
    (what.map(|what| what + &into), text("reason"))
}

#[component]
fn Row(event: StaffEventRow, is_open: bool) -> impl IntoView {
    let id = event.id;
    let address = format!("/admin/log?event={id}");
    let (what, reason) = said(&event.payload);
    view! {
        <li class="py-2">
            <div class="flex flex-wrap items-baseline justify-between gap-x-4 sm:flex-nowrap">
                <p class="min-w-0 wrap-anywhere">
                    <a class="link font-mono" href=address aria-label=format!("Event {id}")>{id}</a> " " {event.sentence}
                    {event.package.map(|name| view! { ": " <a class="link font-mono wrap-anywhere" href=format!("/admin/packages?q={name}")>{name.to_string()}</a> })}
                    {event.version.map(|version| view! { " " <span class="font-mono">{version}</span> })}
                    {what.map(|what| view! { ": " <bdi>{what}</bdi> })}
                    {event.person.map(|handle| view! { ", " <a class="link wrap-anywhere" href=format!("/users/{handle}")>{handle.to_string()}</a> })}
                </p>
                <p class="text-small text-ink-soft sm:shrink-0">
                    {event.actor.map(|handle| view! { <span class="wrap-anywhere">{handle.to_string()}</span> ", " })}
                    <Ago moment=event.happened_at/>
                    {(!event.is_public).then_some(", not public")}
                </p>
            </div>
            {event.details.or(reason).map(|reason| view! { <p class="text-small break-words" dir="auto">{reason}</p> })}
            <details class="text-small" open=is_open>
                <summary class="cursor-pointer py-1 text-ink-soft">
                    <span class="font-mono">{event.kind}</span> <span class="sr-only">{format!(" of event {id}, as it was written")}</span>
                </summary>
                <p class="mt-1 font-mono wrap-anywhere">{event.subject}</p>
                <p class="mt-1 font-mono wrap-anywhere">{event.payload}</p>
            </details>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_says_what_it_was_about_and_why() {
        let both = |what: &str, why: &str| (Some(what.to_owned()), Some(why.to_owned()));
        let merged = r#"{"category":"search","into":"metrics","packages":[1],"reason":"They are the same."}"#;
        assert_eq!(said(merged), both("search into metrics", "They are the same."));
        assert_eq!(said(r#"{"name":"pg_x","reason":"Ours."}"#), both("pg_x", "Ours."));
        assert_eq!(said(r#"{"package":1,"name":"pg_x"}"#), (None, None), "the package stands beside it");
        assert_eq!(said("nonsense"), (None, None));
    }
}
