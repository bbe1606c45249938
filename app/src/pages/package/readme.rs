use leptos::prelude::*;
use registry::Readme;

use crate::readme;

/// What the package says of itself.
#[component]
pub(super) fn ReadmeSection(readme: Readme, repository: Option<String>) -> impl IntoView {
    let html = readme::render(&readme.path, &readme.text, repository.as_deref());
    view! {
        <section aria-labelledby="readme">
            <h2 id="readme" class="scroll-mt-4 text-subheading font-semibold">"README"</h2>
            <div class="document mt-3 break-words" dir="auto" inner_html=html></div>
            <p class="mt-3 text-small text-ink-soft">"From " <span class="font-mono break-all">{readme.path}</span> " in the archive."</p>
        </section>
    }
}
