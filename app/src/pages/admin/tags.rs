use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use registry::TagRow;

use super::frame::{AdminFrame, ReasonField, Section, reader};
use crate::{
    components::{Field, Select},
    context::registry,
    format,
    forms::form_state,
    load::load,
    pages::search::tag_address,
};

/// Tags: which there are, and what to do with them.
#[component]
pub(crate) fn AdminTagsPage() -> impl IntoView {
    let query = use_query_map().read_untracked().clone();
    let text = query.get("q").unwrap_or_default();
    let chosen = query.get("tag").filter(|tag| !tag.is_empty());
    let (registry, state) = (registry(), form_state());
    let reader = reader(Section::Tags);
    let searched = text.clone();
    let data = async move {
        let reader = reader?;
        let in_use = registry.tag_rows(reader, &searched, true).await?;
        Ok((in_use, registry.tag_rows(reader, &searched, false).await?, reader))
    };
    load(data, move |(tags, others, reader)| {
        let are_all = tags.len() < 100;
        view! {
            <AdminFrame here=Section::Tags reader state=state.clone()>
                <form method="post" action="/admin/tags" class="max-w-md space-y-5" aria-label="Change a tag">
                    <Field state=state.clone() name="tag" label="Tag" longest=64 is_code=true initial=chosen/>
                    <Select
                        state=state.clone()
                        name="form"
                        label="What"
                        choices=vec![
                            ("merge", "Merge it into another one"),
                            ("forbid", "Nobody may use it"),
                            ("allow", "Everybody may use it as it is"),
                        ]
                        initial="merge"
                    />
                    <Field
                        state=state.clone()
                        name="into"
                        label="Into"
                        hint="The other tag, which may be new. Whoever says the one means the other from now on."
                        longest=64
                        is_required=false
                        is_code=true
                    />
                    <ReasonField state=state.clone() hint="Everybody may read it in the log. At least ten characters."/>
                    <button class="button button-primary">"Save"</button>
                </form>
                <section aria-labelledby="tags">
                    <h2 id="tags" class="text-subheading font-semibold">"Tags"</h2>
                    <form action="/admin/tags" role="search" aria-label="Search tags" class="mt-3 flex max-w-md gap-2">
                        <label for="tags-search" class="sr-only">"Part of a tag"</label>
                        <input
                            id="tags-search"
                            name="q"
                            type="search"
                            value=text
                            maxlength="64"
                            autocomplete="off"
                            placeholder="Part of a tag"
                            class="min-w-0 flex-1 rounded-md border border-line bg-surface px-3 py-2 text-ink placeholder:text-ink-soft"
                        />
                        <button class="button">"Search"</button>
                    </form>
                    {tags.is_empty().then(|| view! { <p class="mt-3 text-ink-soft">"None."</p> })}
                    <ul class="mt-3 divide-y divide-line border-y border-line empty:hidden">
                        {tags.into_iter().map(|tag| view! { <Row tag/> }).collect_view()}
                    </ul>
                    {(!are_all).then(|| view! { <p class="mt-2 text-small text-ink-soft">"There are more: search for them."</p> })}
                </section>
                {(!others.is_empty())
                    .then(|| {
                        view! {
                            <section aria-labelledby="others">
                                <h2 id="others" class="text-subheading font-semibold">"Merged and forbidden"</h2>
                                <ul class="mt-3 divide-y divide-line border-y border-line">
                                    {others.into_iter().map(|tag| view! { <Row tag/> }).collect_view()}
                                </ul>
                            </section>
                        }
                    })}
            </AdminFrame>
        }
    })
}

#[component]
fn Row(tag: TagRow) -> impl IntoView {
    let address = format!("/admin/tags?tag={}", format::encoded(&tag.tag));
    view! {
        <li class="py-1">
            <p class="flex flex-wrap items-baseline gap-x-3">
                <a class="link min-w-0 break-all" href=address><bdi>{tag.tag.clone()}</bdi></a>
                {(tag.packages > 0)
                    .then(|| view! { <a class="link-quiet text-small text-ink-soft" href=tag_address(&tag.tag)>{format::counted(tag.packages, "package", "packages")}</a> })}
                {(tag.packages == 0).then(|| view! { <span class="text-small text-ink-soft">"no package"</span> })}
                {tag
                    .became
                    .map(|became| view! { <span class="min-w-0 text-small break-all">"merged into " <bdi>{became}</bdi></span> })}
            </p>
            {tag
                .forbidden_reason
                .map(|reason| view! { <p class="text-small break-words text-caution">"Forbidden: " <bdi>{reason}</bdi></p> })}
        </li>
    }
}
