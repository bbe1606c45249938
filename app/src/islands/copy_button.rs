use leptos::prelude::*;

/// A button that copies `text` to the clipboard and says so; `what` names the text for those who cannot see it.
///
/// Without JavaScript it is not shown: the text beside it can be selected.
#[island]
pub fn CopyButton(
    /// What is copied.
    text: String,
    /// What that is, for example "the install command".
    what: String,
) -> impl IntoView {
    let (is_ready, set_ready) = signal(false);
    let (is_copied, set_copied) = signal(false);
    Effect::new(move |_| set_ready.set(true));
    let copy = move |_| {
        let promise = window().navigator().clipboard().write_text(&text);
        leptos::task::spawn_local(async move {
            if wasm_bindgen_futures::JsFuture::from(promise).await.is_ok() {
                set_copied.set(true);
                set_timeout(move || set_copied.set(false), std::time::Duration::from_secs(2));
            }
        });
    };
    view! {
        <button
            type="button"
            class="min-h-7 rounded-md border border-line bg-surface px-2.5 text-small text-ink-soft hover:border-accent hover:text-ink"
            class:invisible=move || !is_ready.get()
            aria-label=format!("Copy {what}")
            on:click=copy
        >
            {move || if is_copied.get() { "Copied" } else { "Copy" }}
        </button>
        <span class="sr-only" role="status">{move || if is_copied.get() { "Copied to the clipboard" } else { "" }}</span>
    }
}
