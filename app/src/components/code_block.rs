use leptos::prelude::*;

use crate::islands::CopyButton;

/// Commands or SQL to copy.
#[component]
pub(crate) fn CodeBlock(
    /// The text, without a line break at its end.
    #[prop(into)]
    code: String,
    /// What it is, for example "the SQL".
    #[prop(into)]
    what: String,
) -> impl IntoView {
    view! {
        <div class="flex flex-col items-start gap-2 sm:flex-row sm:gap-3 rounded-md border border-line bg-raised p-3">
            <pre class="w-full min-w-0 flex-1 overflow-x-auto font-mono text-small leading-relaxed" tabindex="0" role="group" aria-label=what.clone()>
                <code>{code.clone()}</code>
            </pre>
            <CopyButton text=code what/>
        </div>
    }
}
