use leptos::{prelude::*, web_sys};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

/// How long nothing has to be typed before suggestions are asked for, in milliseconds.
const PAUSE: u64 = 120;

/// A package for what is being typed.
#[derive(Clone, PartialEq)]
struct Suggestion {
    name: String,
    summary: String,
}

/// What the list of suggestions shows.
#[derive(Clone, Copy)]
struct State {
    suggestions: RwSignal<Vec<Suggestion>>,
    is_open: RwSignal<bool>,
    /// The place of the one that Enter would open.
    active: RwSignal<Option<usize>>,
    /// The number of the last question: an answer that comes late is not shown.
    asked: StoredValue<u32>,
}

impl State {
    fn new() -> Self {
        Self {
            suggestions: RwSignal::new(Vec::new()),
            is_open: RwSignal::new(false),
            active: RwSignal::new(None),
            asked: StoredValue::new(0),
        }
    }

    fn is_shown(self) -> bool {
        self.is_open.get() && !self.suggestions.with(Vec::is_empty)
    }

    /// Asks for suggestions once nothing more is typed.
    fn ask(self, text: String) {
        let number = self.asked.try_update_value(|last| {
            *last += 1;
            *last
        });
        let is_last = move || self.asked.try_get_value() == number;
        self.active.set(None);
        if text.trim().is_empty() {
            self.suggestions.set(Vec::new());
            return;
        }
        let fetch = move || {
            if is_last() {
                leptos::task::spawn_local(async move {
                    let found = suggest(&text).await.unwrap_or_default();
                    if is_last() {
                        self.suggestions.set(found);
                        self.is_open.set(true);
                    }
                });
            }
        };
        set_timeout(fetch, std::time::Duration::from_millis(PAUSE));
    }

    fn press(self, event: &web_sys::KeyboardEvent) {
        let count = self.suggestions.with_untracked(Vec::len);
        if event.is_composing() || count == 0 || event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        let place = self.active.get_untracked().filter(|_| self.is_open.get_untracked());
        match event.key().as_str() {
            "ArrowDown" => self.go_to(place.map_or(0, |place| (place + 1) % count)),
            "ArrowUp" => self.go_to((place.unwrap_or(0) + count - 1) % count),
            "Enter" => match place.and_then(|place| self.suggestions.with_untracked(|all| all.get(place).cloned())) {
                Some(suggestion) => open(&suggestion.name),
                None => return,
            },
            "Escape" if self.is_open.get_untracked() => {
                self.is_open.set(false);
                self.active.set(None);
            }
            _ => return,
        }
        event.prevent_default();
    }

    fn go_to(self, place: usize) {
        self.active.set(Some(place));
        self.is_open.set(true);
    }
}

/// The field for a search, with suggestions while typing. Without JavaScript it is a plain form.
#[island]
pub fn SearchBox(
    /// What was searched before.
    text: String,
    /// The id of the field, one on each page.
    id: String,
    /// Whether it is the large one of the home page.
    is_large: bool,
) -> impl IntoView {
    let state = State::new();
    let is_ready = RwSignal::new(false);
    Effect::new(move |_| is_ready.set(true));
    let list_id = format!("{id}-suggestions");
    let active_id = {
        let list_id = list_id.clone();
        move || state.active.get().filter(|_| state.is_shown()).map(|place| format!("{list_id}-{place}"))
    };
    let suggested = {
        let list_id = list_id.clone();
        move || options(state, &list_id)
    };
    let size = if is_large { "h-12 text-title" } else { "h-9 text-body" };
    view! {
        <form action="/search" role="search" class="relative w-full">
            <label for=id.clone() class="sr-only">
                "Search extensions"
            </label>
            <span class="pointer-events-none absolute inset-y-0 left-3 flex items-center text-ink-soft">
                <svg class="size-4" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" aria-hidden="true">
                    <path d="M19 11a8 8 0 1 1-16 0 8 8 0 0 1 16 0zm2 10-4.3-4.3"></path>
                </svg>
            </span>
            <input
                id=id
                name="q"
                type="search"
                value=text
                autocomplete="off"
                spellcheck="false"
                maxlength="200"
                placeholder="Name or purpose"
                class=format!("w-full rounded-md border border-line bg-surface pl-9 pr-20 text-ink placeholder:text-ink-soft {size}")
                role=move || is_ready.get().then_some("combobox")
                aria-autocomplete=move || is_ready.get().then_some("list")
                aria-expanded=move || is_ready.get().then(|| if state.is_shown() { "true" } else { "false" })
                aria-controls=list_id.clone()
                aria-activedescendant=active_id
                on:input=move |event| state.ask(event_target_value(&event))
                on:keydown=move |event| state.press(&event)
                on:blur=move |_| state.is_open.set(false)
                on:focus=move |_| state.is_open.set(true)
            />
            <button class="absolute inset-y-1 right-1 rounded-md px-3 text-small text-ink-soft hover:bg-raised hover:text-ink">"Search"</button>
            <ul
                id=list_id
                role="listbox"
                aria-label="Suggestions"
                class="absolute inset-x-0 top-full z-20 mt-1 overflow-hidden rounded-md border border-line bg-surface py-1 shadow-lg"
                class:hidden=move || !state.is_shown()
            >
                {suggested}
            </ul>
        </form>
    }
}

/// The suggestions as they are shown.
fn options(state: State, list_id: &str) -> Vec<AnyView> {
    let option = |(place, Suggestion { name, summary }): (usize, Suggestion)| {
        let is_active = move || state.active.get() == Some(place);
        let target = name.clone();
        view! {
            <li
                id=format!("{list_id}-{place}")
                role="option"
                aria-selected=move || if is_active() { "true" } else { "false" }
                class="flex cursor-pointer flex-wrap items-baseline gap-x-3 px-3 py-1.5 hover:bg-raised"
                class:bg-accent-faint=is_active
                // The field keeps the focus, so that the list stays until the click arrives.
                on:pointerdown=|event| event.prevent_default()
                on:click=move |_| open(&target)
            >
                <span class="min-w-0 font-mono text-accent">{name}</span>
                <span class="min-w-0 truncate text-small text-ink-soft" dir="auto">
                    {summary}
                </span>
            </li>
        }
        .into_any()
    };
    state.suggestions.get().into_iter().enumerate().map(option).collect()
}

fn open(name: &str) {
    let _ = window().location().assign(&format!("/packages/{name}"));
}

/// What the API suggests for a text.
async fn suggest(text: &str) -> Option<Vec<Suggestion>> {
    let address = format!("/api/v1/suggest?q={}", String::from(js_sys::encode_uri_component(text)));
    let response = JsFuture::from(window().fetch_with_str(&address)).await.ok()?;
    let response = response.dyn_into::<web_sys::Response>().ok().filter(web_sys::Response::ok)?;
    let answer = JsFuture::from(response.json().ok()?).await.ok()?;
    let field = |value: &JsValue, name: &str| js_sys::Reflect::get(value, &JsValue::from_str(name)).ok();
    let items = js_sys::Array::from(&field(&answer, "items")?);
    let text = |item: &JsValue, name: &str| field(item, name).and_then(|value| value.as_string());
    let suggestion = |item: JsValue| {
        Some(Suggestion { name: text(&item, "name")?, summary: text(&item, "summary").unwrap_or_default() })
    };
    Some(items.iter().filter_map(suggestion).collect())
}
