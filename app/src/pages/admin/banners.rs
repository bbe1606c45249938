use leptos::prelude::*;
use model::BannerTone;
use registry::{Banner, BannerRow};
use time::{OffsetDateTime, macros::format_description};

use super::frame::{AdminFrame, ReasonField, Section, reader};
use crate::{
    components::{BannerLine, Field, Select, TextArea},
    context::registry,
    format,
    forms::{FormState, form_state},
    load::load,
};

/// What stands above every page: what is there, and something new.
#[component]
pub(crate) fn AdminBannersPage() -> impl IntoView {
    let (registry, state) = (registry(), form_state());
    let reader = reader(Section::Banners);
    let now = registry.clock().now();
    let data = async move {
        let reader = reader?;
        Ok((registry.banner_rows(reader).await?, reader))
    };
    load(data, move |(banners, reader)| {
        let (standing, past): (Vec<_>, Vec<_>) =
            banners.into_iter().partition(|row| row.withdrawn_at.is_none() && row.banner.ends_at > now);
        view! {
            <AdminFrame here=Section::Banners reader state=state.clone()>
                {(!standing.is_empty()).then(|| view! { <Standing state=state.of_form("withdraw") banners=standing now/> })}
                <New state=state.clone()/>
                {(!past.is_empty()).then(|| view! { <Past banners=past/> })}
            </AdminFrame>
        }
    })
}

/// What a form would bring, where it was sent to be looked at and all is well with it.
fn preview(state: &FormState, now: OffsetDateTime) -> Option<Banner> {
    let is_well = state.value("form") == "preview" && state.problems.is_empty();
    is_well.then(|| Banner {
        tone: state.value("tone").parse().unwrap_or(BannerTone::Notice),
        text: state.value("text").trim().to_owned(),
        link: Some(state.value("link").trim().to_owned()).filter(|link| !link.is_empty()),
        starts_at: now,
        ends_at: now,
    })
}

#[component]
fn New(state: FormState) -> impl IntoView {
    let state = if state.value("form") == "withdraw" { FormState::default() } else { state };
    let shown = preview(&state, registry().clock().now());
    view! {
        <section aria-labelledby="new">
            <h2 id="new" class="text-subheading font-semibold">"A new banner"</h2>
            {shown
                .map(|banner| {
                    view! {
                        <div class="mt-3" role="group" aria-label="Preview">
                            <p class="text-small text-ink-soft">"So it will stand above every page. Nothing is published yet."</p>
                            <div class="mt-1 overflow-hidden rounded-md border border-line [&>div]:border-b-0"><BannerLine banner/></div>
                        </div>
                    }
                })}
            <form method="post" action="/admin/banners" class="mt-5 max-w-md space-y-5" aria-label="A new banner">
                <Select
                    state=state.clone()
                    name="tone"
                    label="Kind"
                    choices=BannerTone::ALL.iter().map(|tone| (tone.as_str(), words(*tone))).collect()
                    initial="notice"
                />
                <TextArea state=state.clone() name="text" label="Text" hint="One or two sentences." longest=300/>
                <Field
                    state=state.clone()
                    name="link"
                    label="Where to read more"
                    hint="An address, or a path of this site; may stay empty."
                    longest=2000
                    is_required=false
                    is_code=true
                />
                <Field
                    state=state.clone()
                    name="starts"
                    label="From"
                    hint="In UTC; empty for at once."
                    kind="datetime-local"
                    is_required=false
                />
                <Field state=state.clone() name="ends" label="Until" hint="In UTC, 92 days at most." kind="datetime-local"/>
                <ReasonField state hint="Everybody may read it in the log. At least ten characters, needed to publish." is_required=false/>
                <div class="flex flex-wrap gap-2">
                    <button class="button" name="form" value="preview">"Preview"</button>
                    <button class="button button-primary" name="form" value="publish">"Publish"</button>
                </div>
            </form>
        </section>
    }
}

/// A moment as admins type it.
fn minute(moment: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute] UTC");
    moment.to_offset(time::UtcOffset::UTC).format(format).unwrap_or_default()
}

/// A tone in words.
const fn words(tone: BannerTone) -> &'static str {
    match tone {
        BannerTone::Notice => "Something to know",
        BannerTone::Caution => "Something to mind",
        BannerTone::Danger => "Something that is wrong",
    }
}

/// When a banner stands, and where it leads.
#[component]
fn When(banner: Banner) -> impl IntoView {
    let moment = |moment: OffsetDateTime| {
        view! { <time class="whitespace-nowrap" datetime=format::moment(moment)>{minute(moment)}</time> }
    };
    view! {
        {moment(banner.starts_at)} " to " {moment(banner.ends_at)}
        {banner.link.map(|link| view! { ", leads to " <span class="font-mono wrap-anywhere">{link}</span> })}
    }
}

#[component]
fn Standing(state: FormState, banners: Vec<BannerRow>, now: OffsetDateTime) -> impl IntoView {
    let chosen = state.value("banner");
    view! {
        <section aria-labelledby="standing">
            <h2 id="standing" class="text-subheading font-semibold">"Now and later"</h2>
                        <form method="post" action="/admin/banners" class="mt-3 space-y-4" aria-label="Take a banner away">
                            <ul class="divide-y divide-line border-y border-line">
                                {banners
                                    .into_iter()
                                    .map(|row| {
                                        let id = row.id.to_string();
                                        let is_chosen = id == chosen;
                                        let stands = if row.banner.starts_at > now { "later" } else { "now" };
                                        view! {
                                            <li class="py-2">
                                                <label class="flex gap-2">
                                                    <input
                                                        type="radio"
                                                        name="banner"
                                                        value=id
                                                        checked=is_chosen
                                                        required
                                                        class="mt-1 size-4 shrink-0 accent-accent"
                                                    />
                                                    <span class="min-w-0">
                                                        <span class="break-words" dir="auto">{row.banner.text.clone()}</span>
                                                        <span class="block text-small text-ink-soft">
                                                            {format!("{}, {stands}, ", words(row.banner.tone))} <When banner=row.banner/>
                                                        </span>
                                                    </span>
                                                </label>
                                            </li>
                                        }
                                    })
                                    .collect_view()}
                            </ul>
                            <div class="max-w-md space-y-4">
                                <ReasonField state id="withdraw-reason" hint="Everybody may read it in the log. At least ten characters."/>
                                <button class="button border-danger text-danger" name="form" value="withdraw">"Take it away"</button>
                            </div>
                        </form>
        </section>
    }
}

#[component]
fn Past(banners: Vec<BannerRow>) -> impl IntoView {
    view! {
        <section aria-labelledby="past">
            <h2 id="past" class="text-subheading font-semibold">"Before"</h2>
            <ul class="mt-3 divide-y divide-line border-y border-line">
                {banners
                    .into_iter()
                    .map(|row| {
                        let end = row.withdrawn_at.map(|moment| format!(", taken away {}", minute(moment)));
                        view! {
                            <li class="py-1">
                                <span class="break-words" dir="auto">{row.banner.text.clone()}</span>
                                <span class="block text-small text-ink-soft">{words(row.banner.tone)} ", " <When banner=row.banner/> {end}</span>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </section>
    }
}
