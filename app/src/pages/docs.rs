use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::NotFoundPage;
use crate::{
    components::{Breadcrumbs, PageHead},
    documentation::{Collection, DOCS, RULES, Rendered},
};

/// What can be read.
#[component]
pub(crate) fn DocsPage() -> impl IntoView {
    view! { <Contents of=DOCS/> }
}

/// One document.
#[component]
pub(crate) fn DocumentPage() -> impl IntoView {
    view! { <Shown of=DOCS/> }
}

/// What holds for everybody here.
#[component]
pub(crate) fn PoliciesPage() -> impl IntoView {
    view! { <Contents of=RULES/> }
}

/// One policy.
#[component]
pub(crate) fn PolicyPage() -> impl IntoView {
    view! { <Shown of=RULES/> }
}

/// The list of a collection.
#[component]
fn Contents(of: Collection) -> impl IntoView {
    view! {
        <PageHead title=of.title description=of.sentence path=of.path.to_owned()/>
        <div class="frame py-8">
            <Breadcrumbs above=vec![("/".to_owned(), "Home".to_owned())] here=of.title/>
            <h1 class="mt-3 text-heading font-semibold">{of.title}</h1>
            <ul class="mt-6 grid gap-3 md:grid-cols-2">
                {of
                    .documents()
                    .map(|(document, rendered)| {
                        view! {
                            <li class="tile p-4">
                                <h2 class="font-semibold">
                                    <a class="row-link" href=format!("{}/{}", of.path, document.slug)>
                                        {rendered.title.clone()}
                                    </a>
                                </h2>
                                <p class="mt-1 text-small text-ink-soft">{document.sentence}</p>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </div>
    }
}

/// A document of a collection, beside the others and its own sections.
#[component]
fn Shown(of: Collection) -> impl IntoView {
    let slug = use_params_map().read_untracked().get("page").unwrap_or_default();
    let Some((document, shown)) = of.document(&slug) else { return view! { <NotFoundPage/> }.into_any() };
    view! {
        <PageHead title=shown.title.clone() description=document.sentence path=format!("{}/{slug}", of.path)/>
        <div class="frame py-8">
            <Breadcrumbs
                above=vec![("/".to_owned(), "Home".to_owned()), (of.path.to_owned(), of.title.to_owned())]
                here=shown.title.clone()
            />
            <div class="mt-3 grid gap-x-10 gap-y-6 lg:grid-cols-[16rem_minmax(0,1fr)]">
                <nav aria-label=of.title class="hidden lg:block">
                    <ul class="sticky top-6 space-y-1">
                        {of
                            .documents()
                            .map(|(other, rendered)| {
                                let is_shown = other.slug == document.slug;
                                view! {
                                    <li>
                                        <a
                                            class="nav-link block"
                                            href=format!("{}/{}", of.path, other.slug)
                                            aria-current=is_shown.then_some("page")
                                        >
                                            {rendered.title.clone()}
                                        </a>
                                        {is_shown.then(|| view! { <Sections of=shown/> })}
                                    </li>
                                }
                            })
                            .collect_view()}
                    </ul>
                </nav>
                <article class="min-w-0">
                    <h1 class="text-heading font-semibold">{shown.title.clone()}</h1>
                    <div class="document mt-4" inner_html=shown.html.clone()></div>
                </article>
            </div>
        </div>
    }
    .into_any()
}

/// Links to the sections of the document that is shown.
#[component]
fn Sections(of: &'static Rendered) -> impl IntoView {
    view! {
        <ul class="mt-1 mb-2 ml-2 space-y-0.5 border-l border-line pl-2 text-small">
            {of
                .sections
                .iter()
                .map(|(id, text)| {
                    view! {
                        <li>
                            <a class="link-quiet block py-0.5 text-ink-soft" href=format!("#{id}")>
                                {text.clone()}
                            </a>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
    }
}
