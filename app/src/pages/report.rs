use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use model::ReportKind;

use crate::{
    components::{Breadcrumbs, Field, FormNotice, PageHead, Select, TextArea},
    context::visitor,
    forms::{FormState, form_state},
};

/// Where somebody says that something is wrong. The address says with what.
#[component]
pub(crate) fn ReportPage() -> impl IntoView {
    let state = form_state();
    let query = use_query_map().read_untracked();
    let known = |name: &str| {
        let typed = state.value(name);
        if state.was_sent() { typed } else { query.get(name).unwrap_or_default() }
    };
    let (package, version, user) = (known("package"), known("version"), known("user"));
    let is_taken = state.notice.is_some();
    view! {
        <PageHead title="Report something" description="Say what is wrong with a package, a release or an account." path=None/>
        <div class="frame py-8">
            <Breadcrumbs above=vec![("/".to_owned(), "Home".to_owned())] here="Report something"/>
            <h1 class="mt-3 text-heading font-semibold">"Report something"</h1>
            <p class="prose mt-2">
                "People look at each report and decide. You and the owners will be told what is decided, and why. "
                <a class="link" href="/policies/disputes">"How that goes"</a>
            </p>
            <div class="max-w-xl">
                <FormNotice state=state.clone()/>
                {(!is_taken).then(|| view! { <ReportForm state package version user/> })}
            </div>
        </div>
    }
}

/// What can be wrong, with words for it.
pub(super) const fn kind_words(kind: ReportKind) -> &'static str {
    match kind {
        ReportKind::Malware => "Malware: it does harm",
        ReportKind::Spam => "Spam: it is there for something else than to be used",
        ReportKind::TypoSquatting => "Typo-squatting: its name is taken for another one",
        ReportKind::Licence => "Licence: it may not be given away like this",
        ReportKind::Abuse => "Abuse: somebody is treated badly",
        ReportKind::Other => "Something else",
        ReportKind::Appeal => "Appeal",
        ReportKind::Claim => "Claim",
    }
}

#[component]
fn ReportForm(state: FormState, package: String, version: String, user: String) -> impl IntoView {
    let choices = ReportKind::ALL
        .iter()
        .filter(|kind| !matches!(**kind, ReportKind::Appeal | ReportKind::Claim))
        .map(|kind| (kind.as_str(), kind_words(*kind)))
        .collect();
    let is_user = !user.is_empty();
    view! {
        <form method="post" action="/report" class="mt-6 space-y-5" aria-label="Report">
            {if is_user {
                view! {
                    <Field state=state.clone() name="user" label="Account or organisation" longest=39 is_code=true initial=Some(user)/>
                }
                    .into_any()
            } else {
                view! {
                    <Field state=state.clone() name="package" label="Package" longest=63 is_code=true initial=Some(package)/>
                    <Field
                        state=state.clone()
                        name="version"
                        label="Version"
                        hint="Empty for all of it."
                        longest=100
                        is_required=false
                        is_code=true
                        initial=Some(version)
                    />
                }
                    .into_any()
            }}
            <Select state=state.clone() name="kind" label="What is wrong" choices initial=if is_user { "abuse" } else { "malware" }/>
            <TextArea
                state=state.clone()
                name="text"
                label="In your words"
                hint="What you saw, where, and how somebody else can see it. Moderators read it, and nobody else."
                longest=4000
            />
            {visitor()
                .is_none()
                .then(|| {
                    view! {
                        <Field
                            state
                            name="email"
                            label="Your e-mail address"
                            hint="A link is sent there that confirms the report. It is used for this report only."
                            kind="email"
                            autocomplete="email"
                            longest=254
                            is_code=true
                        />
                    }
                })}
            <button class="button button-primary">"Send the report"</button>
        </form>
    }
}

/// Where the link in a mail leads that confirms a report.
#[component]
pub(crate) fn ConfirmReportPage() -> impl IntoView {
    let state = form_state();
    let token = use_query_map().read_untracked().get("token").unwrap_or_default();
    let token = if state.was_sent() { state.value("token") } else { token };
    let is_taken = state.notice.is_some();
    view! {
        <PageHead title="Confirm your report" description="The report counts when its sender has confirmed it." path=None/>
        <div class="frame py-8">
            <h1 class="text-heading font-semibold">"Confirm your report"</h1>
            <div class="max-w-xl">
                <FormNotice state/>
                {(!is_taken)
                    .then(|| {
                        view! {
                            <form method="post" action="/report/confirm" class="mt-6" aria-label="Confirm the report">
                                <input type="hidden" name="token" value=token/>
                                <button class="button button-primary">"Confirm the report"</button>
                            </form>
                        }
                    })}
            </div>
        </div>
    }
}
