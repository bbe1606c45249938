use leptos::prelude::*;

use crate::islands::CopyButton;

/// Commands or SQL to copy. Long lines are broken to be read; what is copied has them whole.
#[component]
pub(crate) fn CodeBlock(
    /// Where they go.
    #[prop(into)]
    place: String,
    /// The text, without a line break at its end.
    #[prop(into)]
    code: String,
    /// What it is, for example "the SQL".
    #[prop(into)]
    what: String,
) -> impl IntoView {
    view! {
        <div class="code-block">
            <div class="flex items-center justify-between gap-3 py-1 pr-1 pl-3">
                <p class="min-w-0 text-small text-ink-soft">{place}</p>
                <CopyButton text=code.clone() what=what.clone()/>
            </div>
            <pre class="px-3 pb-3 font-mono text-small leading-relaxed wrap-anywhere whitespace-pre-wrap" role="group" aria-label=what>
                <code>{code}</code>
            </pre>
        </div>
    }
}
