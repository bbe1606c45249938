use leptos::prelude::*;
use registry::ExtensionFacts;

/// What `CREATE EXTENSION` finds, where that says more than the name of the package.
#[component]
pub(super) fn Extensions(extensions: Vec<ExtensionFacts>, summary: Option<String>) -> impl IntoView {
    (!extensions.is_empty()).then(|| {
        view! {
            <section aria-labelledby="extensions">
                <h2 id="extensions" class="text-subheading font-semibold">
                    {if extensions.len() == 1 { "The extension" } else { "The extensions" }}
                </h2>
                <ul class="mt-3 divide-y divide-line border-y border-line">
                    {extensions
                        .into_iter()
                        .map(|extension| {
                            let comment = extension.comment.filter(|comment| Some(comment) != summary.as_ref());
                            view! {
                                <li class="py-2">
                                    <p class="flex flex-wrap items-baseline gap-x-2">
                                        <span class="min-w-0 font-mono break-all">{extension.name.to_string()}</span>
                                        {extension
                                            .version
                                            .map(|version| view! { <span class="min-w-0 font-mono text-small text-ink-soft break-all">{version.to_string()}</span> })}
                                    </p>
                                    {comment.map(|comment| view! { <p class="text-small text-ink-soft break-words" dir="auto">{comment}</p> })}
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
            </section>
        }
    })
}
