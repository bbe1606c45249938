use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::NotFoundPage;
use crate::{
    components::{Breadcrumbs, PageHead},
    documentation::{document, documents},
};

/// What can be read.
#[component]
pub(crate) fn DocsPage() -> impl IntoView {
    view! {
        <PageHead
            title="Docs"
            description="How to find, install, publish and serve PostgreSQL extensions, and how to ask from a program."
            path="/docs".to_owned()
        />
        <div class="frame py-8">
            <Breadcrumbs above=vec![("/".to_owned(), "Home".to_owned())] here="Docs"/>
            <h1 class="mt-3 text-heading font-semibold">"Docs"</h1>
            <ul class="mt-6 grid gap-3 md:grid-cols-2">
                {documents()
                    .map(|(document, rendered)| {
                        view! {
                            <li class="tile p-4">
                                <h2 class="font-semibold">
                                    <a class="row-link" href=format!("/docs/{}", document.slug)>
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

/// One document.
#[component]
pub(crate) fn DocumentPage() -> impl IntoView {
    let slug = use_params_map().read_untracked().get("page").unwrap_or_default();
    let Some(shown) = document(&slug) else { return view! { <NotFoundPage/> }.into_any() };
    let sentence =
        documents().find(|(document, _)| document.slug == slug).map_or("", |(document, _)| document.sentence);
    view! {
        <PageHead title=shown.title.clone() description=sentence path=format!("/docs/{slug}")/>
        <div class="frame py-8">
            <Breadcrumbs
                above=vec![("/".to_owned(), "Home".to_owned()), ("/docs".to_owned(), "Docs".to_owned())]
                here=shown.title.clone()
            />
            <div class="mt-3 grid gap-x-10 gap-y-6 lg:grid-cols-[16rem_minmax(0,1fr)]">
                <nav aria-label="Docs" class="hidden lg:block">
                    <ul class="sticky top-6 space-y-1">
                        {documents()
                            .map(|(other, rendered)| {
                                let is_shown = other.slug == slug;
                                view! {
                                    <li>
                                        <a class="nav-link block" href=format!("/docs/{}", other.slug) aria-current=is_shown.then_some("page")>
                                            {rendered.title.clone()}
                                        </a>
                                        {is_shown
                                            .then(|| {
                                                view! {
                                                    <ul class="mt-1 mb-2 ml-2 space-y-0.5 border-l border-line pl-2 text-small">
                                                        {shown
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
                                            })}
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
