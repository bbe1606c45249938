use leptos::prelude::*;
use registry::OwnGroup;

use crate::{
    context::{registry, visitor},
    forms::form_state,
    load::load,
    pages::accounts::settings_frame::{Section, SettingsFrame},
};

/// The packages that somebody looks after.
#[component]
pub(crate) fn PackagesPage() -> impl IntoView {
    let Some(visitor) = visitor() else { return ().into_any() };
    let (registry, state) = (registry(), form_state());
    load(async move { registry.own_groups(&visitor).await }, move |packages| {
        view! {
            <SettingsFrame here=Section::Packages state>
                {packages
                    .is_empty()
                    .then(|| {
                        view! {
                            <p>
                                "None yet. What you "
                                <a class="link" href="/publish">"publish"</a>
                                " first under a name is yours; others can invite you to look after theirs."
                            </p>
                        }
                    })}
                <Groups groups=packages/>
            </SettingsFrame>
        }
    })
    .into_any()
}

/// Packages or organisations with the role in them.
#[component]
pub(super) fn Groups(groups: Vec<OwnGroup>) -> impl IntoView {
    view! {
        <ul class="divide-y divide-line border-y border-line empty:hidden">
            {groups
                .into_iter()
                .map(|group| {
                    let name = group.name.to_string();
                    view! {
                        <li class="flex flex-wrap items-baseline justify-between gap-x-4 py-2">
                            <a class="link min-w-0 font-mono break-all" href=group.name.settings_path()>
                                {name}
                            </a>
                            <span class="text-small text-ink-soft">
                                {group.role.to_string()}
                                {group.through.map(|through| view! { ", through " <span class="font-mono break-all">{through.to_string()}</span> })}
                            </span>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
    }
}
