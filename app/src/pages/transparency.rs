use leptos::prelude::*;

use super::report::kind_words;
use crate::{
    components::{Breadcrumbs, PageHead},
    context::registry,
    format,
    load::load,
};

/// What moderators did, in numbers.
#[component]
pub(crate) fn TransparencyPage() -> impl IntoView {
    let registry = registry();
    load(async move { registry.moderation_numbers().await }, |numbers| {
        let median = numbers.median_time.map_or_else(
            || "nothing was decided yet".to_owned(),
            |time| match time.whole_hours() {
                0 => "less than an hour".to_owned(),
                hours @ 1..48 => format::counted(hours, "hour", "hours"),
                hours => format::counted(hours / 24, "day", "days"),
            },
        );
        view! {
            <PageHead
                title="Transparency"
                description="What was reported in the last year, and what was decided, in numbers."
                path="/transparency".to_owned()
            />
            <div class="frame py-8">
                <Breadcrumbs above=vec![("/".to_owned(), "Home".to_owned())] here="Transparency"/>
                <h1 class="mt-3 text-heading font-semibold">"Transparency"</h1>
                <p class="prose mt-2">
                    "What was reported in the last year, and what was decided. Each verdict about a package is in the "
                    <a class="link" href="/activity">"log of this registry"</a> " with its reason."
                </p>
                <dl class="fact-strip mt-6">
                    <Fact name="Cases that wait" value=format::count(numbers.open)/>
                    <Fact name="Packages held back now" value=format::count(numbers.quarantined_packages)/>
                    <Fact name="Single releases held back now" value=format::count(numbers.quarantined_releases)/>
                    <Fact name="Median time to a verdict" value=median/>
                </dl>
                <div class="mt-8 grid gap-10 md:grid-cols-2">
                    <Counts
                        id="reports"
                        title="Reports"
                        rows=numbers.reports.into_iter().map(|(kind, count)| (kind_words(kind).to_owned(), count)).collect()
                    />
                    <Counts
                        id="verdicts"
                        title="Verdicts"
                        rows=numbers.verdicts.into_iter().map(|(verdict, count)| (verdict.to_string(), count)).collect()
                    />
                </div>
            </div>
        }
    })
}

#[component]
fn Fact(name: &'static str, value: String) -> impl IntoView {
    view! {
        <div class="fact">
            <dt class="text-small text-ink-soft">{name}</dt>
            <dd class="font-semibold">{value}</dd>
        </div>
    }
}

#[component]
fn Counts(id: &'static str, title: &'static str, rows: Vec<(String, i64)>) -> impl IntoView {
    view! {
        <section aria-labelledby=id>
            <h2 id=id class="text-subheading font-semibold">{title}</h2>
            {rows.is_empty().then(|| view! { <p class="mt-3 text-ink-soft">"None."</p> })}
            <dl class="mt-3 divide-y divide-line border-y border-line empty:hidden">
                {rows
                    .into_iter()
                    .map(|(name, count)| {
                        view! {
                            <div class="flex justify-between gap-4 py-2">
                                <dt class="min-w-0">{name}</dt>
                                <dd>{format::count(count)}</dd>
                            </div>
                        }
                    })
                    .collect_view()}
            </dl>
        </section>
    }
}
