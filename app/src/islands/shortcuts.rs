use leptos::{html, prelude::*, web_sys};
use wasm_bindgen::JsCast as _;

use super::storage::{remember, remembered};

/// The name under which the browser remembers that shortcuts are switched off.
const NAME: &str = "shortcuts";

/// Where `g` and a further key lead.
const PLACES: [(&str, &str); 3] = [("h", "/"), ("b", "/packages"), ("d", "/docs")];

/// Keys for those who do not want to reach for the pointer, and a button that shows them. Never while somebody types.
#[island]
pub fn Shortcuts(
    /// The list of them, which is the same for everybody and needs no script.
    children: Children,
) -> impl IntoView {
    let (is_ready, set_ready) = signal(false);
    let (is_on, set_on) = signal(true);
    let dialog = NodeRef::<html::Dialog>::new();
    let after_g = StoredValue::new(false);
    let show = move || {
        if let Some(dialog) = dialog.get_untracked() {
            let _ = dialog.show_modal();
        }
    };
    Effect::new(move |_| {
        set_on.set(remembered(NAME).as_deref() != Some("off"));
        set_ready.set(true);
        let handle = window_event_listener(leptos::ev::keydown, move |event| {
            if is_typing(&event) || dialog.get_untracked().is_some_and(|dialog| dialog.open()) {
                return;
            }
            let key = event.key();
            let was_after_g = after_g.try_update_value(|after_g| std::mem::replace(after_g, false)).unwrap_or_default();
            if key == "?" {
                // Also when they are switched off: this is where they are switched on again.
                show();
                event.prevent_default();
            } else if !is_on.get_untracked() {
            } else if let Some((_, address)) = PLACES.iter().find(|(second, _)| was_after_g && *second == key) {
                let _ = window().location().assign(address);
            } else if key == "g" {
                after_g.set_value(true);
            } else if key == "/" {
                focus_search();
                event.prevent_default();
            } else if (key == "ArrowDown" || key == "ArrowUp") && go_to_row(key == "ArrowDown") {
                event.prevent_default();
            }
        });
        on_cleanup(move || handle.remove());
    });
    view! {
        <button type="button" class="link-quiet" class:invisible=move || !is_ready.get() on:click=move |_| show()>
            "Keyboard shortcuts"
        </button>
        <dialog
            node_ref=dialog
            aria-labelledby="shortcuts-title"
            class="m-auto w-80 rounded-md border border-line bg-surface p-5 text-body text-ink shadow-lg backdrop:bg-black/40"
        >
            <form method="dialog">
                {children()}
                <label class="mt-4 flex items-center gap-2 border-t border-line pt-4">
                    <input
                        type="checkbox"
                        class="size-4 accent-accent"
                        prop:checked=is_on
                        on:change=move |event| {
                            let is_checked = event_target_checked(&event);
                            set_on.set(is_checked);
                            remember(NAME, (!is_checked).then_some("off"));
                        }
                    />
                    "Use them"
                </label>
                <button class="button mt-4">"Close"</button>
            </form>
        </dialog>
    }
}

/// Whether a key belongs to a field, or to the browser.
fn is_typing(event: &web_sys::KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlElement>().ok());
    let is_field = target.is_some_and(|element| {
        matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT") || element.is_content_editable()
    });
    is_field || event.is_composing() || event.ctrl_key() || event.alt_key() || event.meta_key()
}

/// Puts the focus into the first search field that can be seen; where there is none, goes to the page that has one.
fn focus_search() {
    for id in ["header-search", "home-search", "page-search"] {
        let field =
            document().get_element_by_id(id).and_then(|field| field.dyn_into::<web_sys::HtmlInputElement>().ok());
        if let Some(field) = field.filter(|field| field.offset_width() > 0) {
            let _ = field.focus();
            field.select();
            return;
        }
    }
    let _ = window().location().assign("/search");
}

/// Moves the focus to the next or the previous row; false where it is not in a row.
fn go_to_row(forward: bool) -> bool {
    let Ok(rows) = document().query_selector_all(".row-link") else { return false };
    let rows: Vec<web_sys::HtmlElement> =
        (0..rows.length()).filter_map(|place| rows.item(place)?.dyn_into().ok()).collect();
    let focused = document().active_element();
    let Some(place) = rows.iter().position(|row| focused.as_ref() == Some(row.as_ref())) else { return false };
    let next = if forward { place + 1 } else { place.wrapping_sub(1) };
    rows.get(next).is_some_and(|row| row.focus().is_ok())
}
