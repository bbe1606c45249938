use leptos::prelude::*;
use registry::Refusal;

use crate::{context::registry, format};

/// Uploads that were refused: some clients end as if all were well.
#[component]
pub(super) fn Refusals(refusals: Vec<Refusal>) -> impl IntoView {
    (!refusals.is_empty()).then(|| {
        let now = registry().clock().now();
        view! {
            <section aria-labelledby="refusals">
                <h2 id="refusals" class="text-subheading font-semibold">"Refused uploads"</h2>
                <ul class="mt-3 space-y-3">
                    {refusals
                        .into_iter()
                        .map(|refusal| {
                            view! {
                                <li>
                                    <p class="break-words">
                                        {refusal.version.map(|version| view! { <span class="font-mono">{version}</span> ": " })}
                                        {refusal.reason}
                                    </p>
                                    <p class="text-small text-ink-soft">
                                        <time datetime=format::moment(refusal.happened_at) title=format::day(refusal.happened_at)>
                                            {format::ago(refusal.happened_at, now)}
                                        </time>
                                        " by "
                                        {refusal.by.to_string()}
                                    </p>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
            </section>
        }
    })
}
