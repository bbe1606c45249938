use leptos::prelude::*;
use registry::Readme;

/// What the package says of itself.
#[component]
pub(super) fn ReadmeSection(readme: Readme) -> impl IntoView {
    let Readme { path, text, html } = readme;
    view! {
        <section aria-labelledby="readme">
            <h2 id="readme" class="scroll-mt-4 text-subheading font-semibold">"README"</h2>
            {match html {
                Some(html) => view! { <div class="document mt-3 break-words" dir="auto" inner_html=html></div> }.into_any(),
                // As it was written, for the moment until it has been made ready.
                None => {
                    view! {
                        <div class="document mt-3 break-words" dir="auto">
                            <pre tabindex="0">{text}</pre>
                        </div>
                    }
                        .into_any()
                }
            }}
            <p class="mt-3 text-small text-ink-soft">"From " <span class="font-mono break-all">{path}</span> " in the archive."</p>
        </section>
    }
}
