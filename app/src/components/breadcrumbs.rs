use leptos::prelude::*;

/// The way from the home page to this one; the page itself comes last and is no link.
#[component]
pub(crate) fn Breadcrumbs(
    /// Address and name of the pages above.
    above: Vec<(String, String)>,
    /// The name of this page.
    #[prop(into)]
    here: String,
) -> impl IntoView {
    view! {
        <nav aria-label="Breadcrumbs" class="text-small text-ink-soft">
            <ol class="flex flex-wrap items-center gap-x-2">
                {above
                    .into_iter()
                    .map(|(address, name)| {
                        view! {
                            <li class="flex items-center gap-x-2">
                                <a class="link-quiet" href=address>
                                    {name}
                                </a>
                                <span aria-hidden="true">"/"</span>
                            </li>
                        }
                    })
                    .collect_view()}
                <li aria-current="page" class="min-w-0 break-words">
                    {here}
                </li>
            </ol>
        </nav>
    }
}
