use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::NotFoundPage;
use crate::{
    components::{Breadcrumbs, PageHead},
    documentation::{policies, policy},
};

/// What holds for everybody here.
#[component]
pub(crate) fn PoliciesPage() -> impl IntoView {
    view! {
        <PageHead
            title="Policies"
            description="What holds for names, deletion, disputes, privacy and security."
            path="/policies".to_owned()
        />
        <div class="frame py-8">
            <Breadcrumbs above=vec![("/".to_owned(), "Home".to_owned())] here="Policies"/>
            <h1 class="mt-3 text-heading font-semibold">"Policies"</h1>
            <ul class="mt-6 grid gap-3 md:grid-cols-2">
                {policies()
                    .map(|(document, rendered)| {
                        view! {
                            <li class="tile p-4">
                                <h2 class="font-semibold">
                                    <a class="row-link" href=format!("/policies/{}", document.slug)>{rendered.title.clone()}</a>
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

/// One policy.
#[component]
pub(crate) fn PolicyPage() -> impl IntoView {
    let slug = use_params_map().read_untracked().get("page").unwrap_or_default();
    let Some((document, shown)) = policy(&slug) else { return view! { <NotFoundPage/> }.into_any() };
    view! {
        <PageHead title=shown.title.clone() description=document.sentence path=format!("/policies/{slug}")/>
        <div class="frame py-8">
            <Breadcrumbs
                above=vec![("/".to_owned(), "Home".to_owned()), ("/policies".to_owned(), "Policies".to_owned())]
                here=shown.title.clone()
            />
            <div class="mt-3 grid gap-x-10 gap-y-6 lg:grid-cols-[16rem_minmax(0,1fr)]">
                <nav aria-label="Policies" class="hidden lg:block">
                    <ul class="sticky top-6 space-y-1">
                        {policies()
                            .map(|(other, rendered)| {
                                view! {
                                    <li>
                                        <a
                                            class="nav-link block"
                                            href=format!("/policies/{}", other.slug)
                                            aria-current=(other.slug == slug).then_some("page")
                                        >
                                            {rendered.title.clone()}
                                        </a>
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
